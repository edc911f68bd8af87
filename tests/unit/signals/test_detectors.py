import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigie import i18n
from vigie.domain.finding import Event, Finding, Level, Signal
from vigie.plugins import discover
from vigie.signals import detectors, whereabouts
from vigie.signals.detectors.detector import Detector
from vigie.signals.detectors.odd_session import OddSession
from vigie.signals.detectors.rare_value import RareValue
from vigie.signals.detectors.threshold import Limit
from vigie.signals.detectors.volume import Volume
from vigie.signals.parsing import Parsing
from vigie.signals.pipeline import Pipeline
from vigie.signals.sentence import sentence
from vigie.signals.templates import Miner

START = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)


class Log:
    """A log of one service, fed to a pipeline line by line."""

    def __init__(self, pipeline: Pipeline | None = None, source: str = "/srv/x.log", service: str | None = "shop") -> None:
        self.pipeline = pipeline or Pipeline()
        self.source = source
        self.service = service
        self.at = START
        self.lines = 0
        self.found: list[Finding] = []

    def say(self, text: str, after_s: float = 1.0) -> list[Finding]:
        self.at += timedelta(seconds=after_s)
        self.lines += 1
        found = self.pipeline.feed(
            Signal("h", self.source, f"{self.at:%Y-%m-%dT%H:%M:%S}Z {text}", self.at, self.lines, self.service)
        )
        self.found += found
        return found

    def wait(self, seconds: float) -> list[Finding]:
        self.at += timedelta(seconds=seconds)
        return self.pipeline.tick(self.at)


def kinds(found: list[Finding]) -> list[str]:
    return [finding.kind for finding in found]


def test_an_error_never_said_before_is_told_once() -> None:
    log = Log()
    log.say("INFO up")
    (finding,) = log.say("ERROR db: relation 12 does not exist")
    assert finding.kind == "new_template"
    assert (finding.subject, finding.source, finding.count) == ("service:shop", "/srv/x.log:2", 1)
    assert finding.excerpt.endswith("relation 12 does not exist")
    assert log.say("ERROR db: relation 13 does not exist") == []


def test_an_error_said_by_another_service_is_new_there() -> None:
    pipeline = Pipeline()
    assert Log(pipeline).say("ERROR boom at once")
    assert Log(pipeline, "/srv/y.log", "worker").say("ERROR boom at once")


def test_one_warning_is_no_news_and_three_are() -> None:
    log = Log()
    assert log.say("WARNING slow query 900 ms") == []
    assert log.say("WARNING slow query 901 ms") == []
    (finding,) = log.say("WARNING slow query 905 ms")
    assert (finding.kind, finding.count) == ("new_template", 3)
    assert log.say("WARNING slow query 905 ms") == []


def test_warnings_far_apart_are_no_news() -> None:
    log = Log()
    assert all(log.say("WARNING slow query 900 ms", after_s=300) == [] for _ in range(6))


def test_what_was_usual_before_is_no_news() -> None:
    pipeline = Pipeline()
    pipeline.learn(Signal("h", "/srv/x.log", "ERROR old trouble again", START, 1, "shop"))
    assert Log(pipeline).say("ERROR old trouble again") == []


def test_what_was_told_before_a_restart_is_no_news() -> None:
    before = Log()
    before.say("ERROR old trouble again")
    pipeline = Pipeline()
    pipeline.remember(before.pipeline.memory())
    assert Log(pipeline).say("ERROR old trouble again") == []


def test_a_storm_of_new_errors_is_told_by_its_first() -> None:
    log = Log()
    words = [f"{chr(97 + a)}{chr(97 + b)}" for a in range(20) for b in range(20)]
    for word in words:
        log.say(f"ERROR {word} {word}{word} broke", after_s=0.01)
    assert kinds(log.found).count("new_template") <= 10


def test_errors_that_come_much_more_often_are_a_burst_told_once() -> None:
    log = Log()
    log.say("ERROR timeout of upstream")
    for _ in range(30):
        log.say("ERROR timeout of upstream", after_s=60)
    quiet = len(log.found)
    for _ in range(40):
        log.say("ERROR timeout of upstream", after_s=1)
    bursts = log.found[quiet:]
    assert kinds(bursts) == ["error_burst"]
    assert bursts[0].values["usual"] == "1"


def test_errors_at_their_own_rate_are_no_burst() -> None:
    log = Log()
    for _ in range(600):
        log.say("ERROR timeout of upstream", after_s=3)
    assert kinds(log.found[2:]) == []


def test_a_source_that_stops_speaking_is_told_once() -> None:
    log = Log()
    for _ in range(200):
        log.say("INFO request done", after_s=5)
    assert log.wait(60) == []
    (finding,) = log.wait(120)
    assert (finding.kind, finding.subject) == ("silence", "service:shop")
    assert log.wait(600) == []
    log.say("INFO request done")
    assert log.wait(30) == []


