"""Cases on a PostgreSQL server: the same life, the engine's tables beside the memory's."""

from pathlib import Path

import pytest
from tests.integration.cases.test_desk import RIGHT, _is_at, desk_of, until
from tests.integration.memory.conftest import PostgresServer
from tests.unit.cases.toy import World

from vigie.domain.case import CaseState, Phase


@pytest.mark.slow
async def test_a_case_is_carried_on_by_the_next_process_on_the_server(tmp_path: Path, postgres_server: PostgresServer) -> None:
    world, url = World([RIGHT], [RIGHT], slow_s={"act": 0.3}), postgres_server.new_database()
    async with desk_of(tmp_path, world, url) as (desk, _):
        case = await desk.open("web1", ticket="slow")
        await desk.start(case.id)
        await until(lambda: _is_at(desk, case, Phase.ACT))
    async with desk_of(tmp_path, world, url) as (desk, _):
        case = await desk.work(case.id)
    assert (case.state, len(world.done)) == (CaseState.RESOLVED, 2)
    assert not (tmp_path / "workflows.db").exists()
