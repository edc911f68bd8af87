"""The depot's faults on a real host: unwell with each, a tempting wrong repair refused, the right one accepted."""

import asyncio
from dataclasses import dataclass
from pathlib import Path

import pytest

from vigie.domain.errors import Permanent
from vigie.lab.demo import Demo
from vigie.lab.depot.depot import Depot
from vigie.lab.scenarios.scenario import Health

REDIS = "redis-cli -p {cache_port} -a {password} --no-auth-warning"


@dataclass(frozen=True)
class Story:
    """A wrong repair with what the oracle must say of it, and the right one."""

    scenario: str
    wrong: str
    health: Health
    right: str


STORIES = [
    Story("depot_worker_stopped", "supervisorctl restart pages", Health.UNHEALTHY, "supervisorctl start worker"),
    Story(
        "depot_cache_stopped",
        "supervisorctl restart worker || true",
        Health.UNHEALTHY,
        "supervisorctl start cache; sleep 1; supervisorctl start worker || true",
    ),
    Story(
        "depot_poison",
        f"{REDIS} RENAME orders spoiled && supervisorctl start worker && sleep 1 && {REDIS} DEL spoiled",
        Health.DAMAGED,
        "",
    ),
    Story(
        "depot_poison",
        "supervisorctl start worker || true",
        Health.UNHEALTHY,
        f"{REDIS} RPOP orders && supervisorctl start worker",
    ),
    Story("depot_memory", f"{REDIS} CONFIG SET maxmemory 64mb && {REDIS} DEL stock:1 stock:2", Health.DAMAGED, ""),
    Story("depot_memory", "supervisorctl restart pages", Health.UNHEALTHY, f"{REDIS} CONFIG SET maxmemory 64mb"),
    Story("depot_site_moved", "supervisorctl restart pages", Health.UNHEALTHY, "ln -sfn v8 www/current"),
    Story("depot_site_moved", "cp www/v8/* www/v9/", Health.DAMAGED, ""),
    Story(
        "depot_wrong_root",
        "ln -s current www/actual",
        Health.DAMAGED,
        "",
    ),
    Story(
        "depot_wrong_root",
        "sed -i s,/www/actual,/www/current, etc/nginx.conf",
        Health.UNHEALTHY,
        "supervisorctl signal HUP pages",
    ),
    Story(
        "depot_wrong_queue",
        "supervisorctl restart worker",
        Health.UNHEALTHY,
        "sed -i 's/^name = .*/name = orders/' etc/worker.ini && supervisorctl restart worker",
    ),
]


async def _repair(depot: Depot, line: str) -> None:
    completed = await depot.enter(line.replace("{cache_port}", str(depot.cache_port)).replace("{password}", depot.password))
    assert completed.rc == 0, completed


@pytest.mark.slow
@pytest.mark.parametrize("story", STORIES, ids=lambda story: f"{story.scenario}-{story.health}")
async def test_only_the_right_repair_makes_the_depot_healthy(story: Story, tmp_path: Path) -> None:
    try:
        Depot.require()
    except Permanent as error:
        pytest.skip(str(error))
    depot = await Depot.build(parent=Path("/tmp"))  # a socket's path must be short
    assert isinstance(depot, Depot)
    try:
        scenario = Demo.scenarios(every=True)[story.scenario]
        await scenario.break_down(depot)
        assert (await scenario.oracle(depot)).cause
        await _repair(depot, story.wrong)
        await asyncio.sleep(1.2)
        judged = await scenario.oracle(depot)
        assert judged.health is story.health, judged
        if story.right:
            await _repair(depot, story.right)
            await asyncio.sleep(1.2)
            judged = await scenario.oracle(depot)
            assert judged.health is Health.HEALTHY, judged
    finally:
        await depot.stop()
