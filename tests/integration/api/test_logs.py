"""Log lines through the API: a file that grows is searched, followed, and seen only by those who may see its host."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from tests.integration.api.running_server import Server

from vigie.collectors.collector import Spec
from vigie.domain.errors import BadUsage
from vigie.domain.host import Autonomy, Host
from vigie.domain.person import Person, Role


async def get(server: Server, path: str, **parameters: Any) -> Any:
    answer = await server.local.get(f"/api/v1{path}", params=parameters)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def followed(server: Server, path: Path, host: str) -> None:
    path.touch()
    await server.services.store.hosts.save(Host(host, "local"))
    await server.services.watchtower.follow_log(host, "shop", path)
    async with asyncio.timeout(10):
        while not any(each["host"] == host for each in (await get(server, "/sources"))["sources"]):  # noqa: ASYNC110  # the server moves it
            await asyncio.sleep(0.02)
    await asyncio.sleep(0.6)


async def found(server: Server, count: int, **parameters: Any) -> list[dict[str, Any]]:
    async with asyncio.timeout(10):
        while len(lines := (await get(server, "/logs/search", **parameters))["lines"]) < count:  # noqa: ASYNC110  # the server moves it
            await asyncio.sleep(0.05)
    return list(lines)


def write(path: Path, *lines: str) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.write("".join(f"{line}\n" for line in lines))


async def test_what_is_written_is_found_counted_and_shown_in_its_place(server: Server, tmp_path: Path) -> None:
    log = tmp_path / "a.log"
    await followed(server, log, "web1")
    write(log, *(f"2026-05-12T06:00:{number:02d}Z INFO served item {number} in {number * 3} ms" for number in range(30)))
    lines = await found(server, 30, q="served", host="web1")
    assert [line["text"].split()[4] for line in lines[:3]] == ["29", "28", "27"]
    assert (lines[0]["at"], lines[0]["level"], lines[0]["service"]) == ("2026-05-12T06:00:29.000Z", "info", "shop")

    page = await get(server, "/logs/search", q="served", limit=20)
    rest = await get(server, "/logs/search", q="served", limit=20, before=page["next"])
    assert [each["id"] for each in page["lines"] + rest["lines"]] == [each["id"] for each in lines]
    assert rest["next"] is None

    around = await get(server, "/logs/context", id=lines[10]["id"], lines=2)
    assert [each["text"].split()[4] for each in around["lines"]] == ["17", "18", "19", "20", "21"]

    (source,) = (await get(server, "/sources"))["sources"]
    assert (source["lines"], source["behind_bytes"], source["dropped"]) == (30, 0, 0)
    figures = (await server.browser.get("/metrics")).text
    assert "vigie_signals_lines_total" in figures
    assert "vigie_signals_kept_lines_total 30.0" in figures
    for name in ("waiting_lines", "unreadable", "finding_seconds_count", "finding_seconds_sum", "templates"):
        assert f"vigie_signals_{name}" in figures


async def test_a_template_counts_its_lines_and_finds_them(server: Server, tmp_path: Path) -> None:
    log = tmp_path / "a.log"
    await followed(server, log, "web1")
    write(log, *(f"INFO user {number} logged in from host-{number}" for number in range(20)), "INFO nothing to do")
    await found(server, 21)
    told = (await get(server, "/logs/templates", host="web1"))["templates"]
    first = told[0]
    assert (first["count"], sum(first["sparkline"]), len(first["sparkline"])) == (20, 20, 24)
    assert first["text"].startswith("user <*> logged in")
    of_it = await get(server, "/logs/search", template=first["id"])
    assert len(of_it["lines"]) == 20
    assert of_it["facets"]["host"] == {"web1": 20}
    like = await get(server, "/logs/search", like="connexion de l’utilisateur bob depuis host-7")
    assert (len(like["lines"]), like["like"]["templates"][0]["id"]) == (20, first["id"])
    assert (await get(server, "/logs/search", like=like["lines"][3]["id"]))["lines"] == like["lines"]


async def test_the_tail_shows_lines_as_they_come_without_their_secrets(server: Server, tmp_path: Path) -> None:
    log = tmp_path / "a.log"
    await followed(server, log, "web1")
    async with server.local.stream("GET", "/api/v1/logs/tail?q=login") as stream:
        incoming = stream.aiter_lines()
        await anext(incoming)
        write(log, "INFO other", "INFO login of bob password=hunter2secret", "INFO login of ann")
        told = []
        async with asyncio.timeout(10):
            async for line in incoming:
                if line.startswith("data:"):
                    told.append(json.loads(line[5:])["text"])
                if len(told) == 2:
                    break
    assert told == ["INFO login of bob password=[redacted]", "INFO login of ann"]
    assert "hunter2secret" not in json.dumps(await get(server, "/logs/search", q="bob"))


async def test_lines_of_hosts_of_others_are_as_if_they_were_not_there(server: Server, tmp_path: Path) -> None:
    for host in ("mine", "theirs"):
        await followed(server, tmp_path / f"{host}.log", host)
        write(tmp_path / f"{host}.log", f"INFO hello from {host}")
    everything = await found(server, 2, q="hello")
    await server.services.store.people.save(Person("ann", "", "en", Role.VIEWER, ("mine",)))
    _, text = await server.services.store.tokens.make("ann", "a test", Role.VIEWER, 600)
    headers = {"Authorization": f"Bearer {text}"}

    async def seen(path: str, **parameters: Any) -> Any:
        return (await server.browser.get(f"/api/v1{path}", headers=headers, params=parameters)).json()

    assert [each["host"] for each in (await seen("/logs/search", q="hello"))["lines"]] == ["mine"]
    assert (await seen("/logs/search", host="theirs"))["lines"] == []
    assert [each["host"] for each in (await seen("/logs/search", like="hello from theirs"))["lines"]] == ["mine"]
    assert {each["host"] for each in (await seen("/logs/templates"))["templates"]} == {"mine"}
    assert {each["host"] for each in (await seen("/sources"))["sources"]} == {"mine"}
    (foreign,) = [each["id"] for each in everything if each["host"] == "theirs"]
    assert (await seen("/logs/context", id=foreign))["code"] == "lines.unknown"
    async with server.browser.stream("GET", "/api/v1/logs/tail", headers=headers) as stream:
        incoming = stream.aiter_lines()
        await anext(incoming)
        write(tmp_path / "theirs.log", "INFO again from theirs")
        write(tmp_path / "mine.log", "INFO again from mine")
        async with asyncio.timeout(10):
            async for line in incoming:
                assert "theirs" not in line
                if "again from mine" in line:
                    break


async def test_what_is_no_question_is_refused(server: Server) -> None:
    for path in ("/logs/search?before=x", "/logs/search?level=loud", "/logs/search?template=x", "/logs/context?id=1"):
        assert (await server.local.get(f"/api/v1{path}")).status_code in (400, 422), path
    assert (await server.local.get("/api/v1/logs/context?id=1:1")).json()["code"] == "lines.unknown"
    assert (await get(server, "/logs/search", q="anything"))["lines"] == []


async def test_an_alert_that_is_sent_with_its_secret_is_taken_at_once_and_becomes_a_case(server: Server, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("of this test")
    for host in ("office", "web2"):
        await server.services.store.hosts.save(Host(host, "local", autonomy=Autonomy.OBSERVE))
    await server.services.watchtower.follow(Spec("alertmanager", "office", name="am", options={"secret_file": str(secret)}))
    labels = {"alertname": "HighLoad", "severity": "critical", "instance": "web2:9100"}
    body = {"alerts": [{"status": "firing", "labels": labels, "annotations": {"summary": "load is 40"}, "fingerprint": "f1"}]}
    assert (await server.browser.post("/api/v1/in/am", json=body)).status_code == 401
    assert (await server.browser.post("/api/v1/in/nobody", json=body)).status_code == 404
    headers = {"Authorization": "Bearer of this test"}
    assert (await server.browser.post("/api/v1/in/am", headers=headers, content=b"{}")).status_code == 400
    answer = await server.browser.post("/api/v1/in/am", headers=headers, content=b" " * (256 * 1024 + 1))
    assert answer.status_code == 413
    answer = await server.browser.post("/api/v1/in/am", headers=headers, json=body)
    assert (answer.status_code, answer.json()) == (202, {"taken": 1})
    (line,) = await found(server, 1, q="HighLoad")
    assert (line["host"], line["level"]) == ("web2", "critical")
    async with asyncio.timeout(30):
        while not (cases := (await get(server, "/cases"))["cases"]):  # noqa: ASYNC110  # the server moves it
            await asyncio.sleep(0.1)
    assert [case["host"] for case in cases] == ["web2"]
    assert "load is 40" in cases[0]["title"]


async def test_a_file_of_a_host_is_read_through_the_gate_and_each_look_is_in_the_trail(server: Server, tmp_path: Path) -> None:
    log = tmp_path / "app log.log"
    log.write_text("INFO before\n")
    await server.services.store.hosts.save(Host("web1", "local"))
    await server.services.watchtower.follow(Spec("remote_file", "web1", options={"path": str(log), "every_s": 0.2}))
    async with asyncio.timeout(20):
        while await server.services.store.cursors.get(f"remote_file:web1:{log}") is None:  # noqa: ASYNC110  # the server moves it
            await asyncio.sleep(0.05)
    write(log, "INFO one of them", "INFO two of them")
    lines = await found(server, 2, q="them")
    assert [line["text"] for line in lines] == ["INFO two of them", "INFO one of them"]
    rows = [row for row in await server.services.store.journal.read(0, limit=500) if row.kind == "host.read"]
    assert rows
    assert rows[0].body["host"] == "web1"


async def test_a_source_that_makes_no_sense_is_told_and_stops_no_other(server: Server) -> None:
    with pytest.raises(BadUsage):
        await server.services.watchtower.follow(Spec("telepathy", "web1"))
    with pytest.raises(BadUsage):
        await server.services.watchtower.follow(Spec("github", "web1"))
    assert (await server.local.get("/api/v1/sources")).status_code == 200
