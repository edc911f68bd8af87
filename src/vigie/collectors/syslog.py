"""Syslog that hosts send to us: RFC 5424 and 3164 over UDP, TCP (both framings of RFC 6587) and TLS."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from vigie.clock import Clock
from vigie.collectors.collector import Around, Collector, Emit, Position, Spec
from vigie.collectors.tail import LINE_MAX
from vigie.domain.errors import BadUsage
from vigie.domain.finding import Signal

_WAITING_MAX = 20_000
_BATCH = 500
_COUNT_MAX = 9
_IDLE_S = 600.0
_PROTOCOLS = ("udp", "tcp", "tls")


class Syslog(Collector):
    """Listens. Over TCP a sender waits while we are busy; over UDP what finds no room is dropped and counted.

    `listen` is `address:port`; `protocol` udp, tcp or tls, the last with `certificate` and `key` as paths.
    """

    name = "syslog"

    def __init__(self, spec: Spec, clock: Clock) -> None:
        self.host = spec.host
        self._clock = clock
        self._service = spec.service
        self._listen: str = spec.option("listen", "127.0.0.1:5514")
        self._protocol: str = spec.option("protocol", "udp")
        self._certificate: str = spec.option("certificate", "")
        self._key: str = spec.option("key", "")
        self._lines: asyncio.Queue[str] = asyncio.Queue(_WAITING_MAX)
        self.port = 0
        address, _, port = self._listen.rpartition(":")
        if not port.isdigit() or self._protocol not in _PROTOCOLS:
            raise BadUsage("source.option", kind=self.name, option="listen", value=f"{self._protocol} {self._listen}")
        if self._protocol == "tls" and not (self._certificate and self._key):
            raise BadUsage("source.option", kind=self.name, option="certificate", value=self._certificate)
        self._address = (address.strip("[]"), int(port))

    @classmethod
    def make(cls, spec: Spec, around: Around) -> "Syslog":
        """Return the collector that listens."""
        spec.only("listen", "protocol", "certificate", "key")
        return cls(spec, around.clock)

    @property
    def source(self) -> str:
        """Return how and where it listens."""
        return f"syslog:{self._protocol}:{self._listen}"

    async def run(self, emit: Emit, position: Position | None) -> None:
        """Listen until cancelled."""
        async with self._listening():
            await emit((), {"listening": True})
            while True:
                batch = [await self._lines.get()]
                while len(batch) < _BATCH and not self._lines.empty():
                    batch.append(self._lines.get_nowait())
                await emit(self._signals(batch), {"listening": True})

    def _signals(self, lines: Sequence[str]) -> list[Signal]:
        now = self._clock.now()
        return [Signal(self.host, self.source, line, now, None, self._service) for line in lines]

    @asynccontextmanager
    async def _listening(self) -> AsyncIterator[None]:
        if self._protocol == "udp":
            loop = asyncio.get_running_loop()
            transport, _ = await loop.create_datagram_endpoint(lambda: _Datagrams(self), local_addr=self._address)
            self.port = transport.get_extra_info("sockname")[1]
            try:
                yield
            finally:
                transport.close()
            return
        context = None
        if self._protocol == "tls":
            context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            context.load_cert_chain(self._certificate, self._key)
        server = await asyncio.start_server(self._serve, *self._address, ssl=context, limit=2 * LINE_MAX)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield
        finally:
            server.close()

    def came(self, data: bytes) -> None:
        """Take a datagram, or drop it when too many wait."""
        for line in _texts(data):
            if self._lines.full():
                self.dropped += 1
            else:
                self._lines.put_nowait(line)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while (data := await asyncio.wait_for(_frame(reader), _IDLE_S)) is not None:
                for line in _texts(data):
                    await self._lines.put(line)
        except (TimeoutError, OSError, ValueError, asyncio.IncompleteReadError):
            pass  # the sender comes again
        finally:
            writer.close()


class _Datagrams(asyncio.DatagramProtocol):
    def __init__(self, owner: Syslog) -> None:
        self._owner = owner

    def datagram_received(self, data: bytes, addr: object) -> None:
        """Hand a datagram on."""
        self._owner.came(data)


async def _frame(reader: asyncio.StreamReader) -> bytes | None:
    """Return the next message of a stream, counted or ended by a line's end; None at its end.

    Raises:
        ValueError: it is longer than any message, or counts wrongly.
    """
    first = await reader.read(1)
    if not first:
        return None
    if not first.isdigit() or first == b"0":
        try:
            return first + await reader.readuntil(b"\n")
        except asyncio.IncompleteReadError as ended:
            return first + ended.partial
        except asyncio.LimitOverrunError as error:
            raise ValueError("a message without an end") from error
    count = first
    while (byte := await reader.readexactly(1)) != b" ":
        count += byte
        if not byte.isdigit() or len(count) > _COUNT_MAX:
            raise ValueError("a count that is none")
    if int(count) > LINE_MAX:
        raise ValueError("a message that is too long")
    return await reader.readexactly(int(count))


def _texts(data: bytes) -> list[str]:
    """Return the lines of a message without what ends and fills them."""
    text = data.replace(b"\0", b"").decode("utf-8", "replace").strip("\r\n")
    return [text[:LINE_MAX]] if text.strip() else []
