"""The console speaks both languages to the same extent."""

import json
import re
from pathlib import Path

import pytest

CONSOLE = Path(__file__).parents[2] / "console" / "src"


def keys(tree: dict[str, object], prefix: str = "") -> set[str]:
    found: set[str] = set()
    for name, value in tree.items():
        found |= keys(value, f"{prefix}{name}.") if isinstance(value, dict) else {prefix + name}
    return found


def said(tree: dict[str, object]) -> set[str]:
    """What a page may name: a key, without the endings that count."""
    return {re.sub(r"_(one|other)$", "", key) for key in keys(tree)}


def catalogue(language: str) -> dict[str, object]:
    tree: dict[str, object] = json.loads((CONSOLE / "i18n" / f"{language}.json").read_text(encoding="utf-8"))
    return tree


def test_both_catalogues_have_the_same_keys() -> None:
    assert keys(catalogue("fr")) == keys(catalogue("en"))


@pytest.mark.parametrize("page", sorted(CONSOLE.rglob("*.tsx")), ids=lambda page: page.name)
def test_every_key_that_a_page_names_is_in_the_catalogue(page: Path) -> None:
    named = set(re.findall(r"\bt\('([\w.]+)'", page.read_text(encoding="utf-8")))
    assert named <= said(catalogue("en"))


def test_french_keeps_its_marks_with_their_words() -> None:
    text = (CONSOLE / "i18n" / "fr.json").read_text(encoding="utf-8")
    sentences = json.dumps(json.loads(text), ensure_ascii=False, separators=(",", ":"))
    assert re.findall(r".{0,20} [»:;?!%].{0,10}|«[^\u00a0].{0,10}", sentences) == []
