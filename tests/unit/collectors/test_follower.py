"""Whatever is done to a log, each of its lines is read once."""

import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from vigie.collectors.follower import Follower
from vigie.collectors.tail import CUT_MARK, LINE_MAX
from vigie.domain.fact import Value


class Reader:
    """A follower with a virtual clock and the durable store of its position."""

    def __init__(self, *patterns: str, from_start: bool = False) -> None:
        self.patterns = patterns
        self.from_start = from_start
        self.now_s = 0.0
        self.stored: list[str] = []
        self.position: dict[str, Value] | None = None
        self._fresh: list[str] = []
        self.numbers: list[tuple[str, int]] = []
        self.start()

    def start(self) -> None:
        self.follower = Follower(self.patterns, from_start=self.from_start)
        self.follower.begin(self.position, self.now_s)
        if self.position is None:
            self.position = self.follower.position()

    def look(self, times: int = 1, every_s: float = 0.3) -> list[str]:
        found: list[str] = []
        for _ in range(times):
            self.now_s += every_s
            batch = self.follower.poll(self.now_s)
            found += [line.text for line in batch.lines]
            self.numbers += [(line.text, line.number) for line in batch.lines]
        self._fresh += found
        return found

    def store(self) -> None:
        self.stored += self._fresh
        self._fresh = []
        self.position = self.follower.position()

    def die(self) -> None:
        """Lose what was not stored, as a killed process does."""
        self._fresh = []
        self.follower.close()

    def settle(self) -> list[str]:
        """Look until every grace is over; return all lines that were ever read and kept."""
        self.look(30, 0.5)
        self.store()
        return self.stored


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "app.log"
    path.write_text("old line\n")
    return path


@pytest.fixture
def reader(log: Path) -> Iterator[Reader]:
    reader = Reader(str(log))
    yield reader
    reader.follower.close()


def add(path: Path, text: str | bytes) -> None:
    with path.open("ab") as file:
        file.write(text.encode() if isinstance(text, str) else text)


def test_only_what_is_added_is_read(log: Path, reader: Reader) -> None:
    assert reader.look() == []
    add(log, "one\ntwo\n")
    assert reader.look() == ["one", "two"]
    assert reader.numbers == [("one", 2), ("two", 3)]
    assert reader.look() == []


def test_a_line_is_read_when_it_is_finished(log: Path, reader: Reader) -> None:
    add(log, "half")
    assert reader.look(20) == []
    add(log, " done\nnext")
    assert reader.look() == ["half done"]


def test_a_renamed_log_is_read_to_its_end_and_the_new_one_from_its_beginning(log: Path, reader: Reader) -> None:
    with log.open("ab") as writer:
        writer.write(b"before\n")
        writer.flush()
        log.rename(log.with_suffix(".log.1"))
        log.write_text("new\n")
        assert sorted(reader.look()) == ["before", "new"]
        writer.write(b"late\n")
        writer.flush()
        assert reader.look() == ["late"]


def test_a_log_that_was_copied_and_cut_goes_on(log: Path, reader: Reader) -> None:
    add(log, "a first line of some length\nread\n")
    reader.look()
    add(log, "not yet read\n")
    shutil.copy(log, f"{log}.1")
    os.truncate(log, 0)
    add(log, "after the cut, and longer than all that was there before, so that its size says nothing\n")
    assert reader.look() == [
        "not yet read",
        "after the cut, and longer than all that was there before, so that its size says nothing",
    ]
    assert reader.look(30) == []


def test_a_deleted_log_is_read_while_its_writer_goes_on(log: Path, reader: Reader) -> None:
    with log.open("ab") as writer:
        log.unlink()
        writer.write(b"into the void\n")
        writer.flush()
        assert reader.look() == ["into the void"]
    log.write_text("again\n")
    assert reader.look() == ["again"]


