"""Bad input and faults: a clear error in the person's language, the right exit code, nothing half done."""

import json
import os
import signal
import socket
import stat
import subprocess
from pathlib import Path

import pytest
from tests.integration.cli.command_line import LIMIT_S, CommandLine


@pytest.mark.parametrize(
    ("words", "key"),
    [
        (("hots", "ls"), "cli.unknown_command"),
        (("host", "lss"), "cli.unknown_command"),
        (("host",), "cli.missing_command"),
        (("host", "add"), "cli.missing"),
        (("host", "ls", "--colour"), "cli.unknown_option"),
        (("work", "--hots", "x"), "cli.unknown_option_near"),
        (("work",), "cli.missing"),
        (("work", "--host", "x", "--timeout", "soon"), "cli.bad_value"),
        (("work", "--host", "x", "--timeout", "-1"), "cli.bad_value"),
        (("work", "--host", "x", "--autonomy", "root"), "cli.bad_value"),
        (("work", "--host"), "cli.needs_value"),
        (("case", "show", "1", "2"), "cli.too_many"),
        (("host", "add", "a b", "local"), "cli.bad_host_name"),
        (("host", "add", "web", "telnet://x"), "cli.bad_address"),
        (("work", "--host", "x", "--ticket", "a", "--ticket-file", "b"), "cli.two_tickets"),
        (("work", "--host", "x", "--ticket", "  "), "cli.empty_ticket"),
        (("work", "--host", "x", "--ticket-file", "/dev/null"), "cli.empty_ticket"),
        (("work", "--host", "x", "--host=y"), "cli.twice"),
        (("host", "add", "x", "local", "--key", "a", "--jump", "--key", "--key", "b"), "cli.twice"),
        (("demo", "--scenario", "nonsense"), "cli.unknown_scenario"),
        (("--lang", "de", "host", "ls"), "cli.unknown_language"),
        (("--json", "--csv", "host", "ls"), "cli.two_formats"),
    ],
)
def test_wrong_words_are_told_in_both_languages(vigie: CommandLine, words: tuple[str, ...], key: str) -> None:
    for language in ("fr", "en"):
        ended = vigie("--json", *words) if "--lang" in words else vigie("--json", "--lang", language, *words)
        assert (ended.code, ended.error["code"]) == (2, key)
        assert all(ended.error[part] for part in ("what", "why", "next"))
    assert "--json" in words or vigie(*words).out == ""


def test_wrong_words_make_no_home(vigie: CommandLine) -> None:
    vigie("host", "add")
    assert not vigie.home.exists()


@pytest.mark.parametrize(
    ("words", "key"),
    [
        (("host", "show", "nobody"), "host.unknown"),
        (("host", "rm", "nobody"), "host.unknown"),
        (("baseline", "take", "nobody"), "host.unknown"),
        (("work", "--host", "nobody"), "host.unknown"),
        (("case", "show", "99"), "case.unknown"),
        (("case", "approve", "99"), "case.unknown"),
        (("backup", "restore", "B-99"), "backup.unknown"),
    ],
)
def test_what_is_not_there_is_told(vigie: CommandLine, words: tuple[str, ...], key: str) -> None:
    french, english = vigie("--json", "--lang", "fr", *words), vigie("--json", *words)
    assert (french.code, english.code) == (1, 1)
    assert french.error["code"] == key
    assert french.error["what"] != english.error["what"]
    assert vigie("case", "ls", "--json").json == {"cases": []}


@pytest.mark.parametrize("address", ["exec:/no/such/program", "exec:false", "exec:sh -c 'exit 3' --", "ssh://nobody@127.0.0.1:1"])
def test_a_host_that_cannot_be_reached_is_not_added(vigie: CommandLine, address: str) -> None:
    ended = vigie("host", "add", "gone", address, "--json", "--lang", "fr")
    assert ended.code == 1
    assert ended.error["code"].startswith("host.")
    assert vigie("host", "ls", "--json").json == {"hosts": []}


def test_a_name_that_is_taken_is_not_given_to_another_host(vigie: CommandLine) -> None:
    vigie("host", "add", "here", "local")
    ended = vigie("host", "add", "here", "exec:env", "--json")
    assert (ended.code, ended.error["code"]) == (1, "cli.host_taken")
    assert vigie("host", "show", "here", "--json").json["host"]["address"] == "local"


