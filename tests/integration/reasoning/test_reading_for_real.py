"""The probes on real files, processes, ports and databases of this machine."""

import http.server
import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from vigie.domain.action import Completed
from vigie.domain.fact import Fact
from vigie.domain.host import Host
from vigie.knowledge import library
from vigie.reasoning.probing import Batch

KNOWN = library.load()
QUERY = "SELECT * FROM visits WHERE page = '/a' ORDER BY at"
HOLDS = (
    "import sys, time; file = open(sys.argv[1], 'a'); file.write('x' * 200000); file.flush(); "
    "print(1, flush=True); time.sleep(60)"
)
LOCKS = (
    "import sqlite3, sys, time; db = sqlite3.connect(sys.argv[1], isolation_level=None); db.execute('BEGIN IMMEDIATE'); "
    "print(1, flush=True); time.sleep(60)"
)


def run(line: str, stdin: bytes | None = None) -> Completed:
    began = time.monotonic()
    ended = subprocess.run(["sh", "-c", line], input=stdin or b"", capture_output=True, timeout=60, check=False)
    return Completed(line, ended.returncode, ended.stdout, ended.stderr, time.monotonic() - began)


def read(probe: str, slots: Mapping[str, str] | None = None, focus: Path | None = None) -> list[Fact]:
    batch = Batch([(KNOWN.probes[probe], dict(slots or {}))], Host("h", "local", focus=(str(focus),) if focus else ()))
    while lines := batch.pending():
        batch.take(lines, [run(line.line, line.stdin) for line in lines])
    return batch.facts(datetime.now(UTC))


def one(facts: list[Fact], name: str) -> Any:
    (found,) = [fact for fact in facts if fact.name == name]
    return found.value


def script(name: str, *arguments: str) -> tuple[int, str]:
    ended = subprocess.run(
        [sys.executable, "-", *arguments], input=KNOWN.scripts[name].source, capture_output=True, timeout=60, check=False
    )
    return ended.returncode, ended.stdout.decode()


@contextmanager
def child(code: str, *arguments: str, cwd: Path | None = None) -> Iterator[int]:
    process = subprocess.Popen([sys.executable, "-c", code, *arguments], stdout=subprocess.PIPE, cwd=cwd)
    assert process.stdout is not None
    try:
        process.stdout.readline()
        yield process.pid
    finally:
        process.stdout.close()
        process.send_signal(signal.SIGKILL)
        process.wait()


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "visits.db"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE visits (id INTEGER PRIMARY KEY, page TEXT, at TEXT)")
    connection.execute("CREATE UNIQUE INDEX visits_at ON visits (at)")
    connection.executemany("INSERT INTO visits (page, at) VALUES (?, ?)", [(f"/{n % 7}", str(n)) for n in range(900)])
    connection.commit()
    connection.close()
    return path


def test_the_schema_of_a_database_is_seen(database: Path) -> None:
    facts = read("sqlite.schema", {"database": str(database)})
    assert one(facts, "table.state") == {"rows": 900, "columns": ["id", "page", "at"]}
    assert one(facts, "index.state")["columns"] == ["at"]
    assert one(facts, "index.state")["unique"] is True
    state = one(facts, "database.state")
    assert (state["ok"], state["check"], state["tables"]) == (True, "ok", ["visits"])


def test_a_database_that_is_none_says_so(tmp_path: Path) -> None:
    (tmp_path / "bad.db").write_bytes(b"SQLite format 3\0" + b"\xff" * 5000)
    state = one(read("sqlite.schema", {"database": str(tmp_path / "bad.db")}), "database.state")
    assert state["ok"] is False
    assert state["error"]


def test_a_query_without_an_index_reads_the_whole_table_and_with_it_no_more(database: Path) -> None:
    plan = one(read("sqlite.plan", {"database": str(database), "statement": QUERY}), "query.plan")
    assert (plan["full_scan"], plan["table"], plan["columns"], plan["rows"]) == (True, "visits", ["page", "at"], 900)
    code, told = script("sqlite_index_create", str(database), "visits_page", "CREATE INDEX visits_page ON visits (page, at)")
    assert (code, json.loads(told)["was_there"]) == (0, False)
    plan = one(read("sqlite.plan", {"database": str(database), "statement": QUERY}), "query.plan")
    assert (plan["full_scan"], plan["uses_index"]) == (False, "visits_page")


