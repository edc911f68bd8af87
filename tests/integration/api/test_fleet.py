"""An order for many hosts, followed while it runs."""

import asyncio
import json
from typing import Any

import httpx
from tests.integration.api.running_server import Server

from vigie.domain.host import Autonomy, Host

ROUTE = "/api/v1/fleet/run"
FOLLOWED = {"Accept": "text/event-stream"}


async def three(server: Server) -> None:
    for name in ("a", "b", "c"):
        await server.services.store.hosts.save(Host(name, "local", autonomy=Autonomy.ACT))


async def told(answer: httpx.Response) -> list[tuple[str, dict[str, Any]]]:
    found, name = [], ""
    async for line in answer.aiter_lines():
        word, _, rest = line.partition(": ")
        name = rest if word == "event" else name
        if word == "data":
            found.append((name, json.loads(rest)))
    return found


async def test_how_far_an_order_has_come_is_told_while_it_runs_and_its_document_in_the_end(server: Server) -> None:
    await three(server)
    async with server.local.stream("POST", ROUTE, json={"on": ["all"], "line": "sleep 0.4"}, headers=FOLLOWED) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        said = await told(answer)
    assert said[0][0] == "progress"
    for name, each in said[:-1]:
        assert name == "progress"
        assert sum(each["counts"].values()) + each["running"] + each["waiting"] == 3
    assert said[-1][0] == "ended"
    assert said[-1][1]["counts"]["done"] == 3


async def test_what_is_not_begun_is_a_problem_as_ever(server: Server) -> None:
    await three(server)
    answer = await server.local.post(ROUTE, json={"on": ["all"], "line": "rm -rf /"}, headers=FOLLOWED)
    assert (answer.status_code, answer.json()["code"]) == (403, "gate.forbidden")


async def test_who_stops_following_ends_nothing(server: Server) -> None:
    await three(server)
    async with server.local.stream("POST", ROUTE, json={"on": ["all"], "line": "sleep 0.5"}, headers=FOLLOWED) as answer:
        await anext(answer.aiter_lines())
    async with asyncio.timeout(10):
        while (row := (await server.services.store.journal.read())[-1]).kind != "fleet.result":
            await server.services.store.journal.wait(row.seq, 5)
    assert row.body["done_count"] == 3