def test_without_a_baseline_there_is_nothing_to_compare(vigie: CommandLine) -> None:
    vigie("host", "add", "here", "local")
    assert vigie("baseline", "diff", "here", "--json").error["code"] == "cli.no_baseline"


@pytest.mark.parametrize("name", ["missing.txt", "."])
def test_a_ticket_that_cannot_be_read_opens_no_case(vigie: CommandLine, tmp_path: Path, name: str) -> None:
    vigie("host", "add", "here", "local")
    ended = vigie("work", "--host", "here", "--ticket-file", str(tmp_path / name), "--json", "--lang", "fr")
    assert (ended.code, ended.error["code"]) == (1, "cli.ticket_unreadable")
    assert vigie("case", "ls", "--json").json == {"cases": []}


def test_a_ticket_without_an_end_is_too_long(vigie: CommandLine) -> None:
    vigie("host", "add", "here", "local")
    assert vigie("work", "--host", "here", "--ticket-file", "/dev/zero", "--json").error["code"] == "cli.ticket_too_long"


def test_waiting_for_a_ticket_can_be_stopped(vigie: CommandLine, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "never")
    waiting = vigie.start("work", "--host", "here", "--ticket-file", str(tmp_path / "never"), "--json")
    with (tmp_path / "never").open("wb"):  # goes on once the other end is open
        with pytest.raises(subprocess.TimeoutExpired):
            waiting.wait(0.5)
        waiting.send_signal(signal.SIGINT)
        out, err = waiting.communicate(timeout=LIMIT_S)
    assert waiting.returncode == 130, err
    assert json.loads(out)["error"]["code"] == "cli.interrupted"


@pytest.mark.parametrize("words", [("host", "ls"), ("up", "--no-browser"), ("doctor",)])
def test_broken_settings_are_told_with_their_place(vigie: CommandLine, words: tuple[str, ...]) -> None:
    vigie.home.mkdir()
    (vigie.home / "config.yaml").write_text("server:\n  port: many\n", encoding="utf-8")
    ended = vigie(*words, "--json", "--lang", "fr")
    told = ended.out
    assert ended.code == (1 if words == ("doctor",) else 2)
    assert "config.yaml" in told
    assert "2" in told


def test_a_home_that_is_a_file_is_told(vigie: CommandLine) -> None:
    vigie.home.write_text("not a folder", encoding="utf-8")
    ended = vigie("host", "ls", "--json", "--lang", "fr")
    assert ended.code == 1
    assert ended.error["code"].startswith("home.")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_in_the_home_of_somebody_else_nothing_is_left_behind(vigie: CommandLine) -> None:
    vigie.home.mkdir()
    os.chown(vigie.home, 65534, 65534)
    for words in (("up", "--no-browser"), ("host", "ls")):
        assert vigie(*words, "--json").error["code"] == "home.not_yours"
    assert list(vigie.home.iterdir()) == []
    assert "home.folder" in [check["name"] for check in vigie("doctor", "--json").json["checks"] if check["status"] == "fail"]


def test_a_home_that_cannot_even_be_seen_is_told(vigie: CommandLine, tmp_path: Path) -> None:
    beyond = str(tmp_path / ("x" * 300))
    assert vigie("host", "ls", "--json", VIGIE_HOME=beyond).error["code"].startswith("home.")
    doctor = vigie("doctor", "--json", "--lang", "fr", VIGIE_HOME=beyond)
    assert "home.folder" in [check["name"] for check in doctor.json["checks"] if check["status"] == "fail"]


def test_knowledge_of_one_s_own_is_read_before_anything_is_done(vigie: CommandLine) -> None:
    vigie.home.mkdir()
    (vigie.home / "config.yaml").write_text("knowledge: [mine]\n", encoding="utf-8")
    assert vigie("work", "--host", "x", "--json").error["code"] == "knowledge.no_folder"
    (vigie.home / "mine" / "causes").mkdir(parents=True)
    (vigie.home / "mine" / "causes" / "a.yaml").write_text("name: x\nlabel: [\n", encoding="utf-8")
    ended = vigie("work", "--host", "x", "--json", "--lang", "fr")
    assert (ended.code, ended.error["code"]) == (2, "yaml.broken")
    assert "a.yaml, ligne 3, colonne 1" in ended.error["what"]


