"""Other readers of shell are asked about our lines, whole and broken: no command that they see may be one that we overlooked."""

import json
import random
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from vigie.policy.effects import Effect
from vigie.policy.walk import State, Walk
from vigie.policy.words import Flow, Word

pytestmark = pytest.mark.slow
GOLDEN = Path(__file__).parents[2] / "unit" / "policy" / "golden"
SHFMT = shutil.which("shfmt")
_MARKS = ["'", '"', "$", "(", ")", "`", ";", "|", "&", "<", ">", "\\", "{", "}", " ", "#", "=", "*", "\n"]


def lines(count: int) -> list[str]:
    """Return golden lines, every second one with a character put in, taken out or doubled."""
    chance = random.Random(20261120)
    known = [line for path in sorted(GOLDEN.glob("*.txt")) for line in path.read_text(encoding="utf-8").splitlines()]
    found = []
    for line in chance.sample([line for line in known if line and not line.startswith("# ")], count):
        found.append(line)
        place = chance.randrange(len(line))
        mutant = chance.choice(
            [
                line[:place] + chance.choice(_MARKS) + line[place:],
                line[:place] + line[place + 1 :],
                line[:place] + line[place] + line[place:],
            ]
        )
        found.append(mutant)
    return found


class Names(Walk):
    """A walk that notes which programs it meets, and whether it could read all of it."""

    met: list[str]

    def run(self, words: "list[Word]", stdin: Flow) -> Flow:  # type: ignore[override]  # a test's own list
        self.met.append(words[0].shape)
        return Flow(None)


def ours(line: str) -> tuple[set[str], bool]:
    found: list[Effect] = []
    walk = Names(State(found), {}, None)
    walk.met = []
    walk.line(line, Flow(None))
    return set(walk.met), not any(effect.why == "parse_error" for effect in found)


def theirs(line: str) -> set[str] | None:
    """Return the literal names of commands that shfmt sees; None when it cannot read the line."""
    assert SHFMT
    done = subprocess.run([SHFMT, "--to-json", "-ln", "bash"], input=line.encode(), capture_output=True, timeout=10, check=False)
    return set(_calls(json.loads(done.stdout))) if done.returncode == 0 and done.stdout else None


def _calls(node: Any) -> Iterator[str]:
    if isinstance(node, list):
        for each in node:
            yield from _calls(each)
    elif isinstance(node, dict):
        words = node.get("Args") if node.get("Type") == "CallExpr" else None
        if words and all(part.get("Type") == "Lit" for part in words[0]["Parts"]):
            name = "".join(part["Value"] for part in words[0]["Parts"])
            if not set(name) & set("\\~{*?["):
                yield name
        for each in node.values():
            yield from _calls(each)


@pytest.mark.skipif(SHFMT is None, reason="shfmt is not here: pip install shfmt-py gives it")
def test_no_command_that_shfmt_sees_is_overlooked() -> None:
    missed = {}
    for line in lines(400):
        met, readable = ours(line)
        seen = theirs(line)
        if readable and seen is not None and not seen <= met:
            missed[line] = seen - met
    assert not missed


def test_what_bash_reads_we_read_too() -> None:
    unread = []
    for line in lines(300)[::2]:
        valid = subprocess.run(["bash", "-n"], input=line.encode(), capture_output=True, timeout=10, check=False)
        if valid.returncode == 0 and not valid.stderr and not ours(line)[1]:
            unread.append(line)
    assert len(unread) <= 3, unread
