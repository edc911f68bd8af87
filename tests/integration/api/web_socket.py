"""The other end of a WebSocket, as a browser's page is."""

import asyncio
import json
from typing import Any
from urllib.parse import urlsplit

from wsproto import ConnectionType, WSConnection
from wsproto.events import (
    AcceptConnection,
    BytesMessage,
    CloseConnection,
    Event,
    RejectConnection,
    Request,
    TextMessage,
)


class Refused(Exception):
    """The server did not let us in."""


class WebSocket:
    """An open socket; `shown` is what came in binary frames, `told` what came as JSON."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self._connection = WSConnection(ConnectionType.CLIENT)
        self.shown = b""
        self.told: list[dict[str, Any]] = []
        self.is_closed = False

    @classmethod
    async def open(cls, url: str, path: str, headers: dict[str, str]) -> "WebSocket":
        """Knock.

        Raises:
            Refused: with the status.
        """
        parts = urlsplit(url)
        socket = cls(*await asyncio.open_connection(parts.hostname, parts.port))
        more = [(name.encode(), value.encode()) for name, value in headers.items() if name.lower() != "host"]
        host = headers.get("Host", parts.netloc)
        socket._writer.write(socket._connection.send(Request(host=host, target=path, extra_headers=more)))
        for _ in range(200):
            for event in await socket._events():
                if isinstance(event, AcceptConnection):
                    return socket
                if isinstance(event, RejectConnection):
                    await socket.leave()
                    raise Refused(event.status_code)
        raise Refused("no answer")

    async def say(self, **frame: Any) -> None:
        """Send a text frame."""
        self._writer.write(self._connection.send(TextMessage(data=json.dumps(frame))))
        await self._writer.drain()

    async def type(self, text: str) -> None:
        """Type into the terminal."""
        await self.say(type="input", data=text)

    async def until(self, words: bytes, limit_s: float = 30.0) -> bytes:
        """Read until the words were shown."""
        async with asyncio.timeout(limit_s):
            while words not in self.shown and not self.is_closed:
                await self._events()
        assert words in self.shown, (self.shown[-2000:], self.told)
        return self.shown

    async def end(self, limit_s: float = 30.0) -> dict[str, Any]:
        """Read to the end, and return what was told last."""
        async with asyncio.timeout(limit_s):
            while not self.is_closed:
                await self._events()
        return self.told[-1]

    async def leave(self) -> None:
        """Go, as a page that is closed."""
        self._writer.close()

    async def _events(self) -> list[Event]:
        data = await self._reader.read(65536)
        self._connection.receive_data(data or None)
        events = list(self._connection.events())
        for event in events:
            if isinstance(event, BytesMessage):
                self.shown += bytes(event.data)
            elif isinstance(event, TextMessage):
                self.told.append(json.loads(event.data))
            elif isinstance(event, CloseConnection):
                self.is_closed = True
                self._writer.close()
        self.is_closed = self.is_closed or not data
        return events
