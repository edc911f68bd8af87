"""The shapes of knowledge: what a YAML file of each folder may say.

Templates. A `{slot}` in a line is replaced by the slot's value, checked against its type and quoted for the shell. A
line that
starts with `@` is a verb of the host's service manager (`@restart {service}`), replaced by that manager's own line.
Patterns. A pattern finds facts; a `{variable}` in its subject is bound by the first fact that matches, and must agree
afterwards.
"""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from vigie.domain.action import EffectClass

Probability = Annotated[float, Field(gt=0.0, lt=1.0)]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*(\.[a-z0-9_]+)*$")]
SlotType = Literal["name", "path", "port", "pid", "url", "number", "identifier", "sql", "text", "artefact", "mode", "owner"]


class Frozen(BaseModel):
    """A piece of knowledge: nothing unknown in it, nothing changed after loading."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Both(Frozen):
    """A text in both languages; `{slots}` are filled when it is shown."""

    en: str
    fr: str


class Condition(Frozen):
    """What a value must be like; everything that is said must hold.

    Numbers compare with `above` and `below`; text with `matches` (a regular expression, searched) and `contains`;
    anything with `equals` and `one_of`.
    """

    equals: bool | int | float | str | None = None
    one_of: tuple[bool | int | float | str, ...] = ()
    differs: bool | int | float | str | None = None
    above: float | None = None
    below: float | None = None
    matches: str | None = None
    contains: str | None = None
    exists: bool | None = None


class Pattern(Frozen):
    """Finds facts by name, subject and value.

    `value` gives conditions by field of the fact's value; the field `.` is the value itself. `take` binds variables from
    fields. `recent` asks that the fact (or the change it tells of) is not older than the trouble itself.
    """

    fact: Name
    subject: str | None = None
    value: dict[str, Condition] = Field(default_factory=dict)
    take: dict[str, str] = Field(default_factory=dict)
    recent: bool = False


class Check(Frozen):
    """A probe to run, its slots filled from the variables of whoever asks."""

    probe: Name
    slots: dict[str, str] = Field(default_factory=dict)


class Evidence(Frozen):
    """Something that speaks for or against a cause.

    `seen` is (P(seen | this cause), P(seen | any other state of things)). `must`: where it was looked for and not seen,
    the cause is out.
    `never`: where it is seen, the cause is out. `check` tells how to look; without one it is only taken where it comes by.
    """

    see: Pattern
    check: Check | None = None
    seen: tuple[Probability, Probability]
    must: bool = False
    never: bool = False
    says: Both


class Cause(Frozen):
    """A named failure mode.

    `label` is what a person files it under, from area to failure; it may hold a `{variable}`; `{role}` is the area of
    the service concerned. `prior` is how often, among
    troubled hosts, it is this one. `general`: it knows no particular kind of program. `prevention` says what keeps it from
    coming back. `bind` are
    alternative patterns, each of which gives candidates with their slots; none: the cause concerns the host as a whole.
    `words` are concepts of the complaint (see lexicons) that make it likelier, with the factor on its odds.
    """

    name: Name
    label: Annotated[
        str,
        Field(
            pattern=r"^(web|app|db|cache|queue|host|network|security|deploy|backup|\{role\})"
            r"\.([a-z0-9_]|\{[a-z_]+\})+(\.([a-z0-9_]|\{[a-z_]+\})+)?$"
        ),
    ]
    prior: Probability
    title: Both
    explanation: Both
    bind: tuple[Pattern, ...] = ()
    evidence: tuple[Evidence, ...]
    words: dict[str, float] = Field(default_factory=dict)
    look_alikes: tuple[Name, ...] = ()
    remedies: tuple[Name, ...] = ()
    general: bool = False
    prevention: Both | None = None


class Symptom(Frozen):
    """What somebody outside would notice, whatever the cause: the difference between trouble and nothing wrong.

    `seen` is (P(seen | some trouble), P(seen | nothing wrong)). `loose`: it is no sign by itself, as an old error in a log.
    `good` says that it was looked for and is not so.
    """

    name: Name
    see: Pattern
    check: Check | None = None
    seen: tuple[Probability, Probability]
    loose: bool = False
    says: Both
    good: Both


class StepTemplate(Frozen):
    """One step of a remedy; see `domain.action.Step` for `witness` and `goal`.

    `stdin` is `script:NAME` (a file of scripts/) or a slot of type artefact, as `{former}`. `feeds` says the same for
    witness, goal
    and undo: template of the line → `script:NAME`. `undo_last`: taken back after everything else was, as a restart that makes a
    service read its files again.
    """

    line: str
    witness: str
    goal: str
    stdin: str | None = None
    undo: tuple[str, ...] = ()
    timeout_s: float = 120.0
    feeds: dict[str, str] = Field(default_factory=dict)
    undo_last: bool = False

    @model_validator(mode="after")
    def _says_how(self) -> "StepTemplate":
        if self.undo_last and not self.undo:
            raise ValueError("a step that is taken back last says how (undo)")
        return self


class Precondition(Frozen):
    """What must be seen (or, with `absent`, not be seen) just before a remedy acts, read anew by `check`."""

    check: Check
    see: Pattern
    absent: bool = False
    says: Both


class Goodness(Frozen):
    """A check and what it must show once the trouble is mended (with `absent`: must not show), for the remedy's `sustain_s`."""

    check: Check
    see: Pattern
    says: Both
    absent: bool = False


