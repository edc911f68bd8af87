"""How often somebody may try to sign in."""

from datetime import UTC, datetime

from vigie.clock import FixedClock
from vigie.interfaces.api.limits import TRIES, WITHIN_S, Tries


def test_after_five_failures_within_a_minute_one_must_wait() -> None:
    tries = Tries(FixedClock(datetime(2026, 1, 1, tzinfo=UTC)))
    for _ in range(TRIES):
        assert tries.must_wait_s("a") == 0
        tries.failed("a")
    assert tries.must_wait_s("a") > 0
    assert tries.must_wait_s("b") == 0


def test_a_minute_later_one_may_try_again() -> None:
    clock = FixedClock(datetime(2026, 1, 1, tzinfo=UTC))
    tries = Tries(clock)
    for _ in range(TRIES):
        tries.failed("a")
    clock.advance(WITHIN_S + 1)
    assert tries.must_wait_s("a") == 0


def test_success_forgets_the_failures() -> None:
    tries = Tries(FixedClock(datetime(2026, 1, 1, tzinfo=UTC)))
    for _ in range(TRIES - 1):
        tries.failed("a")
    tries.worked("a")
    tries.failed("a")
    assert tries.must_wait_s("a") == 0


def test_many_addresses_do_not_fill_the_memory() -> None:
    tries = Tries(FixedClock(datetime(2026, 1, 1, tzinfo=UTC)))
    for number in range(3000):
        tries.failed(str(number))
    assert len(tries._failed) <= 1000
