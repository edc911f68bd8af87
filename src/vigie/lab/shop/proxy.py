"""A small reverse proxy. Run as `python3 proxy.py etc/proxy.conf`; SIGHUP reads the file again."""

import asyncio
import os
import signal
import sys
import time
from dataclasses import dataclass
from pathlib import Path

PHRASES = {400: "Bad Request", 413: "Content Too Large", 502: "Bad Gateway", 504: "Gateway Timeout"}


@dataclass(frozen=True)
class Settings:
    """What the configuration file says."""

    listen: tuple[str, int]
    upstream: tuple[str, int]
    read_timeout_s: float
    max_body_kb: int
    access_log: Path
    error_log: Path
    pid_file: Path


@dataclass(frozen=True)
class Request:
    """A request's head as it was sent, and its body."""

    line: str
    headers: list[tuple[str, str]]
    body: bytes


class Refused(Exception):  # named for what it is
    """A request that is answered by the proxy itself."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


def read(path: Path) -> Settings:
    """Read `name value` lines; `#` begins a comment.

    Raises:
        ValueError: a line cannot be understood or a name is missing.
    """
    found: dict[str, str] = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        words = line.partition("#")[0].split()
        if len(words) not in {0, 2}:
            raise ValueError(f"{path}:{number}: expected a name and a value, found {line!r}")
        if words:
            found[words[0]] = words[1]
    try:
        return Settings(
            listen=_address(found["listen"]),
            upstream=_address(found["upstream"]),
            read_timeout_s=float(found["read_timeout_s"]),
            max_body_kb=int(found["max_body_kb"]),
            access_log=Path(found["access_log"]),
            error_log=Path(found["error_log"]),
            pid_file=Path(found["pid_file"]),
        )
    except KeyError as error:
        raise ValueError(f"{path}: {error} is missing") from error


def _address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    return host, int(port)


class Proxy:
    """Passes each request on, and logs it."""

    def __init__(self, config: Path) -> None:
        self._config = config
        self._settings = read(config)

    async def run(self) -> None:
        """Serve until stopped."""
        asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, self.reload)
        server = await asyncio.start_server(self._serve, *self._settings.listen, limit=65536)
        self._settings.pid_file.write_text(f"{os.getpid()}\n", encoding="ascii")
        self._report("notice", "started, upstream {}:{}".format(*self._settings.upstream))
        async with server:
            await server.serve_forever()

    def reload(self) -> None:
        """Read the configuration again; keep the former one when the new one is wrong."""
        try:
            self._settings = read(self._config)
        except (OSError, ValueError) as error:
            self._report("error", f"configuration not reloaded: {error}")
        else:
            self._report("notice", "configuration reloaded, upstream {}:{}".format(*self._settings.upstream))

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        client = (writer.get_extra_info("peername") or ("-",))[0]
        try:
            request = await asyncio.wait_for(self._receive(reader), 30)
        except Refused as refused:
            await self._answer(writer, client, "-", refused.status)
            return
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError, TimeoutError):
            writer.close()
            return
        try:
            answer = await asyncio.wait_for(self._pass_on(request, client), self._settings.read_timeout_s)
        except TimeoutError:
            self._failed("timed out (110: Connection timed out)", client, request)
            await self._answer(writer, client, request.line, 504)
        except OSError as error:
            self._failed(f"failed ({error.errno}: {os.strerror(error.errno or 0)})", client, request)
            await self._answer(writer, client, request.line, 502)
        else:
            status = answer[9:12].decode("latin-1") or "502"
            await self._send(writer, answer)
            self._access(client, request.line, status, len(answer.partition(b"\r\n\r\n")[2]))

    async def _receive(self, reader: asyncio.StreamReader) -> Request:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = [(name.strip(), value.strip()) for name, _, value in (line.partition(":") for line in head[1:] if line)]
        length = next((value for name, value in headers if name.lower() == "content-length"), "0")
        if not length.isdigit():
            raise Refused(400)
        if int(length) > self._settings.max_body_kb * 1024:
            raise Refused(413)
        return Request(head[0], headers, await reader.readexactly(int(length)))

    async def _pass_on(self, request: Request, client: str) -> bytes:
        reader, writer = await asyncio.open_connection(*self._settings.upstream)
        try:
            kept = [
                f"{name}: {value}" for name, value in request.headers if name.lower() not in {"connection", "x-forwarded-for"}
            ]
            head = [request.line, *kept, f"X-Forwarded-For: {client}", "Connection: close", "", ""]
            writer.write("\r\n".join(head).encode("latin-1") + request.body)
            await writer.drain()
            answer = await reader.read(-1)
        finally:
            writer.close()
        if not answer:
            raise ConnectionResetError(104, "upstream closed the connection")
        return answer

    async def _answer(self, writer: asyncio.StreamWriter, client: str, line: str, status: int) -> None:
        body = f"<h1>{status} {PHRASES[status]}</h1>".encode()
        head = f"HTTP/1.0 {status} {PHRASES[status]}\r\nContent-Type: text/html\r\nContent-Length: {len(body)}\r\n\r\n"
        await self._send(writer, head.encode() + body)
        self._access(client, line, str(status), len(body))

    async def _send(self, writer: asyncio.StreamWriter, answer: bytes) -> None:
        try:
            writer.write(answer)
            await writer.drain()
        except ConnectionError:
            pass  # the customer has gone
        finally:
            writer.close()

    def _failed(self, how: str, client: str, request: Request) -> None:
        upstream = "{}:{}".format(*self._settings.upstream)
        self._report("error", f'connect to upstream {upstream} {how}, client: {client}, request: "{request.line}"')

    def _access(self, client: str, line: str, status: str, size: int) -> None:
        at = time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime())
        with self._settings.access_log.open("a", encoding="utf-8") as log:
            log.write(f'{client} - - [{at}] "{line}" {status} {size}\n')

    def _report(self, level: str, message: str) -> None:
        at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        with self._settings.error_log.open("a", encoding="utf-8") as log:
            log.write(f"{at} [{level}] {os.getpid()}: {message}\n")


if __name__ == "__main__":
    asyncio.run(Proxy(Path(sys.argv[1])).run())
