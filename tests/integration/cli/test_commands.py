"""Every command answers a person and a program, in both languages."""

import csv
import io
import json

import pytest
from tests.integration.cli.command_line import CommandLine

# Command, and the keys of its JSON document on a new home.
ON_A_NEW_HOME = [
    (("doctor",), {"checks"}),
    (("host", "ls"), {"hosts"}),
    (("case", "ls"), {"cases"}),
    (("backup", "ls"), {"backups"}),
    (("audit", "verify"), {"entries", "valid", "first_bad"}),
    (("agents", "ls"), {"agents"}),
    (("tools", "ls"), {"tools"}),
    (("plugins",), {"plugins"}),
    (("demo", "--scenario", "list"), {"scenarios"}),
    (("ask", "--history"), {"exchanges"}),
    (("policy", "explain", "ls -l"), {"line", "class", "effects", "reasons"}),
]


@pytest.mark.parametrize(("words", "keys"), ON_A_NEW_HOME)
def test_json_is_one_document_with_the_promised_keys(vigie: CommandLine, words: tuple[str, ...], keys: set[str]) -> None:
    ended = vigie("--json", *words)
    assert ended.code == 0, ended.err
    assert keys <= set(ended.json)


@pytest.mark.parametrize(("words", "keys"), ON_A_NEW_HOME)
def test_a_person_is_answered_in_french(vigie: CommandLine, words: tuple[str, ...], keys: set[str]) -> None:
    del keys
    ended = vigie(*words, "--lang", "fr")
    assert ended.code == 0, ended.err
    assert ended.out.strip()
    assert "\x1b" not in ended.out


@pytest.mark.parametrize(("words", "keys"), ON_A_NEW_HOME)
def test_csv_has_a_heading(vigie: CommandLine, words: tuple[str, ...], keys: set[str]) -> None:
    del keys
    ended = vigie(*words, "--csv")
    assert ended.code == 0, ended.err
    assert next(csv.reader(io.StringIO(ended.out)))


def test_help_is_in_the_language_of_the_locale(vigie: CommandLine) -> None:
    assert "Utilisation :" in vigie("host", "add", "--help", LANG="fr_FR.UTF-8").out
    assert "Usage:" in vigie("host", "add", "--help").out


def test_help_as_json_is_one_document(vigie: CommandLine) -> None:
    assert {"usage", "help", "options", "commands"} <= set(vigie("--help", "--json").json)


def test_a_command_is_missing(vigie: CommandLine) -> None:
    ended = vigie()
    assert (ended.code, ended.out) == (2, "")
    assert vigie("--json").error["code"] == "cli.missing_command"


def test_a_host_has_a_life(vigie: CommandLine) -> None:
    added = vigie("host", "add", "here", "local", "--autonomy", "observe", "--json")
    assert added.code == 0, added.err
    assert {"name", "address", "os", "manager", "status"} <= set(added.json["host"])
    assert vigie("host", "test", "here", "--json").json["host"]["status"] == "ok"
    assert vigie("host", "set", "here", "--autonomy", "act", "--json").json["host"]["autonomy"] == "act"
    assert vigie("host", "show", "here", "--json").json["host"]["autonomy"] == "act"
    assert "here" in vigie("host", "ls").out
    assert vigie("host", "rm", "here", "--json").code == 0
    assert vigie("host", "ls", "--json").json == {"hosts": []}
    assert vigie("audit", "verify", "--json").json["valid"] is True


def test_a_conversation_shows_where_it_stands_and_is_forgotten(vigie: CommandLine) -> None:
    assert vigie("ask", "bonjour").code == 0
    assert vigie("ask", "merci", "--session", "other").code == 0
    assert [each["text"] for each in vigie("ask", "--history", "BONJOUR", "--json").json["exchanges"]] == ["bonjour"]
    assert vigie("ask", "--status", "--json").json["exchanges"] == 1
    assert vigie("ask", "--reset", "--json").json == {"session": "terminal", "forgotten": 1}
    assert vigie("ask", "--reset", "--status", "--json").error["code"] == "cli.one_of"


def test_a_host_behind_a_prefix_is_added(vigie: CommandLine) -> None:
    assert vigie("host", "add", "cell", "exec:env X=1", "--json").json["host"]["status"] == "ok"


def test_a_host_may_be_added_without_being_asked(vigie: CommandLine) -> None:
    added = vigie("host", "add", "far", "ssh://nobody@192.0.2.1:22", "--offline", "--json")
    assert added.json["host"]["status"] == "unknown"


def test_a_baseline_is_taken_shown_and_compared(vigie: CommandLine, tmp_path: object) -> None:
    vigie("host", "add", "here", "local", "--focus", str(tmp_path))
    taken = vigie("baseline", "take", "here", "--json")
    assert taken.code == 0, taken.err
    assert taken.json["changes"] == []
    assert taken.json["baseline"]["entries"] >= 0
    assert vigie("baseline", "show", "here", "--json").json["baseline"]["host"] == "here"
    assert isinstance(vigie("baseline", "diff", "here", "--json").json["changes"], list)


def test_each_line_of_the_input_gets_one_answer(vigie: CommandLine) -> None:
    ended = vigie("policy", "explain", "-", "--json", stdin="ls\n\nrm -rf /\n")
    rows = [json.loads(line) for line in ended.out.splitlines()]
    assert [row["line"] for row in rows] == ["ls", "", "rm -rf /"]
    assert (rows[0]["class"], rows[2]["class"]) == ("safe-read", "forbidden")
    assert ended.code == 0


def test_after_two_dashes_a_line_may_begin_with_a_dash(vigie: CommandLine) -> None:
    assert vigie("--json", "policy", "explain", "--", "--json").json["line"] == "--json"


def test_an_agent_rests_and_works_again(vigie: CommandLine) -> None:
    name = vigie("agents", "ls", "--json").json["agents"][0]["name"]
    assert vigie("agents", "pause", name, "--json").json["agent"]["state"] == "paused"
    assert vigie("agents", "show", name.upper(), "--json").json["agent"]["paused"] is True
    assert vigie("agents", "resume", name, "--json").json["agent"]["state"] == "working"


def test_the_output_can_be_cut_off(vigie: CommandLine) -> None:
    with vigie.start("plugins", "--csv") as started:
        assert started.stdout is not None
        assert started.stderr is not None
        started.stdout.close()
        assert started.stderr.read() == ""
        assert started.wait(30) == 0
