"""Terminals for people: allowed by host, written down before they open, shown to one person, recorded to the end.

A part of the gate, as `fan_out.py` is. What a person types there is not judged: that is why a host allows it only when told to.
"""

import asyncio
import codecs
import json
import logging
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from vigie.clock import Clock
from vigie.domain.errors import Permanent, Refused, VigieError
from vigie.domain.fact import Value
from vigie.domain.host import Autonomy, Host
from vigie.domain.terminal import TerminalSession
from vigie.policy.enforcement import is_enforced
from vigie.tools.hands import Hands
from vigie.tools.terminals import KIND, Terminal
from vigie.tools.transports.transport import Transport

if TYPE_CHECKING:
    from vigie.memory.memory import TenantMemory

logger = logging.getLogger(__name__)

OPENED = "terminal.opened"
ENDED = "terminal.ended"
_OPEN_MAX = 32
_IDLE_S = 30 * 60.0
_LONG_S = 12 * 3600.0
_OUTPUT_BYTES = 64 * 1024 * 1024
_SEGMENT_CHARS = 256 * 1024
_TURN_S = 5.0
_SIDE_MAX = 1000


def check_allowed(host: Host) -> None:
    """See that people may open a terminal on a host.

    Raises:
        Refused: nobody has allowed it, it is only observed, or it checks lines itself.
    """
    if not host.terminal:
        raise Refused("terminal.not_allowed", host=host.name)
    if host.autonomy is Autonomy.OBSERVE:
        raise Refused("terminal.observed", host=host.name)
    if is_enforced(host):
        raise Refused("terminal.enforced", host=host.name)


class Sitting:
    """An open terminal. Whoever shows it reads until nothing comes, and then closes it."""

    def __init__(
        self, memory: "TenantMemory", clock: Clock, session: TerminalSession, way: Transport, terminal: Terminal
    ) -> None:
        self.session = session
        self._memory = memory
        self._clock = clock
        self._way = way
        self._terminal = terminal
        self._text = codecs.getincrementaldecoder("utf-8")("replace")
        self._began_s = self._typed_s = clock.monotonic_s()
        self._lines = [self._header()]
        self._over = asyncio.Event()
        self._keeping = asyncio.Lock()
        self._reason = "left"

    async def read(self) -> bytes:
        """Return the next of what it shows, already recorded; nothing once it is over."""
        reading = asyncio.ensure_future(self._terminal.read())
        over = asyncio.ensure_future(self._over.wait())
        try:
            await asyncio.wait((reading, over), return_when=asyncio.FIRST_COMPLETED)
        finally:
            over.cancel()
            if not reading.done():
                reading.cancel()
        if self._over.is_set() or reading.cancelled():
            return b""
        data = reading.result()
        if not data:
            self.stop("ended")
            return b""
        self.session = replace(self.session, bytes=self.session.bytes + len(data))
        self._note("o", self._text.decode(data))
        if sum(map(len, self._lines)) > _SEGMENT_CHARS:
            await self.keep()
        if self.session.bytes > _OUTPUT_BYTES:
            self.stop("output")
        return data

    async def write(self, data: bytes) -> None:
        """Type."""
        self._typed_s = self._clock.monotonic_s()
        await self._terminal.write(data)

    def resize(self, columns: int, rows: int) -> None:
        """Change the size of its window."""
        columns, rows = (max(1, min(side, _SIDE_MAX)) for side in (columns, rows))
        self._note("r", f"{columns}x{rows}")
        self._terminal.resize(columns, rows)

    def stop(self, reason: str) -> None:
        """End it; the first reason stays."""
        if not self._over.is_set():
            self._reason = reason
            self._over.set()

    async def watch(self, may_go_on: Callable[[], Awaitable[bool]]) -> None:
        """End it when nobody types for long, or it may go on no more; keep what was shown meanwhile."""
        while not self._over.is_set():
            await asyncio.sleep(_TURN_S)
            now_s = self._clock.monotonic_s()
            if now_s - self._typed_s > _IDLE_S:
                self.stop("idle")
            elif now_s - self._began_s > _LONG_S:
                self.stop("long")
            elif not await self._is_allowed() or not await may_go_on():
                self.stop("forbidden")
            await self.keep()

    async def keep(self) -> None:
        """Put what was shown since the last time onto the disk; what cannot be recorded is not shown any further."""
        async with self._keeping:  # who asks for the recording meanwhile waits until it is there
            if not self._lines:
                return
            lines, self._lines = self._lines, []
            try:
                kept = await self._memory.artefacts.put("".join(lines).encode())
                self.session = replace(self.session, recording=(*self.session.recording, kept))
                await self._memory.terminals.save(self.session)
            except VigieError:
                logger.exception("terminal not recorded", extra={"terminal": self.session.id})
                self.stop("recording")

    async def close(self) -> TerminalSession:
        """End what runs there, and write down how it was."""
        self.stop("left")
        code = await self._terminal.close()
        await self._way.close()
        await self.keep()
        ended = replace(self.session, ended_at=self._clock.now(), reason=self._reason, code=code)
        self.session = ended
        await self._memory.terminals.save(ended)
        body: dict[str, Value] = {"host": ended.host, "terminal": ended.id, "reason": self._reason, "bytes": ended.bytes}
        await self._memory.journal.append(ENDED, actor=f"person:{ended.person}", body=body, ref=ended.id)
        return ended

    async def _is_allowed(self) -> bool:
        try:
            check_allowed(await self._memory.hosts.get(self.session.host))
        except Permanent:
            return False
        return True

    def _header(self) -> str:
        head = {
            "version": 2,
            "width": self.session.columns,
            "height": self.session.rows,
            "timestamp": int(self.session.started_at.timestamp()),
            "title": self.session.host,
            "env": {"TERM": KIND},
        }
        return json.dumps(head) + "\n"

    def _note(self, kind: str, text: str) -> None:
        self._lines.append(json.dumps([round(self._clock.monotonic_s() - self._began_s, 4), kind, text]) + "\n")


