"""What the API takes: every field bounded, nothing unknown; and what it gives, as far as it is promised."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, StringConstraints

from vigie.domain.case import CaseState
from vigie.domain.host import Autonomy
from vigie.domain.person import Role

Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$")]
SESSION_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$"
Text = Annotated[str, StringConstraints(min_length=1, max_length=200_000)]
PersonName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9._-]{0,62}$")]
HostScope = Annotated[str, StringConstraints(pattern=r"^(group:)?[A-Za-z0-9][A-Za-z0-9._-]{0,62}$")]
Password = Annotated[str, StringConstraints(min_length=1, max_length=1024)]
Code = Annotated[str, StringConstraints(pattern=r"^[0-9]{6}$")]
Hash = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Option = Annotated[str, StringConstraints(max_length=8192)]
Secret = Annotated[SecretStr, Field(min_length=1, max_length=32_768)]
Label = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._=-]{0,62}$")]
Target = Annotated[str, StringConstraints(pattern=r"^(tag:)?[A-Za-z0-9][A-Za-z0-9._=-]{0,62}$")]


class Given(BaseModel):
    """A body: what is unknown is refused."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=False)


class NewCase(Given):
    """A complaint about a host, or none: look for what is wrong."""

    host: Name
    ticket: Text | None = None
    autonomy: Autonomy | None = None
    timeout_s: Annotated[float, Field(ge=1, le=86_400)] = 300.0
    language: Literal["en", "fr"] | None = None


class Approve(Given):
    """The hash of exactly the plan that was read."""

    hash: Hash


class Reject(Given):
    """Why not."""

    reason: Annotated[str, StringConstraints(max_length=10_000)] = ""


class Comment(Given):
    """Words for a case."""

    text: Annotated[str, StringConstraints(min_length=1, max_length=20_000)]


class NewHost(Given):
    """A host to watch. `password`, `passphrase` and `private_key` (its text) are kept encrypted, and told to nobody."""

    name: Name
    address: Annotated[str, StringConstraints(min_length=1, max_length=4096)]
    autonomy: Autonomy | None = None
    focus: Annotated[tuple[Annotated[str, StringConstraints(pattern=r"^/", max_length=4096)], ...], Field(max_length=20)] = ()
    jump: Option | None = None
    proxy_command: Option | None = None
    key: Option | None = None
    host_key: Option | None = None
    accept_host_key: Option | None = None
    agent: Option | None = None
    password: Secret | None = None
    passphrase: Secret | None = None
    private_key: Secret | None = None
    groups: Annotated[tuple[Label, ...], Field(max_length=50)] = ()
    tags: Annotated[tuple[Label, ...], Field(max_length=50)] = ()
    offline: bool = False

    def options(self) -> dict[str, str | None]:
        """Return what the transport needs."""
        return self.model_dump(include={"jump", "proxy_command", "key", "host_key", "accept_host_key", "agent"})

    def secrets(self) -> dict[str, bytes]:
        """Return what is kept for the way in."""
        given = {"password": self.password, "passphrase": self.passphrase, "key": self.private_key}
        return {kind: each.get_secret_value().encode() for kind, each in given.items() if each is not None}


class AcceptedKey(Given):
    """The fingerprint that a person has compared with what the host itself says."""

    fingerprint: Annotated[str, StringConstraints(min_length=1, max_length=200)]


class SshImport(Given):
    """Which hosts of the OpenSSH configuration to add."""

    names: Annotated[tuple[Name, ...], Field(min_length=1, max_length=1000)]


class Labels(Given):
    """The groups and tags that a host is to have; what is not given stays."""

    groups: Annotated[tuple[Label, ...], Field(max_length=50)] | None = None
    tags: Annotated[tuple[Label, ...], Field(max_length=50)] | None = None


class FleetOrder(Given):
    """A line for hosts, groups and tags; `hash` is what was shown and is agreed to; `dry_run` only says what it would do."""

    on: Annotated[tuple[Target, ...], Field(min_length=1, max_length=1000)]
    line: Annotated[str, StringConstraints(min_length=1, max_length=65_536)]
    hash: Hash | None = None
    timeout_s: Annotated[float, Field(ge=1, le=86_400)] = 20.0
    canary: Annotated[int, Field(ge=0, le=1000)] = 1
    width: Annotated[int, Field(ge=1, le=1000)] = 5
    stop_after: Annotated[int, Field(ge=1, le=1000)] = 1
    dry_run: bool = False


