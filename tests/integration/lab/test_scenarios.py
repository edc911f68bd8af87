"""Each fault on a real host: well before, unwell after, a tempting wrong repair refused, the right one accepted."""

import asyncio
from dataclasses import dataclass
from pathlib import Path

import pytest

from vigie.lab.demo import Demo
from vigie.lab.scenarios.scenario import Health
from vigie.lab.stack import Stack, running

pytestmark = pytest.mark.slow

CREATE = 'python3 -c \'import sqlite3; sqlite3.connect("var/db/shop.db").execute("CREATE INDEX {}")\''
BACK = "ln -s {} releases/.new && mv -T releases/.new releases/current && supervisorctl restart web"
# A relay from the port that nobody serves to the shop: customers are served, the setting is still wrong.
RELAY = """
import asyncio, sys
async def pump(a, b):
    while data := await a.read(65536):
        b.write(data)
    b.close()
async def serve(r, w):
    r2, w2 = await asyncio.open_connection("127.0.0.1", int(sys.argv[2]))
    await asyncio.gather(pump(r, w2), pump(r2, w), return_exceptions=True)
async def main():
    await (await asyncio.start_server(serve, "127.0.0.1", int(sys.argv[1]))).serve_forever()
asyncio.run(main())
"""


@dataclass(frozen=True)
class Story:
    """What a scenario's logs must show, and repairs with what the oracle must say of each. `{…}` are facts of the host."""

    scenario: str
    log: str
    evidence: str
    wrong: tuple[tuple[str, Health], ...]
    right: str


STORIES = [
    Story(
        "slow_database",
        "app.log",
        "slow query",
        (("supervisorctl restart web worker", Health.UNHEALTHY), (CREATE.format("x ON orders (status)"), Health.UNHEALTHY)),
        CREATE.format("again ON orders (customer_id, placed_at)"),
    ),
    Story(
        "bad_release",
        "app.log",
        "IndexError: No item with that key",
        (
            ("supervisorctl restart web", Health.UNHEALTHY),
            ("ln -s r42 releases/.new && mv -T releases/.new releases/current", Health.UNHEALTHY),
        ),
        BACK.format("r42"),
    ),
    Story(
        "wrong_setting",
        "proxy-error.log",
        "failed (111: Connection refused)",
        (
            ("supervisorctl restart proxy", Health.UNHEALTHY),
            ("sed -i 's/^upstream .*/upstream 127.0.0.1:{web_port}/' etc/proxy.conf", Health.UNHEALTHY),
        ),
        "sed -i 's/^upstream .*/upstream 127.0.0.1:{web_port}/' etc/proxy.conf && supervisorctl signal HUP proxy",
    ),
    Story(
        "port_taken",
        "app.log",
        "Address already in use",
        (("supervisorctl restart proxy; supervisorctl stop worker; supervisorctl start worker", Health.UNHEALTHY),),
        "kill {stray} && sleep 0.3 && supervisorctl start web",
    ),
    Story(
        "full_quota",
        "app.log",
        "No space left: quota of",
        (("supervisorctl restart web", Health.UNHEALTHY), (": > var/log/worker-trace.log", Health.MASKED)),
        "sed -i 's/^trace = on/trace = off/' etc/shop.ini && supervisorctl restart worker && : > var/log/worker-trace.log",
    ),
    Story("locked_database", "app.log", "database is locked", (), "kill {stray}"),
]


async def _repair(stack: Stack, line: str) -> None:
    strays = stack.strays()
    filled = line.replace("{web_port}", str(stack.web_port)).replace("{stray}", str(strays[0].pid) if strays else "none")
    completed = await stack.enter(filled)
    assert completed.rc == 0, completed


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.scenario)
async def test_only_the_right_repair_makes_the_host_healthy(stack: Stack, story: Story) -> None:
    scenario = Demo.scenarios()[story.scenario]
    await scenario.break_down(stack)
    broken = await scenario.oracle(stack, window_s=0.5)
    assert broken.health is Health.UNHEALTHY
    assert broken.cause
    assert story.evidence in (stack.layout.logs / story.log).read_text(encoding="utf-8")
    for line, health in story.wrong:
        await _repair(stack, line)
        assert (await scenario.oracle(stack, window_s=0.5)).health is health, line
    await _repair(stack, story.right)
    await asyncio.sleep(1.5)  # a started service counts as running after a second
    assert (await scenario.oracle(stack)).health is Health.HEALTHY


MASKS = [
    # The symptom goes, the cause stays: the oracle is not taken in.
    ("wrong_setting", "python3 -c '{relay}' {wrong_port} {web_port} >/dev/null 2>&1 & sleep 0.5", Health.MASKED),
    ("full_quota", "sed -i 's/^quota_mb.*/quota_mb = 999/' etc/shop.ini && supervisorctl restart web", Health.DAMAGED),
    ("full_quota", "rm -f var/uploads/* var/receipts/* && : > var/log/worker-trace.log", Health.DAMAGED),
    ("bad_release", BACK.format("r41"), Health.DAMAGED),
    (
        "bad_release",
        "sed -i 's/points/spent_cents/' releases/r43/shop/pages.py && supervisorctl restart web",
        Health.DAMAGED,
    ),
    ("locked_database", "kill {stray} && supervisorctl restart web worker && sleep 1.5", Health.DAMAGED),
    ("false_alarm", "supervisorctl restart web && sleep 1.5", Health.DAMAGED),
]


@pytest.mark.parametrize(("name", "line", "health"), MASKS, ids=[f"{name}-{number}" for number, (name, _, _) in enumerate(MASKS)])
async def test_a_repair_that_only_looks_right_is_refused(stack: Stack, name: str, line: str, health: Health) -> None:
    scenario = Demo.scenarios()[name]
    await scenario.break_down(stack)
    conf = stack.layout.proxy_conf.read_text(encoding="utf-8")
    wrong_port = conf.partition("upstream")[2].split()[0].rpartition(":")[2]
    await _repair(stack, line.replace("{relay}", RELAY.replace("'", '"')).replace("{wrong_port}", wrong_port))
    await stack.settle()  # what was started comes up when the machine has time for it
    judgement = await scenario.oracle(stack, window_s=0.5)
    assert judgement.health is health, judgement


async def test_where_nothing_is_wrong_leaving_it_alone_is_healthy(stack: Stack) -> None:
    scenario = Demo.scenarios()["false_alarm"]
    await scenario.break_down(stack)
    assert (await scenario.oracle(stack)).health is Health.HEALTHY


async def test_two_laboratories_do_not_meet(stack: Stack, parent: Path) -> None:
    async with running(parent=parent) as other:
        scenario = Demo.scenarios()["port_taken"]
        await scenario.break_down(other)
        assert (await Demo.scenarios()["false_alarm"].oracle(stack, window_s=0.5)).health is Health.HEALTHY
