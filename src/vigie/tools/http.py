"""HTTP checks from Vigie's own side. The only file of the hands that knows httpx."""

import asyncio
import functools
import ssl
from dataclasses import dataclass

from vigie.tools.capped import Capped

_BODY_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Fetched:
    """What a URL answered. `status` None: no answer, and `error` says why; `seconds` up to the end of what was read."""

    url: str
    status: int | None
    seconds: float
    body_head: bytes
    error: str | None = None


@functools.cache
def _trust() -> ssl.SSLContext:
    """Read the authorities once: 18 ms of processor that each client would spend anew."""
    import httpx

    return httpx.create_ssl_context(trust_env=False)


async def fetch(url: str, *, timeout_s: float, method: str = "GET") -> Fetched:
    """Ask for a URL once, without following redirects, proxies or credentials of the environment; never raises for the answer."""
    import httpx

    loop = asyncio.get_running_loop()
    started_s = loop.time()
    body = Capped(_BODY_BYTES)
    status: int | None = None
    error: str | None = None
    try:
        async with (
            asyncio.timeout(timeout_s),
            httpx.AsyncClient(trust_env=False, follow_redirects=False, timeout=timeout_s, verify=_trust()) as client,
            client.stream(method, url) as answer,
        ):
            status = answer.status_code
            read_bytes = 0
            async for chunk in answer.aiter_bytes():
                body.add(chunk)
                read_bytes += len(chunk)
                if read_bytes >= _BODY_BYTES:
                    break
    except TimeoutError:
        error = f"no answer within {timeout_s:g} s"
    except (httpx.HTTPError, httpx.InvalidURL) as problem:
        error = f"{type(problem).__name__}: {problem}"
    return Fetched(url, status, loop.time() - started_s, body.bytes(), error)