class Request(Given):
    """A request in words; `hosts` where its words name none."""

    text: Annotated[str, StringConstraints(min_length=1, max_length=4000)]
    hosts: Annotated[tuple[Name, ...], Field(max_length=200)] = ()
    session: Annotated[str, StringConstraints(pattern=SESSION_PATTERN)] | None = None
    dry_run: bool = False


class NewDemo(Given):
    """A demonstration to start."""

    scenario: Name
    autonomy: Autonomy = Autonomy.ACT


class NewPerson(Given):
    """Somebody to invite; `hosts` empty: all of them."""

    name: PersonName
    role: Role
    hosts: Annotated[list[HostScope], Field(max_length=1000)] = []
    language: Literal["en", "fr"] | None = None


class PersonChange(Given):
    """What changes of a person; what is not given stays."""

    role: Role | None = None
    hosts: Annotated[list[HostScope], Field(max_length=1000)] | None = None
    blocked: bool | None = None


class NewPassword(Given):
    """A person's own next password."""

    old: Password
    new: Annotated[str, StringConstraints(min_length=10, max_length=1024)]


class CodeGiven(Given):
    """A code of the authenticator."""

    code: Code


class NewToken(Given):
    """A token for a program."""

    purpose: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    role: Role = Role.VIEWER
    days: Annotated[float, Field(gt=0, le=3650)] = 90.0


class SignIn(Given):
    """What a program signs a person in with."""

    name: PersonName
    password: Password
    code: Code | None = None


class Refresh(Given):
    """The refresh token of a sign-in."""

    refresh: Annotated[str, StringConstraints(min_length=1, max_length=200)]


class SignedIn(BaseModel):
    """`access` goes into the header Authorization, as Bearer, for `expires_in` seconds; `refresh` is good once, for the next."""

    access: str
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105  # RFC 6749's word for how it is shown
    expires_in: int
    refresh: str


class Preference(Given):
    """What a person may change of their session."""

    language: Literal["en", "fr"]


class SetAutonomy(Given):
    """How far Vigie may go on a host alone."""

    autonomy: Autonomy


class CaseRow(BaseModel):
    """A case in a list; `ticket` is the first line of what a person wrote."""

    id: str
    kind: str
    host: str
    title: str
    ticket: str | None = None
    state: CaseState
    phase: str
    label: str | None
    confidence: float | None
    opened_at: str
    updated_at: str


class CaseList(BaseModel):
    """A page of cases, newest first; `next` is the `before` of the page after it."""

    cases: list[CaseRow]
    next: str | None


class Enforce(BaseModel):
    """Whether the host itself checks each line; `file`: the authorized_keys that holds our key, where it is not the usual one."""

    enforced: bool
    file: str | None = Field(default=None, max_length=4096)


class Observe(BaseModel):
    """How often a host is measured; None: no longer."""

    every_s: float | None = Field(default=300.0, ge=30, le=86_400)


class TerminalAccess(BaseModel):
    """Whether people may open a terminal on a host."""

    allowed: bool


class HostDocument(BaseModel):
    """A host."""

    name: str
    address: str
    os: str | None
    manager: str | None
    status: str
    autonomy: str
    focus: list[str]
    groups: list[str] = []
    tags: list[str] = []
    sudo: str | None = None
    enforced: bool = False
    observed_every_s: float | None = None
    terminal: bool = False
    baseline_at: str | None = None


class SessionDocument(BaseModel):
    """Who is signed in; `csrf` goes into the header X-CSRF-Token of every write."""

    person: str
    role: Role
    language: Literal["en", "fr"]
    csrf: str
    version: str


class ChangeDocument(BaseModel):
    """A difference from the baseline."""

    kind: str
    path: str
    before: Any
    after: Any
    at: str | None


class Happening(BaseModel):
    """A row of the journal as the streams send it."""

    seq: int
    at: str
    case: str | None
    kind: str
    actor: str
    text: str
    body: dict[str, Any]


class CaseDocument(BaseModel):
    """A case: what `vigie work --json` promises, and what the console shows."""

    model_config = ConfigDict(extra="allow")

    case: str
    state: CaseState
    label: str | None
    labels: list[str]
    confidence: float
    diagnosis: str
    evidence: list[dict[str, Any]]
    actions: list[dict[str, Any]]
    verified: bool
    rolled_back: bool
    report: str
    seconds: dict[str, float | None]
    phase: str
    kind: str
    host: str
    title: str
    ticket: str | None
    opened_at: str
    updated_at: str
    hypotheses: list[dict[str, Any]]
    plan: dict[str, Any] | None
    approval: dict[str, Any] | None
    changes: list[ChangeDocument]
    timeline: list[Happening]


class Problem(BaseModel):
    """An error, in the reader's language."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    what: str
    why: str
    next: str