@pytest.mark.parametrize(
    "statement", ["DELETE FROM visits", "SELECT 1; DROP TABLE visits", "PRAGMA journal_mode = WAL", "SELECT nothing FROM nowhere"]
)
def test_only_a_query_that_could_run_is_explained(database: Path, statement: str) -> None:
    facts = read("sqlite.plan", {"database": str(database), "statement": statement})
    assert [fact.name for fact in facts] == ["probe.unavailable"]
    assert sqlite3.connect(database).execute("SELECT count(*) FROM visits").fetchone() == (900,)


def test_to_create_an_index_twice_is_to_create_it_once_and_to_drop_it_takes_it_back(database: Path) -> None:
    sql = "CREATE INDEX visits_page ON visits (page)"
    assert script("sqlite_index_exists", str(database), "visits_page") == (1, "absent\n")
    assert script("sqlite_index_create", str(database), "visits_page", sql)[0] == 0
    assert script("sqlite_index_create", str(database), "visits_page", sql)[0] == 0
    assert script("sqlite_index_exists", str(database), "visits_page") == (0, f"{sql}\n")
    assert script("sqlite_index_covers", str(database), "visits", "page") == (0, "visits_page\n")
    assert script("sqlite_index_drop", str(database), "visits_page")[0] == 0
    assert script("sqlite_index_drop", str(database), "visits_page")[0] == 0
    assert script("sqlite_index_exists", str(database), "visits_page") == (1, "absent\n")
    assert script("sqlite_index_covers", str(database), "visits", "page") == (1, "absent\n")


@pytest.mark.parametrize(
    "sql",
    [
        "DROP TABLE visits",
        "CREATE INDEX other ON visits (page)",
        "CREATE INDEX visits_page ON visits (page); DROP TABLE visits",
        "",
        "CREATE TABLE visits_page (a)",
    ],
)
def test_nothing_but_that_index_is_created(database: Path, sql: str) -> None:
    before = database.read_bytes()
    assert script("sqlite_index_create", str(database), "visits_page", sql)[0] == 3
    assert database.read_bytes() == before


@pytest.mark.parametrize("mode", ["delete", "wal"])
def test_who_holds_the_write_lock_is_seen(database: Path, mode: str) -> None:
    connection = sqlite3.connect(database)
    connection.execute(f"PRAGMA journal_mode = {mode}")
    connection.execute("SELECT count(*) FROM visits").fetchall()
    assert one(read("sqlite.locks", {"database": str(database)}), "database.busy") is False
    with child(LOCKS, str(database)) as pid:
        facts = read("sqlite.locks", {"database": str(database)})
        assert one(facts, "database.busy") is True
        (lock,) = [
            fact.value
            for fact in facts
            if fact.name == "database.lock" and isinstance(fact.value, dict) and fact.value["kind"] == "write"
        ]
        assert lock["pid"] == pid
        assert "BEGIN IMMEDIATE" in str(lock["command"])
    assert one(read("sqlite.locks", {"database": str(database)}), "database.busy") is False
    connection.close()


def test_logs_and_databases_in_use_and_gone_files_are_seen(database: Path) -> None:
    folder = database.parent
    log, gone = folder / "app.log", folder / "gone.log"
    with child(HOLDS, str(log)) as writer, child(HOLDS, str(gone)) as holder:
        gone.unlink()
        facts = read("open_files", focus=folder)
    found: dict[str, Any] = {fact.subject: fact.value for fact in facts}
    assert (found[f"log:{log}"]["pid"], found[f"log:{log}"]["bytes"]) == (writer, 200000)
    assert found[f"database:{database}"]["engine"] == "sqlite"
    assert found[f"file:{gone}"]["pid"] == holder
    assert [fact.name for fact in facts if fact.subject == f"file:{gone}"] == ["file.deleted_open"]


