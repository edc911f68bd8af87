"""The demonstration drives a product through its whole protocol; here the product is a person who knows the answer."""

import asyncio
import shlex
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from vigie.domain.baseline import Baseline
from vigie.domain.case import Case, CaseKind, CaseState
from vigie.domain.errors import BadUsage
from vigie.domain.happening import Happening
from vigie.domain.host import Autonomy, Host
from vigie.i18n import LANGUAGES, Language
from vigie.lab import processes
from vigie.lab.demo import Demo, LogSource, PageCheck, Product, Progress
from vigie.lab.scenarios.scenario import Health
from vigie.lab.stack import Stack

AT = datetime(2026, 1, 1, tzinfo=UTC)
STATEMENT = "CREATE INDEX o ON orders (customer_id, placed_at)"
MEND = f'python3 -c \'import sqlite3; sqlite3.connect("var/db/shop.db").execute("{STATEMENT}")\''


class Person:
    """Someone who reads the log and runs one line."""

    def __init__(self, line: str, *, word: str = "slow query", asks_first: bool = False) -> None:
        self._line = line
        self._word = word
        self._asks_first = asks_first
        self._hosts: dict[str, Host] = {}
        self._logs: dict[str, Sequence[LogSource]] = {}
        self._cases: dict[str, Case] = {}

    async def enrol(self, host: Host) -> Host:
        self._hosts[host.name] = host
        return host

    async def take_baseline(self, host: str) -> Baseline:
        return Baseline(host, AT, ())

    async def watch(self, host: str, logs: Sequence[LogSource], pages: Sequence[PageCheck]) -> None:
        assert pages
        self._logs[host] = logs

    async def next_case(self, host: str, *, language: Language, timeout_s: float) -> str | None:
        for _ in range(int(timeout_s * 10)):
            texts = [await asyncio.to_thread(log.path.read_text, "utf-8") for log in self._logs[host]]
            if any(self._word in text for text in texts):
                return self._open(host, language)
            await asyncio.sleep(0.1)
        return None

    async def submit_ticket(self, host: str, ticket: str, *, language: Language) -> str:
        assert ticket
        return next((case.id for case in self._cases.values() if case.host == host), None) or self._open(host, language)

    async def follow(self, case_id: str) -> AsyncIterator[Happening]:
        case = self._cases[case_id]
        if self._asks_first and case.state is CaseState.WORKING:
            self._cases[case_id] = replace(case, state=CaseState.WAITING)
            return
        words = shlex.split(self._hosts[case.host].address.removeprefix("exec:"))
        process = await asyncio.create_subprocess_exec(*words, "sh", "-c", self._line)
        await process.wait()
        yield Happening(1, AT, "default", case_id, "action.result", "person:me", {}, "")
        self._cases[case_id] = replace(case, state=CaseState.RESOLVED)

    async def case(self, case_id: str) -> Case:
        return self._cases[case_id]

    async def cases(self, host: str) -> list[str]:
        return [case.id for case in self._cases.values() if case.host == host]

    async def forget(self, host: str) -> None:
        del self._hosts[host]

    def _open(self, host: str, language: Language) -> str:
        name = f"C-{len(self._cases) + 1}"
        self._cases[name] = Case(name, "default", CaseKind.INCIDENT, host, "slow", language, Autonomy.ACT, AT, AT)
        return name


def _product(person: Person) -> Product:
    return person


@pytest.mark.slow
async def test_a_demonstration_ends_with_one_case_and_a_healthy_host(parent: Path) -> None:
    told: list[Progress] = []
    demonstrated = await Demo(_product(Person(MEND)), parent=parent).run(language="fr", tell=told.append)
    assert demonstrated.succeeded
    assert demonstrated.cases == ("C-1",)
    keys = [progress.key.rpartition(".")[2] for progress in told]
    assert keys == [
        "building", "built", "enrolling", "baseline", "watching", "breaking", "looking", "found", "ticket", "same_case",
        "happening", "judging", "healthy", "tearing_down",
    ]  # fmt: skip
    assert all(progress.text(language) for progress in told for language in LANGUAGES)
    assert demonstrated.seconds["total"] < 30  # 15 s on a quiet machine; bench/ measures it
    assert processes.within(parent) == []


@pytest.mark.slow
async def test_a_repair_that_does_not_help_is_no_success(parent: Path) -> None:
    demonstrated = await Demo(_product(Person("supervisorctl restart web && sleep 1.5")), parent=parent).run()
    assert demonstrated.judgement is not None
    assert demonstrated.judgement.health is Health.UNHEALTHY
    assert not demonstrated.succeeded


@pytest.mark.slow
async def test_a_false_alarm_is_opened_by_the_ticket_alone(parent: Path) -> None:
    told: list[Progress] = []
    demonstrated = await Demo(_product(Person("true", word="Traceback")), parent=parent).run("false_alarm", tell=told.append)
    assert "lab.demo.nothing_found" in [progress.key for progress in told]
    assert demonstrated.succeeded


@pytest.mark.slow
async def test_a_case_that_waits_goes_on_once_decided(parent: Path) -> None:
    waited: list[Case] = []
    seen: list[tuple[str, str]] = []

    async def decide(case: Case) -> bool:
        waited.append(case)
        seen.extend((run.state, run.case or "") for run in demo.running())
        return True

    demo = Demo(_product(Person(MEND, asks_first=True)), parent=parent)
    demonstrated = await demo.run(autonomy=Autonomy.PROPOSE, decide=decide)
    assert [case.state for case in waited] == [CaseState.WAITING]
    assert seen == [("waiting", "C-1")]
    assert demonstrated.succeeded
    assert demo.running() == []


@pytest.mark.slow
async def test_a_case_that_nobody_decides_ends_the_demonstration_unjudged(parent: Path) -> None:
    stood: list[bool] = []

    async def look(stack: Stack) -> None:
        stood.append((await stack.ask("/healthz")).status == 200)

    demo = Demo(_product(Person(MEND, asks_first=True)), parent=parent)
    demonstrated = await demo.run(before_teardown=look)
    assert demonstrated.judgement is None
    assert stood == [True]
    assert list(parent.iterdir()) == []


@pytest.mark.slow
async def test_a_demonstration_cut_short_tears_its_laboratory_down(parent: Path) -> None:
    demo = Demo(_product(Person(MEND, word="never written")), parent=parent)
    breaking = asyncio.Event()
    running = asyncio.create_task(demo.run(tell=lambda told: breaking.set() if told.key == "lab.demo.breaking" else None))
    await breaking.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert processes.within(parent) == []
    assert list(parent.iterdir()) == []


async def test_an_unknown_scenario_is_refused_before_anything_is_built(parent: Path) -> None:
    with pytest.raises(BadUsage) as refused:
        await Demo(_product(Person("true")), parent=parent).run("earthquake")
    assert "slow_database" in str(refused.value)
    assert list(parent.iterdir()) == []
