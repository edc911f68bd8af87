"""The routes, on a real home."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from tests.integration.api.running_server import Server


async def test_health_says_what_works(server: Server) -> None:
    answer = (await server.browser.get("/health")).json()
    assert answer["ok"] is True
    assert answer["database"] == "ok"
    assert answer["journal"] >= 1


async def test_metrics_are_what_prometheus_reads(server: Server) -> None:
    answer = await server.browser.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain")
    for name in (
        "vigie_cases_total",
        "vigie_cases_open",
        "vigie_phase_seconds",
        "vigie_gate_actions",
        "process_resident_memory_bytes",
    ):
        assert name in answer.text


async def test_the_description_names_every_route_and_loads_nothing_from_elsewhere(server: Server) -> None:
    description = (await server.browser.get("/openapi.json")).json()
    docs = (await server.browser.get("/docs")).text
    assert "/api/v1/cases/{case_id}/approve" in description["paths"]
    assert all(path in docs for path in description["paths"])
    assert "<script" not in docs
    assert "//" not in docs.replace("://", "") or "cdn" not in docs


async def test_a_host_is_added_tested_and_removed(server: Server) -> None:
    added = await server.local.post("/api/v1/hosts", json={"name": "here", "address": "local"})
    assert added.status_code == 201
    assert added.json()["host"]["status"] == "ok"
    assert (await server.local.post("/api/v1/hosts/here/test")).json()["host"]["name"] == "here"
    assert [host["name"] for host in (await server.local.get("/api/v1/hosts")).json()["hosts"]] == ["here"]
    assert (await server.local.delete("/api/v1/hosts/here")).status_code == 204
    assert (await server.local.get("/api/v1/hosts/here")).status_code == 404


async def test_a_host_that_cannot_be_reached_is_not_added(server: Server) -> None:
    body = {"name": "gone", "address": "exec:/no/such/program"}
    answer = await server.local.post("/api/v1/hosts", json=body, headers={"Accept-Language": "fr"})
    assert answer.status_code >= 400
    assert answer.json()["code"].startswith("host.")
    assert (await server.local.get("/api/v1/hosts")).json()["hosts"] == []


async def test_an_unknown_host_or_case_is_not_found(server: Server) -> None:
    assert (await server.local.get("/api/v1/hosts/nobody")).status_code == 404
    assert (await server.local.get("/api/v1/cases/C-99")).status_code == 404
    assert (await server.local.post("/api/v1/cases", json={"host": "nobody"})).status_code == 404


async def test_without_a_baseline_there_are_no_changes_to_show(server: Server) -> None:
    await server.local.post("/api/v1/hosts", json={"name": "here", "address": "local", "offline": True})
    answer = await server.local.get("/api/v1/hosts/here/changes")
    assert (answer.status_code, answer.json()["code"]) == (404, "cli.no_baseline")


async def test_the_team_rests_and_works_again(server: Server) -> None:
    agents = (await server.local.get("/api/v1/agents")).json()["agents"]
    name = agents[0]["name"]
    assert (await server.local.post(f"/api/v1/agents/{name}/pause")).json()["agent"]["paused"] is True
    assert (await server.local.post(f"/api/v1/agents/{name}/resume")).json()["agent"]["paused"] is False


async def test_the_trail_can_be_checked(server: Server) -> None:
    answer = (await server.local.get("/api/v1/audit")).json()
    assert answer["valid"] is True
    assert (await server.local.get("/api/v1/backups")).json() == {"backups": []}


async def test_the_demonstrations_are_listed_in_the_reader_s_language(server: Server) -> None:
    french = (await server.local.get("/api/v1/demo", headers={"Accept-Language": "fr"})).json()
    english = (await server.local.get("/api/v1/demo")).json()
    assert french["running"] == []
    assert len(french["scenarios"]) >= 5
    assert french["scenarios"][0]["ticket"] != english["scenarios"][0]["ticket"]


async def test_the_language_of_a_person_can_be_changed(server: Server) -> None:
    await server.first_run("en")
    await server.browser.post("/api/v1/session", json={"language": "fr"}, headers=await server.csrf())
    assert (await server.browser.get("/api/v1/session")).json()["language"] == "fr"


async def test_the_plain_pages_work_without_a_script(server: Server) -> None:
    await server.first_run("fr")
    page = await server.browser.get("/plain", headers={"Accept": "text/html"})
    assert page.status_code == 200
    assert "<script" not in page.text
    assert "Dossiers" in page.text


async def test_a_happening_is_streamed_within_a_second(server: Server) -> None:
    async with server.local.stream("GET", "/api/v1/events") as answer:
        lines = answer.aiter_lines()
        assert await anext(lines) == "retry: 1000"
        began = time.monotonic()
        written = await server.services.store.journal.append("api.started", actor="vigie", body={"version": "x"})
        event = await _event(lines)
        assert time.monotonic() - began < 1.0
    assert (event["id"], event["data"]["seq"]) == (str(written.seq), written.seq)
    assert event["data"]["text"] == "The server started (version x)."


async def test_a_reader_that_comes_back_has_lost_nothing(server: Server) -> None:
    journal = server.services.store.journal
    rows = [await journal.append("api.stopped", actor="vigie") for _ in range(5)]
    async with server.local.stream("GET", "/api/v1/events", headers={"Last-Event-ID": str(rows[1].seq)}) as answer:
        lines = answer.aiter_lines()
        seen = [(await _event(lines))["data"]["seq"] for _ in range(3)]
    assert seen == [row.seq for row in rows[2:]]


@pytest.mark.parametrize("last", ["123456789012345678", "²", "-1", "1e9", "", "9" * 400])
async def test_a_reader_that_names_no_row_of_this_journal_is_told_what_is_new(server: Server, last: str) -> None:
    headers = {"Last-Event-ID": last.encode("latin-1")}
    async with server.local.stream("GET", "/api/v1/events", headers=headers) as answer:  # type: ignore[arg-type]  # bytes are taken
        lines = answer.aiter_lines()
        assert await anext(lines) == "retry: 1000"
        written = await server.services.store.journal.append("api.stopped", actor="vigie")
        assert (await _event(lines))["data"]["seq"] == written.seq


async def test_a_stream_can_start_some_rows_back(server: Server) -> None:
    rows = [await server.services.store.journal.append("api.stopped", actor="vigie") for _ in range(4)]
    await asyncio.sleep(0.6)
    async with server.local.stream("GET", "/api/v1/events?recent=2") as answer:
        lines = answer.aiter_lines()
        seen = [(await _event(lines))["data"]["seq"] for _ in range(2)]
    assert seen == [row.seq for row in rows[2:]]


async def test_many_streams_do_not_disturb_each_other(server: Server) -> None:
    async def first(client: httpx.AsyncClient) -> int:
        async with client.stream("GET", "/api/v1/events") as answer:
            lines = answer.aiter_lines()
            await anext(lines)
            ready.release()
            return int((await _event(lines))["data"]["seq"])

    ready = asyncio.Semaphore(0)
    async with asyncio.TaskGroup() as group:
        readers = [group.create_task(first(server.local)) for _ in range(20)]
        for _ in readers:
            await ready.acquire()
        row = await server.services.store.journal.append("api.stopped", actor="vigie")
    assert {reader.result() for reader in readers} == {row.seq}


async def _event(lines: AsyncIterator[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    async with asyncio.timeout(5):
        async for line in lines:
            name, _, value = line.partition(": ")
            if name == "id":
                found["id"] = value
            elif name == "data":
                found["data"] = json.loads(value)
            elif not line and found:
                return found
    raise AssertionError("the stream ended")
