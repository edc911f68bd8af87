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


@pytest.mark.slow
def test_the_console_s_own_tests_pass() -> None:
    node = ROOT / ".run" / "node" / "bin"
    if not (node / "npm").exists() or not (ROOT / "console" / "node_modules").exists():
        pytest.skip("the console was not built here: ./run test builds it")
    path = {"PATH": f"{node}:/usr/bin:/bin", "HOME": str(ROOT / ".run"), "NO_COLOR": "1"}
    told = subprocess.run(
        [str(node / "npm"), "test", "--silent"], cwd=ROOT / "console", env=path, capture_output=True, text=True, check=False
    )
    assert told.returncode == 0, told.stdout[-4000:] + told.stderr[-2000:]
