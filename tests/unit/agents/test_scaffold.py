"""`vigie agents new`: a new agent that is found and whose test passes."""

import asyncio
import os
import sys
from pathlib import Path

import pytest

from vigie.agents.registry import kind_of
from vigie.agents.scaffold import find_checkout, write
from vigie.domain.errors import BadUsage, Permanent


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    for folder in ("src/vigie/agents", "tests/unit/agents"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "pyproject.toml").touch()
    return tmp_path


async def pytest_of(path: Path) -> int:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", str(path.parent), str(path)),
        env={"PYTHONPATH": os.pathsep.join(sys.path), "PYTHONDONTWRITEBYTECODE": "1"},
        stdout=asyncio.subprocess.DEVNULL,
    )
    return await process.wait()


@pytest.mark.parametrize("name", ["disk-usage", "DiskUsageAgent", "disk_usage", "Disk usage"])
def test_any_way_to_write_a_name_gives_the_same_files(checkout: Path, name: str) -> None:
    agent, test = write(name, checkout / "home", checkout=checkout)
    assert agent == checkout / "src/vigie/agents/disk_usage.py"
    assert test == checkout / "tests/unit/agents/test_disk_usage.py"
    assert kind_of(agent, "disk_usage").__name__ == "DiskUsage"


async def test_its_test_passes_in_a_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vigie.agents.scaffold.find_checkout", lambda: None)
    agent, test = write("disk-usage", tmp_path)
    assert agent == tmp_path / "agents/disk_usage.py"
    assert (agent.stat().st_mode & 0o077, test.stat().st_mode & 0o077) == (0, 0)
    assert await pytest_of(test) == 0


@pytest.mark.parametrize("name", ["", "7up", "../evil", "a b c d", "x;rm", "agent", "é"])
def test_what_is_no_name_is_refused(checkout: Path, name: str) -> None:
    with pytest.raises(BadUsage) as refused:
        write(name, checkout, checkout=checkout)
    assert refused.value.key == "agent.bad_name"


@pytest.mark.parametrize("name", ["resolver", "RealResolverAgent"])
def test_a_taken_name_is_refused(checkout: Path, name: str) -> None:
    with pytest.raises(BadUsage) as refused:
        write(name, checkout, checkout=checkout)
    assert refused.value.key == "agent.exists"


def test_nothing_is_overwritten(checkout: Path) -> None:
    agent, _ = write("disk-usage", checkout, checkout=checkout)
    agent.write_text("mine")
    with pytest.raises(BadUsage):
        write("disk-usage", checkout, checkout=checkout)
    assert agent.read_text() == "mine"


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vigie.agents.scaffold.find_checkout", lambda: None)
    (tmp_path / "agents").write_text("a file in the way")
    with pytest.raises(Permanent) as refused:
        write("disk-usage", tmp_path)
    assert refused.value.key == "agent.folder"


def test_this_checkout_is_found() -> None:
    found = find_checkout()
    assert found is None or (found / "src/vigie").is_dir()