def test_processes_and_ports_of_a_focus_are_seen_and_no_others(tmp_path: Path) -> None:
    code = (
        "import socket, time; s = socket.create_server(('127.0.0.1', 0)); print(s.getsockname()[1], flush=True); time.sleep(60)"
    )
    with child(code, cwd=tmp_path) as pid:
        processes = {fact.subject for fact in read("processes", focus=tmp_path) if fact.name == "process.state"}
        assert f"process:{pid}" in processes
        assert f"process:{os.getpid()}" not in processes
        (port,) = [fact for fact in read("ports", focus=tmp_path) if fact.name == "port.listening"]
        assert isinstance(port.value, dict)
        assert (port.value["pid"], port.value["address"]) == (pid, "127.0.0.1")
        assert port.value["url"] == f"http://127.0.0.1:{port.subject.removeprefix('port:')}/"


class Pages(http.server.BaseHTTPRequestHandler):
    """One good page, one that fails, one that is slow."""

    def do_GET(self) -> None:
        if self.path == "/slow":
            time.sleep(0.4)
        self.send_response(500 if self.path == "/bad" else 302 if self.path == "/moved" else 200)
        if self.path == "/moved":
            self.send_header("Location", "http://127.0.0.1:1/")
        self.end_headers()
        self.wfile.write(b"hello")

    def log_message(self, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def url() -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Pages) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.parametrize("variant", range(3))
def test_an_address_is_seen_to_answer_whatever_asks(url: str, variant: int) -> None:
    probe = KNOWN.probes["endpoint.check"]
    if not all(shutil.which(need) for need in probe.variants[variant].needs):
        pytest.skip(f"{probe.variants[variant].needs} is not on this machine")
    alone = probe.model_copy(update={"variants": (probe.variants[variant],)})

    def ask(address: str) -> dict[str, Any]:
        batch = Batch([(alone, {"url": address})], Host("h", "local"))
        while lines := batch.pending():
            batch.take(lines, [run(line.line, line.stdin) for line in lines])
        return dict(one(batch.facts(datetime.now(UTC)), "endpoint.answer"))

    assert ask(f"{url}/")["status"] == 200
    assert "hello" in ask(f"{url}/")["body"]
    assert ask(f"{url}/bad")["status"] == 500
    assert ask(f"{url}/slow")["seconds"] >= 0.4
    nobody = ask("http://127.0.0.1:9/")
    assert (nobody["status"], nobody["error"]) == (0, "refused")


def test_how_fast_an_address_usually_answers_is_seen(url: str) -> None:
    latency = one(read("endpoint.latency", {"url": f"{url}/slow"}), "endpoint.latency")
    assert latency["samples"] == 3
    assert latency["median_s"] >= 0.4


def test_a_port_is_seen_to_be_open_or_closed(url: str) -> None:
    port = url.rpartition(":")[2]
    assert one(read("port.connect", {"address": "127.0.0.1", "port": port}), "port.connect")["ok"] is True
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        closed = one(read("port.connect", {"address": "127.0.0.1", "port": str(free.getsockname()[1])}), "port.connect")
    assert (closed["ok"], closed["error"]) == (False, "refused")


def test_a_growing_log_is_seen_to_grow(tmp_path: Path) -> None:
    code = (
        "import sys, time\nwhile True:\n  open(sys.argv[1], 'a').write('x' * 9999 + '\\n'); print(flush=True); time.sleep(0.05)"
    )
    with child(code, str(tmp_path / "a.log")):
        growth = one(read("log.growth", {"log": str(tmp_path / "a.log")}), "log.growth")
    assert growth["bytes_per_s"] > 20_000


def test_the_room_that_a_folder_takes_and_its_largest_file_are_seen(tmp_path: Path) -> None:
    (tmp_path / "small").write_bytes(b"x" * 5000)
    (tmp_path / "large").write_bytes(b"x" * 900_000)
    facts = read("folder.usage", {"folder": str(tmp_path)})
    assert one(facts, "folder.used_bytes") >= 900_000
    largest = next(fact for fact in facts if fact.name == "file.size")
    assert largest.subject == f"file:{tmp_path / 'large'}"
    assert isinstance(largest.value, dict)
    assert float(str(largest.value["share"])) > 0.9


