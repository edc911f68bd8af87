"""Every parser, detector and collector that discovery finds keeps its contract."""

import inspect

import pytest

from vigie import collectors
from vigie.collectors.collector import Collector
from vigie.plugins import discover
from vigie.signals import detectors, parsers
from vigie.signals.detectors.detector import Detector
from vigie.signals.parsers.parser import Parser

KINDS: list[type] = [
    *discover(parsers, Parser).values(),
    *discover(detectors, Detector).values(),
    *discover(collectors, Collector).values(),
]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: str(kind.__name__))
def test_a_plug_in_says_what_it_is(kind: type) -> None:
    assert inspect.getdoc(kind)
    assert str(getattr(kind, "name", "")).replace("_", "").isalnum()


def test_parsers_are_asked_in_one_order_and_the_last_always_answers() -> None:
    orders = sorted((kind.order, kind.name) for kind in discover(parsers, Parser).values())
    assert len({order for order, _ in orders}) == len(orders)
    assert orders[-1][1] == "plain"


def test_the_kinds_that_are_promised_are_there() -> None:
    assert set(discover(detectors, Detector)) >= {
        "new_template",
        "error_burst",
        "silence",
        "threshold",
        "unusual",
        "volume",
        "running_out",
        "odd_session",
    }
    assert set(discover(parsers, Parser)) >= {"json", "syslog", "web_access", "web_error", "plain"}
    assert set(discover(collectors, Collector)) >= {"file"}
