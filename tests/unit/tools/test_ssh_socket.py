"""What is written in one turn of the loop goes out in one piece, in order, and nothing is lost when it is closed."""

import asyncio
import socket
from typing import Any

from vigie.tools.ssh_socket import Corked, Reached


class Given:
    def __init__(self) -> None:
        self.written: list[bytes] = []
        self.closed = False

    def write(self, data: bytes) -> None:
        assert not self.closed
        self.written.append(data)

    def close(self) -> None:
        self.closed = True

    def get_extra_info(self, name: str) -> str:
        return name


async def test_a_turn_is_one_write_and_closing_loses_none() -> None:
    given = Given()
    transport: Any = Corked(given)  # type: ignore[arg-type]  # what is asked of a transport
    transport.write(b"a")
    transport.write(b"b")
    assert given.written == []
    await asyncio.sleep(0)
    transport.write(b"c")
    transport.close()
    assert (given.written, given.closed) == ([b"ab", b"c"], True)
    await asyncio.sleep(0)
    assert given.written == [b"ab", b"c"]
    assert transport.get_extra_info("peername") == "peername"


async def test_a_session_over_a_reached_socket_is_given_such_a_transport() -> None:
    ours, theirs = socket.socketpair()
    ours.setblocking(False)

    class Session(asyncio.Protocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            self.transport = transport

    _, session = await Reached(ours).create_connection(Session, "", 0)
    assert isinstance(session.transport, Corked)
    session.transport.write(b"x")
    session.transport.write(b"y")
    await asyncio.sleep(0.01)
    assert theirs.recv(10) == b"xy"
    session.transport.close()
    await asyncio.sleep(0)
    theirs.close()
