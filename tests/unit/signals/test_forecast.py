"""What is running out is told while there is time; an ordinary day is no ramp."""

import json
import math
import random
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from vigie.domain.finding import Finding
from vigie.signals.detectors.detector import Sample
from vigie.signals.detectors.running_out import RunningOut
from vigie.signals.forecast import Forecast, Ramp
from vigie.signals.pipeline import Pipeline
from vigie.signals.sentence import sentence

START = datetime(2026, 3, 2, tzinfo=UTC)
STEP = timedelta(minutes=5)
DAY = 288


def warned(levels: list[float]) -> list[tuple[int, Forecast]]:
    ramp = Ramp()
    told = ((number, ramp.push(level, START + number * STEP)) for number, level in enumerate(levels))
    return [(number, each) for number, each in told if each is not None]


def office(days: int) -> list[float]:
    chance = random.Random(1)
    return [0.4 + 0.3 * max(0, math.sin(2 * math.pi * n / DAY)) + chance.gauss(0, 0.01) for n in range(days * DAY)]


def test_a_ramp_is_told_of_once_and_in_time_with_a_date_that_holds() -> None:
    levels = [0.5] * (3 * DAY) + [0.5 + 0.5 * n / DAY for n in range(DAY)]
    ((number, forecast),) = warned(levels)
    assert number - 3 * DAY < 0.8 * DAY
    full_at = START + 4 * DAY * STEP
    assert forecast.earliest <= full_at + timedelta(hours=2)
    assert abs(forecast.full_at - full_at) < timedelta(hours=4)


def test_ordinary_days_are_no_ramp() -> None:
    assert [number for number, _ in warned(office(10)) if number > DAY] == []


def test_the_same_rise_as_the_day_before_is_no_ramp() -> None:
    rise = [0.3 + 0.5 * (1 - math.exp(-n / 40)) for n in range(DAY)]
    assert [number for number, _ in warned([0.3] * DAY + 4 * rise) if number > 2 * DAY] == []


def test_after_it_was_emptied_the_next_ramp_is_told_again() -> None:
    once = [0.4] * (2 * DAY) + [0.4 + 0.6 * n / DAY for n in range(DAY)]
    assert len(warned([*once, *once])) == 2


@given(st.lists(st.floats(allow_nan=True, allow_infinity=True), max_size=60))
def test_no_number_breaks_it(levels: list[float]) -> None:
    warned(levels)


def days_left(lefts: list[float]) -> list[Finding]:
    detector = Pipeline(judges=[RunningOut()])
    return [
        found
        for number, left in enumerate(lefts)
        for found in detector.sample(
            "h", "file:/etc/tls/shop.pem", "certificate.state.days_left", left, START + timedelta(days=number)
        )
    ]


def test_a_certificate_that_renews_itself_is_no_news() -> None:
    assert days_left([*range(90, 29, -1), *range(90, 29, -1)]) == []


def test_a_certificate_that_nobody_renews_is_told_with_its_date() -> None:
    (found,) = days_left([float(n) for n in range(90, 2, -1)])
    assert found.values["left"] == "19"
    assert "2026-05-31" in sentence(found, "en")
    assert "expire le 2026-05-31, dans 19 jours" in sentence(found, "fr")


def test_a_disk_that_fills_up_is_said_in_both_languages() -> None:
    pipeline = Pipeline(judges=[RunningOut()])
    levels = [0.5] * (2 * DAY) + [0.5 + 0.5 * n / DAY for n in range(DAY)]
    found = [
        each
        for number, level in enumerate(levels)
        for each in pipeline.sample("h", "disk:/", "disk.used_ratio", level, START + number * STEP)
    ]
    assert len(found) == 1
    assert sentence(found[0], "en").startswith("On h, disk:/ fills up: ")
    assert "se remplit" in sentence(found[0], "fr")
    assert 0.5 < found[0].confidence < 1


def test_a_restart_loses_no_ramp() -> None:
    levels = [0.5] * (2 * DAY) + [0.5 + 0.5 * n / DAY for n in range(DAY)]
    samples = [("disk.used_ratio", level, START + number * STEP) for number, level in enumerate(levels)]
    pipeline = Pipeline(judges=[RunningOut()])
    found = []
    for number, (name, level, at) in enumerate(samples):
        if number in (DAY, 2 * DAY + 60, 2 * DAY + 250):
            memory = json.loads(json.dumps(pipeline.memory()))
            pipeline = Pipeline(judges=[RunningOut()])
            pipeline.remember(memory)
        found += pipeline.sample("h", "disk:/", name, level, at)
    assert [each.kind for each in found] == ["running_out"]


def test_a_memory_that_cannot_be_read_is_no_harm() -> None:
    detector = RunningOut()
    detector.remember(
        {"ramps": ["x", [1, 2, 3, 4], ["h", "s", "n", [None, 3, [], []]]], "lives": [["h", "s", "n", "x", True], 7]}
    )
    assert detector.memory() == {"ramps": [], "lives": []}


def full_days(levels: list[float], name: str = "disk.used_ratio", judge: RunningOut | None = None) -> list[int]:
    judge = judge or RunningOut()
    samples = [Sample("web1", "/srv", name, level, START + number * STEP) for number, level in enumerate(levels)]
    told = [(number, each) for number, sample in enumerate(samples) for each in judge.sample(sample)]
    return [number for number, each in told if each.values["case"].endswith("_full")]


def test_what_is_full_already_is_told_and_again_each_day_that_it_stays_so() -> None:
    assert full_days([1.0] * (2 * DAY + 10)) == [2, 2 + DAY, 2 + 2 * DAY]


def test_what_was_full_for_a_moment_or_was_told_while_it_rose_is_no_news() -> None:
    assert full_days([0.5] * 20 + [1.0, 1.0] + [0.5] * 20) == []
    rising = [0.5] * (3 * DAY) + [0.5 + 0.5 * n / DAY for n in range(DAY)]
    assert full_days(rising + [1.0] * (DAY // 2)) == []
    assert len(full_days(rising + [1.0] * (DAY + 10))) == 1


def test_after_it_was_emptied_a_full_disk_is_told_again() -> None:
    assert len(full_days([1.0] * 10 + [0.4] * 10 + [1.0] * 10)) == 2


def test_what_is_only_borne_has_no_end_to_be_at() -> None:
    assert full_days([2000.0] * 20, "replica.lag_s") == []


def test_a_restart_does_not_tell_it_twice() -> None:
    first = RunningOut()
    assert full_days([1.0] * 10, judge=first) == [2]
    second = RunningOut()
    second.remember(json.loads(json.dumps(first.memory())))
    later = [Sample("web1", "/srv", "disk.used_ratio", 1.0, START + n * STEP) for n in range(10, DAY)]
    assert [found for sample in later for found in second.sample(sample)] == []


def test_a_full_disk_is_said_in_both_languages() -> None:
    judge, found = RunningOut(), []
    for number in range(3):
        found += judge.sample(Sample("web1", "/srv", "disk.used_ratio", 1.0, START + number * STEP))
    assert "/srv is full: 100 %" in sentence(found[0], "en")
    assert "/srv est plein" in sentence(found[0], "fr")
