"""Fixtures of this folder."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.unit.policy.gate_world import World, world


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path / "home", tmp_path / "work") as made:
        yield made