class Terminals:
    """The terminals of one tenant, in this process."""

    def __init__(self, memory: "TenantMemory", hands: Hands, clock: Clock) -> None:
        """Stand behind the gate."""
        self._memory = memory
        self._hands = hands
        self._clock = clock
        self._open: dict[str, Sitting] = {}

    async def open(self, host: Host, person: str, columns: int, rows: int) -> Sitting:
        """Open a terminal; it is in the journal before anything is.

        Raises:
            Refused: the host does not allow it.
            Permanent: too many are open, or the way in is shut.
            Transient: the host cannot be reached.
        """
        check_allowed(host)
        if len(self._open) >= _OPEN_MAX:
            raise Permanent("terminal.too_many", count=_OPEN_MAX)
        columns, rows = (max(1, min(side, _SIDE_MAX)) for side in (columns, rows))
        session = TerminalSession(f"T-{secrets.token_hex(6)}", host.name, person, self._clock.now(), columns, rows)
        body: dict[str, Value] = {"host": host.name, "terminal": session.id}
        await self._memory.journal.append(OPENED, actor=f"person:{person}", body=body, ref=session.id)
        await self._memory.terminals.save(session)
        # On a connection of its own: lines of others are not kept waiting by somebody who thinks.
        way = await self._hands.beside(host)
        try:
            terminal = await way.terminal(columns, rows)
        except VigieError as error:
            await way.close()
            await self._memory.terminals.save(replace(session, ended_at=self._clock.now(), reason=error.key))
            raise
        sitting = self._open[session.id] = Sitting(self._memory, self._clock, session, way, terminal)
        return sitting

    async def close(self, sitting: Sitting) -> TerminalSession:
        """End a sitting."""
        try:
            return await sitting.close()
        finally:
            self._open.pop(sitting.session.id, None)

    def running(self, session_id: str) -> Sitting | None:
        """Return an open sitting."""
        return self._open.get(session_id)

    def stop_all(self) -> None:
        """End every sitting: the server goes."""
        for sitting in list(self._open.values()):
            sitting.stop("server")

    async def recording(self, session: TerminalSession) -> bytes:
        """Return what was shown, as asciicast version 2.

        Raises:
            Permanent: a part of it is gone or was altered.
        """
        return b"".join([await self._memory.artefacts.get(part) for part in session.recording])
