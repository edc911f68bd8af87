"""The miner of templates: as lines come, and over whole logs, with and without the compiler."""

import csv
import io
import random
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigie.signals.mining.blocks import BlockMiner, can_be_fast
from vigie.signals.mining.header import Header
from vigie.signals.templates import MASK, Miner


def mined(lines: Sequence[str | bytes], *, fast: bool = False, size: int = 1 << 20) -> list[str]:
    """Return the template of each line of a log."""
    log = b"\n".join(line.encode() if isinstance(line, str) else line for line in lines) + b"\n"
    miner = BlockMiner(fast=fast)
    for start in range(0, len(log), size):
        miner.take(log[start : start + size])
    rows = list(csv.DictReader(io.StringIO(b"".join(miner.finish().csv()).decode(), newline="")))
    assert [int(row["LineId"]) for row in rows] == list(range(1, len(lines) + 1))
    return [row["EventTemplate"] for row in rows]


@pytest.mark.parametrize(
    ("line", "template"),
    [
        ("took 31ms at 10.0.0.1:80", "took <*> at <*>"),
        ("read 0x1f and 7f3a9c1e", "read <*> and <*>"),
        ("wrote /var/lib/app/data.db", "wrote <*>"),
        ("GET https://shop.example/cart?id=7 failed", "GET https://<*> failed"),
        ("task_1445_0020_m_000001 ended", "task_<*> ended"),
        ("key blk_-160899 lost", "key blk_<*> lost"),
        ("from 00:1b:44:11:3a:b7", "from <*>"),
        ("at Fri Jun 17 07:07:00 2005", "at <*>"),
        ("agent v2.14 ready", "agent v<*> ready"),
        ("temperature -4.5 degrees", "temperature <*> degrees"),
        ("L2 cache is warm", "L2 cache is warm"),
        ("retry=true, last=null", "retry=true, last=null"),
        ("uses com.example.shop.Cart", "uses <*>"),
        ("", ""),
    ],
)
def test_what_varies_by_its_shape_is_masked_and_words_are_not(line: str, template: str) -> None:
    assert mined([line]) == [template]


def test_a_name_varies_once_it_was_seen_to() -> None:
    assert mined(["load 'shop.db'", "load 'cart.db'"]) == ["load '<*>'"] * 2
    assert mined(["load 'shop.db'"] * 2) == ["load 'shop.db'"] * 2


def test_few_digits_in_a_word_vary_once_they_were_seen_to() -> None:
    assert set(mined([f"slot J{n} is full" for n in (4, 5)])) == {"slot J<*> is full"}
    assert set(mined(["slot J4 is full"] * 3)) == {"slot J4 is full"}


def test_a_word_that_takes_many_values_varies() -> None:
    names = ["anna", "bruno", "chloe", "david", "emma", "felix"]
    assert set(mined([f"session opened for user {name} by root" for name in names])) == {"session opened for user <*> by root"}


def test_words_that_are_said_stay_apart() -> None:
    lines = ["disk full", "disk slow", "connection refused by host", "no space left on device", "state true", "state false"]
    assert len(set(mined(lines))) == len(lines)


def test_random_names_side_by_side_vary() -> None:
    rng = random.Random(4)
    words = ["".join(rng.choices("abcdefghijklmnopqrstuvwxyz", k=7)) for _ in range(80)]
    lines = [f"copied {one} of the shop to {other} before the night" for one, other in zip(words[::2], words[1::2], strict=True)]
    assert len(set(mined(lines))) == 1


def test_an_empty_value_is_a_value() -> None:
    assert len(set(mined(["caller 10.0.0.1 (shop.example.org) left", "caller 10.0.0.2 () left"]))) == 1


LINES: list[str | bytes] = [
    *(f"job {n} of worker-{n % 7} took {n * 3} ms in {'abcdefgh'[n % 8]}{'hgfedcba'[n % 5]}" for n in range(400)),
    *(f"user {name} logged in from 10.0.{n}.7" for n, name in enumerate(["anna", "bruno", "chloe", "david", "emma"] * 9)),
    "",
    'a, "quoted" cell',
    b"\xff\xfe\x00 broken \xc3\x28 bytes",
    "x" * 9000 + " 12",
    "é" * 3000,
    "tab\there\r",
    b"end " * 1_000_000,
    "= ( [ { ' \" :// .. ...",
]


@pytest.mark.skipif(not can_be_fast(), reason="the extra `signals` is not installed")
def test_the_compiled_reader_says_what_the_plain_one_says() -> None:
    assert mined(LINES, fast=True) == mined(LINES)


def test_where_blocks_are_cut_changes_nothing() -> None:
    assert mined(LINES, size=97) == mined(LINES)


def test_a_log_without_a_last_newline_keeps_its_last_line() -> None:
    miner = BlockMiner(fast=False)
    miner.take(b"one 1\ntwo 2")
    assert miner.finish().lines == 2


@given(st.lists(st.binary(max_size=80).map(lambda text: text.replace(b"\n", b"")), min_size=1, max_size=20))
def test_any_bytes_have_templates(lines: list[bytes]) -> None:
    assert len(mined(lines)) == len(lines)


def test_a_header_is_taken_away() -> None:
    line = b"2026-11-20 10:00:00 shop[12]: cart is full"
    assert Header(r"^\S+ \S+ \S+ ").message(line) == b"cart is full"
    assert Header(r"^(?:\S+ ){3}(.*)").message(line) == b"cart is full"
    assert Header(r"^(\S+) .*: (?P<message>.*)").message(line) == b"cart is full"
    assert Header(r"^never").message(line) == line


def test_the_online_miner_groups_as_lines_come() -> None:
    miner = Miner()
    keys = [miner.template(f"order {n} of anna took {n * 2} ms").key for n in range(20)]
    assert len(set(keys)) == 1
    known = miner.template("order 99 of anna took 1 ms")
    assert (known.text, known.count) == (f"order {MASK} of anna took {MASK} ms", 21)


def test_the_online_miner_learns_that_a_word_varies() -> None:
    miner = Miner()
    for name in ("db", "cache", "queue", "mail", "search", "store"):
        miner.template(f"connection to service {name} failed after 3 tries")
    known = miner.template("connection to service other failed after 1 tries")
    assert known.text == f"connection to service {MASK} failed after {MASK} tries"
    assert known.count == 7


def test_the_online_miners_memory_is_bounded_whatever_comes() -> None:
    miner = Miner(limit=200)
    for number in range(5000):
        word = "".join(chr(97 + int(digit)) for digit in f"{number:05d}")
        miner.template("-" * (number % 300) + f"{word} {word}x {word}y")
    assert len(miner) <= 200
    assert len(miner._quick) <= 200
    assert len(miner._patterns.all) <= 200


@given(st.lists(st.text(max_size=60), max_size=40))
def test_any_text_has_a_template(texts: list[str]) -> None:
    miner = Miner(limit=8)
    for text in texts:
        template = miner.template(text)
        assert template.key
        assert template.text
    assert len(miner) <= 8
