"""What was so when the host was well is no part of the trouble; what came up late is not either."""

from datetime import timedelta

import pytest
from tests.unit.reasoning.world import NOW, fact

from vigie.domain.baseline import Baseline, Entry
from vigie.domain.fact import Fact, Value
from vigie.reasoning import usual
from vigie.reasoning.times import Times, beginning, settled_at

TAKEN = NOW - timedelta(minutes=30)


def error(template: str, *, count: int = 1, minutes_ago: float = 1.0, kind: str = "type", example: str = "") -> Fact:
    last = (NOW - timedelta(minutes=minutes_ago)).isoformat()
    value: dict[str, Value] = {
        "template": template,
        "level": "error",
        "count": count,
        "first": last,
        "last": last,
        "kind": kind,
        "example": example,
    }
    return fact("log.error", "log:/var/log/app.log", value, probe="log.errors")


def times(*then: Fact, taken: bool = True, user: str = "") -> Times:
    former = Baseline("srv1", TAKEN, tuple(usual.entries(then)), 1.0)
    told = usual.facts_of(former, NOW) if taken else []
    named = {name: [one for one in told if one.name == name] for name in ("baseline.taken", "log.usual", "endpoint.usual")}
    named["host.user"] = [fact("host.user", "host", {"name": user})] if user else []
    return Times(NOW, None, usual.of(named))


def test_an_error_that_a_well_host_always_logged_is_no_trouble() -> None:
    assert not times(error("x <*>", count=4)).recent(error("x <*>", count=6))


def test_an_error_that_has_become_frequent_is_trouble_all_the_same() -> None:
    assert times(error("x <*>", count=4)).recent(error("x <*>", count=60))


def test_an_error_that_was_there_once_may_come_as_trouble() -> None:
    assert times(error("x <*>", count=1)).recent(error("x <*>", count=3))


def test_an_error_of_before_the_baseline_is_history() -> None:
    assert not times().recent(error("new <*>", minutes_ago=40))
    assert times(taken=False).recent(error("new <*>", minutes_ago=40))


def test_a_servers_word_on_our_own_attempt_is_no_trouble_of_the_host() -> None:
    ours = error("refused", kind="auth", example='FATAL:  role "deploy" does not exist')
    assert not times(taken=False, user="deploy").recent(ours)
    assert times(taken=False, user="ops").recent(ours)


@pytest.mark.parametrize(("then", "now", "known"), [(500, 503, True), (200, 503, False), (0, 0, True), (0, 500, False)])
def test_an_address_that_never_answered_well_is_no_sign(then: int, now: int, known: bool) -> None:
    former = Baseline("srv1", TAKEN, (Entry("endpoint", "http://127.0.0.1:8000/", then),), 1.0)
    named = {
        name: [one for one in usual.facts_of(former, NOW) if one.name == name] for name in ("baseline.taken", "endpoint.usual")
    }
    answer = fact("endpoint.answer", "url:http://127.0.0.1:8000/", {"status": now})
    assert usual.of(named).knows(answer) is known


def test_what_failed_while_services_came_up_and_not_since_is_over() -> None:
    uptimes = [fact("service.uptime_s", "service:web", 300.0), fact("service.uptime_s", "service:proxy", 310.0)]
    settled = settled_at(uptimes, {"service:web", "service:proxy"})
    since = Times(NOW, None, settled_at=settled)
    assert not since.recent(error("connect() failed", kind="refused", minutes_ago=4.9))
    assert since.recent(error("connect() failed", kind="refused", minutes_ago=1))
    assert since.recent(error("bad value", kind="setting", minutes_ago=4.9))


def test_while_a_service_has_only_just_started_nothing_is_over() -> None:
    uptimes = [fact("service.uptime_s", "service:web", 3.0), fact("service.uptime_s", "service:proxy", 310.0)]
    assert settled_at(uptimes, {"service:web", "service:proxy"}) is None
    assert settled_at(uptimes, {"service:proxy"}) is not None


def test_the_trouble_begins_with_what_is_not_usual() -> None:
    old, fresh = error("x <*>", count=4, minutes_ago=20), error("y <*>", minutes_ago=2)
    assert beginning([old, fresh], [], NOW, times(error("x <*>", count=4))) == NOW - timedelta(minutes=2)
