"""Real laboratories, each in a folder of its own, so that tests running side by side never meet."""

import shutil
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from vigie.lab import processes
from vigie.lab.stack import Stack, running


@pytest.fixture
async def parent() -> AsyncIterator[Path]:
    """A short path: a socket's may have about a hundred bytes. Whatever a failed test left there is ended."""
    folder = Path(tempfile.mkdtemp(prefix="vt-"))
    folder.chmod(0o755)
    yield folder
    await processes.end(processes.within(folder))
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
async def stack(parent: Path) -> AsyncIterator[Stack]:
    async with running(parent=parent) as stack:
        yield stack
