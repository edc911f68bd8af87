"""A toy fault in a folder: what is broken, what would mend it, and a ledger in which every step leaves one line."""

import asyncio
import json
import os
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from tests.warm import Warm

STEP_S = 0.15


@dataclass(frozen=True)
class Toy:
    """One broken toy and the home of those who mend it."""

    home: Path
    folder: Path

    def ledger(self) -> list[str]:
        """Return what was done to the toy, in order."""
        path = self.folder / "ledger"
        return path.read_text(encoding="utf-8").split() if path.exists() else []

    async def run(self, *, crash_at: str | None = None, kill_after_s: float | None = None) -> dict[str, Any] | None:
        """Work the case in a process of its own; None when it was killed, by us or by its crash point."""
        words = [str(self.home), str(self.folder), *([crash_at] if crash_at else [])]
        with Warm.ready().start(words, {"PATH": os.defpath}, program="tests.chaos.toy_run:run") as process:
            try:
                code = await asyncio.to_thread(process.wait, kill_after_s or 100)
            except subprocess.TimeoutExpired:
                assert kill_after_s is not None, "the case is stuck"
                return None
            if code == -signal.SIGKILL:
                return None
            assert code == 0, process.err().decode()
            answer: dict[str, Any] = json.loads(process.out())
            return answer


def make(root: Path, *, misleading: bool = False) -> Toy:
    """Break a toy; `misleading`: the likeliest cause is the wrong one, and its remedy does not help."""
    toy = Toy(root / "home", root / "toy")
    knowledge = toy.folder / "knowledge"
    for kind in ("causes", "remedies", "probes", "symptoms"):
        (knowledge / kind).mkdir(parents=True)
    (toy.folder / "settings").write_text("depth = 3\n")
    _facts(toy.folder / "broken.jsonl", well=False, misleading=misleading)
    _facts(toy.folder / "good.jsonl", well=True, misleading=misleading)
    _write(knowledge / "probes/toy.yaml", _probe(toy.folder))
    _write(knowledge / "symptoms/ill.yaml", _symptom())
    _write(knowledge / "causes/right.yaml", _cause("right", 0.2, "loose"))
    _write(knowledge / "remedies/right.yaml", _remedy("right", toy.folder, mends=True))
    if misleading:
        _write(knowledge / "causes/wrong.yaml", _cause("wrong", 0.6, "odd"))
        _write(knowledge / "remedies/wrong.yaml", _remedy("wrong", toy.folder, mends=False))
    return toy


def _facts(path: Path, *, well: bool, misleading: bool) -> None:
    said: list[tuple[str, object]] = [("toy.state", {"well": well})]
    if not well:
        said += [("toy.loose", True), *([("toy.odd", True)] if misleading else [])]
    path.write_text("".join(f"{json.dumps({'subject': 'host', 'name': name, 'value': value})}\n" for name, value in said))


def _probe(folder: Path) -> dict[str, Any]:
    return {
        "name": "toy.look",
        "title": _both("The toy"),
        "variants": [{"line": f"cat {folder}/mended.jsonl || cat {folder}/broken.jsonl"}],
        "parser": "facts",
        "yields": ["toy.state", "toy.loose", "toy.odd"],
        "survey": True,
        "cost_s": 0.1,
    }


def _symptom() -> dict[str, Any]:
    return {
        "name": "toy_ill",
        "see": _ill(),
        "check": {"probe": "toy.look"},
        "seen": [0.95, 0.01],
        "says": _both("the toy is ill"),
        "good": _both("the toy is well"),
    }


def _cause(name: str, prior: float, sign: str) -> dict[str, Any]:
    evidence = [(_ill(), 0.02, True), ({"fact": f"toy.{sign}"}, 0.01, False)]
    return {
        "name": f"toy_{name}",
        "label": f"app.toy.{name}",
        "prior": prior,
        "title": _both(f"The toy is broken the {name} way"),
        "explanation": _both("It was dropped."),
        "evidence": [
            {"see": see, "check": {"probe": "toy.look"}, "seen": [0.98, other], "must": must, "says": _both("it shows")}
            for see, other, must in evidence
        ],
        "remedies": [f"toy.{name}"],
    }


def _remedy(name: str, folder: Path, *, mends: bool) -> dict[str, Any]:
    ledger = folder / "ledger"
    steps = [_ledger_step(f"{name}-one", ledger), _ledger_step(f"{name}-two", ledger)]
    if mends:
        steps.append(
            {
                "line": f"sleep {STEP_S} && cp {folder}/good.jsonl {folder}/mended.jsonl && echo {name}-mended >> {ledger}",
                "witness": f"cat {folder}/mended.jsonl {ledger}",
                "goal": f"grep -qx {name}-mended {ledger}",
                "undo": [f"rm -f {folder}/mended.jsonl"],
            }
        )
    return {
        "name": f"toy.{name}",
        "title": _both("Mend the toy"),
        "explanation": _both("It is glued."),
        "slots": {},
        "backup": [f"{folder}/settings"],
        "steps": steps,
        "verify": [
            {
                "check": {"probe": "toy.look"},
                "see": {"fact": "toy.state", "value": {"well": {"equals": True}}},
                "says": _both("well"),
            }
        ],
        "sustain_s": 1.0,
    }


def _ledger_step(word: str, ledger: Path) -> dict[str, Any]:
    return {
        "line": f"sleep {STEP_S} && echo {word} >> {ledger}",
        "witness": f"cat {ledger}",
        "goal": f"grep -qx {word} {ledger}",
        "undo": [f"sleep {STEP_S} && echo un-{word} >> {ledger}"],
    }


def _ill() -> dict[str, Any]:
    return {"fact": "toy.state", "value": {"well": {"equals": False}}}


def _both(text: str) -> dict[str, str]:
    return {"en": text, "fr": text}


def _write(path: Path, body: dict[str, Any]) -> None:
    path.write_text(yaml.safe_dump(body), encoding="utf-8")
