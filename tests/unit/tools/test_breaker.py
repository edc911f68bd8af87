"""A host that does not answer rests."""

from datetime import UTC, datetime

import pytest

from vigie.clock import FixedClock
from vigie.domain.errors import Transient
from vigie.tools.breaker import Breaker


def broken(clock: FixedClock) -> Breaker:
    breaker = Breaker("web", clock)
    for _ in range(3):
        breaker.check()
        breaker.failed()
    return breaker


def clock() -> FixedClock:
    return FixedClock(datetime(2026, 1, 1, tzinfo=UTC))


def test_after_three_failures_nothing_is_tried() -> None:
    with pytest.raises(Transient) as caught:
        broken(clock()).check()
    assert caught.value.retry_after_s == 30


def test_two_failures_are_nothing() -> None:
    breaker = Breaker("web", clock())
    breaker.failed()
    breaker.failed()
    breaker.check()


def test_after_its_rest_one_try_passes_and_its_failure_starts_another() -> None:
    time = clock()
    breaker = broken(time)
    time.advance(30)
    breaker.check()
    breaker.failed()
    with pytest.raises(Transient):
        breaker.check()


def test_a_success_forgets_the_failures() -> None:
    time = clock()
    breaker = broken(time)
    time.advance(31)
    breaker.check()
    breaker.succeeded()
    breaker.failed()
    breaker.check()
