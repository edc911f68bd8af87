"""Runs `vigie` as a process on a home of its own."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.warm import Warm

SOURCE = Path(__file__).parents[3] / "src"
LIMIT_S = 60


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Return the one document on the standard output."""
        assert self.out, f"nothing said; exit code {self.code}: {self.err}"
        return json.loads(self.out)

    @property
    def error(self) -> dict[str, str]:
        """Return the error of a JSON answer."""
        error: dict[str, str] = self.json["error"]
        return error


@dataclass(frozen=True)
class CommandLine:
    """The command line on one home."""

    home: Path

    def __call__(self, *words: str, stdin: str | bytes | None = None, **environment: str) -> Ended:
        """Run a command to its end, in a fork of a process that has imported the program already."""
        given = stdin.encode() if isinstance(stdin, str) else stdin
        code, out, err = Warm.ready().run(words, self.environment(**environment), given or b"", LIMIT_S)
        return Ended(code, out.decode(), err.decode())

    def start(self, *words: str, **environment: str) -> "subprocess.Popen[str]":
        """Start a command."""
        return subprocess.Popen(
            self.argv(*words),
            env=self.environment(**environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            # Whoever started the tests in the background has had them ignore Ctrl-C, and children inherit that.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),  # noqa: PLW1509  # we have no threads
        )

    @contextmanager
    def up(self, *words: str) -> "Iterator[tuple[subprocess.Popen[str], dict[str, str]]]":
        """Have a server run, and stop it."""
        server = self.start("up", "--no-browser", "--json", *words)
        try:
            assert server.stdout is not None
            yield server, _document(server.stdout)
        finally:
            server.terminate()
            server.communicate(timeout=LIMIT_S)

    @staticmethod
    def argv(*words: str) -> Sequence[str]:
        """Return the words of a process."""
        return [sys.executable, "-m", "vigie", *words]

    def environment(self, **more: str) -> dict[str, str]:
        """Return a bare environment."""
        return {"PATH": os.defpath, "PYTHONPATH": os.environ.get("VSTUB", "") + str(SOURCE), "VIGIE_HOME": str(self.home), **more}


@pytest.fixture
def vigie(tmp_path: Path) -> CommandLine:
    return CommandLine(tmp_path / "home")


def _document(stream: Any) -> dict[str, str]:
    """Read one JSON document from a stream that stays open."""
    text = ""
    for line in stream:
        text += line
        try:
            found: dict[str, str] = json.loads(text)
        except ValueError:
            continue
        return found
    raise AssertionError(f"no document: {text!r}")
