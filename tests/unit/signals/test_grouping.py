"""What belongs together becomes one trouble; what only sounds alike does not."""

import random
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from vigie.signals.grouping import Alert, group

START = datetime(2026, 3, 2, tzinfo=UTC)


def alert(summary: str, after_s: float = 0, **labels: str) -> Alert:
    return Alert(START + timedelta(seconds=after_s), summary, labels)


def troubles(*alerts: Alert, **needs: list[str]) -> int:
    return len(set(group(alerts, needs)))


def test_the_same_alert_again_is_the_same_trouble() -> None:
    assert troubles(alert("Probe failed: 3", url="/a"), alert("Probe failed: 4", 30, url="/a")) == 1


def test_alerts_that_sound_alike_but_are_about_other_things_stay_apart() -> None:
    disks = [alert("Disk almost full", instance=f"h{n}:9100", mount="/") for n in range(20)]
    assert troubles(*disks) == 20
    assert troubles(alert("Probe failed", url="/a"), alert("Probe failed", url="/b")) == 2
    assert troubles(alert("High latency", service="shop"), alert("High latency", service="mail")) == 2


def test_alerts_of_one_host_or_of_one_service_are_one_trouble() -> None:
    assert troubles(alert("Load is 40", host="h1"), alert("Memory is full", 5, instance="h1:9100")) == 1
    assert troubles(alert("Errors", service="shop", host="h1"), alert("Slow", 5, service="Shop", host="h2")) == 1


def test_who_needs_what_is_down_suffers_from_the_same_trouble() -> None:
    alerts = (alert("No connections left", service="db"), alert("Errors", 3, service="web"))
    assert troubles(*alerts) == 2
    assert troubles(*alerts, web=["api"], api=["db"]) == 1


def test_two_who_need_the_same_thing_that_is_well_stay_apart() -> None:
    assert troubles(alert("Errors", service="web"), alert("Errors", service="mail"), web=["db"], mail=["db"]) == 2


def test_an_alert_that_names_another_s_host_belongs_to_it() -> None:
    assert troubles(alert("cannot connect to db1:5432", service="web"), alert("host does not answer", host="db1")) == 1


def test_hosts_of_one_rack_that_go_silent_together_are_one_trouble() -> None:
    assert troubles(*(alert("host does not answer", host=f"h{n}", rack=f"r{n % 2}") for n in range(10))) == 2


def test_the_same_host_hours_later_is_another_trouble() -> None:
    assert troubles(alert("Load is 40", host="h1"), alert("Load is 41", 7200, host="h1")) == 2


@given(
    st.lists(
        st.tuples(
            st.text(max_size=20), st.integers(0, 300), st.dictionaries(st.text(max_size=8), st.text(max_size=8), max_size=3)
        )
    )
)
def test_every_alert_has_a_trouble_whatever_the_order(given_alerts: list[tuple[str, int, dict[str, str]]]) -> None:
    alerts = [Alert(START + timedelta(seconds=after), text, labels) for text, after, labels in given_alerts]
    order = random.Random(1).sample(range(len(alerts)), len(alerts))
    found, shuffled = group(alerts), group([alerts[n] for n in order])
    assert len(found) == len(alerts)
    assert len(set(found)) == len(set(shuffled))
