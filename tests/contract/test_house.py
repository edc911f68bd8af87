"""The house keeps its own rules: format, lint, types, layers."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent


@pytest.mark.slow
@pytest.mark.timeout(400)
@pytest.mark.parametrize(
    "words",
    [("ruff", "format", "--check", "--quiet", "."), ("ruff", "check", "--quiet", "."), ("mypy",), ("lint-imports", "--no-logo")],
    ids=["format", "lint", "types", "layers"],
)
def test_the_house_keeps_its_rules(words: tuple[str, ...]) -> None:
    told = subprocess.run([str(BIN / words[0]), *words[1:]], cwd=ROOT, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stdout[-4000:] + told.stderr[-2000:]
