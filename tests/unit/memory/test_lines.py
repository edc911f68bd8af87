"""Kept lines: what went in is found again, by words, fields and time; nothing else is."""

import random
from array import array
from collections.abc import Callable
from pathlib import Path

import pytest

from vigie.domain.errors import Permanent
from vigie.memory.lines import signature
from vigie.memory.lines.store import BLOCK_LINES, About, Lines, LineStore, Question

KINDS = [About("info", "orders", "served <*>"), About("error", "stock", "failed <*>")]


def made(count: int, start: int = 0) -> Lines:
    texts = [
        f"line {number} of user{number % 7} {'refused' if number % 50 == 0 else 'served'}".encode()
        for number in range(start, start + count)
    ]
    return Lines(
        array("d", map(float, range(start, start + count))),
        texts,
        array("H", (number % 50 == 0 for number in range(start, start + count))),
        KINDS,
    )


@pytest.fixture
def store(tmp_path: Path) -> LineStore:
    return LineStore(tmp_path / "events.db")


def texts(store: LineStore, question: Question) -> list[str]:
    return [hit.text for hit in store.find(question).hits]


def test_a_line_is_found_by_its_words_whatever_their_case(store: LineStore) -> None:
    store.keep("web1", "a.log", made(3000))
    assert texts(store, Question("USER2 2991")) == ["line 2991 of user2 served"]
    assert texts(store, Question("299")) == ["line 299 of user5 served"]  # whole words only
    assert texts(store, Question("nowhere")) == []


def test_the_latest_come_first_and_no_more_than_asked(store: LineStore) -> None:
    store.keep("web1", "b.log", made(2000, 2000))
    store.keep("web1", "a.log", made(2000))
    assert texts(store, Question("served", limit=2)) == ["line 3999 of user2 served", "line 3998 of user1 served"]


@pytest.mark.parametrize(
    ("question", "count"),
    [
        (Question(level="error", limit=1000), 60),
        (Question("refused", level="error", service="stock", limit=1000), 60),
        (Question("refused", level="info", limit=1000), 0),
        (Question(texts=("failed <*>",), since_s=1000, until_s=1999, limit=1000), 20),
        (Question("served", host="web2", limit=1000), 0),
        (Question("served", since_s=10, until_s=12, limit=1000), 3),
    ],
)
def test_fields_and_time_narrow_what_is_found(store: LineStore, question: Question, count: int) -> None:
    store.keep("web1", "a.log", made(3000))
    assert len(texts(store, question)) == count


def test_a_full_segment_answers_as_its_blocks_did(tmp_path: Path) -> None:
    store = LineStore(tmp_path / "events.db")
    store.keep_all([("web1", f"{begin}.log", made(1, begin)) for begin in range(signature.BLOCKS + 2)])  # one line a block
    assert texts(store, Question("17")) == ["line 17 of user3 served"]
    assert texts(store, Question("1025")) == ["line 1025 of user3 served"]
    assert len(texts(store, Question("user3", limit=1000))) == 147


def test_another_process_and_another_tenant(tmp_path: Path) -> None:
    LineStore(tmp_path / "events.db").keep("web1", "a.log", made(10))
    assert len(texts(LineStore(tmp_path / "events.db"), Question("served"))) == 9
    assert texts(LineStore(tmp_path / "events.db", "other"), Question("served")) == []
    assert (tmp_path / "events.db").stat().st_mode & 0o777 == 0o600


def test_the_old_goes_by_whole_segments_and_the_newest_stays(store: LineStore) -> None:
    store.keep("web1", "a.log", made(signature.BLOCKS * BLOCK_LINES))
    store.keep("web1", "a.log", made(100, 1_000_000))
    assert store.forget(before_s=0, bytes_max=1 << 40) == 0
    assert store.forget(before_s=900_000, bytes_max=1 << 40) == signature.BLOCKS * BLOCK_LINES
    assert store.lines() == 100
    assert store.forget(before_s=0, bytes_max=0) == 0
    assert len(texts(store, Question("served", limit=1000))) == 98


def test_impatience_is_told(store: LineStore) -> None:
    store.keep("web1", "a.log", made(3000))
    assert not store.find(Question("served", patience_s=-1)).complete


def test_lines_of_any_bytes_come_back_one_by_one(store: LineStore) -> None:
    odd = [b"\xff\xfe bad bytes", b"", b"two\nlines", "né à Zürich".encode(), b"x" * 100_000]
    store.keep("web1", "a.log", Lines(array("d", range(5)), odd, array("H", [0] * 5), KINDS))
    assert texts(store, Question("zürich")) == ["né à Zürich"]
    assert texts(store, Question("lines")) == ["two lines"]
    assert store.lines() == 5


def test_a_damaged_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "events.db").write_bytes(random.Random(1).randbytes(8192))
    with pytest.raises(Permanent, match="damaged"):
        LineStore(tmp_path / "events.db")


def until_full(take: Callable[[int], object]) -> int:
    """Return how often something was taken before the disk was full."""
    for number in range(10_000):
        try:
            take(number)
        except Permanent as error:
            assert error.key == "lines.refused"  # noqa: PT017  # any number of them went well
            return number
    raise AssertionError("never full")


def test_on_a_full_disk_nothing_that_was_taken_is_lost(store: LineStore) -> None:
    base = store._tables._base
    base.execute("PRAGMA max_page_count = 60")  # what SQLite sees of a full disk
    batches = until_full(lambda n: store.keep_all([("web1", "a.log", made(100, 100 * n))], {"a": {"read": 100 * n + 100}}))
    letters = until_full(lambda n: store.put("hook", "x" * 1000))
    base.execute("PRAGMA max_page_count = 1000000")
    assert (store.lines(), store.position("a")) == (100 * batches, {"read": 100 * batches})
    assert len(store.post("hook", 0, 10_000)) == letters
    store.keep("web1", "a.log", made(100, 100 * batches))
    assert store.lines() == 100 * batches + 100 > 100
