"""What a broken YAML file says about itself."""

from pathlib import Path

import pytest

from vigie.domain.errors import BadUsage
from vigie.knowledge.models import Manager, Probe, Script
from vigie.knowledge.yaml_file import read_yaml

GOOD = """name: web.check
title: {en: A, fr: B}
variants:
- line: "true"
parser: facts
yields: [log.error]
cost_s: 1
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "piece.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def refusal(folder: Path, text: str) -> BadUsage:
    with pytest.raises(BadUsage) as caught:
        read_yaml(write(folder, text), Probe)
    return caught.value


def test_a_good_file_is_read(tmp_path: Path) -> None:
    assert read_yaml(write(tmp_path, GOOD), Probe).name == "web.check"


@pytest.mark.parametrize(
    ("text", "line", "column", "expected"),
    [
        (GOOD + "oops: [1, 2\n", 9, 1, "not YAML"),
        (GOOD.replace("cost_s: 1", "cost_s: soon"), 7, 1, "a number"),
        (GOOD.replace('- line: "true"', "- lin: x"), 4, 3, "line"),
        (GOOD + "name: again\n", 8, 1, "second time"),
        (GOOD + "colour: red\n", 8, 1, "not known"),
        (GOOD.replace("name: web.check", "name: Web Check"), 1, 1, "like"),
        ("- a\n- b\n", 1, 1, "key: value"),
        (GOOD.replace("title: {en: A, fr: B}", "title: {en: A}"), 2, 1, "fr"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(tmp_path: Path, text: str, line: int, column: int, expected: str) -> None:
    error = refusal(tmp_path, text)
    assert error.key == "yaml.broken"
    assert (error.values["line"], error.values["column"]) == (line, column)
    assert expected in error.what("en")
    assert f"ligne {line}, colonne {column}" in error.what("fr")
    assert str(tmp_path / "piece.yaml") in error.what("fr")


def test_both_languages_say_what_was_expected(tmp_path: Path) -> None:
    error = refusal(tmp_path, GOOD.replace("cost_s: 1", "cost_s: soon"))
    assert "expected a number" in error.what("en")
    assert "un nombre est attendu" in error.what("fr")
    assert error.next("fr").endswith("recommencez.")


def test_a_file_that_is_not_there_or_no_text_is_told(tmp_path: Path) -> None:
    with pytest.raises(BadUsage, match="There is no file"):
        read_yaml(tmp_path / "none.yaml", Probe)
    (tmp_path / "raw.yaml").write_bytes("name: é\ntitle: ".encode() + b"\xff\xfe\x00")
    with pytest.raises(BadUsage, match=r"line 2, column 8.*UTF-8.*0xff"):
        read_yaml(tmp_path / "raw.yaml", Probe)


def test_a_number_out_of_its_limits_is_told_in_both_languages(tmp_path: Path) -> None:
    error = refusal(tmp_path, GOOD.replace("cost_s: 1", "cost_s: -1"))
    assert "-1" in error.what("fr")
    assert "nput should be" not in error.what("fr") + error.what("en")


@pytest.mark.parametrize("text", ["", "\x00", "a: &a [*a]", "a: " + "[" * 3000, "!!python/object:os.system x", "? [a]\n: b\n"])
@pytest.mark.parametrize("model", [Probe, Manager, Script])
def test_no_text_gets_through_or_crashes(tmp_path: Path, text: str, model: type[Probe]) -> None:
    with pytest.raises(BadUsage):
        read_yaml(write(tmp_path, text), model)
