"""How a line is handed to a host."""

import shlex

import pytest

from vigie.tools.shell import argv_of


@pytest.mark.parametrize("line", ["uptime", "df -h /", "systemctl show x --property=A", "/usr/bin/env LC_ALL=C ls ./x"])
def test_a_programs_name_and_plain_words_need_no_shell(line: str) -> None:
    assert argv_of(line) == shlex.split(line)


@pytest.mark.parametrize(
    "line",
    [
        "",
        "a  b",
        "ls *",
        "ls ~",
        "echo $HOME",
        "cd /tmp",
        "exit 3",
        "A=1 env",
        "ls | wc",
        "true",
        "ls #x",
        "ls\nls",
        "ls 'x'",
        "if",
        "é",
    ],
)
def test_whatever_a_shell_reads_otherwise_gets_one(line: str) -> None:
    assert argv_of(line) == ["sh", "-c", line]