def test_a_source_with_long_pauses_may_be_silent_that_long() -> None:
    log = Log()
    for number in range(60):
        log.say("INFO nightly", after_s=600 if number % 10 == 0 else 20)
    assert log.wait(1200) == []


def test_a_source_hardly_known_may_be_silent() -> None:
    log = Log()
    for _ in range(10):
        log.say("INFO x", after_s=0.1)
    assert log.wait(86_400) == []


def feed(pipeline: Pipeline, values: list[float], name: str = "latency_ms") -> list[Finding]:
    found = []
    for number, value in enumerate(values):
        found += pipeline.sample("h", "url:http://x/", name, value, START + timedelta(seconds=10 * number))
    return found


def test_samples_far_from_their_usual_are_told_once_when_they_last() -> None:
    found = feed(Pipeline(), [100.0 + n % 5 for n in range(30)] + [900.0] * 10)
    assert kinds(found) == ["threshold"]
    assert (found[0].values["usual"], found[0].values["value"], found[0].count) == ("102", "900", 3)


def test_two_bad_samples_are_no_news() -> None:
    assert feed(Pipeline(), [100.0] * 30 + [900.0, 900.0] + [100.0] * 30) == []


def test_a_slow_rise_is_usual() -> None:
    assert feed(Pipeline(), [float(n) for n in range(200)]) == []


def test_a_limit_holds_from_the_first_samples_on() -> None:
    pipeline = Pipeline(limits=[Limit("disk.*", above=90.0)])
    found = feed(pipeline, [95.0] * 5, "disk.used_percent")
    assert kinds(found) == ["threshold"]
    assert found[0].values["limit"] == "90"


def test_a_trouble_that_was_over_is_told_again() -> None:
    pipeline = Pipeline(limits=[Limit("x", below=1.0, sustained=2)])
    assert len(feed(pipeline, [0.0, 0.0, 0.0, 5.0, 5.0, 5.0, 0.0, 0.0], "x")) == 2


@given(st.lists(st.floats(allow_nan=True, allow_infinity=True), max_size=60))
def test_no_number_breaks_a_detector(values: list[float]) -> None:
    feed(Pipeline(), values)


@given(st.lists(st.tuples(st.text(max_size=80), st.integers(-100_000, 100_000)), max_size=30))
def test_no_line_and_no_clock_breaks_a_detector(lines: list[tuple[str, int]]) -> None:
    log = Log()
    for text, after_s in lines:
        log.say(text, after_s)
        log.wait(0)


def test_a_detector_that_fails_does_not_silence_the_others() -> None:
    class Broken(Detector):
        """Breaks."""

        name = "broken"

        def event(self, event: object, template: object) -> list[Finding]:
            raise RuntimeError

    others = [kind() for kind in discover(detectors, Detector).values()]
    assert kinds(Log(Pipeline(judges=[Broken(), *others])).say("ERROR boom")) == ["new_template"]


@pytest.mark.parametrize("kind", discover(detectors, Detector).values(), ids=lambda kind: kind.name)
def test_every_detector_has_its_sentences_and_its_words(kind: type[Detector]) -> None:
    assert kind.__doc__
    assert i18n.has(f"signal.findings.{kind.name}")
    finding = Finding(kind.name, "h", "x", "k", START, START, 1, 0.9, "words", "s")
    assert all(sentence(finding, language) != "words" for language in i18n.LANGUAGES)


def test_a_finding_is_said_in_both_languages() -> None:
    (finding,) = Log().say("ERROR boom")
    assert sentence(finding, "en") == "service:shop on h says something it never said before (error): boom"
    assert sentence(finding, "fr").startswith("service:shop sur h dit une chose")


def test_a_finding_without_values_is_said_too() -> None:
    finding = Finding("threshold", "h", "url:x", "k", START, START, 2, 0.9, "503", "check")
    assert sentence(finding, "fr") == "Sur h, url:x n’est pas dans l’état attendu : 503"
    assert sentence(Finding("other", "h", "x", "k", START, START, 1, 0.9, "words", "s"), "en") == "words"


def test_what_a_long_series_never_knew_is_told_once_it_lasts() -> None:
    values = [50.0 + n % 7 for n in range(400)]
    assert kinds(feed(Pipeline(), [*values, 90.0, 53.0])) == []
    (found,) = feed(Pipeline(), [*values, 90.0, 91.0, 92.0, 91.0])
    assert found.kind == "unusual"
    assert sentence(found, "en").endswith("90 is more than in the 400 samples before it; 56 was the most.")


def request(log: Log, number: int, steps: list[str]) -> list[Finding]:
    found = []
    for step in steps:
        log.at += timedelta(milliseconds=10)
        line = {"time": log.at.isoformat(), "level": "info", "trace_id": f"t{number}", "msg": step}
        found += log.pipeline.feed(Signal("h", "/srv/shop.log", json.dumps(line), log.at))
    return found + log.wait(130)


