"""A disposable small host of real processes: a shop behind a proxy, its worker, its database, under a real service manager.

`layout.py` writes its files, `shop/` holds its programs, `outside/` watches it, `scenarios/` break it.
"""

import asyncio
import contextlib
import importlib.util
import os
import re
import shlex
import shutil
import signal
import socket
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from vigie.domain.action import Completed
from vigie.domain.errors import Permanent
from vigie.domain.host import Autonomy, Host
from vigie.lab import damage, layout, orders, processes
from vigie.lab.counters import Counters, Customers
from vigie.lab.layout import Layout
from vigie.lab.processes import Process

PREFIX = "vigie-lab-"
OK = 200
_STATE = "lab.json"
_SOCKET_PATH_MAX = 100  # the kernel takes 107 bytes, the service manager adds a suffix while it binds
_START_LIMIT_S = 30.0
_OUTSIDE = Path(__file__).parent / "outside"


@dataclass(frozen=True, slots=True)
class Answer:
    """What the shop answered to one request from outside; `status` None: nothing."""

    status: int | None
    seconds: float
    body: str


class Stack:
    """One laboratory. Made by `build`, or found again by `attach`; ended by `stop`."""

    service_names: ClassVar[tuple[str, ...]] = layout.SERVICES

    def __init__(self, home: Path, *, proxy_port: int, web_port: int) -> None:
        self.layout = Layout(home)
        self.proxy_port = proxy_port
        self.web_port = web_port

    @classmethod
    async def build(cls, *, parent: Path | None = None, order_count: int = orders.ORDERS) -> "Stack":
        """Lay out, start and await a whole host; about three seconds.

        Raises:
            Permanent: the service manager is not installed, the folder will not do, or the services do not come up.
        """
        cls.require()
        home = _fresh_folder(parent)
        proxy_port, web_port = free_ports(2)
        stack = cls(home, proxy_port=proxy_port, web_port=web_port)
        stack._write_state([])
        # A thread cannot be cut short: whoever tears down waits for it, else it would write into a removed folder.
        writing = asyncio.ensure_future(asyncio.to_thread(stack.lay_out, order_count))
        try:
            await asyncio.shield(writing)
            await stack._start()
        except OSError as error:
            await stack.stop()
            raise Permanent("lab.not_started", reason=str(error)) from error
        except BaseException:
            # Also when cut short: nothing of a half started laboratory may stay.
            await asyncio.wait({writing})
            await asyncio.shield(stack.stop())
            raise
        return stack

    @classmethod
    def require(cls) -> None:
        """See that this machine has what the laboratory is made of.

        Raises:
            Permanent: it has not.
        """
        if importlib.util.find_spec("supervisor") is None:
            raise Permanent("lab.no_supervisor")

    def lay_out(self, order_count: int) -> None:
        """Write the host's files."""
        layout.write(self.layout, proxy_port=self.proxy_port, web_port=self.web_port, order_count=order_count)

    @classmethod
    def attach(cls, home: Path) -> "Stack":
        """Take hold of a laboratory that another process built.

        Raises:
            Permanent: there is none in this folder.
        """
        try:
            state = layout.read_json(home / _STATE)
            return cls(home, proxy_port=int(str(state["proxy_port"])), web_port=int(str(state["web_port"])))
        except (OSError, ValueError, KeyError) as error:
            raise Permanent("lab.unknown", folder=home) from error

    @property
    def url(self) -> str:
        """Where customers go."""
        return f"http://127.0.0.1:{self.proxy_port}"

    @property
    def counters(self) -> Counters:
        """The side effects counted from outside."""
        return Counters(self.layout.outside / "counts.jsonl")

    @property
    def customers(self) -> Customers:
        """What ordinary customers got."""
        return Customers(self.layout.outside / "visits.jsonl")

    def host(self, name: str, *, autonomy: Autonomy = Autonomy.PROPOSE) -> Host:
        """Describe the host as an administrator would enrol it; only the laboratory's folder is looked at."""
        return Host(
            name=name,
            address=f"exec:{shlex.quote(str(self.layout.host / 'enter'))}",
            manager="supervisord",
            autonomy=autonomy,
            focus=(str(self.layout.host),),
        )

    async def enter(self, line: str, *, stdin: bytes | None = None, timeout_s: float = 30.0) -> Completed:
        """Run a shell line on the host, by the same way in that the host's address names."""
        began = time.monotonic()
        process = await asyncio.create_subprocess_exec(
            str(self.layout.host / "enter"), "sh", "-c", line,
            stdin=asyncio.subprocess.PIPE if stdin is not None else asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, start_new_session=True,
        )  # fmt: skip
        try:
            async with asyncio.timeout(timeout_s):
                stdout, stderr = await process.communicate(stdin)
        except TimeoutError:
            return Completed(line, None, b"", b"", time.monotonic() - began, killed=True)
        finally:
            if process.returncode is None:
                # The whole group: a child that lives on would keep the pipes open.
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                await process.wait()
        return Completed(line, process.returncode, stdout, stderr, time.monotonic() - began)

    async def ask(self, path: str, *, body: bytes | None = None, limit_s: float = 15.0) -> Answer:
        """Send one request as a customer; a body makes it a POST."""
        began = time.monotonic()
        try:
            # Not wait_for, which before Python 3.12 can lose a cancellation that comes with the answer.
            async with asyncio.timeout(limit_s):
                raw = await _exchange(self.proxy_port, path, body)
            head, _, rest = raw.partition(b"\r\n\r\n")
            status = int(head.split(b" ", 2)[1])
        except (OSError, TimeoutError, ValueError, IndexError):
            return Answer(None, time.monotonic() - began, "")
        return Answer(status, time.monotonic() - began, rest.decode("utf-8", "replace"))

    async def services(self) -> dict[str, str]:
        """Ask the service manager for the state of each service (`RUNNING`, `FATAL`, `BACKOFF`…)."""
        completed = await self.enter("supervisorctl status")
        pairs = (row.split() for row in completed.text().splitlines())
        return {words[0]: words[1] for words in pairs if len(words) > 1 and words[0] in self.service_names}

    async def control(self, words: str) -> None:
        """Give the service manager an order, as an administrator would.

        Raises:
            Permanent: it did not obey.
        """
        completed = await self.enter(f"supervisorctl {words}")
        if completed.rc != 0:
            raise Permanent("lab.not_obeyed", order=words, reason=completed.text().strip())

    async def pid(self, service: str) -> int | None:
        """Return a service's process, None when it does not run."""
        words = (await self.enter(f"supervisorctl pid {service}")).text().strip()
        return int(words) if words.isdigit() and words != "0" else None

    async def stray(self, argv: Sequence[str], *, log: str = "stray.out") -> Process:
        """Start a process on the host that the service manager does not know; it ends with the laboratory."""
        host = self.layout.host
        process = await processes.launch(argv, log=host / "var/tmp" / log, folder=host, environment=_environment(host))
        self._add_process(process, stray=True)
        return process

    def strays(self) -> list[Process]:
        """Return the strays that still run, whoever started them."""
        known = layout.read_json(self.layout.home / _STATE)["processes"]
        assert isinstance(known, list)
        found = (processes.look(int(one["pid"])) for one in known if one["stray"])
        started = {one["pid"]: one["started"] for one in known}
        return [process for process in found if process is not None and process.started == started[process.pid]]

    async def settle(self, limit_s: float = _START_LIMIT_S) -> None:
        """Wait until customers are served and every service runs.

        Raises:
            Permanent: that did not come about.
        """
        deadline = time.monotonic() + limit_s
        while time.monotonic() < deadline:
            # In this order: a proxy asked too early would begin its log with an error.
            running = [name for name, state in (await self.services()).items() if state == "RUNNING"]
            if len(running) == len(self.service_names) and await self.serves():
                return
            await asyncio.sleep(0.1)
        raise Permanent("lab.not_started", reason=await self._complaints())

    async def serves(self) -> bool:
        """Say whether customers are served."""
        return (await self.ask("/healthz", limit_s=2)).status == OK

    async def stop(self) -> list[Process]:
        """End all processes of this laboratory and remove its folder, however far it got; return those that would not end."""
        home = self.layout.home
        left: list[Process] = []
        for _ in range(3):  # what is being started while we look is found the next time
            found = await asyncio.to_thread(_processes_of, home)
            if not found:
                break
            left = await processes.end(found)
        await asyncio.to_thread(shutil.rmtree, home, True)
        return left

    async def _start(self) -> None:
        await self._start_services()
        await self._start_outside()

    async def _start_services(self) -> None:
        supervisord = [sys.executable, "-m", "supervisor.supervisord", "-c", str(self.layout.etc / "supervisord.conf")]
        await self._launch(supervisord, self.layout.logs / "supervisord.out", self.layout.host)
        await _await_file(self.layout.logs / "supervisord.log")

    async def _launch(self, argv: Sequence[str], log: Path, folder: Path) -> None:
        self._add_process(await processes.launch(argv, log=log, folder=folder, environment=_environment(self.layout.host)))

    async def _start_outside(self) -> None:
        host, outside = self.layout.host, self.layout.outside
        watcher = [sys.executable, str(_OUTSIDE / "watcher.py"), str(host), str(outside / "counts.jsonl")]
        await self._launch(watcher, outside / "watcher.out", outside)
        await self.settle()
        traffic = [sys.executable, str(_OUTSIDE / "traffic.py"), self.url, str(outside / "visits.jsonl"), str(orders.CUSTOMERS)]
        await self._launch(traffic, outside / "traffic.out", outside)
        await _await_file(outside / "counts.jsonl")
        await asyncio.to_thread(damage.remember, self.layout)

    async def _complaints(self) -> str:
        """Return what the services last said, for the reader of an error."""
        log = self.layout.logs / "supervisord.log"
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()[-5:] if log.exists() else []
        return " / ".join([*lines, str(await self.services())])

    def _add_process(self, process: Process, *, stray: bool = False) -> None:
        state = layout.read_json(self.layout.home / _STATE)
        known = state["processes"]
        assert isinstance(known, list)
        fresh = {"pid": process.pid, "started": process.started, "argv": list(process.argv), "stray": stray}
        self._write_state([*known, fresh])

    def _write_state(self, known: list[object]) -> None:
        owner = processes.look(os.getpid())
        assert owner is not None
        path = self.layout.home / _STATE
        kept = layout.read_json(path).get("owner") if path.exists() else {"pid": owner.pid, "started": owner.started}
        layout.write_json(path, {"proxy_port": self.proxy_port, "web_port": self.web_port, "owner": kept, "processes": known})


