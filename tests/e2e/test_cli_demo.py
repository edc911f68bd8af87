"""The demonstration as a newcomer runs it."""

import json
import os
import pty
import re
import select
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.integration.cli.command_line import CommandLine

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]
LIMIT_S = 200


def _demo(vigie: CommandLine, temporary: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        vigie.argv("demo", *words),
        env=vigie.environment(TMPDIR=str(temporary)),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )


@pytest.fixture
def vigie(tmp_path: Path) -> CommandLine:
    return CommandLine(tmp_path / "home")


@pytest.fixture
def temporary() -> Iterator[Path]:
    # A short path: a socket's may have about a hundred bytes.
    folder = Path(tempfile.mkdtemp(prefix="vd-"))
    yield folder
    shutil.rmtree(folder)


def test_a_missing_index_is_found_and_mended_before_the_newcomer_s_eyes(vigie: CommandLine, temporary: Path) -> None:
    ended = _demo(vigie, temporary, "--json", "--lang", "fr")
    assert ended.returncode == 0, ended.stderr
    answer = json.loads(ended.stdout)
    assert (answer["state"], answer["verified"], answer["oracle"]["health"]) == ("resolved", True, "healthy")
    assert answer["label"] == "db.index.missing"
    assert answer["cases"] == [answer["case"]], "the alert and the ticket are one case"
    assert "http://127.0.0.1:" in ended.stderr
    assert Path(answer["report_file"]).read_text(encoding="utf-8").startswith("#")
    assert Path(answer["report_file"]).parent == vigie.home / "reports"
    assert list(temporary.iterdir()) == [], "everything else is gone"


def test_the_person_at_the_terminal_sees_the_plan_and_says_yes(vigie: CommandLine, temporary: Path) -> None:
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        vigie.argv("demo", "--autonomy", "propose", "--scenario", "wrong_setting"),
        env=vigie.environment(TMPDIR=str(temporary), TERM="xterm", COLUMNS="200"),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    ) as demo:
        os.close(theirs)
        seen = _until(ours, "Approve this plan")
        assert "+ upstream" in seen
        assert re.search(r"[0-9a-f]{64}", seen)
        os.write(ours, b"y\n")
        seen = _until(ours, "Seen from outside: healthy")
        seen += _until(ours, None)
        assert demo.wait(LIMIT_S) == 0, seen
    os.close(ours)


def _until(terminal: int, words: str | None) -> str:
    """Read a terminal until it shows some words, or to its end."""
    seen, deadline = "", time.monotonic() + LIMIT_S
    while time.monotonic() < deadline and not (words and words in seen):
        if select.select([terminal], [], [], 1.0)[0]:
            try:
                seen += os.read(terminal, 65536).decode("utf-8", "replace")
            except OSError:
                break
    assert words is None or words in seen, seen
    return seen
