"""A stream of numbers is judged by its own past alone."""

import math
import random
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigie.signals.extremes import WINDOWS, Extremes
from vigie.signals.metric import MetricModel, Verdict, View

START = datetime(2026, 11, 2, tzinfo=UTC)


def judged(values: list[float], every: timedelta = timedelta(minutes=5)) -> list[Verdict | None]:
    model = MetricModel()
    return [model.judge(value, START + number * every) for number, value in enumerate(values)]


def daily(number: int, noise: random.Random) -> float:
    """Return a number of a quiet office: busy by day, and a little noise."""
    return 50 + 40 * math.sin(2 * math.pi * number / 288) + noise.gauss(0, 1)


def told(values: list[float]) -> list[int]:
    return [number for number, verdict in enumerate(judged(values)) if verdict and verdict.score >= 0.5]


@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=200))
def test_an_excess_is_what_lies_beyond_the_former_range(values: list[float]) -> None:
    extremes = Extremes()
    for value in values[:-1]:
        extremes.push(value)
    low, high = min(values[:-1]), max(values[:-1])
    excess = extremes.push(values[-1])
    if low <= values[-1] <= high:
        assert excess == 0
    else:
        beyond = values[-1] - high if values[-1] > high else values[-1] - low
        share = beyond / (high - low) if high > low else math.copysign(2, beyond)
        assert excess == pytest.approx(max(-2.0, min(2.0, share)))
        assert extremes.before() == (low, high)


def test_a_record_of_the_last_few_hundred_counts_a_quarter() -> None:
    extremes = Extremes()
    for value in [100.0, *[float(n % 11) for n in range(700)]]:
        extremes.push(value)
    assert extremes.push(15.0) == pytest.approx(0.5 / len(WINDOWS))


def test_a_spike_is_told_with_what_was_usual() -> None:
    noise = random.Random(1)
    verdict = judged([daily(n, noise) for n in range(1000)] + [200.0])[-1]
    assert verdict is not None
    assert verdict.score > 0.8
    assert verdict.is_high


def test_what_is_usual_at_another_hour_is_out_of_the_ordinary_at_this_one() -> None:
    noise = random.Random(2)
    values = [daily(n, noise) for n in range(4032)]
    values[3900:3912] = [90.0] * 12  # the height of noon, in the middle of the night
    found = [verdict for verdict in judged(values)[3900:3912] if verdict and verdict.score >= 0.5]
    assert [verdict.view for verdict in found][:1] == [View.WEEKLY]


def test_an_ordinary_fortnight_is_left_in_peace() -> None:
    noise = random.Random(3)
    assert len([number for number in told([daily(n, noise) for n in range(4032)]) if number > 600]) <= 2


def test_a_trouble_that_lasts_is_told_once() -> None:
    noise = random.Random(4)
    values = [daily(n, noise) for n in range(1500)] + [400 + noise.gauss(0, 1) for _ in range(100)]
    assert len([number for number in told(values) if number >= 1500]) <= 2


def test_the_future_changes_no_judgement() -> None:
    noise = random.Random(5)
    values = [daily(n, noise) for n in range(900)]
    assert judged(values)[:500] == judged(values[:500] + [1e9] * 10)[:500]


def test_the_first_numbers_are_not_judged() -> None:
    assert told([1.0] * 10 + [1000.0]) == []


def test_a_change_after_long_stillness_is_told() -> None:
    verdict = judged([5.0] * 200 + [6.0])[-1]
    assert verdict is not None
    assert verdict.score > 0.9


@given(st.lists(st.floats(allow_nan=True, allow_infinity=True), max_size=80))
def test_no_number_breaks_it(values: list[float]) -> None:
    for verdict in judged(values):
        assert verdict is None or 0 < verdict.score < 1
