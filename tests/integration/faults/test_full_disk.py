"""A disk that fills in the middle of a case: told, nothing done twice, nothing lost, and carried on once there is room."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.integration.cases.test_desk import RIGHT, desk_of
from tests.unit.cases.toy import World

from vigie.domain.case import CaseState
from vigie.domain.errors import Permanent


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of a few megabytes."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=8m,mode=700", "vigie", str(folder)]
    if (made := subprocess.run(mount, check=False, capture_output=True)).returncode != 0:
        pytest.skip(f"no small file system can be mounted here: {made.stderr.decode().strip()}")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


class Filling(World):
    """A world in which the disk of Vigie itself fills at one point of the case."""

    at = "diagnose"
    disk: Path

    async def meets(self, name: str) -> None:
        if name == self.at:
            self.at = ""
            fill(self.disk / "ballast")
        await super().meets(name)


def fill(ballast: Path) -> None:
    subprocess.run(["dd", "if=/dev/zero", f"of={ballast}", "bs=4k"], check=False, capture_output=True)


@pytest.mark.parametrize("at", ["diagnose", "back_up", "act", "report"])
async def test_a_disk_that_fills_in_a_case_is_told_and_the_case_carried_on_when_there_is_room(disk: Path, at: str) -> None:
    world = Filling([RIGHT], [RIGHT])
    world.at, world.disk = at, disk
    async with desk_of(disk / "home", world) as (desk, memory):
        case = await desk.open("web1", ticket="slow")
        with pytest.raises(Permanent) as told:
            await desk.work(case.id)
        assert told.value.key == "home.full"
        (disk / "ballast").unlink()
        case = await desk.work(case.id)
        assert case.state is CaseState.RESOLVED
        assert (await memory.verify_journal()).valid
