"""The settings of this layer, filled by `config`."""

from dataclasses import dataclass
from pathlib import Path

from vigie.i18n import Language

DEFAULT_PORT = 8440
DEFAULT_BIND = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the command line knows before it does anything; the language is the home's own, else the environment's."""

    home: Path
    language: Language
    has_screen: bool = False


@dataclass(frozen=True, slots=True)
class InterfaceSettings:
    """Where the server listens and by which names it may be called.

    `port` None: the default one, or a free one when that is taken. `host_names` are allowed in the Host header beside the
    loopback's own names. `programs` are folders of the user's own program models.
    """

    home: Path
    port: int | None = None
    bind: str = DEFAULT_BIND
    host_names: tuple[str, ...] = ()
    programs: tuple[Path, ...] = ()

    @property
    def run_folder(self) -> Path:
        """Return where a running server leaves its address and its lock."""
        return self.home / "run"