class Remedy(Frozen):
    """How a cause is mended, with as little as possible.

    `slots` are typed; `fill` says from which facts those are taken that the cause does not give. `backup` are paths,
    `loses_nothing` declares
    that none is needed. `verify` must become true for the cause to count as gone, besides the user's symptom. `make`
    builds slots out of
    others. `guard` are safe-read lines that must exit 0 just before the first step. `diff` shows what would change,
    where the facts do not.
    """

    name: Name
    title: Both
    explanation: Both
    slots: dict[str, SlotType]
    fill: tuple[Pattern, ...] = ()
    precondition: tuple[Precondition, ...] = ()
    backup: tuple[str, ...] = ()
    loses_nothing: bool = False
    restarts: tuple[str, ...] = ()
    steps: tuple[StepTemplate, ...] = Field(min_length=1)
    verify: tuple[Goodness, ...] = ()
    sustain_s: float = 10.0
    make: dict[str, str] = Field(default_factory=dict)
    guard: tuple[str, ...] = ()
    diff: str = ""

    @model_validator(mode="after")
    def _saves_or_says_why_not(self) -> "Remedy":
        if not self.backup and not self.loses_nothing:
            raise ValueError("a remedy saves something first (backup) or declares loses_nothing")
        return self


class Variant(Frozen):
    """One way to read a thing.

    `needs` are programs that must be on the host; `script` is a file of scripts/ fed on standard input. `accepts` are the exit
    codes that still give an answer; with another one the next variant is tried.
    """

    line: str
    needs: tuple[str, ...] = ()
    script: str | None = None
    parser: str | None = None
    accepts: tuple[int, ...] = (0,)


class Case(Frozen):
    """A recorded output and the facts it must give: the probe's test. `facts` are (subject, name, value)."""

    variant: int = 0
    slots: dict[str, str] = Field(default_factory=dict)
    stdout: str
    rc: int = 0
    facts: tuple[tuple[str, str, object], ...]


class Probe(Frozen):
    """A safe read: the line to run, its variants best first, and the parser that makes facts of the output.

    `yields` are the names of the facts it can give. `each` runs it once for every fact that matches, its slots taken from
    there. `survey`: part
    of the first look at a host; `baseline`: its facts should not change unnoticed.
    """

    name: Name
    title: Both
    slots: dict[str, SlotType] = Field(default_factory=dict)
    variants: tuple[Variant, ...] = Field(min_length=1)
    parser: str
    options: dict[str, object] = Field(default_factory=dict)
    yields: tuple[Name, ...]
    each: Pattern | None = None
    survey: bool = False
    baseline: bool = False
    cost_s: float = Field(gt=0.0)
    timeout_s: float = 20.0
    cases: tuple[Case, ...] = ()


class Manager(Frozen):
    """A service manager: how it is recognised and spoken to.

    It is there when a line of what `detect` prints matches `found`, whose named groups become slots of the verbs, beside `slots`,
    their defaults; `anchor` names the slot that must lie under a host's focus, where it has one. `rank`: the lowest wins where
    several are there. `bare` prints the daemon's process when the verbs reach it without their optional parts: where that is
    the group `pid` of `found`, those parts are left out. `verbs` are lines by verb (list, status, definition, pid, running,
    start, stop, restart, reload); a part between `[?` and `?]` is left out when one of its slots has no value. `accepts` are
    the exit codes of `list` that still give an answer; `scripts` are files of scripts/ that a verb's line reads.
    """

    name: Name
    title: str
    detect: str
    rank: int
    verbs: dict[str, str]
    parser: str
    found: str = r"\S"
    slots: dict[str, str] = Field(default_factory=dict)
    types: dict[str, SlotType] = Field(default_factory=dict)
    anchor: str | None = None
    accepts: tuple[int, ...] = (0,)
    bare: str | None = None
    scripts: dict[str, str] = Field(default_factory=dict)


class Script(Frozen):
    """A script's declaration, beside its file: what running it can do."""

    name: Name
    effect_class: EffectClass
    effects: tuple[str, ...] = ()
    says: Both


class Lexicon(Frozen):
    """Words of both languages by concept (`slow`, `down`, `database`); stems and phrases, lower case, without accents."""

    name: Name
    concepts: Mapping[str, Mapping[Literal["en", "fr"], tuple[str, ...]]]