def test_requests_that_miss_a_step_are_told_when_they_are_no_chance() -> None:
    log = Log(Pipeline(judges=[OddSession()]))
    usual = ["cart is opened", "stock is reserved", "card is charged", "parcel is sent"]
    assert kinds([each for number in range(510) for each in request(log, number, usual)]) == []
    found = [each for number in range(600, 610) for each in request(log, number, usual[:2])]
    assert kinds(found) == ["odd_session"]
    assert "is missing" in sentence(found[0], "en")
    assert "card is charged" in sentence(found[0], "fr") or "parcel is sent" in sentence(found[0], "fr")


def minutes(volume: Volume, counts: list[tuple[int, int]], start: datetime = START) -> list[Finding]:
    """Show so many ordinary lines and errors in each minute."""
    said = Miner().template("served")
    found = []
    for minute, (ordinary, errors) in enumerate(counts):
        at = start + timedelta(minutes=minute)
        signal = Signal("h", "/srv/x.log", "served", at)
        for number in range(ordinary + errors):
            level = Level.INFO if number < ordinary else Level.ERROR
            found += volume.event(Event(signal, at, level, "served", "shop"), said)
    return found


LATER = START + timedelta(minutes=1450)


def test_a_service_that_talks_as_ever_is_no_news_and_one_that_talks_thrice_as_much_is() -> None:
    volume = Volume()
    assert minutes(volume, [(2 + n % 4, 0) for n in range(1450)]) == []
    (found,) = minutes(volume, [(15, 0)] * 6, LATER)
    assert "15 lines a minute, more than in the 1450 minutes before; 5 was the most" in sentence(found, "en")
    assert "15 lignes par minute" in sentence(found, "fr")


def test_errors_in_another_proportion_are_told_as_such() -> None:
    volume = Volume()
    assert minutes(volume, [(20 - n % 2, 1 + n % 2) for n in range(1450)]) == []
    (found,) = minutes(volume, [(14, 7)] * 6, LATER)
    assert "% of errors among its lines" in sentence(found, "en")


def test_a_service_that_falls_silent_is_left_to_the_one_who_hears_silence() -> None:
    volume = Volume()
    minutes(volume, [(2 + n % 4, 0) for n in range(1450)])
    assert len(volume.tick(LATER + timedelta(days=300))) <= 1


def closed_circle(log: Log, days: int = 4) -> None:
    for number in range(days * 24):
        log.say(
            f"INFO Accepted publickey for {('ann', 'bob')[number % 2]} from 192.0.2.{number % 7} port {4000 + number} ssh2", 3600
        )


def test_somebody_who_was_never_there_is_told_with_those_who_were() -> None:
    log = Log(Pipeline(judges=[RareValue()]))
    closed_circle(log)
    assert log.found == []
    who, where = log.say("INFO Accepted publickey for mallory from 198.51.100.7 port 4242 ssh2", 3600)
    assert (who.values["value"], who.values["known"], where.values["value"]) == ("mallory", "ann, bob", "198.51.*.*")
    assert sentence(who, "fr").startswith(
        "service:shop sur h : l’utilisateur mallory apparaît pour la première fois ; en 4 jours"
    )
    assert log.say("INFO Accepted publickey for mallory from 198.51.100.9 port 4243 ssh2", 3600) == []


def test_a_circle_that_keeps_growing_is_none() -> None:
    log = Log(Pipeline(judges=[RareValue()]))
    for number in range(600):
        log.say(f"INFO user customer{number} logged in from 10.{number % 250}.0.1", 1800)
    assert log.found == []


def test_a_circle_is_known_after_a_restart() -> None:
    before = Log(Pipeline(judges=[RareValue()]))
    closed_circle(before)
    after = Log(Pipeline(judges=[RareValue()]))
    after.pipeline.remember(json.loads(json.dumps(before.pipeline.memory())))
    after.at = before.at
    assert kinds(after.say("INFO Accepted publickey for mallory from 192.0.2.1 port 4242 ssh2", 3600)) == ["rare_value"]


@pytest.mark.parametrize(
    ("line", "named_"),
    [
        (
            '{"level":"info","msg":"login","user":"ann","client_ip":"203.0.113.9","country":"FR"}',
            {"user": "ann", "address": "203.0.*.*", "country": "FR"},
        ),
        ("session opened for user root(uid=0) by (uid=0)", {"user": "root"}),
        ("échec de connexion de l’utilisateur marie depuis 2001:db8:0:1::7", {"user": "marie", "address": "2001:db8:…"}),
        ("wrote /srv/orders/2026/11/a.csv", {"path": "/srv/orders"}),
        ("user logged in for 30 seconds, 10.5 ms", {}),
    ],
)
def test_who_and_where_are_read_from_fields_and_words(line: str, named_: dict[str, str]) -> None:
    assert whereabouts.named(Parsing().event(Signal("h", "x", line, START)))[0] == named_
