"""The console stays light: what a browser must fetch before it shows anything, and what it fetches later."""

import gzip
import re

import pytest

from vigie.interfaces.api.console import FOLDER, Console

MAIN_KB_MAX = 180
LAZY_KB_MAX = 120


@pytest.fixture(scope="module", autouse=True)
def built() -> None:
    if not Console().is_built:
        pytest.skip("the console is not built")


def kilobytes(name: str) -> float:
    return len(gzip.compress((FOLDER / "assets" / name).read_bytes(), 9)) / 1024


def main_chunks() -> set[str]:
    """What the page names, and what that imports at once."""
    waiting = set(re.findall(r"/assets/([\w.-]+\.js)", (FOLDER / "index.html").read_text(encoding="utf-8")))
    found: set[str] = set()
    while waiting:
        name = waiting.pop()
        found.add(name)
        code = (FOLDER / "assets" / name).read_text(encoding="utf-8")
        waiting |= set(re.findall(r"""(?:from|import)\s*["']\./([\w.-]+\.js)["']""", code)) - found
    return found


def test_the_main_chunk_is_within_its_budget() -> None:
    assert sum(kilobytes(name) for name in main_chunks()) <= MAIN_KB_MAX


def test_each_lazy_chunk_is_within_its_budget() -> None:
    lazy = {path.name for path in (FOLDER / "assets").glob("*.js")} - main_chunks()
    assert lazy
    assert {name: kilobytes(name) for name in lazy if kilobytes(name) > LAZY_KB_MAX} == {}


def test_nothing_built_names_another_origin_to_fetch_from() -> None:
    html = (FOLDER / "index.html").read_text(encoding="utf-8")
    styles = "".join(path.read_text(encoding="utf-8") for path in (FOLDER / "assets").glob("*.css"))
    assert re.findall(r"""(?:src|href)=["'](?:https?:)?//""", html) == []
    assert re.findall(r"""url\(["']?(?:https?:)?//""", styles) == []
