"""A thin port over the workflow engine: start a life, run its named steps, carry on what a dead process left.

Only this file imports dbos. The rows of the cases are the truth; what the engine keeps can be lost without losing a case.
"""

import asyncio
import logging
import os
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy
from dbos import DBOS, SetWorkflowID
from dbos._error import DBOSException
from sqlalchemy import event
from sqlalchemy.exc import DatabaseError, OperationalError

from vigie.cases.slots import Slot, Slots
from vigie.cases.steps import Life
from vigie.domain.errors import Permanent, Transient, VigieError

logger = logging.getLogger(__name__)

# Recovery takes only rows of the same version, and the engine's own default changes with every edit.
_APPLICATION_VERSION = "1"
_KEEP = timedelta(days=30)
_ENGINE_LOGGER = "dbos"


class Durable:
    """The engine of one process on one home. One at a time: the library keeps a single instance."""

    def __init__(self, home: Path, life: Life, *, database_url: str | None = None) -> None:
        self._home = home
        self._life = life
        self._database_url = database_url
        self._slots = Slots(home / "executors")
        self._slot: Slot | None = None
        self._engine: sqlalchemy.Engine | None = None
        self._tasks: dict[str, asyncio.Task[Any]] = {}
        self._still: dict[str, asyncio.Event] = {}
        # Legs that broke off here: on a full disk the engine cannot note their end, and believes them alive.
        self._fallen: set[str] = set()
        self._stopping = False
        self._never = asyncio.Event()

    async def launch(self) -> None:
        """Take a slot, open the engine's database, and carry on what this slot's last owner left. Twice is once.

        Raises:
            Permanent: the database is no database, or the home cannot be written.
            Transient: the database is busy or out of reach.
        """
        if self in _OPEN:
            return
        assert not _OPEN, "the workflow engine is open on another home of this process"
        self._stopping = False
        with self._slots.launching():
            self._slot = self._slots.take()
            _OPEN.append(self)
            try:
                self._launch()
            except BaseException:
                _OPEN.clear()
                self._slot.free()
                self._slot = None
                raise

    def _launch(self) -> None:
        _be_quiet()
        self._engine = _postgres(self._database_url) if self._database_url else _sqlite(self._home / "workflows.db")
        assert self._slot is not None
        try:
            DBOS(
                config={
                    "name": "vigie",
                    "system_database_engine": self._engine,
                    "application_version": _APPLICATION_VERSION,
                    "executor_id": self._slot.executor,
                    # It would print the whole stack of what we know by name and tell in words.
                    "log_level": "CRITICAL",
                    "use_listen_notify": False,
                    "notification_listener_polling_interval_sec": 0.5,
                }
            )
            # In this thread on purpose: the engine adopts the loop that runs here, and memory and the gate live on it.
            DBOS.launch()
        except (OperationalError, DatabaseError, DBOSException, OSError) as error:
            DBOS.destroy()
            self._engine.dispose()
            raise _translated(error, self._home) from error

    async def close(self, *, patience_s: float = 5.0) -> None:
        """Stop: no new step begins, the steps in flight get `patience_s`, the rest is left to the next process."""
        if self not in _OPEN:
            return
        self._stopping = True
        with suppress(TimeoutError):
            async with asyncio.timeout(patience_s):
                for still in list(self._still.values()):
                    await still.wait()
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        loop = asyncio.get_running_loop()
        # The engine had replaced the loop's pool by its own, which dies with it.
        loop.set_default_executor(ThreadPoolExecutor(thread_name_prefix="vigie"))
        await asyncio.to_thread(DBOS.destroy)
        if self._engine is not None:
            self._engine.dispose()
        if self._slot is not None:
            self._slot.free()
            self._slot = None
        _OPEN.clear()

    async def start(self, tenant: str, case: str, leg: int) -> None:
        """Start a leg in the background; one that was started before is not started again."""
        with SetWorkflowID(key(tenant, case, leg)):
            await DBOS.start_workflow_async(_leg, tenant, case, leg)

    async def status(self, tenant: str, case: str, leg: int) -> str | None:
        """Return the engine's word for a leg (`PENDING`, `ENQUEUED`, `SUCCESS`, `ERROR`…), None when it was never started."""
        if key(tenant, case, leg) in self._fallen:
            return "ERROR"
        found = await DBOS.get_workflow_status_async(key(tenant, case, leg))
        return None if found is None else str(found.status)

    def runs_here(self, tenant: str, case: str, leg: int) -> bool:
        """Say whether this process is living that leg now."""
        return key(tenant, case, leg) in self._tasks

    def running(self) -> list[str]:
        """Return the keys of the legs that this process lives."""
        return sorted(self._tasks)

    async def take_over(self) -> int:
        """Carry on the legs of processes that died; return how many.

        A slot that can be locked has no living owner: the kernel freed it. The lock is held while its rows are moved, so
        that no starting process takes the slot meanwhile.
        """
        moved = 0
        for slot in self._slots.dead():
            try:
                # Private, pinned and tested: the public call moves rows to another queue and clears their deadline.
                handles = await asyncio.to_thread(DBOS._recover_pending_workflows, [slot.executor])  # noqa: SLF001
                moved += len(handles)
            finally:
                slot.free()
        return moved

    async def sweep(self, *, now: datetime) -> int:
        """Forget ended legs older than a month; return how many."""
        before = (now - _KEEP).isoformat()
        old = await DBOS.list_workflows_async(
            status=["SUCCESS", "ERROR", "CANCELLED"], end_time=before, limit=1000, load_input=False, load_output=False
        )
        if old:
            await DBOS.delete_workflows_async([each.workflow_id for each in old])
        return len(old)

    async def live(self, tenant: str, case: str, number: int) -> str:
        """Live one leg: called by the engine, in the process that owns the leg."""
        leg = str(DBOS.workflow_id)
        task = asyncio.current_task()
        assert task is not None
        self._tasks[leg] = task

        still = self._still[leg] = asyncio.Event()

        async def steps(name: str, work: Callable[[], Awaitable[str]]) -> str:
            await self._unless_stopping(still)
            return str(await DBOS.run_step_async({"name": name}, work))

        try:
            await self._unless_stopping(still)
            return await self._life(tenant, case, number, steps)
        except Exception as error:
            self._fallen.add(leg)
            logger.warning("leg broke off", extra={"leg": leg}, exc_info=None if isinstance(error, VigieError) else error)
            raise
        finally:
            still.set()
            self._tasks.pop(leg, None)
            self._still.pop(leg, None)

    async def _unless_stopping(self, still: asyncio.Event) -> None:
        # Waits to be cancelled: a cancelled leg stays pending for the next process, one that raised would count as ended.
        if self._stopping:
            still.set()
            await self._never.wait()


