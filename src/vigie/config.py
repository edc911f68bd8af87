"""The only reader of the environment and of the settings file; every layer gets its own settings from here."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import yaml

from vigie import i18n, safe_yaml
from vigie.collectors.collector import Spec
from vigie.i18n import Language
from vigie.interfaces.settings import InterfaceSettings, Surroundings
from vigie.memory.lines.retention import Retention
from vigie.policy.limits import Limits

SETTINGS_FILE = "config.yaml"


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings of one home, ready for `app.build`.

    `database_url` None: the embedded database. `knowledge` are folders read beside the product's own. `crash_at` names the
    point at which the process kills itself, so that a test can show that nothing is lost there. `ssh_agent` is the socket of the
    agent of the session that we run in.
    """

    home: Path
    language: Language
    interfaces: InterfaceSettings
    database_url: str | None = None
    crash_at: str | None = None
    ssh_agent: str | None = None
    knowledge: tuple[Path, ...] = ()
    log_level: str = "warning"
    limits: Limits = field(default_factory=Limits)
    sources: tuple[Spec, ...] = ()
    retention: Retention = field(default_factory=Retention)


def surroundings(environment: Mapping[str, str] | None = None) -> Surroundings:
    """Read what the command line must know before it does anything, the home's language with it; never fails."""
    values = _environment(environment)
    locale = values.get("LC_ALL") or values.get("LC_MESSAGES") or values.get("LANG")
    home = _home(values)
    return Surroundings(
        home=home,
        language=_written_language(home) or i18n.language_of(locale),
        has_screen=bool(values.get("DISPLAY") or values.get("WAYLAND_DISPLAY")),
    )


def load(environment: Mapping[str, str] | None = None, *, home: Path | None = None) -> Settings:
    """Read the settings of a home.

    Raises:
        BadUsage: `config.yaml` is no YAML, or says something that is no setting; file, line and column are named.
    """
    from vigie.interfaces.settings_file import SettingsFile, read

    values = _environment(environment)
    around = surroundings(values)
    home = home or around.home
    path = home / SETTINGS_FILE
    written = read(path) if _exists(path) else SettingsFile()
    knowledge = tuple(_beside(home, folder) for folder in written.knowledge)
    return Settings(
        home=home,
        language=written.language or around.language,
        interfaces=replace(
            written.server.settings(home),
            programs=tuple(folder / "programs" for folder in knowledge),
            provider=written.openid.provider(home) if written.openid else None,
        ),
        database_url=written.database_url,
        crash_at=values.get("VIGIE_CRASH_AT") or None,
        ssh_agent=values.get("SSH_AUTH_SOCK") or None,
        knowledge=knowledge,
        log_level=written.log.level,
        limits=written.limits.limits(),
        sources=tuple(each.source() for each in written.sources),
        retention=written.logs.retention(),
    )


def _environment(given: Mapping[str, str] | None) -> Mapping[str, str]:
    return os.environ if given is None else given  # noqa: TID251  # this is the one reader


def _home(values: Mapping[str, str]) -> Path:
    if named := values.get("VIGIE_HOME"):
        return Path(named).expanduser().absolute()
    if data := values.get("XDG_DATA_HOME"):
        return Path(data).expanduser().absolute() / "vigie"
    return Path("~/.local/share/vigie").expanduser()


def _written_language(home: Path) -> Language | None:
    """Return the language that the settings file names; one that cannot be read is told of by whoever needs all of it."""
    try:
        written = safe_yaml.parse((home / SETTINGS_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError):
        return None
    named = written.get("language") if isinstance(written, dict) else None
    return next((language for language in i18n.LANGUAGES if language == named), None)


def _exists(path: Path) -> bool:
    """Say whether there is a settings file; where nothing can be seen at all, opening the home says why."""
    try:
        return path.exists()
    except OSError:
        return False


def _beside(home: Path, folder: str) -> Path:
    path = Path(folder).expanduser()
    return path if path.is_absolute() else home / path
