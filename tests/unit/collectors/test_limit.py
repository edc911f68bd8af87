"""A limit on a source: what is left out is counted and told, never silently gone."""

from datetime import UTC, datetime

from vigie.collectors.limit import Limit
from vigie.domain.finding import Signal

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def lines(count: int) -> list[Signal]:
    return [Signal("web1", "syslog:udp", f"line {number}", NOW) for number in range(count)]


def test_without_a_limit_everything_passes() -> None:
    assert len(Limit(0).taken(lines(5000), 0.0)) == 5000


def test_what_is_beyond_it_in_a_second_is_left_out_and_told_in_the_next() -> None:
    limit = Limit(10)
    assert [signal.raw for signal in limit.taken(lines(25), 1.0)] == [f"line {number}" for number in range(10)]
    assert limit.taken(lines(5), 1.9) == []
    told = limit.taken(lines(3), 2.0)
    assert [signal.raw for signal in told[1:]] == ["line 0", "line 1", "line 2"]
    assert told[0].raw == "vigie: sampled: 20 lines of this source were left out, more than 10 came in a second"
    assert limit.left_out == 20


def test_the_next_second_has_its_own_room() -> None:
    limit = Limit(10)
    limit.taken(lines(10), 1.0)
    assert len(limit.taken(lines(10), 2.0)) == 10
    assert limit.left_out == 0
