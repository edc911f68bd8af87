"""Where the output goes is none of the work's business: closed, full or left by its reader, nothing is lost."""

import json
import subprocess
from pathlib import Path

import pytest
from tests.integration.cli.command_line import LIMIT_S, CommandLine

_FULL = Path("/dev/full")


def shell(vigie: CommandLine, line: str, *words: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    """Run a shell line in which "$@" is the program with these words."""
    return subprocess.run(
        ["/bin/sh", "-c", line, "sh", *vigie.argv(*words)],
        env=vigie.environment(**environment),
        capture_output=True,
        text=True,
        errors="replace",
        timeout=LIMIT_S,
        check=False,
    )


@pytest.mark.parametrize(
    ("line", "form"),
    [('exec "$@" >&-', "--json"), ('exec "$@" >&- 2>&-', "--csv"), ('exec "$@" <&-', "--lang=en"), ('"$@" | true', "--lang=en")],
)
def test_closed_streams_are_no_failure(vigie: CommandLine, line: str, form: str) -> None:
    ended = shell(vigie, line, "agents", "ls", form)
    assert ended.returncode == 0, ended.stderr
    assert ended.stderr == ""


@pytest.mark.skipif(not _FULL.exists(), reason="this system has no /dev/full")
@pytest.mark.parametrize("form", ["--json", "--csv", "--lang=en"])
def test_an_answer_that_cannot_be_written_is_told(vigie: CommandLine, form: str) -> None:
    ended = shell(vigie, 'exec "$@" > /dev/full', "agents", "ls", form)
    assert ended.returncode == 1
    assert "could not be written" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert shell(vigie, 'exec "$@" > /dev/full 2>&1', "agents", "ls", form).returncode == 1


def test_a_terminal_of_few_letters_is_told_all_the_same(vigie: CommandLine) -> None:
    few = {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "LC_ALL": "C"}
    for words in (("agents", "ls", "--lang", "fr"), ("agents", "ls", "--csv", "--lang", "fr"), ("nope", "--lang", "fr")):
        ended = shell(vigie, 'exec "$@"', *words, **few)
        assert "Traceback" not in ended.stderr
        assert ended.returncode == (2 if "nope" in words else 0)


def test_a_case_is_worked_to_its_end_though_nobody_reads_its_view(vigie: CommandLine, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    vigie("host", "add", "here", "local", "--focus", str(tmp_path / "empty"))
    words = ("work", "--host", "here", "--autonomy", "observe", "--timeout", "20", "--json")
    ended = shell(vigie, '{ "$@" 2>&3 3>&-; echo $? > "$VIGIE_HOME/rc"; } 3>&1 >"$VIGIE_HOME/out" | head -n 1', *words)
    assert ended.stdout
    assert int((vigie.home / "rc").read_text()) in (0, 1)
    assert json.loads((vigie.home / "out").read_text())["state"] in ("no_fault", "escalated")
