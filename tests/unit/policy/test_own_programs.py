"""Models of the user's own: what they may teach the gate, and what they may not."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from vigie.domain.errors import BadUsage
from vigie.policy import examples, models
from vigie.policy.shell import classify

MODEL = """
about: Looks after our shop.
commands:
  "status": look
  "reload": service reload
examples:
  safe-read: ["shopctl status"]
  dangerous: ["shopctl frobnicate"]
"""


@pytest.fixture(autouse=True)
def _clean() -> Iterator[None]:
    yield
    models.forget()


def learn(folder: Path, name: str, text: str) -> tuple[str, ...]:
    (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return models.learn(folder)


def test_a_program_of_ones_own_is_known_once_it_was_learned(tmp_path: Path) -> None:
    assert classify("shopctl status").effect_class == "dangerous"
    assert learn(tmp_path, "shopctl", MODEL) == ("shopctl",)
    assert classify("shopctl status").effect_class == "safe-read"
    assert classify("shopctl reload").effect_class == "reversible-change"
    assert classify("shopctl frobnicate").effect_class == "dangerous"
    assert all(each.holds for each in examples.tried(["shopctl"]))


def test_an_example_that_is_wrong_is_told(tmp_path: Path) -> None:
    learn(tmp_path, "shopctl", MODEL.replace("shopctl status", "shopctl status; rm x"))
    wrong = [each for each in examples.tried(["shopctl"]) if not each.holds]
    assert [each.judged.line for each in wrong] == ["shopctl status; rm x"]
    assert wrong[0].because("fr") == ("Elle supprime quelque chose : x.",)


@pytest.mark.parametrize("name", ["bash", "rm", "sudo"])
def test_what_the_release_knows_is_not_replaced(tmp_path: Path, name: str) -> None:
    with pytest.raises(BadUsage):
        learn(tmp_path, name, MODEL)


@pytest.mark.parametrize(
    "text",
    [
        "about: [",
        "operands: frobnicate",
        "operand: look",
        MODEL.replace('dangerous: ["shopctl frobnicate"]', ""),
        MODEL.replace("safe-read", "harmless"),
        "- a list",
        "",
    ],
)
def test_a_broken_model_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(BadUsage):
        learn(tmp_path, "shopctl", text)
    assert classify("shopctl status").effect_class == "dangerous"


def test_a_folder_that_is_not_there_teaches_nothing(tmp_path: Path) -> None:
    assert models.learn(tmp_path / "none") == ()