@contextlib.asynccontextmanager
async def running(*, parent: Path | None = None, order_count: int = orders.ORDERS) -> AsyncIterator[Stack]:
    """Build a laboratory for a `with` block, and end it whatever happens there."""
    stack = await Stack.build(parent=parent, order_count=order_count)
    try:
        yield stack
    finally:
        await asyncio.shield(stack.stop())


async def sweep(parent: Path | None = None) -> list[Path]:
    """End the laboratories that a killed process left behind, and return their folders; those whose maker runs are left alone."""
    swept = []
    for home in sorted((parent or Path(tempfile.gettempdir())).glob(f"{PREFIX}*")):
        if home.is_dir() and not home.is_symlink() and home.stat().st_uid == os.getuid() and _is_abandoned(home):
            await Stack(home, proxy_port=0, web_port=0).stop()
            swept.append(home)
    return swept


def free_ports(count: int) -> list[int]:
    """Return ports of the loopback address on which nothing listens now, all different."""
    with contextlib.ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [int(one.getsockname()[1]) for one in sockets]


def _fresh_folder(parent: Path | None) -> Path:
    home = Path(tempfile.mkdtemp(prefix=PREFIX, dir=parent)).resolve()
    socket_path = os.fsencode(Layout(home).socket)
    # Words of configuration files and command lines are split at blanks.
    if len(socket_path) > _SOCKET_PATH_MAX or not re.fullmatch(r"[\w./+-]+", str(home)):
        home.rmdir()
        raise Permanent("lab.folder", folder=home.parent, limit=_SOCKET_PATH_MAX)
    return home