def test_rotation_while_nobody_looked_loses_nothing(log: Path, reader: Reader) -> None:
    add(log, "read line number one\n")
    reader.look()
    reader.store()
    reader.die()
    add(log, "unread\n")
    for generation in ("first", "second"):
        for number in (2, 1):
            if Path(f"{log}.{number}").exists():
                Path(f"{log}.{number}").rename(f"{log}.{number + 1}")
        log.rename(f"{log}.1")
        log.write_text(f"{generation}\n")
    reader.start()
    assert sorted(reader.settle()) == ["first", "read line number one", "second", "unread"]


def test_a_copy_that_somebody_makes_is_not_read(log: Path) -> None:
    reader = Reader(str(log.parent / "*.log*"))
    add(log, "a line that is long enough to know a file by\n")
    reader.look()
    shutil.copy(log, f"{log}.bak")
    shutil.copy(log, log.parent / "copy.log")
    add(log, "another\n")
    assert reader.look(10, 0.6) == ["another"]
    reader.follower.close()


def test_rotated_files_that_the_pattern_matches_too_are_not_read_again(log: Path) -> None:
    reader = Reader(str(log.parent / "*.log*"))
    for generation in range(4):
        add(log, f"generation {generation} of this log\n")
        reader.look(3)
        for number in range(generation, 0, -1):
            Path(f"{log}.{number}").rename(f"{log}.{number + 1}")
        log.rename(f"{log}.1")
        log.touch()
        reader.look(40)
    assert reader.settle() == [f"generation {generation} of this log" for generation in range(4)]
    reader.follower.close()


def test_a_very_long_line_is_cut_with_a_mark(log: Path, reader: Reader) -> None:
    add(log, b"x" * (3 * LINE_MAX) + b"end\nnext\n")
    lines = reader.look(5)
    assert lines == ["x" * LINE_MAX + CUT_MARK, "next"]


def test_a_very_long_line_in_many_parts_is_cut_the_same(log: Path, reader: Reader) -> None:
    found = []
    for _ in range(50):
        add(log, b"y" * 10_000)
        found += reader.look()
    add(log, b"\nnext\n")
    assert found + reader.look() == ["y" * LINE_MAX + CUT_MARK, "next"]


def test_bytes_that_are_no_text_are_read_as_well_as_they_can_be(log: Path, reader: Reader) -> None:
    add(log, b"caf\xe9\r\n\x00\x00\x00nul\n\n   \n\xff\xfe\n")
    assert reader.look() == ["caf\ufffd", "nul", "\ufffd\ufffd"]
    assert [number for _, number in reader.numbers] == [2, 3, 6]


def test_a_link_is_followed_to_the_file_it_names_then_to_the_next(tmp_path: Path) -> None:
    first, second, link = tmp_path / "a.2026", tmp_path / "b.2026", tmp_path / "current"
    first.write_text("")
    link.symlink_to(first)
    reader = Reader(str(link))
    add(first, "one\n")
    assert reader.look() == ["one"]
    second.write_text("two\n")
    link.unlink()
    link.symlink_to(second)
    assert reader.look() == ["two"]
    reader.follower.close()


def test_what_is_no_regular_file_is_left_alone(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.log")
    (tmp_path / "folder.log").mkdir()
    (tmp_path / "loop.log").symlink_to("loop.log")
    (tmp_path / "old.log.gz").write_bytes(b"\x1f\x8b")
    reader = Reader(str(tmp_path / "*.log*"))
    assert reader.look(3, 1.1) == []
    assert "loop.log" in " ".join(reader.follower.unreadable)
    reader.follower.close()


def test_a_file_that_comes_later_is_read_from_its_beginning(tmp_path: Path) -> None:
    reader = Reader(str(tmp_path / "**" / "*.log"), str(tmp_path / "named.log"))
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "a.log").write_text("hello\n")
    (tmp_path / "named.log").write_text("here\n")
    assert sorted(reader.look(1, 1.1)) == ["hello", "here"]
    reader.follower.close()


