"""Counts and visits are read back as they were written, and an altered count does not pass."""

from pathlib import Path

import pytest

from vigie.lab.counters import Counters, Customers
from vigie.lab.outside.watcher import Counts


@pytest.fixture
def path(tmp_path: Path) -> Path:
    counts = Counts(tmp_path / "counts.jsonl")
    counts.add("service.started", "web", pid=7)
    counts.add("config.written", "shop.ini", same=False)
    counts.add("service.started", "web", pid=8)
    return tmp_path / "counts.jsonl"


def test_counts_are_tallied_by_kind_and_name(path: Path) -> None:
    assert Counters(path).tally() == {("service.started", "web"): 2, ("config.written", "shop.ini"): 1}


def test_only_what_came_after_a_mark_is_tallied(path: Path) -> None:
    counters = Counters(path)
    assert counters.mark() == 3
    assert counters.tally(2) == {("service.started", "web"): 1}


@pytest.mark.parametrize("line", [0, 1, 2])
def test_an_altered_count_is_refused(path: Path, line: int) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    lines[line] = lines[line].replace("we", "wo").replace("shop", "ship")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    with pytest.raises(ValueError, match=f"count {line + 1} was altered"):
        Counters(path).read()


def test_a_removed_count_is_refused(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join([lines[0], lines[2]]) + "\n", encoding="utf-8")
    with pytest.raises(ValueError, match="altered"):
        Counters(path).read()


def test_a_line_still_being_written_is_left_for_later(path: Path) -> None:
    with path.open("a", encoding="utf-8") as counts:
        counts.write('{"at": 1')
    assert Counters(path).mark() == 3


def test_a_visit_is_good_when_it_was_served(tmp_path: Path) -> None:
    record = tmp_path / "visits.jsonl"
    record.write_text(
        '{"at": 1, "route": "/", "status": 200, "ms": 2.5}\n'
        '{"at": 2, "route": "/checkout", "status": 201, "ms": 9, "order": 5}\n'
        '{"at": 3, "route": "/", "status": 502, "ms": 1}\n'
        '{"at": 4, "route": "/", "status": null, "ms": 15000}\n',
        encoding="utf-8",
    )
    visits = Customers(record).visits(since=2)
    assert [visit.good for visit in visits] == [True, False, False]
    assert visits[0].fields == {"order": 5}