def _environment(home: Path) -> dict[str, str]:
    """The environment of a service: nothing of ours; its home marks it as the laboratory's."""
    return {"HOME": str(home), "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8"}


def _processes_of(home: Path) -> list[Process]:
    """Find by their mark what runs in a laboratory, and add what its state names and still is what was started."""
    found = {process.pid: process for process in processes.within(home)}
    with contextlib.suppress(OSError, ValueError):
        known = layout.read_json(home / _STATE).get("processes")
        for one in known if isinstance(known, list) else []:
            process = processes.look(int(one["pid"]))
            if process is not None and process.started == one["started"] and list(process.argv) == one["argv"]:
                found[process.pid] = process
    return list(found.values())


def _is_abandoned(home: Path) -> bool:
    try:
        owner = layout.read_json(home / _STATE)["owner"]
    except FileNotFoundError:
        return time.time() - home.stat().st_mtime > _START_LIMIT_S  # being made at this very moment, or never finished
    except (OSError, ValueError, KeyError):
        return True
    return not (isinstance(owner, dict) and processes.same(int(owner["pid"]), int(owner["started"])))


async def _await_file(path: Path) -> None:
    for _ in range(1000):
        if await asyncio.to_thread(path.exists):
            return
        await asyncio.sleep(0.01)
    raise Permanent("lab.not_started", reason=f"{path} did not appear")


async def _exchange(port: int, path: str, body: bytes | None) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        method = "GET" if body is None else "POST"
        head = f"{method} {path} HTTP/1.0\r\nHost: 127.0.0.1\r\nContent-Length: {len(body or b'')}\r\n\r\n"
        writer.write(head.encode("ascii") + (body or b""))
        await writer.drain()
        return await reader.read(-1)
    finally:
        writer.close()
