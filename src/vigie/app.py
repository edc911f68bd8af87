"""Composition root, read first: builds the program from its parts and starts the command line.

`main` starts the command line, which opens a home through `build`: memory, the gate with its hands, the knowledge, the
team, the desk that works cases. Everything is imported where it is built, so that `vigie --help` answers at once.
"""

import sys
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vigie.config import Settings
    from vigie.interfaces.services import Services
    from vigie.interfaces.settings import InterfaceSettings, Surroundings


def main() -> None:
    """Run the command line."""
    from vigie.interfaces.cli.main import run

    sys.exit(run(sys.argv[1:], FromEnvironment()))


class FromEnvironment:
    """How the command line gets at a home: by what the environment and the home's settings file say."""

    def surroundings(self) -> "Surroundings":
        """Return what is known without reading a file."""
        from vigie import config

        return config.surroundings()

    def settings(self, home: Path | None = None) -> "InterfaceSettings":
        """Read the settings of a home."""
        from vigie import config

        return config.load(home=home).interfaces

    def open(self, home: Path | None = None) -> "AbstractAsyncContextManager[Services]":
        """Open a home."""
        from vigie import config

        return build(config.load(home=home))
