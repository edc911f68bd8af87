"""What every request passes before anything reads it: the name it calls us by, its size; and what every answer carries."""

import ipaddress
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from vigie.interfaces.api.language import accepted
from vigie.interfaces.api.problems import problem, words_of

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[MutableMapping[str, Any], Receive, Send], Awaitable[None]]

BODY_BYTES_MAX = 256 * 1024
_HEADERS = (
    (
        b"content-security-policy",
        b"default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'",
    ),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    # not no-referrer: with it, browsers send our own forms with `Origin: null`
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
)
# What a WebSocket that is turned away is closed with (RFC 6455, 7.4.1).
_POLICY = 1008
_LONG_LIVED = "/assets/"
_WITHOUT_BODY = frozenset({"GET", "HEAD", "OPTIONS"})


class Guard:
    """ASGI middleware, outermost. `host_names` are allowed in the Host header beside the loopback's own names."""

    def __init__(self, app: Application, host_names: frozenset[str]) -> None:
        self._app = app
        self._names = host_names | {"localhost"}

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """Turn away what is not meant for us, pass the rest on."""
        headers = dict(scope.get("headers", ()))
        if scope["type"] == "websocket" and not self._is_ours(headers.get(b"host", b"").decode("latin-1")):
            await receive()
            await send({"type": "websocket.close", "code": _POLICY})
            return
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        dressed = _dressed(send, scope["path"])
        if not self._is_ours(headers.get(b"host", b"").decode("latin-1")):
            await _turn_away(421, scope, receive, dressed, headers)
        elif int(_digits(headers.get(b"content-length", b"0"))) > BODY_BYTES_MAX:
            await _turn_away(413, scope, receive, dressed, headers)
        else:
            await self._pass(scope, receive, dressed, headers)

    async def _pass(self, scope: MutableMapping[str, Any], receive: Receive, send: Send, headers: dict[bytes, bytes]) -> None:
        if scope["method"] in _WITHOUT_BODY:
            await self._app(scope, receive, send)
            return
        body = await _whole(receive)
        if body is None:
            await _turn_away(413, scope, receive, send, headers)
            return
        rest: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

        async def replayed() -> Message:
            return rest.pop() if rest else await receive()

        await self._app(scope, replayed, send)

    def _is_ours(self, host: str) -> bool:
        name = _name_of(host)
        return name in self._names or _is_loopback(name)


async def _whole(receive: Receive) -> bytes | None:
    """Return the body, None when it is larger than what is taken; it may not tell its length beforehand."""
    body = bytearray()
    while True:
        message = await receive()
        body += message.get("body", b"")
        if len(body) > BODY_BYTES_MAX:
            return None
        if not message.get("more_body"):
            return bytes(body)


def _name_of(host: str) -> str:
    if host.startswith("["):
        return host[1:].partition("]")[0].lower()
    return host.rpartition(":")[0].lower() if host.count(":") == 1 else host.lower()


def _is_loopback(name: str) -> bool:
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def _digits(value: bytes) -> bytes:
    return value if value.isdigit() and len(value) < 16 else str(BODY_BYTES_MAX + 1).encode()


def _dressed(send: Send, path: str) -> Send:
    cache = b"public, max-age=31536000, immutable" if path.startswith(_LONG_LIVED) else b"no-store"

    async def dressed(message: Message) -> None:
        if message["type"] == "http.response.start":
            given = {name.lower() for name, _ in message["headers"]}
            more = [*_HEADERS, (b"cache-control", cache)]
            message["headers"] = [*message["headers"], *(pair for pair in more if pair[0] not in given)]
        await send(message)

    return dressed


async def _turn_away(
    status: int, scope: MutableMapping[str, Any], receive: Receive, send: Send, headers: dict[bytes, bytes]
) -> None:
    language = accepted(headers.get(b"accept-language", b"").decode("latin-1"))
    await problem(status, words_of(status, language))(scope, receive, send)