def test_a_shrunken_file_keeps_its_last_whole_lines_and_its_writer(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    with path.open("a", encoding="ascii") as writer:
        writer.writelines(f"line {n}\n" for n in range(10_000))
        writer.flush()
        assert script("file_shrink", str(path), "100")[0] == 0
        writer.write("after\n")
    lines = path.read_text(encoding="ascii").splitlines()
    assert lines[-2:] == ["line 9999", "after"]
    assert all(line.startswith("line ") for line in lines[:-1])
    assert path.stat().st_size <= 110
    assert script("file_shrink", str(tmp_path), "0")[0] == 3


def test_the_release_in_use_and_the_one_before_are_seen(tmp_path: Path) -> None:
    for age, name in ((9000, "v1"), (3000, "v2")):
        folder = tmp_path / "releases" / name
        folder.mkdir(parents=True)
        (folder / "app.py").write_text("", encoding="ascii")
        for path in (folder / "app.py", folder):
            os.utime(path, (time.time() - age, time.time() - age))
    (tmp_path / "current").symlink_to("releases/v2")
    current = one(read("deploy.found", focus=tmp_path), "deploy.current")
    assert (current["target"], current["release"]) == ("releases/v2", str(tmp_path / "releases" / "v2"))
    assert current["previous"] == str(tmp_path / "releases" / "v1")


def test_modes_along_a_path_are_seen_and_what_is_missing(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("x", encoding="ascii")
    secret.chmod(0o640)
    facts = {fact.subject: fact for fact in read("path.modes", {"path": str(secret)})}
    value = facts[f"file:{secret}"].value
    assert isinstance(value, dict)
    assert (value["mode"], value["kind"], value["readable_by_all"]) == ("0640", "file", False)
    (missing,) = [fact for fact in read("path.modes", {"path": str(tmp_path / "none")}) if fact.name == "file.missing"]
    assert missing.subject == f"file:{tmp_path / 'none'}"


def test_settings_of_a_folder_are_seen_without_secrets(tmp_path: Path) -> None:
    (tmp_path / "app.ini").write_text("[db]\nhost = a\npassword = hunter2\n", encoding="ascii")
    facts = read("config.settings", {"folder": str(tmp_path)})
    found = {
        fact.value["key"]: fact.value["value"] for fact in facts if fact.name == "file.setting" and isinstance(fact.value, dict)
    }
    assert found["host"] == "a"
    assert str(found["password"]).startswith("secret:")
    assert "hunter2" not in str(facts)


def test_keys_of_logins_and_passwords_stay_out_of_the_contents_of_a_baseline(tmp_path: Path) -> None:
    (tmp_path / "id_ed25519").write_text("secret", encoding="ascii")
    (tmp_path / "login.pem").write_text("-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n", encoding="ascii")
    (tmp_path / "shadow").write_text("root:x", encoding="ascii")
    (tmp_path / "app.conf").write_text("a = 1\n", encoding="ascii")
    contents = [fact.subject for fact in read("files.contents", focus=tmp_path) if fact.name == "file.content"]
    assert contents == [f"file:{tmp_path / 'app.conf'}"]
    states = {fact.subject for fact in read("files.state", focus=tmp_path) if fact.name == "file.state"}
    assert {f"file:{tmp_path / name}" for name in ("id_ed25519", "login.pem", "app.conf")} <= states


@pytest.mark.parametrize(
    "name",
    [
        name
        for name, probe in KNOWN.probes.items()
        if not probe.slots and name not in {"services", "files.state", "files.contents"}
    ],
)
def test_a_probe_of_the_whole_host_is_read_or_says_why_not(name: str) -> None:
    facts = read(name)
    assert facts[-1].name in {"probe.ran", "probe.unavailable"}
    if facts[-1].name == "probe.unavailable":
        assert isinstance(facts[-1].value, dict)
        assert facts[-1].value["why"] in {"no_program", "refused", "failed"}


def test_redis_is_seen_up_and_down() -> None:
    server = shutil.which("redis-server")
    if server is None:
        pytest.skip("redis-server is not on this machine")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    process = subprocess.Popen(
        [server, "--port", port, "--save", "", "--bind", "127.0.0.1", "--maxmemory", "4mb"], stdout=subprocess.DEVNULL
    )
    try:
        for _ in range(100):
            state = one(read("redis.info", {"port": port}), "cache.state")
            if state["up"]:
                break
            time.sleep(0.05)
        assert (state["up"], state["limit_bytes"], state["role"]) == (True, 4 * 1024 * 1024, "master")
    finally:
        process.terminate()
        process.wait()
    assert one(read("redis.info", {"port": port}), "cache.state")["up"] is False
