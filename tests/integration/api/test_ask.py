"""The conversation, on a real home, with this machine as its host."""

import asyncio
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.integration.api.running_server import Server

from vigie.domain.baseline import Baseline, Entry
from vigie.domain.exchange import Exchange


@pytest.fixture
async def host(server: Server) -> Server:
    added = await server.local.post("/api/v1/hosts", json={"name": "here", "address": "local"})
    assert added.status_code == 201, added.text
    return server


async def ask(server: Server, text: str, **more: Any) -> dict[str, Any]:
    answer = await server.local.post("/api/v1/ask", json={"text": text, **more})
    assert answer.status_code == 200, answer.text
    document: dict[str, Any] = answer.json()
    return document


async def test_a_question_is_answered_in_its_language_with_the_answer_first(host: Server) -> None:
    said = await ask(host, "combien de mémoire reste-t-il ?")
    assert (said["kind"], said["language"], said["targets"], said["class"]) == ("command", "fr", ["here"], "safe-read")
    assert said["results"][0]["rc"] == 0
    assert said["answer"].splitlines()[0].startswith(("here a ", "La mémoire manque sur here"))
    assert said["suggestions"]


async def test_a_follow_up_and_a_search_find_what_was_said(host: Server) -> None:
    await ask(host, "espace disque de /tmp", session="one")
    again = await ask(host, "et la mémoire ?", session="one")
    assert again["intent"] == "mem.usage"
    found = (await host.local.get("/api/v1/ask/history", params={"q": "MÉMOIRE"})).json()["exchanges"]
    assert [each["text"] for each in found] == ["et la mémoire ?"]
    assert (await host.local.get("/api/v1/ask/status", params={"session": "one"})).json()["exchanges"] == 2
    assert (await host.local.delete("/api/v1/ask/sessions/one")).json() == {"forgotten": 2}
    assert (await host.local.get("/api/v1/ask/history")).json()["exchanges"] == []


async def test_a_dry_run_sends_nothing_to_the_host(host: Server) -> None:
    before = len(await host.services.store.journal.read(limit=1000))
    said = await ask(host, "redémarre nginx", dry_run=True)
    assert said["command"] is not None
    assert said["results"] == []
    assert len(await host.services.store.journal.read(limit=1000)) == before


async def test_a_service_that_was_recorded_on_the_host_is_understood_by_its_name(host: Server) -> None:
    recorded = Baseline("here", datetime(2026, 1, 2, tzinfo=UTC), (Entry("service", "boutique", {"state": "running"}),))
    await host.services.store.baselines.save(recorded)
    said = await ask(host, "Redémarre boutique", dry_run=True)
    assert (said["intent"], said["targets"]) == ("svc.restart", ["here"])
    assert "boutique" in said["command"]


async def test_a_change_waits_for_an_approval_and_is_then_done(host: Server, tmp_path: Path) -> None:
    folder = tmp_path / "made on request"
    said = await ask(host, f"crée le dossier {tmp_path}/made")
    assert said["class"] == "reversible-change", said
    case = said["results"][0]["case"]
    assert not folder.exists()
    document = await settled(host, case, "waiting")
    approved = await host.local.post(f"/api/v1/cases/{case}/approve", json={"hash": document["plan"]["hash"]})
    assert approved.status_code == 200, approved.text
    document = await settled(host, case, "resolved")
    assert (tmp_path / "made").is_dir()
    assert document["verified"] is True
    assert [action["outcome"] for action in document["actions"]] == ["done"]


async def settled(server: Server, case: str, state: str) -> dict[str, Any]:
    for _ in range(150):
        document: dict[str, Any] = (await server.local.get(f"/api/v1/cases/{case}")).json()
        if document["state"] == state:
            return document
        await asyncio.sleep(0.1)
    raise AssertionError(document)


async def test_what_must_be_refused_is_refused_and_written_down(host: Server) -> None:
    said = await ask(host, "efface tout le disque")
    assert (said["kind"], said["results"]) == ("refuse", [])
    assert "consigné" in said["answer"]
    rows = await host.services.store.journal.read(limit=1000)
    assert [row.body["rule"] for row in rows if row.kind == "ask.refused"] == ["refuse.wipe"]


async def test_a_vague_order_is_a_question_and_its_answer_is_understood(host: Server) -> None:
    said = await ask(host, "clean everything up", session="two")
    assert said["kind"] == "clarify"
    assert len(said["choices"]) == 3
    chosen = await ask(host, "the first", session="two", dry_run=True)
    assert chosen["intent"] == said["choices"][0]["intent"]


async def test_a_watch_is_kept(host: Server) -> None:
    assert (await ask(host, "préviens-moi si le disque dépasse 80 %"))["kind"] == "watch"
    [watch] = await host.services.store.watches.list()
    assert watch.host == "here"
    assert "0.8" in str(watch.check)


async def test_the_history_tells_what_was_asked(host: Server) -> None:
    await ask(host, "uptime")
    said = await ask(host, "what did you do today?")
    assert said["kind"] == "history"
    assert "uptime" in said["answer"]


async def test_nobody_reads_the_history_of_another(host: Server) -> None:
    now = host.services.clock.now()
    await host.services.store.exchanges.add(
        Exchange(person="somebody", session="default", at=now, text="secret plans", kind="none", language="en")
    )
    assert "secret plans" not in (await host.local.get("/api/v1/ask/history")).text


async def test_without_a_host_it_says_so(server: Server) -> None:
    said = await ask(server, "disk space")
    assert said["kind"] == "clarify"
    assert "vigie host add" in said["answer"]


async def test_an_unknown_host_is_named_in_the_question(host: Server) -> None:
    await host.local.post("/api/v1/hosts", json={"name": "web1", "address": "local"})
    said = await ask(host, "disk space on web7")
    assert said["kind"] == "clarify"
    assert "web7" in said["question"]


async def test_a_process_is_ended_only_when_a_person_says_so(host: Server) -> None:
    said = await ask(host, f"kill process {os.getpid()}")
    assert said["class"] == "dangerous"
    document = await settled(host, said["results"][0]["case"], "waiting")
    assert document["actions"] == [] or document["actions"][0]["outcome"] in ("waiting", "proposed")


async def test_use_is_counted_on_its_page_and_for_prometheus(host: Server) -> None:
    await ask(host, "combien de mémoire reste-t-il ?")
    await ask(host, "bonjour")
    used = (await host.local.get("/api/v1/usage", params={"days": 7})).json()
    assert (used["total"]["asked"], used["total"]["commands"], used["total"]["succeeded"]) == (2, 1, 2)
    assert len(used["days"]) == 7
    assert used["days"][-1]["asked"] == 2
    assert [(each["class"], each["hosts"]) for each in used["classes"]] == [("safe-read", 1)]
    assert [each["intent"] for each in used["intents"] if each["intent"].startswith("mem.")] == ["mem.usage"]
    figures = (await host.local.get("/metrics")).text
    assert 'vigie_requests_total{class="safe-read",intent="mem.usage",kind="command"} 1.0' in figures
    assert "vigie_requests_saved_seconds " in figures
