"""Reception: one trouble, one case; and old signals reopen nothing."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from vigie.cases.intake import SIGNAL_TITLE_LENGTH_MAX, TICKET_LENGTH_MAX, Intake
from vigie.clock import FixedClock
from vigie.domain.case import Case, CaseKind, CaseState, Phase
from vigie.domain.finding import Finding
from vigie.domain.host import Autonomy, Host
from vigie.memory.memory import Memory, TenantMemory

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
WEB = Host("web1", "local", autonomy=Autonomy.ACT)
DB = Host("db1", "local")


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOON)


@pytest.fixture
async def memory(tmp_path: Path, clock: FixedClock) -> AsyncIterator[TenantMemory]:
    opened = await Memory.open(tmp_path, clock=clock)
    yield opened.of()
    await opened.close()


@pytest.fixture
def intake(memory: TenantMemory, clock: FixedClock) -> Intake:
    return Intake(memory, clock)


def finding(key: str = "k", at: datetime = NOON) -> Finding:
    return Finding("error_burst", "web1", "service:web", key, at, at, 3, 0.9, "500 on /orders", "/var/log/web.log:12")


async def take(
    intake: Intake, host: Host = WEB, *, ticket: str | None = None, findings: tuple[Finding, ...] = (), language: str = "fr"
) -> Case:
    asked = intake.ask(host, ticket=ticket, findings=findings, autonomy=None, timeout_s=300.0, language=language, kind=None)
    return await intake.take(asked, host)


async def ended(memory: TenantMemory, case: Case, at: datetime) -> Case:
    return await memory.cases.save(replace(case, state=CaseState.RESOLVED, phase=Phase.CLOSED, updated_at=at))


async def test_the_same_words_within_an_hour_are_the_same_case(intake: Intake, clock: FixedClock) -> None:
    first = await take(intake, ticket="Base de données lente\n depuis ce matin")
    clock.advance(3000)
    assert (await take(intake, ticket="base de données lente depuis  ce matin ")).id == first.id
    clock.advance(3000)
    assert (await take(intake, ticket="base de données lente depuis ce matin")).id != first.id


async def test_the_same_words_about_another_host_are_another_case(intake: Intake) -> None:
    assert (await take(intake, ticket="lent")).id != (await take(intake, DB, ticket="lent")).id


async def test_other_words_are_another_case(intake: Intake) -> None:
    assert (await take(intake, ticket="the disk is full")).id != (await take(intake, ticket="the site is slow")).id


async def test_an_alert_joins_the_open_case_of_its_host(intake: Intake, memory: TenantMemory) -> None:
    case = await take(intake, ticket="slow")
    joined = await take(intake, findings=(finding("a"), finding("b")))
    assert joined.id == case.id
    assert [each.key for each in joined.findings] == ["a", "b"]
    assert [row.kind for row in await memory.journal.read(case=case.id)] == ["case.opened", "case.joined", "case.joined"]


async def test_the_same_alert_twice_changes_nothing(intake: Intake, memory: TenantMemory) -> None:
    case = await take(intake, findings=(finding(),))
    again = await take(intake, findings=(finding(),))
    assert (again.id, again.version) == (case.id, case.version)
    assert len(await memory.journal.read(case=case.id)) == 1


async def test_a_ticket_after_its_alert_is_the_same_case(intake: Intake) -> None:
    case = await take(intake, findings=(finding(),))
    joined = await take(intake, ticket="Le site est lent")
    assert (joined.id, joined.ticket, joined.kind) == (case.id, "Le site est lent", CaseKind.INCIDENT)


async def test_an_echo_of_what_was_mended_opens_nothing(intake: Intake, memory: TenantMemory, clock: FixedClock) -> None:
    case = await take(intake, findings=(finding(at=NOON),))
    await ended(memory, case, NOON + timedelta(minutes=5))
    clock.advance(360)
    assert (await take(intake, findings=(finding(at=NOON + timedelta(minutes=4)),))).id == case.id
    assert (await take(intake, findings=(finding(at=NOON + timedelta(minutes=6)),))).id != case.id


async def test_a_look_without_words_joins_one_that_is_under_way_and_no_other(intake: Intake, memory: TenantMemory) -> None:
    first = await take(intake)
    assert (await take(intake)).id == first.id
    await ended(memory, first, NOON)
    assert (await take(intake)).id != first.id


@pytest.mark.parametrize("words", [None, "", "  \n "])
async def test_no_words_are_no_ticket(intake: Intake, words: str | None) -> None:
    case = await take(intake, ticket=words)
    assert (case.kind, case.ticket) == (CaseKind.TASK, None)
    assert "web1" in case.title


async def test_a_ticket_is_cut_and_its_title_is_its_first_line(intake: Intake) -> None:
    case = await take(intake, ticket="\n\n  Le site  \n" + "x" * 100_000)
    assert case.title == "Le site"
    assert len(case.ticket or "") == TICKET_LENGTH_MAX


@pytest.mark.parametrize(
    ("language", "title"),
    [("en", "New error on web1: no such column: total"), ("fr", "Nouvelle erreur sur web1 : no such column: total")],
)
async def test_a_case_of_a_signal_is_named_by_what_the_line_says(intake: Intake, language: str, title: str) -> None:
    line = "2026-03-05 11:59:58,123 ERROR no such column: total"
    seen = replace(finding(), kind="new_template", excerpt=line, values={"level": "error", "subject": "web"})
    assert (await take(intake, findings=(seen,), language=language)).title == title


async def test_a_long_line_makes_no_long_title(intake: Intake) -> None:
    seen = replace(finding(), kind="error_burst", excerpt="ERROR " + "very " * 100)
    case = await take(intake, findings=(seen,), language="en")
    assert case.title.startswith("Many errors on web1: ")
    assert len(case.title) <= SIGNAL_TITLE_LENGTH_MAX


async def test_a_secret_in_a_ticket_is_not_kept(intake: Intake) -> None:
    case = await take(intake, ticket="cannot log in with password=hunter2hunter2 any more")
    assert "hunter2hunter2" not in f"{case.ticket}{case.title}"


async def test_the_hosts_autonomy_is_the_cases_unless_another_is_given(intake: Intake) -> None:
    assert (await take(intake, ticket="a")).autonomy is Autonomy.ACT
    asked = intake.ask(
        WEB, ticket="b", findings=(), autonomy=Autonomy.OBSERVE, timeout_s=9.0, language="en", kind=CaseKind.REQUEST
    )
    assert (asked.autonomy, asked.kind, asked.left_s) == (Autonomy.OBSERVE, CaseKind.REQUEST, 9.0)


async def test_two_alerts_at_once_lose_nothing(intake: Intake, memory: TenantMemory) -> None:
    case = await take(intake, ticket="slow")
    await asyncio.gather(*(take(intake, findings=(finding(f"k{n}"),)) for n in range(4)))
    assert {each.key for each in (await memory.cases.get(case.id)).findings} == {"k0", "k1", "k2", "k3"}
