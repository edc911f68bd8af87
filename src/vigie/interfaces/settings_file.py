"""The settings file's schema: `config.yaml` in the home; every key is optional, an unknown one is an error."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from vigie.i18n import Language
from vigie.interfaces.settings import DEFAULT_BIND, InterfaceSettings
from vigie.knowledge.yaml_file import read_yaml


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


class Log(_Part):
    """How much is told on the standard error stream."""

    level: Literal["debug", "info", "warning", "error"] = "warning"


class LimitsPart(_Part):
    """What one case may use before it is handed to a person."""

    actions: Annotated[int, Field(ge=1, le=1000)] | None = None
    minutes: Annotated[float, Field(gt=0, le=1440)] | None = None

    def given(self) -> dict[str, float]:
        """Return the limits that the file names."""
        return {name: value for name, value in self.model_dump().items() if value is not None}


class SettingsFile(_Part):
    """The whole file."""

    language: Language | None = None
    database_url: Annotated[str, Field(min_length=1)] | None = None
    knowledge: tuple[str, ...] = ()
    server: Server = Server()
    log: Log = Log()
    limits: LimitsPart = LimitsPart()


def read(path: Path) -> SettingsFile:
    """Read the file.

    Raises:
        BadUsage: it is no YAML or breaks the schema.
    """
    return read_yaml(path, SettingsFile)
