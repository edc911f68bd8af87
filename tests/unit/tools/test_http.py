"""A URL is asked for once, bounded, and whatever happens is an answer."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest

from vigie.tools.http import fetch


@pytest.fixture
async def server() -> AsyncIterator[str]:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        path = (await reader.readline()).split()[1]
        if path == b"/slow":
            await reader.read()  # until the asker hangs up
        elif path == b"/moved":
            writer.write(b"HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n")
        elif path == b"/endless":
            writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
            with suppress(ConnectionError):
                while True:
                    writer.write(b"x" * 10_000)
                    await writer.drain()
        elif path == b"/noise":
            writer.write(b"\x00\x01 no http at all\r\n\r\n")
        else:
            writer.write(b"HTTP/1.1 503 Sorry\r\nContent-Length: 4\r\n\r\nbusy")
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()

    listener = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = listener.sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}"
    listener.close()
    await asyncio.sleep(0.05)


async def test_the_status_and_the_body_are_told(server: str) -> None:
    fetched = await fetch(f"{server}/", timeout_s=5)
    assert (fetched.status, fetched.body_head, fetched.error) == (503, b"busy", None)


async def test_a_redirection_is_told_and_not_followed(server: str) -> None:
    assert (await fetch(f"{server}/moved", timeout_s=5)).status == 302


async def test_an_endless_body_is_cut(server: str) -> None:
    fetched = await fetch(f"{server}/endless", timeout_s=5)
    assert fetched.status == 200
    assert len(fetched.body_head) <= 64 * 1024 + 1


async def test_no_answer_in_time_is_an_answer(server: str) -> None:
    fetched = await fetch(f"{server}/slow", timeout_s=0.3)
    assert fetched.status is None
    assert fetched.error
    assert fetched.seconds < 3


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/", "http://[bad/", "http://a b/"])
async def test_what_cannot_be_asked_is_an_answer(url: str) -> None:
    fetched = await fetch(url, timeout_s=5)
    assert fetched.status is None
    assert fetched.error


async def test_noise_is_an_answer(server: str) -> None:
    assert (await fetch(f"{server}/noise", timeout_s=5)).error
