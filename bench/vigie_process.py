"""Runs the product as its users do: a process, its own home, nothing inherited that matters."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]


@contextmanager
def home() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="vigie-bench-") as folder:
        yield Path(folder) / "home"


def environment(home: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG", "TMPDIR"}}
    return {**kept, "VIGIE_HOME": str(home), "NO_COLOR": "1"}


def vigie(home: Path, *words: str, timeout_s: float = 300.0) -> tuple[int, Any, float]:
    """Run `vigie WORDS --json`; return its exit code, its document and the seconds it took."""
    started = time.monotonic()
    ended = subprocess.run(
        [sys.executable, "-m", "vigie", *words, "--json"],
        capture_output=True,
        text=True,
        timeout=timeout_s,
        env=environment(home),
        check=False,
        stdin=subprocess.DEVNULL,
    )
    seconds = time.monotonic() - started
    return ended.returncode, json.loads(ended.stdout or "null"), seconds


@contextmanager
def server(home: Path) -> Iterator[tuple[subprocess.Popen[bytes], dict[str, Any]]]:
    """Run `vigie up` until the block ends; yields the process and what `run/up.json` says of it."""
    process = subprocess.Popen(
        [sys.executable, "-m", "vigie", "up", "--no-browser"],
        env=environment(home),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        facts = home / "run" / "up.json"
        for _ in range(600):
            if facts.exists() or process.poll() is not None:
                break
            time.sleep(0.05)
        yield process, json.loads(facts.read_text(encoding="utf-8"))
    finally:
        process.terminate()
        process.wait(timeout=20)