def test_a_damaged_record_of_the_cases_at_work_is_told_before_a_server_begins(vigie: CommandLine) -> None:
    vigie("host", "add", "here", "local")
    (vigie.home / "workflows.db").write_bytes(b"no database " * 900)
    ended = vigie("up", "--no-browser", "--port", "0", "--json", "--lang", "fr")
    assert (ended.code, ended.error["code"]) == (1, "case.engine_corrupt")
    doctor = vigie("doctor", "--json")
    assert "memory.workflows" in [check["name"] for check in doctor.json["checks"] if check["status"] == "fail"]


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is read-only for root")
def test_a_home_that_cannot_be_written_is_told(vigie: CommandLine) -> None:
    vigie.home.mkdir(mode=0o500)
    for words in (("host", "ls"), ("up", "--no-browser")):
        ended = vigie(*words, "--json")
        assert ended.code == 1
        assert ended.error["next"]


def test_a_corrupt_database_is_told_and_left_as_it_is(vigie: CommandLine) -> None:
    vigie("host", "add", "here", "local")
    database = vigie.home / "vigie.db"
    for beside in vigie.home.glob("vigie.db-*"):
        beside.unlink()
    broken = b"this is no database at all " * 400
    database.write_bytes(broken)
    ended = vigie("host", "ls", "--json", "--lang", "fr")
    assert ended.code == 1
    assert ended.error["code"].startswith("database.")
    assert database.read_bytes() == broken
    doctor = vigie("doctor", "--json")
    failed = [check for check in doctor.json["checks"] if check["status"] == "fail"]
    assert doctor.code == 1
    assert any(check["name"] == "memory.database" and check["repair"] for check in failed)


def test_a_port_that_is_taken_is_told(vigie: CommandLine) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = vigie("up", "--no-browser", "--port", str(port), "--json", "--lang", "fr")
    assert (ended.code, ended.error["code"]) == (1, "cli.port_taken")
    assert str(port) in ended.error["what"]


def test_a_second_server_names_the_first_and_leaves_it_running(vigie: CommandLine) -> None:
    with vigie.up("--port", "0") as (first, said):
        second = vigie("up", "--no-browser", "--json", "--lang", "fr")
        assert (second.code, second.error["code"]) == (1, "cli.already_up")
        assert str(first.pid) in second.error["why"]
        assert said["address"] in second.error["why"]
        assert first.poll() is None
        assert stat.S_IMODE((vigie.home / "run" / "up.json").stat().st_mode) == 0o600


def test_a_server_ends_cleanly_when_it_is_told_to(vigie: CommandLine) -> None:
    server = vigie.start("up", "--no-browser", "--port", "0")
    assert server.stdout is not None
    assert server.stdout.readline()
    server.send_signal(2)
    out, err = server.communicate(timeout=LIMIT_S)
    assert server.returncode == 0, out + err
    assert "Traceback" not in err
    assert not (vigie.home / "run" / "up.json").exists()


def test_a_terminal_that_closes_ends_a_server_cleanly(vigie: CommandLine) -> None:
    with vigie.up("--port", "0") as (server, _):
        server.send_signal(signal.SIGHUP)
        assert server.wait(LIMIT_S) == 0
        assert not (vigie.home / "run" / "up.json").exists()


def test_a_killed_server_is_no_hindrance(vigie: CommandLine) -> None:
    with vigie.up("--port", "0") as (server, _):
        server.kill()
        server.wait(10)
    with vigie.up("--port", "0") as (_, said):
        assert said["address"].startswith("http://127.0.0.1:")


def test_other_commands_work_beside_a_server(vigie: CommandLine) -> None:
    with vigie.up("--port", "0"):
        assert vigie("host", "add", "here", "local").code == 0
        server = next(check for check in vigie("doctor", "--json").json["checks"] if check["name"] == "home.server")
        assert server["status"] == "pass"


def test_doctor_changes_nothing(vigie: CommandLine) -> None:
    assert vigie("doctor", "--json").code == 0
    assert not vigie.home.exists()


def test_a_bare_environment_is_enough(vigie: CommandLine) -> None:
    ended = subprocess.run(
        vigie.argv("host", "ls", "--json"),
        env={"PYTHONPATH": vigie.environment()["PYTHONPATH"], "VIGIE_HOME": str(vigie.home)},
        capture_output=True,
        timeout=LIMIT_S,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
