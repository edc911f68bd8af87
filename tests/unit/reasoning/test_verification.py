from dataclasses import replace
from datetime import timedelta

from tests.unit.reasoning.stack import case, world_of
from tests.unit.reasoning.test_planning import change, diagnosed, planned
from tests.unit.reasoning.world import NOW, fact, ran

from vigie.domain.fact import Fact
from vigie.reasoning import relations, verification
from vigie.reasoning.complaint import Complaint, understand
from vigie.reasoning.facts import Facts
from vigie.reasoning.looks import Look
from vigie.reasoning.outside import answers_well, requests_of
from vigie.reasoning.times import ALWAYS
from vigie.reasoning.verification import Aims, Better

LATER = NOW + timedelta(seconds=30)
GATEWAY = "url:http://127.0.0.1:8080/"


def aims_of(name: str, *, path: str | None = None) -> tuple[Aims, tuple[Fact, ...]]:
    leader, facts = diagnosed(case(name))
    plan = planned(name, change(path)) if path else planned(name)
    return verification.checks(plan, leader, facts, Complaint()), facts


def after(*facts: Fact) -> list[Fact]:
    """The host that is well, seen later, with some facts of its own."""
    subjects = {(one.name, one.subject) for one in facts}
    well = [replace(one, at=LATER) for one in world_of().survey() if (one.name, one.subject) not in subjects]
    logs = [ran("log.errors", {"log": f"/opt/stack/log/{name}.log"}, at=LATER) for name in ("api", "gateway", "jobs")]
    return [*well, *logs, *facts]


def test_well_again_is_better() -> None:
    aims, facts = aims_of("upstream_port_wrong", path="/opt/stack/etc/gateway.cfg")
    judged = verification.judge(aims, facts, after(), since=LATER)
    assert judged.verdict is Better.BETTER
    assert judged.symptoms_gone
    assert judged.good
    assert not judged.still


def test_the_address_that_users_saw_must_answer_well() -> None:
    aims, facts = aims_of("upstream_port_wrong", path="/opt/stack/etc/gateway.cfg")
    assert Look.of("endpoint.check", {"url": "http://127.0.0.1:8080/"}) in aims.looks
    still_bad = fact("endpoint.answer", GATEWAY, {"status": 502, "seconds": 0.1}, probe="endpoint.check", at=LATER)
    judged = verification.judge(aims, facts, after(still_bad), since=LATER)
    assert judged.verdict is Better.NOT_BETTER
    assert not judged.symptoms_gone
    assert "502" in judged.still[0].fr


def test_what_was_not_looked_at_is_not_good() -> None:
    aims, facts = aims_of("upstream_port_wrong", path="/opt/stack/etc/gateway.cfg")
    judged = verification.judge(aims, facts, [], since=LATER)
    assert judged.verdict is Better.NOT_BETTER


def test_that_nothing_could_be_looked_at_is_no_sign_of_health() -> None:
    aims, facts = aims_of("upstream_port_wrong", path="/opt/stack/etc/gateway.cfg")
    blind = replace(aims, goodness=(), requests=(), complaints=())
    judged = verification.judge(blind, facts, after(), since=LATER)
    assert judged.verdict is Better.NOT_BETTER
    assert not judged.cause_gone
    assert judged.still


def test_an_error_that_comes_again_is_not_mended() -> None:
    aims, facts = aims_of("setting_changed", path="/opt/stack/etc/api.yaml")
    former = next(one for one in facts if one.name == "log.error")
    assert isinstance(former.value, dict)
    again = replace(former, id="F-again", at=LATER, value={**former.value, "last": (LATER + timedelta(seconds=2)).isoformat()})
    assert verification.judge(aims, facts, after(again), since=LATER).verdict is Better.NOT_BETTER
    past = replace(former, id="F-past", at=LATER)
    assert verification.judge(aims, facts, after(past), since=LATER).verdict is Better.BETTER


