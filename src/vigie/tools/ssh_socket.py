"""The socket under an SSH connection: what is written in one turn of the loop goes out together.

asyncssh puts a packet of nothing before each of its packets, and writes every packet by itself: a line would cost eight
writes here, and as many wake-ups of the host's sshd. `transports/ssh.py` opens connections through it.
"""

import asyncio
import socket
from collections.abc import Callable
from typing import Any


class Corked:
    """A transport that holds back what it is given until the present turn is over."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._held: list[bytes] = []
        self._loop = asyncio.get_running_loop()

    def __getattr__(self, name: str) -> Any:
        """Leave everything else to the transport."""
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        """Send some bytes, at the end of the turn."""
        if not self._held:
            self._loop.call_soon(self._flush)
        self._held.append(data)

    def close(self) -> None:
        """Send what is held, and close."""
        self._flush()
        self._transport.close()

    def _flush(self) -> None:
        held, self._held = self._held, []
        if held:
            self._transport.write(b"".join(held))


class Reached:
    """A socket at the host's port; asyncssh takes it for a tunnel, and asks it for the connection."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock

    async def create_connection(self, factory: Callable[[], Any], host: str, port: int) -> tuple[Any, Any]:
        """Return the transport and the session over it."""

        def made() -> Any:
            session = factory()
            begin = session.connection_made
            session.connection_made = lambda transport: begin(Corked(transport))
            return session

        return await asyncio.get_running_loop().create_connection(made, sock=self._sock)
