"""A phase's limits: tries, back-off, breaker, and whose errors end it."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import pytest

from vigie.cases.limits import BREAKER_FAILURES, BREAKER_OPEN_S, TRIES, Attempts, Failure, Gone
from vigie.clock import FixedClock
from vigie.domain.errors import NeedsApproval, Permanent, Transient, VigieError

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOON)


@pytest.fixture
def attempts(clock: FixedClock) -> Attempts:
    return Attempts(clock, back_off_s=0.0)


def failing(times: int, error: Exception, calls: list[int]) -> Callable[[], Awaitable[str]]:
    async def work() -> str:
        calls.append(1)
        if len(calls) <= times:
            raise error
        return "done"

    return work


async def run(
    attempts: Attempts, work: Callable[[], Awaitable[str]], *, try_s: float = 5.0, left_s: float = 60.0
) -> str | Failure:
    return await attempts.run("act", work, try_s=try_s, left_s=lambda: left_s)


async def test_what_may_pass_is_tried_again(attempts: Attempts) -> None:
    calls: list[int] = []
    assert await run(attempts, failing(2, Transient("case.conflict", case="C-1", retry_after_s=0.0), calls)) == "done"
    assert len(calls) == 3


async def test_three_tries_are_all(attempts: Attempts) -> None:
    calls: list[int] = []
    answer = await run(attempts, failing(9, Transient("case.conflict", case="C-1", retry_after_s=0.0), calls))
    assert isinstance(answer, Failure)
    assert answer.key == "case.conflict"
    assert len(calls) == TRIES


async def test_what_will_not_pass_is_tried_once(attempts: Attempts) -> None:
    calls: list[int] = []
    answer = await run(attempts, failing(9, Permanent("case.unknown", case="C-9"), calls))
    assert isinstance(answer, Failure)
    assert not answer.is_bug
    assert len(calls) == 1


async def test_a_bug_ends_the_phase_and_is_called_one(attempts: Attempts) -> None:
    answer = await run(attempts, failing(9, ZeroDivisionError("x"), []))
    assert isinstance(answer, Failure)
    assert answer.is_bug
    assert answer.as_error().what("fr")


async def test_a_slow_try_is_cut_off(attempts: Attempts) -> None:
    async def work() -> str:
        await asyncio.sleep(30)
        return "late"

    answer = await run(attempts, work, try_s=0.02)
    assert isinstance(answer, Failure)
    assert answer.key == "case.phase_slow"


async def test_with_no_time_left_nothing_is_tried(attempts: Attempts) -> None:
    calls: list[int] = []
    answer = await run(attempts, failing(0, ValueError(), calls), left_s=0.0)
    assert isinstance(answer, Failure)
    assert answer.key == "case.out_of_time"
    assert not calls


@pytest.mark.parametrize("error", [NeedsApproval("gate.needs_approval", "A-1"), Gone()])
async def test_waiting_and_letting_go_are_no_failures(attempts: Attempts, error: Exception) -> None:
    with pytest.raises(type(error)):
        await run(attempts, failing(1, error, []))


async def test_after_failures_in_a_row_the_breaker_answers_for_a_while(attempts: Attempts, clock: FixedClock) -> None:
    calls: list[int] = []
    work = failing(BREAKER_FAILURES, Permanent("case.unknown", case="C-9"), calls)
    for _ in range(BREAKER_FAILURES):
        await run(attempts, work)
    answer = await run(attempts, work)
    assert isinstance(answer, Failure)
    assert answer.key == "case.breaker_open"
    assert len(calls) == BREAKER_FAILURES
    clock.advance(BREAKER_OPEN_S + 1)
    assert await run(attempts, work) == "done"


async def test_a_success_forgets_the_failures_before_it(attempts: Attempts) -> None:
    for _ in range(BREAKER_FAILURES - 1):
        await run(attempts, failing(9, Permanent("case.unknown", case="C-9"), []))
    assert await run(attempts, failing(0, ValueError(), [])) == "done"
    await run(attempts, failing(9, Permanent("case.unknown", case="C-9"), []))
    assert await run(attempts, failing(0, ValueError(), [])) == "done"


async def test_each_new_try_is_told(attempts: Attempts) -> None:
    told: list[int] = []

    async def retrying(attempt: int, error: VigieError) -> None:
        assert error.key == "case.conflict"
        told.append(attempt)

    work = failing(2, Transient("case.conflict", case="C-1", retry_after_s=0.0), [])
    await attempts.run("act", work, try_s=5.0, left_s=lambda: 60.0, retrying=retrying)
    assert told == [2, 3]


async def test_an_ill_host_opens_the_breaker_of_no_other(attempts: Attempts) -> None:
    for _ in range(BREAKER_FAILURES):
        await attempts.run(
            "act", failing(9, Permanent("case.unknown", case="C-9"), []), try_s=5.0, left_s=lambda: 60.0, host="ill"
        )
    assert await attempts.run("act", failing(0, ValueError(), []), try_s=5.0, left_s=lambda: 60.0, host="well") == "done"
