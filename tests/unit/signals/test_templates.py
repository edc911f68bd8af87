from hypothesis import given
from hypothesis import strategies as st

from vigie.signals.templates import MASK, Miner, masked


def test_values_that_vary_are_masked() -> None:
    assert (
        masked("order 12 of 'bob' took 31ms at 10.0.0.1:80, id 7f3a9c1e")
        == f"order {MASK} of {MASK} took {MASK} at {MASK}, id {MASK}"
    )


def test_lines_that_say_the_same_have_one_template() -> None:
    miner = Miner()
    templates = {
        miner.template(f"connection to {name} failed after {n} tries").key for n, name in enumerate(["db", "cache", "queue"])
    }
    assert len(templates) == 1
    assert miner.template("connection to mail failed after 1 tries").text == f"connection to {MASK} failed after {MASK} tries"


def test_lines_that_say_something_else_have_another() -> None:
    miner = Miner()
    keys = {
        miner.template(text).key
        for text in ("disk full", "disk slow", "user bob logged in", "no space left on device", "connection refused by host")
    }
    assert len(keys) == 5


def test_memory_is_bounded_whatever_comes() -> None:
    miner = Miner(limit=200)
    for number in range(5000):
        word = "".join(chr(97 + int(digit)) for digit in f"{number:05d}")
        miner.template(f"{word} {word}x {word}y")
    assert len(miner) <= 200
    assert len(miner._by_text) <= 200


@given(st.lists(st.text(max_size=60), max_size=40))
def test_any_text_has_a_template(texts: list[str]) -> None:
    miner = Miner(limit=8)
    for text in texts:
        template = miner.template(text)
        assert template.key
        assert template.text
    assert len(miner) <= 8
