"""Real laboratories, each in a folder of its own, so that tests running side by side never meet."""

import shutil
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from vigie.lab import orders, processes
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
async def stack(parent: Path, request: pytest.FixtureRequest) -> AsyncIterator[Stack]:
    # Few orders are quickly written; only what is slow for want of an index needs many.
    order_count = orders.ORDERS if "slow_database" in request.node.name else 3_000
    async with running(parent=parent, order_count=order_count) as stack:
        yield stack
