"""The settings file's schema: `config.yaml` in the home; every key is optional, an unknown one is an error."""

import os
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator

from vigie.collectors.collector import Option, Spec
from vigie.domain.person import Role
from vigie.i18n import Language
from vigie.interfaces.settings import DEFAULT_BIND, InterfaceSettings, Provider, is_private_way
from vigie.knowledge.yaml_file import read_yaml
from vigie.memory.lines.retention import Retention
from vigie.policy.limits import Limits
from vigie.signals.zones import zone_of

_LIMITS = Limits()


def _known_zone(name: str) -> str:
    zone_of(name)
    return name


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Server(_Part):
    """Where `vigie up` listens."""

    port: Annotated[int, Field(ge=1, le=65535)] | None = None
    bind: str = DEFAULT_BIND
    host_names: tuple[Annotated[str, Field(min_length=1, max_length=253)], ...] = ()

    def settings(self, home: Path) -> InterfaceSettings:
        """Return these as the interfaces take them."""
        return InterfaceSettings(
            home=home, port=self.port, bind=self.bind, host_names=tuple(name.lower() for name in self.host_names)
        )


class SourcePart(_Part):
    """A source of log lines or alerts; without a kind, a file of this machine. What a kind wants besides is in `options`."""

    host: Annotated[str, Field(min_length=1, max_length=63)]
    kind: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,30}$")] = "file"
    path: Annotated[str, Field(pattern=r"^/", max_length=4096)] | None = None
    service: Annotated[str, Field(max_length=200)] | None = None
    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$")] | None = None
    lines_per_s_max: Annotated[int, Field(ge=0)] = 0
    zone: Annotated[str, Field(max_length=64), AfterValidator(_known_zone)] | None = None
    options: dict[str, bool | int | float | str | tuple[str, ...]] = Field(default_factory=dict)

    def source(self) -> Spec:
        """Return it as the watchtower takes it."""
        own: dict[str, Option] = {}
        if self.path is not None:
            own = {"path": self.path} if self.kind == "remote_file" else {"paths": (self.path,)}
        zone = zone_of(self.zone) if self.zone else None
        return Spec(self.kind, self.host, self.service, self.name or "", {**own, **self.options}, self.lines_per_s_max, zone)


class OpenIdPart(_Part):
    """Another service that people sign in with (OpenID Connect)."""

    issuer: Annotated[str, Field(max_length=2000)]
    client_id: Annotated[str, Field(min_length=1, max_length=500)]
    client_secret_file: Annotated[str, Field(min_length=1)] | None = None
    name: Annotated[str, Field(min_length=1, max_length=60)] = "OpenID Connect"
    role_claim: Annotated[str, Field(min_length=1, max_length=200)] = "groups"
    roles: dict[str, Role] = Field(default_factory=dict)
    otherwise: Role | None = None
    scopes: tuple[Annotated[str, Field(pattern=r"^[!-~]+$", max_length=200)], ...] = ("openid", "profile", "email")
    address: Annotated[str, Field(pattern=r"^https?://[^/?#\s]+$")] | None = None

    @field_validator("issuer")
    @classmethod
    def _check_issuer(cls, value: str) -> str:
        if not is_private_way(value):
            raise ValueError("an https:// address, or one of this machine")
        return value

    def provider(self, home: Path) -> Provider:
        """Return it as the interfaces take it."""
        secret = self.client_secret_file
        return Provider(
            issuer=self.issuer,
            client_id=self.client_id,
            name=self.name,
            secret_file=None if secret is None else home / Path(secret).expanduser(),
            role_claim=self.role_claim,
            roles=tuple(self.roles.items()),
            otherwise=self.otherwise,
            scopes=self.scopes if "openid" in self.scopes else ("openid", *self.scopes),
            address=self.address,
        )


class Log(_Part):
    """How much is told on the standard error stream."""

    level: Literal["debug", "info", "warning", "error"] = "warning"


class LogsPart(_Part):
    """How long the lines of logs are kept."""

    days: Annotated[float, Field(gt=0, le=3660)] = Retention().days
    gigabytes: Annotated[float, Field(gt=0, le=100_000)] = Retention().bytes_max / (1 << 30)

    def retention(self) -> Retention:
        """Return it as the keeper takes it."""
        return Retention(self.days, int(self.gigabytes * (1 << 30)))


class LimitsPart(_Part):
    """What one case may use before it is handed to a person."""

    actions: Annotated[int, Field(ge=1, le=1000)] = _LIMITS.actions
    minutes: Annotated[float, Field(gt=0, le=1440)] = _LIMITS.minutes

    def limits(self) -> Limits:
        """Return these as the gate takes them."""
        return replace(_LIMITS, actions=self.actions, minutes=self.minutes)


class SettingsFile(_Part):
    """The whole file."""

    language: Language | None = None
    database_url: Annotated[str, Field(min_length=1)] | None = None
    knowledge: tuple[str, ...] = ()
    sources: tuple[SourcePart, ...] = ()
    server: Server = Server()
    openid: OpenIdPart | None = None
    log: Log = Log()
    logs: LogsPart = LogsPart()
    limits: LimitsPart = LimitsPart()


def read(path: Path) -> SettingsFile:
    """Read the file.

    Raises:
        BadUsage: it is no YAML or breaks the schema.
    """
    text = path.read_text(encoding="utf-8", errors="replace") if _is_readable(path) else None
    if text is not None and not any(line.strip() and not line.lstrip().startswith("#") for line in text.splitlines()):
        return SettingsFile()
    return read_yaml(path, SettingsFile)


def _is_readable(path: Path) -> bool:
    return path.is_file() and os.access(path, os.R_OK)
