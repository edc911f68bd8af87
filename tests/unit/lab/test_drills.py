"""What a drill scored, told and drawn."""

import pytest

from vigie.interfaces.drills import chart
from vigie.lab import drills
from vigie.lab.demo import Demo, Demonstrated
from vigie.lab.scenarios.scenario import Harm, Health, Judgement


@pytest.mark.parametrize(
    ("wanted", "found", "same"),
    [
        ("db.index.missing", "db.index.missing", True),
        ("web.nginx.document_root", "web.nginx.docroot", True),
        ("db.index.missing", "web.tls.expired", False),
        ("db.index.missing", None, False),
    ],
)
def test_labels_are_compared_by_their_words(wanted: str, found: str | None, same: bool) -> None:
    assert drills.same(wanted, found) is same


def test_a_line_tells_how_a_drill_went_over_time() -> None:
    scores = [{"passed": True, "seconds": seconds} for seconds in (0.0, 60.0, 500.0)]
    assert chart([*scores, {"passed": False, "seconds": 1.0}]) == "▁▅█×"


def test_only_the_last_runs_are_drawn() -> None:
    assert len(chart([{"passed": True, "seconds": 1.0}] * 100)) == 24


def test_a_drill_without_a_case_is_missed() -> None:
    scenario = Demo.scenarios()["port_taken"]
    judged = Judgement(Health.UNHEALTHY, ("/: no answer",), "still there", (), {})
    scored = drills.score(scenario, Demonstrated("port_taken", "h", None, judged, (), {"mend": 3.0}))
    assert (scored.passed, scored.repaired, scored.label, scored.seconds) == (False, False, None, 3.0)


def test_harms_and_starts_are_counted() -> None:
    scenario = Demo.scenarios()["port_taken"]
    judged = Judgement(Health.DAMAGED, (), None, (Harm("config", "etc/shop.ini"),), {"web": 2, "proxy": 1})
    scored = drills.score(scenario, Demonstrated("port_taken", "h", None, judged, (), {}))
    assert (scored.passed, scored.damage, scored.restarts) == (False, 1, 3)


def test_every_laboratory_says_what_it_lacks(monkeypatch: pytest.MonkeyPatch) -> None:
    scenario = Demo.scenarios(every=True)["depot_poison"]
    monkeypatch.setattr("vigie.lab.depot.depot.PROGRAMS", ("a-program-that-nobody-has",))
    lacking = drills.missing(scenario)
    assert lacking is not None
    assert lacking.key == "lab.no_program"


def test_the_demonstration_shows_the_shop_alone() -> None:
    assert not [name for name in Demo.scenarios() if name.startswith("depot_")]