def test_from_start_reads_what_is_there(log: Path) -> None:
    reader = Reader(str(log), from_start=True)
    assert reader.look() == ["old line"]
    reader.follower.close()


@pytest.mark.parametrize("spoiled", [{}, {"files": []}, {"files": [], "known": []}])
def test_an_empty_position_is_a_position(log: Path, spoiled: dict[str, Value]) -> None:
    follower = Follower([str(log)])
    follower.begin(spoiled, 0.0)
    assert [line.text for line in follower.poll(0.3).lines] == ["old line"]
    follower.close()


class Writer:
    """A program and its log rotation, doing what they do; `lines` is all that was ever written."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "app.log"
        self.file = self.path.open("ab")
        self.lines: list[str] = []
        self.partial = ""
        self.count = 0

    def write(self, finish: bool = True) -> None:
        self.count += 1
        text = f"{self.count:05d} line of this program, told apart by its number"
        self.file.write(text.encode() + (b"\n" if finish else b" "))
        self.file.flush()
        self.partial += text
        if finish:
            self._line()
        else:
            self.partial += " "

    def _line(self) -> None:
        if self.partial:
            self.lines.append(self.partial)
        self.partial = ""

    def rename(self) -> None:
        self._shift()
        self.path.rename(f"{self.path}.1")
        self.file.close()
        self.file = self.path.open("ab")
        self._line()

    def copy_and_cut(self) -> None:
        self._shift()
        shutil.copy(self.path, f"{self.path}.1")
        os.truncate(self.path, 0)
        self._line()

    def _shift(self) -> None:
        for number in range(30, 0, -1):
            if Path(f"{self.path}.{number}").exists():
                Path(f"{self.path}.{number}").rename(f"{self.path}.{number + 1}")

    def prune(self) -> None:
        for old in self.path.parent.glob("app.log.*"):
            old.unlink()


OPERATIONS = (
    "write",
    "write",
    "write",
    "part",
    "rename",
    "cut",
    "look",
    "look",
    "store",
    "kill",
    "kill_and_rename",
    "kill_and_cut",
    "prune",
)


def play(operations: list[str], pattern: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        writer = Writer(Path(folder))
        reader = Reader(str(Path(folder) / pattern))
        for operation in operations:
            step(operation, writer, reader)
        writer.write()
        kept = [text.rstrip() for text in reader.settle()]
        assert Counter(kept) == Counter(line.rstrip() for line in writer.lines)
        reader.follower.close()
        writer.file.close()


def step(operation: str, writer: Writer, reader: Reader) -> None:
    match operation:
        case "write" | "part":
            writer.write(finish=operation == "write")
        case "rename":
            writer.rename()
        case "cut":
            writer.copy_and_cut()
        case "look":
            reader.look()
        case "store":
            reader.look()
            reader.store()
        case "prune":
            reader.settle()
            writer.prune()
        case _:
            reader.die()
            if operation == "kill_and_rename":
                writer.rename()
            elif operation == "kill_and_cut":
                writer.copy_and_cut()
            reader.start()


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(OPERATIONS), max_size=25), st.sampled_from(["app.log", "*.log*", "app*"]))
@example(["write", "cut", "write"], "app.log")
@example(["rename", "write", "rename", "write", "rename"], "app.log")
def test_each_line_is_read_once_through_rotation_and_death(operations: list[str], pattern: str) -> None:
    play(operations, pattern)


@pytest.mark.parametrize("kind", ["folder", "device", "pipe"])
def test_what_is_no_file_is_told_and_never_waited_for(kind: str, tmp_path: Path, log: Path) -> None:
    odd = {"folder": tmp_path / "folder", "device": Path("/dev/zero"), "pipe": tmp_path / "pipe"}[kind]
    if kind == "folder":
        odd.mkdir()
    elif kind == "pipe":
        os.mkfifo(odd)
    reader = Reader(str(odd), str(log))
    add(log, "one\n")
    assert reader.look() == ["one"]
    assert reader.follower.unreadable == {str(odd)}
    reader.follower.close()
