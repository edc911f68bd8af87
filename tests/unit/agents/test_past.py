"""After a mend, what logs said before it is the past; and the same thing is not mended back and forth."""

from datetime import UTC, datetime, timedelta

import pytest

from vigie.agents.diagnostician import _is_past
from vigie.cases.diagnosing import _same_thing
from vigie.domain.diagnosis import Hypothesis
from vigie.domain.fact import Fact, Source, Value

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def fact(name: str, value: Value) -> Fact:
    return Fact("F-1", "web1", "log:/var/log/web.log", name, value, NOON, Source("tail …"))


def last(at: datetime) -> dict[str, Value]:
    return {"last": at.isoformat()}


@pytest.mark.parametrize(
    ("seen", "is_past"),
    [
        (fact("log.error", last(NOON - timedelta(seconds=1))), True),
        (fact("log.error", last(NOON + timedelta(seconds=1))), False),
        (fact("log.error", {"last": None}), False),
        (fact("service.state", last(NOON - timedelta(hours=1))), False),
    ],
)
def test_only_complaints_that_ended_before_the_mend_are_past(seen: Fact, is_past: bool) -> None:
    assert _is_past(seen, NOON) is is_past
    assert not _is_past(seen, None)


def hypothesis(cause: str, **slots: str) -> Hypothesis:
    return Hypothesis(cause, cause, slots, 0.95)


def test_a_release_is_not_put_back_and_forth() -> None:
    there = hypothesis("release_bad", path="/srv/current", former="r42", target="r43")
    back = hypothesis("release_bad", path="/srv/current", former="r43", target="r42")
    assert _same_thing(there, back)


def test_another_cause_of_the_same_file_or_the_same_cause_elsewhere_is_another_thing() -> None:
    lock = hypothesis("lock_held", database="/srv/shop.db")
    assert not _same_thing(lock, hypothesis("lost_index", database="/srv/shop.db"))
    assert not _same_thing(lock, hypothesis("lock_held", database="/srv/other.db"))