# The engine of this process, while one is open: recovered legs start from the library's own threads and find it here.
_OPEN: list[Durable] = []


@DBOS.workflow(name="case")
async def _leg(tenant: str, case: str, number: int) -> str:
    return await _OPEN[0].live(tenant, case, number)


def key(tenant: str, case: str, leg: int) -> str:
    """Return the engine's name of one leg of one case."""
    return f"case-{tenant}-{case}-{leg}"


def _sqlite(path: Path) -> sqlalchemy.Engine:
    try:
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        raise _translated(error, path.parent) from error
    engine = sqlalchemy.create_engine(f"sqlite:///{path}", pool_size=5, max_overflow=10)

    @event.listens_for(engine, "connect")
    def _settings(connection: Any, _record: Any) -> None:
        connection.isolation_level = "IMMEDIATE"
        # NORMAL loses at most the last checkpoints, at a power cut only: their steps run again, and each of them looks first.
        for pragma in ("busy_timeout=30000", "journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

    return engine


def _postgres(url: str) -> sqlalchemy.Engine:
    parsed = sqlalchemy.make_url(url).set(drivername="postgresql+psycopg")
    return sqlalchemy.create_engine(parsed, pool_size=5, max_overflow=10, pool_pre_ping=True)


def _be_quiet() -> None:
    log = logging.getLogger(_ENGINE_LOGGER)
    if not log.handlers:
        # With a handler of ours there, the engine adds none that writes to the terminal.
        log.addHandler(logging.NullHandler())


def _translated(error: Exception, home: Path) -> Exception:
    seen = str(getattr(error, "orig", None) or error).splitlines()[0][:200]
    if "malformed" in seen or "not a database" in seen:
        return Permanent("case.engine_corrupt", path=str(home / "workflows.db"), seen=seen)
    if isinstance(error, OSError) or "readonly" in seen or "unable to open" in seen or "full" in seen:
        return Permanent("case.engine_unwritable", path=str(home), seen=seen)
    return Transient("case.engine_unavailable", seen=seen)
