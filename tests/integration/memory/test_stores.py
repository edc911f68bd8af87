"""What each store promises, on each database."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from vigie.clock import FixedClock
from vigie.domain.action import ActionRecord, Backup, EffectClass, Outcome, Plan, Step
from vigie.domain.approval import Approval, Decision
from vigie.domain.baseline import Baseline, Change, Entry
from vigie.domain.case import Case, CaseKind, CaseState, Phase, Spans
from vigie.domain.diagnosis import Hypothesis, Verdict, VerdictKind
from vigie.domain.errors import Permanent, Transient, VigieError
from vigie.domain.exchange import Exchange, Ran
from vigie.domain.fact import Fact, Source
from vigie.domain.finding import Finding
from vigie.domain.host import Autonomy, Host, HostStatus
from vigie.domain.trend import Measure
from vigie.memory.memory import Lesson, Memory, Person, TenantMemory, Watch

NOW = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)


def a_case(case_id: str = "C-1", **changes: Any) -> Case:
    case = Case(
        id=case_id,
        tenant="default",
        kind=CaseKind.TICKET,
        host="web",
        title="Base de données lente",
        language="fr",
        autonomy=Autonomy.ACT,
        opened_at=NOW,
        updated_at=NOW,
    )
    return replace(case, **changes)


def a_full_case() -> Case:
    leader = Hypothesis("missing_index", "db.query.missing_index", {"table": "orders"}, 0.93, ("f-1",), (), False)
    step = Step("createindex", "indexes", "hasindex", stdin="a" * 64, undo=("dropindex",), timeout_s=20.0)
    return a_case(
        ticket="C’est lent \0 depuis ce matin \ud83d",
        state=CaseState.WAITING,
        phase=Phase.APPROVE,
        findings=(Finding("burst", "web", "file:/x", "k", NOW, NOW, 3, 0.5, "line", "x:1", {"rate": "3"}),),
        changes=(Change("file", "/etc/x", {"mode": "644"}, None, NOW, "b" * 64),),
        facts=(
            Fact("f-1", "web", "table:orders", "index.missing", [1, 1.5, True, None, {"a": "b"}], NOW, Source("q", "e"), "p"),
        ),
        verdict=Verdict(VerdictKind.CAUSE, leader, (leader,), 0.93, None, {"fr": "Il manque un index."}),
        plan=Plan(
            "p-1", "web", "missing_index", "add_index", {"table": "orders"}, (step,), ("table:orders",), explanation={"en": "x"}
        ),
        approval="a-1",
        actions=(ActionRecord("x-1", "createindex", "web", EffectClass.REVERSIBLE, ("adds",), True, Outcome.DONE),),
        backups=("b-1",),
        labels=("db.query.missing_index",),
        seconds=Spans(1.0, 2.0, None, 3.5),
    )


# Cases


async def test_a_case_comes_back_as_it_was_with_the_next_version(mine: TenantMemory) -> None:
    saved = await mine.cases.save(a_full_case())
    assert saved == replace(a_full_case(), version=1)
    assert await mine.cases.get("C-1") == saved


async def test_the_plan_of_a_stored_case_keeps_its_hash(mine: TenantMemory) -> None:
    plan = a_full_case().plan
    await mine.cases.save(a_full_case())
    stored = (await mine.cases.get("C-1")).plan
    assert stored is not None
    assert plan is not None
    assert stored.hash == plan.hash


@pytest.mark.parametrize("word", ["C-12", "c-12", "12", " C-12 "])
async def test_a_case_is_found_by_what_people_type(mine: TenantMemory, word: str) -> None:
    await mine.cases.save(a_case("C-12"))
    assert (await mine.cases.get(word)).id == "C-12"


@pytest.mark.parametrize("word", ["C-2", "", "nothing", "'; DROP TABLE cases; --", "²"])
async def test_an_unknown_case_is_said_to_be_unknown(mine: TenantMemory, word: str) -> None:
    with pytest.raises(Permanent) as error:
        await mine.cases.get(word)
    assert error.value.key == "case.unknown"


async def test_of_two_writers_of_one_version_the_second_is_told(mine: TenantMemory) -> None:
    first = await mine.cases.save(a_case())
    second = await mine.cases.save(replace(first, title="second"))
    for stale in (first, a_case(), replace(second, version=7)):
        with pytest.raises(Transient) as error:
            await mine.cases.save(stale)
        assert error.value.key == "case.conflict"
    assert await mine.cases.get("C-1") == second


async def test_of_many_who_save_at_once_one_succeeds(
    mine: TenantMemory, outcomes: Callable[..., Awaitable[list[object]]]
) -> None:
    case = await mine.cases.save(a_case())
    answers = await outcomes(*(mine.cases.save(replace(case, title=str(n))) for n in range(8)))
    assert sum(isinstance(answer, Case) for answer in answers) == 1
    assert sum(isinstance(answer, Transient) for answer in answers) == 7


async def test_ids_are_short_and_never_given_twice(place: Any) -> None:
    one, two = (await place.open()).of(), (await place.open()).of()
    ids = await asyncio.gather(*(side.cases.new_id() for side in (one, two) * 10))
    assert sorted(ids, key=lambda case_id: int(case_id[2:])) == [f"C-{n}" for n in range(1, 21)]


async def test_lists_are_newest_first_and_go_on_where_they_ended(mine: TenantMemory) -> None:
    for number in range(1, 13):
        await mine.cases.save(a_case(f"C-{number}"))
    first = await mine.cases.list(limit=5)
    rest = await mine.cases.list(before=first[-1].id)
    assert [case.id for case in first + rest] == [f"C-{number}" for number in range(12, 0, -1)]


async def test_lists_are_narrowed_by_state_host_and_words(mine: TenantMemory) -> None:
    await mine.cases.save(a_case("C-1", state=CaseState.RESOLVED))
    await mine.cases.save(a_case("C-2", host="db", title="100% full", ticket="Le DISQUE est plein"))
    await mine.cases.save(a_case("C-3", title="Réseau coupé"))

    async def found(**how: Any) -> list[str]:
        return [case.id for case in await mine.cases.list(**how)]

    assert await found(states=[CaseState.RESOLVED, CaseState.FAILED]) == ["C-1"]
    assert await found(states=[]) == []
    assert await found(host="db") == ["C-2"]
    assert await found(text="donnees LENTE") == ["C-1"]
    assert await found(text="disque") == ["C-2"]
    assert await found(text="RÉSEAU") == ["C-3"]
    assert await found(text="%") == ["C-2"]
    assert await found(text="_") == []


async def test_recent_cases_of_a_host_are_those_opened_since(mine: TenantMemory) -> None:
    await mine.cases.save(a_case("C-1", opened_at=NOW - timedelta(hours=2)))
    await mine.cases.save(a_case("C-2", opened_at=NOW))
    await mine.cases.save(a_case("C-3", opened_at=NOW, host="db"))
    assert [case.id for case in await mine.cases.recent("web", NOW - timedelta(hours=1))] == ["C-2"]


# Hosts and baselines


async def test_a_host_is_added_changed_listed_and_removed(mine: TenantMemory) -> None:
    web = Host("web", "ssh://ops@web:22", options={"key": "/k"}, focus=("/srv",))
    await mine.hosts.save(web)
    await mine.hosts.save(Host("db", "local"))
    known = replace(web, os="debian 12", status=HostStatus.OK, autonomy=Autonomy.ACT)
    await mine.hosts.save(known)
    assert await mine.hosts.get("web") == known
    assert [host.name for host in await mine.hosts.list()] == ["db", "web"]
    await mine.hosts.remove("web")
    for gone in (mine.hosts.get("web"), mine.hosts.remove("web")):
        with pytest.raises(Permanent) as error:
            await gone
        assert error.value.key == "host.unknown"


async def test_baselines_are_kept_and_the_latest_is_found(mine: TenantMemory) -> None:
    entries = (Entry("file", "/etc/hosts", {"mode": "644", "size": 3}, "c" * 64), Entry("user", "root", 0))
    older, newer = Baseline("web", NOW, entries, 1.5), Baseline("web", NOW + timedelta(days=1), ())
    await mine.baselines.save(newer)
    await mine.baselines.save(older)
    assert await mine.baselines.latest("web") == newer
    assert await mine.baselines.all("web") == [newer, older]
    assert await mine.baselines.latest("db") is None


# Approvals and backups

AN_APPROVAL = Approval("a-1", "C-1", "web", "h" * 64, NOW, NOW + timedelta(hours=1))
LATER = NOW + timedelta(minutes=5)
TOO_LATE = NOW + timedelta(hours=1)


async def approved(mine: TenantMemory) -> Approval:
    await mine.approvals.save(AN_APPROVAL)
    return await mine.approvals.decide("a-1", Decision.APPROVED, "person:zoe", "h" * 64, LATER)


async def refusal(deed: Awaitable[object]) -> str:
    with pytest.raises(VigieError) as error:
        await deed
    return error.value.key


async def test_a_decision_is_written_down_with_who_and_when(mine: TenantMemory) -> None:
    decided = await approved(mine)
    assert decided == replace(AN_APPROVAL, decision=Decision.APPROVED, decided_by="person:zoe", decided_at=LATER)
    assert await mine.approvals.get("a-1") == decided


async def test_the_newest_undecided_request_of_a_case_waits(mine: TenantMemory) -> None:
    assert await mine.approvals.waiting("C-1") is None
    await approved(mine)
    assert await mine.approvals.waiting("C-1") is None
    newer = replace(AN_APPROVAL, id="a-2", asked_at=LATER)
    await mine.approvals.save(replace(AN_APPROVAL, id="a-3"))
    await mine.approvals.save(newer)
    assert await mine.approvals.waiting("C-1") == newer


async def test_an_approval_is_used_once_whoever_tries(
    mine: TenantMemory, outcomes: Callable[..., Awaitable[list[object]]]
) -> None:
    await approved(mine)
    answers = await outcomes(*(mine.approvals.use("a-1", "h" * 64, LATER) for _ in range(8)))
    assert [answer.decision for answer in answers if isinstance(answer, Approval)] == [Decision.USED]
    assert [answer.key for answer in answers if isinstance(answer, Permanent)] == ["approval.decided"] * 7


async def test_an_approval_counts_for_the_plan_that_was_shown(mine: TenantMemory) -> None:
    await mine.approvals.save(AN_APPROVAL)
    assert await refusal(mine.approvals.decide("a-1", Decision.APPROVED, "person:zoe", "other", LATER)) == "approval.hash"
    await mine.approvals.decide("a-1", Decision.APPROVED, "person:zoe", "h" * 64, LATER)
    assert await refusal(mine.approvals.use("a-1", "other", LATER)) == "approval.hash"
    assert (await mine.approvals.get("a-1")).decision is Decision.APPROVED


async def test_a_decision_that_comes_too_late_does_not_count(mine: TenantMemory) -> None:
    await mine.approvals.save(AN_APPROVAL)
    for _ in range(2):
        late = mine.approvals.decide("a-1", Decision.APPROVED, "person:zoe", "h" * 64, TOO_LATE)
        assert await refusal(late) == "approval.expired"
    assert (await mine.approvals.get("a-1")).decision is Decision.EXPIRED


async def test_an_approval_that_is_used_too_late_does_not_count(mine: TenantMemory) -> None:
    await approved(mine)
    assert await refusal(mine.approvals.use("a-1", "h" * 64, TOO_LATE)) == "approval.expired"
    assert await refusal(mine.approvals.use("a-1", "h" * 64, LATER)) == "approval.expired"


async def test_what_nobody_approved_is_not_used(mine: TenantMemory) -> None:
    await mine.approvals.save(AN_APPROVAL)
    assert await refusal(mine.approvals.use("a-1", "h" * 64, LATER)) == "approval.not_approved"
    await mine.approvals.decide("a-1", Decision.REJECTED, "person:zoe", "h" * 64, LATER)
    assert await refusal(mine.approvals.use("a-1", "h" * 64, LATER)) == "approval.decided"
    again = mine.approvals.decide("a-1", Decision.APPROVED, "person:max", "h" * 64, LATER)
    assert await refusal(again) == "approval.decided"
    assert await refusal(mine.approvals.use("a-9", "h" * 64, LATER)) == "approval.unknown"
    assert await refusal(mine.approvals.get("a-9")) == "approval.unknown"


async def test_backups_are_found_by_id_and_by_case(mine: TenantMemory) -> None:
    first = Backup("b-1", "C-1", "web", NOW, (("/etc/x", "d" * 64), ("table:orders", "e" * 64)))
    second = Backup("b-2", "C-2", "web", LATER, ())
    for backup in (first, second):
        await mine.backups.save(backup)
    assert await mine.backups.get("b-1") == first
    assert await mine.backups.list() == [second, first]
    assert await mine.backups.list("C-1") == [first]
    assert await refusal(mine.backups.get("b-3")) == "backup.unknown"


# Leases


async def test_a_lease_has_one_holder_and_its_fence_only_rises(mine: TenantMemory, clock: FixedClock) -> None:
    assert await mine.leases.take("host:web", "C-1", 60) == 1
    assert await mine.leases.take("host:web", "C-2", 60) is None
    assert await mine.leases.take("host:db", "C-2", 60) == 1
    await mine.leases.release("host:web", "C-1", 1)
    assert await mine.leases.take("host:web", "C-2", 60) == 2
    clock.advance(60)
    assert await mine.leases.take("host:web", "C-1", 60) == 3


async def test_who_lost_a_lease_can_neither_renew_nor_release_it(mine: TenantMemory, clock: FixedClock) -> None:
    assert await mine.leases.take("host:web", "C-1", 60) == 1
    clock.advance(59)
    assert await mine.leases.renew("host:web", "C-1", 1, 60)
    clock.advance(61)
    assert not await mine.leases.renew("host:web", "C-1", 1, 60)
    assert await mine.leases.take("host:web", "C-2", 60) == 2
    assert not await mine.leases.renew("host:web", "C-1", 1, 60)
    await mine.leases.release("host:web", "C-1", 1)
    assert await mine.leases.take("host:web", "C-3", 60) is None


async def test_a_holder_comes_back_under_a_new_fence(mine: TenantMemory) -> None:
    assert await mine.leases.take("host:web", "C-1", 60) == 1
    assert await mine.leases.take("host:web", "C-1", 60) == 2
    assert not await mine.leases.renew("host:web", "C-1", 1, 60)


async def test_of_many_who_reach_for_a_lease_one_gets_it(place: Any) -> None:
    sides = [(await place.open()).of() for _ in range(3)]
    fences = await asyncio.gather(*(sides[n % 3].leases.take("host:web", f"C-{n}", 60) for n in range(9)))
    assert [fence for fence in fences if fence] == [1]


# Cursors, people, lessons, watches, secrets


async def test_a_cursor_comes_back_as_it_was_set(mine: TenantMemory) -> None:
    assert await mine.cursors.get("file:/var/log/x") is None
    for offset in (1, 2):
        await mine.cursors.set("file:/var/log/x", {"offset": offset, "inode": 7, "last": "é\0"})
    assert await mine.cursors.get("file:/var/log/x") == {"offset": 2, "inode": 7, "last": "é\0"}


async def test_a_login_token_lets_one_in_once_and_in_time(
    mine: TenantMemory, clock: FixedClock, outcomes: Callable[..., Awaitable[list[object]]]
) -> None:
    token, late = await mine.people.new_login_token(60), await mine.people.new_login_token(30)
    clock.advance(30)
    assert not await mine.people.use_login_token(late)
    assert not await mine.people.use_login_token(token[:-1])
    assert sorted(map(bool, await outcomes(*(mine.people.use_login_token(token) for _ in range(4))))) == [False] * 3 + [True]


async def test_a_session_is_somebodys_until_it_ends(mine: TenantMemory, clock: FixedClock) -> None:
    zoe = Person("zoé", "$argon2$", "fr")
    await mine.people.save(zoe)
    token, other = await mine.people.new_session("zoé", 60), await mine.people.new_session("zoé", 600)
    assert await mine.people.session(token) == zoe
    assert await mine.people.session(token + "x") is None
    assert await mine.people.session("\ud83d") is None
    clock.advance(60)
    assert await mine.people.session(token) is None
    assert await mine.people.session(other) == zoe
    await mine.people.end_session(other)
    assert await mine.people.session(other) is None


async def test_a_changed_password_keeps_the_person(mine: TenantMemory) -> None:
    assert await mine.people.get("zoé") is None
    for person in (Person("zoé", "old"), Person("zoé", "new", "fr")):
        await mine.people.save(person)
    assert await mine.people.get("zoé") == Person("zoé", "new", "fr")
    assert await mine.people.list() == [Person("zoé", "new", "fr")]


async def test_lessons_are_found_by_host_newest_first(mine: TenantMemory) -> None:
    older = Lesson("l-1", "web", "web.down", ("site", "down"), "restart", True, "C-1", NOW)
    newer = replace(older, id="l-2", at=LATER, worked=False, remedy=None)
    elsewhere = replace(older, id="l-3", host="db")
    for lesson in (older, newer, elsewhere):
        await mine.lessons.save(lesson)
    assert await mine.lessons.list("web") == [newer, older]
    assert await mine.lessons.list() == [newer, older, elsewhere]


async def test_watches_are_kept_until_they_are_removed(mine: TenantMemory) -> None:
    watch = Watch("w-1", "web", {"url": "http://web/", "most": [1, 2.5]}, 30.0, LATER, "C-1")
    await mine.watches.save(watch)
    await mine.watches.save(Watch("w-2", "web"))
    assert await mine.watches.list() == [watch, Watch("w-2", "web")]
    await mine.watches.remove("w-2")
    assert await mine.watches.list() == [watch]


async def test_a_secret_comes_back_and_can_be_forgotten(mine: TenantMemory) -> None:
    assert await mine.secrets.get("db") is None
    for content in (b"old", b"\x00new\xff"):
        await mine.secrets.put("db", content)
    assert await mine.secrets.get("db") == b"\x00new\xff"
    await mine.secrets.remove("db")
    assert await mine.secrets.get("db") is None


# Tenants


async def test_no_store_shows_one_tenant_the_rows_of_another(memory: Memory) -> None:
    mine, theirs = memory.of("mine"), memory.of("theirs")
    await mine.journal.append("case.opened", actor="vigie", ref="r")
    await mine.journal.move_cursor("reader", 3)
    await mine.cases.new_id()
    await mine.cases.save(a_full_case())
    await mine.hosts.save(Host("web", "local"))
    await mine.baselines.save(Baseline("web", NOW, ()))
    await mine.approvals.save(AN_APPROVAL)
    await mine.backups.save(Backup("b-1", "C-1", "web", NOW, ()))
    artefact = await mine.artefacts.put(b"bytes")
    await mine.secrets.put("db", b"secret")
    await mine.leases.take("host:web", "C-1", 600)
    await mine.cursors.set("source", {})
    await mine.people.save(Person("zoé", "hash"))
    session, token = await mine.people.new_session("zoé", 600), await mine.people.new_login_token(600)
    await mine.lessons.save(Lesson("l-1", "web", "x.y", (), None, False, "C-1", NOW))
    await mine.watches.save(Watch("w-1", "web"))

    assert await theirs.journal.read() == await theirs.journal.of_ref("r") == []
    assert not await theirs.journal.wait(0, 0)
    assert await theirs.journal.cursor("reader") == 0
    assert await theirs.cases.new_id() == "C-1"
    assert not await theirs.cases.list() + await theirs.cases.recent("web", NOW)
    assert not await theirs.hosts.list()
    assert await theirs.baselines.latest("web") is None
    assert await theirs.approvals.waiting("C-1") is None
    assert not await theirs.backups.list()
    assert not await theirs.lessons.list()
    assert not await theirs.watches.list()
    assert await theirs.secrets.get("db") is None
    assert await theirs.cursors.get("source") is None
    assert await theirs.people.get("zoé") is None
    assert await theirs.people.session(session) is None
    assert not await theirs.people.use_login_token(token)
    assert await theirs.leases.take("host:web", "C-2", 600) == 1
    assert await refusal(theirs.cases.get("C-1")) == "case.unknown"
    assert await refusal(theirs.hosts.remove("web")) == "host.unknown"
    assert await refusal(theirs.approvals.use("a-1", "h" * 64, NOW)) == "approval.unknown"
    assert await refusal(theirs.artefacts.get(artefact)) == "artefact.missing"
    await theirs.watches.remove("w-1")
    await theirs.secrets.remove("db")
    assert await mine.secrets.get("db") == b"secret"
    assert len(await mine.watches.list()) == 1


@pytest.mark.parametrize("name", ["", "../x", "A", "a/b", "a\n"])
async def test_a_tenants_name_cannot_be_a_path(memory: Memory, name: str) -> None:
    with pytest.raises(ValueError, match="tenant"):
        memory.of(name)


async def test_what_was_asked_stays_counted_when_its_words_are_forgotten(mine: TenantMemory) -> None:
    ran = Ran("web1", "df -h", 0, "", "", 0.1, "read")
    asked = Exchange("anna", "s", NOW, "disk", "command", "en", intent="disk.usage", effect_class="safe-read", saved_s=9.5)
    for exchange in (
        replace(asked, results=(ran, replace(ran, host="web2"))),
        replace(asked, results=(replace(ran, rc=1),)),
        replace(asked, at=NOW + timedelta(days=1), kind="none", intent=None, effect_class=None, saved_s=0.0),
    ):
        await mine.exchanges.add(exchange)
    await mine.exchanges.forget("anna", "s")
    first, second = await mine.usage.list()
    assert (first.kind, first.intent, first.effect_class) == ("command", "disk.usage", "safe-read")
    assert (first.asked, first.succeeded, first.hosts, first.saved_s) == (2, 1, 2, 19.0)
    assert (second.day, second.asked, second.intent) == ((NOW + timedelta(days=1)).date(), 1, "")
    assert await mine.usage.list(second.day) == [second]


async def test_what_was_measured_is_kept_finely_for_days_and_by_the_hour_for_months(memory: Memory) -> None:
    mine, theirs = memory.of("mine"), memory.of("theirs")
    began = NOW.replace(minute=0, second=0, microsecond=0)
    for step in range(4):
        measures = [Measure("disk:/", "disk.used_ratio", step / 10), Measure("host", "memory.used_ratio", 0.5)]
        await mine.trends.add("web", began + timedelta(minutes=20 * step), measures)
    assert [len(trend.points) for trend in await mine.trends.list("web")] == [4, 4]
    await mine.trends.add("web", began + timedelta(days=4), [Measure("disk:/", "disk.used_ratio", 0.9)])
    disk, used = await mine.trends.list("web")
    assert [round(point.value, 3) for point in disk.points] == [0.1, 0.3, 0.9]
    assert [point.value for point in used.points] == [0.5, 0.5]
    assert [point.value for trend in await mine.trends.list("web", began + timedelta(days=1)) for point in trend.points] == [0.9]
    await mine.trends.add("web", began + timedelta(days=90), [Measure("disk:/", "disk.used_ratio", 0.2)])
    assert [[point.value for point in trend.points] for trend in await mine.trends.list("web")] == [[0.2]]
    assert await theirs.trends.list("web") == []
    await mine.trends.forget("web")
    assert await mine.trends.list("web") == []