def test_a_service_that_fell_makes_it_worse() -> None:
    aims, facts = aims_of("setting_changed", path="/opt/stack/etc/api.yaml")
    fallen = fact("service.running", "service:jobs", False, probe="services", at=LATER)
    judged = verification.judge(aims, facts, after(fallen), since=LATER)
    assert judged.verdict is Better.WORSE
    assert "jobs" in judged.broken[0].en


def test_lost_rows_make_it_worse() -> None:
    aims, facts = aims_of("lost_index")
    table = "table:/opt/stack/data/main.db/orders"
    before = (*facts, fact("table.state", table, {"rows": 80_000}, probe="sqlite.schema"))
    fewer = fact("table.state", table, {"rows": 1_000}, probe="sqlite.schema", at=LATER)
    assert verification.judge(aims, before, after(fewer), since=LATER).verdict is Better.WORSE
    a_few_less = fact("table.state", table, {"rows": 79_990}, probe="sqlite.schema", at=LATER)
    assert verification.judge(aims, before, after(a_few_less), since=LATER).verdict is not Better.WORSE


def test_a_file_that_was_not_to_change_makes_it_worse() -> None:
    aims, facts = aims_of("setting_changed", path="/opt/stack/etc/api.yaml")
    other, own = "file:/opt/stack/etc/other.cfg", "file:/opt/stack/etc/api.yaml"
    before = (*facts, fact("file.state", other, {"sha256": "1"}), fact("file.state", own, {"sha256": "2"}))
    touched = [fact("file.state", other, {"sha256": "9"}, at=LATER), fact("file.state", own, {"sha256": "8"}, at=LATER)]
    judged = verification.judge(aims, before, after(*touched), since=LATER)
    assert [one.en for one in judged.broken] == ["the file `/opt/stack/etc/other.cfg` has changed, and was not to"]


def test_the_remedys_own_goodness_is_asked_for() -> None:
    aims, facts = aims_of("lock_held")
    busy = fact("database.busy", "database:/opt/stack/data/main.db", True, probe="sqlite.locks", at=LATER)
    looked = ran("sqlite.locks", {"database": "/opt/stack/data/main.db"}, at=LATER)
    assert verification.judge(aims, facts, after(busy, looked), since=LATER).verdict is Better.NOT_BETTER
    assert verification.judge(aims, facts, after(looked), since=LATER).verdict is Better.BETTER


def test_a_slow_request_must_be_quick_beside_the_others() -> None:
    slow = fact(
        "log.slow_request",
        "log:/opt/stack/log/gateway.log",
        {"path": "/orders", "method": "GET", "seconds_median": 2.0, "status": 200},
        excerpt='"GET /orders?customer=7 HTTP/1.1" 200 2.0',
    )
    facts = Facts([*world_of().survey(), *world_of().answer("service.definition", {}), slow])
    facts.replace_derived(relations.derive(facts, ALWAYS))
    request = next(one for one in requests_of(facts, Complaint()) if "orders" in one.url)
    assert request.url == "http://127.0.0.1:8080/orders?customer=7"
    quick = fact("endpoint.answer", f"url:{request.url}", {"status": 200, "seconds": 0.05})
    dragging = fact("endpoint.answer", f"url:{request.url}", {"status": 200, "seconds": 1.9})
    assert answers_well(request, quick, facts)
    assert not answers_well(request, dragging, facts)


def test_a_request_that_might_change_something_is_not_made_again() -> None:
    said = fact(
        "log.failed_request", "log:/opt/stack/log/gateway.log", {"path": "/x", "method": "GET", "status": 500},
        excerpt='"GET /orders/delete?id=7 HTTP/1.1" 500',
    )  # fmt: skip
    assert all("delete" not in one.url for one in requests_of(Facts([*world_of().survey(), said]), Complaint()))


def test_an_address_elsewhere_is_not_called_because_a_ticket_names_it() -> None:
    complaint = understand("see http://169.254.169.254/latest/meta-data and http://127.0.0.1:9000/x")
    assert [one.url for one in requests_of(Facts(), complaint)] == ["http://127.0.0.1:9000/x"]
