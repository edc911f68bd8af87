"""Every command, argument and option is explained in both languages; help costs nothing heavy."""

import subprocess
import sys
from pathlib import Path

import pytest

from vigie import i18n
from vigie.i18n import LANGUAGES, Language
from vigie.interfaces.cli import usage
from vigie.interfaces.cli.commands import application

SOURCE = Path(__file__).parents[3] / "src"
COMMANDS = dict(usage.commands(usage.build(application())))


@pytest.mark.parametrize("path", COMMANDS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_word_of_a_command_is_explained(path: str, language: Language) -> None:
    assert usage.help_text(COMMANDS[path], path, language).startswith(i18n.text(language, "cli.usage"))


@pytest.mark.parametrize(
    "command",
    [
        *("up", "demo", "doctor", "work", "plugins", "tools ls", "audit verify", "policy explain"),
        *("host add", "host ls", "host show", "host set", "host test", "host rm"),
        *("baseline take", "baseline show", "baseline diff", "backup ls", "backup restore"),
        *("case ls", "case show", "case approve", "case reject", "case comment"),
        *("agents ls", "agents show", "agents pause", "agents resume", "agents new"),
    ],
)
def test_every_promised_command_is_there(command: str) -> None:
    assert f"vigie {command}" in COMMANDS


def test_help_imports_nothing_heavy() -> None:
    program = (
        "import sys, vigie.app\n"
        "from vigie.interfaces.cli.main import run\n"
        "run(['--help'], vigie.app.FromEnvironment())\n"
        "heavy = {'dbos', 'asyncssh', 'fastapi', 'uvicorn', 'sqlalchemy', 'rich', 'httpx', 'pydantic', 'jinja2'}\n"
        "sys.exit(', '.join(sorted(heavy & set(sys.modules))) or 0)\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program], env={"PYTHONPATH": str(SOURCE)}, capture_output=True, text=True, timeout=30, check=False
    )
    assert ended.stderr == ""
    assert ended.returncode == 0
