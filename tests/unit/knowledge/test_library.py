"""Loading knowledge: ours, and the user's over it."""

from pathlib import Path

import pytest

from vigie.domain.errors import BadUsage
from vigie.knowledge import library

SCRIPT = "name: mine\neffect_class: safe-read\nsays: {en: A, fr: B}\n"


def probe(name: str, line: str = "uptime") -> str:
    return (
        f'name: {name}\ntitle: {{en: A, fr: B}}\nvariants: [{{line: "{line}"}}]\nparser: facts\nyields: [host.load]\ncost_s: 1\n'
    )


def test_the_released_knowledge_is_there_and_kept() -> None:
    known = library.load()
    assert library.load() is known
    assert {"tools", "ports", "log.errors", "sqlite.schema"} <= set(known.probes)
    assert list(known.managers)[-1] == "plain"


def test_a_folder_of_the_user_adds_and_overrides_by_name(tmp_path: Path) -> None:
    (tmp_path / "probes").mkdir()
    (tmp_path / "probes" / "a.yaml").write_text(probe("own.thing"), encoding="utf-8")
    (tmp_path / "probes" / "b.yaml").write_text(probe("host.load", "cat /proc/loadavg"), encoding="utf-8")
    known = library.load([tmp_path])
    assert known.probes["own.thing"].variants[0].line == "uptime"
    assert known.probes["host.load"].variants[0].line == "cat /proc/loadavg"
    assert "ports" in known.probes


def test_one_name_twice_in_a_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "probes").mkdir()
    for file in ("a", "b"):
        (tmp_path / "probes" / f"{file}.yaml").write_text(probe("own.thing"), encoding="utf-8")
    with pytest.raises(BadUsage, match="second time"):
        _ = library.load([tmp_path]).probes


def test_a_script_is_known_by_its_digest(tmp_path: Path) -> None:
    (tmp_path / "scripts").mkdir()
    (tmp_path / "scripts" / "mine.yaml").write_text(SCRIPT, encoding="utf-8")
    (tmp_path / "scripts" / "mine.py").write_text("print(1)\n", encoding="utf-8")
    script = library.load([tmp_path]).scripts["mine"]
    assert script.source == b"print(1)\n"
    assert len(script.sha256) == 64


def test_a_declaration_without_its_script_is_told(tmp_path: Path) -> None:
    (tmp_path / "scripts").mkdir()
    (tmp_path / "scripts" / "mine.yaml").write_text(SCRIPT, encoding="utf-8")
    with pytest.raises(BadUsage, match=r"mine\.py"):
        _ = library.load([tmp_path]).scripts
