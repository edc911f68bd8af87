"""Hands work over to the server that runs on the home, through its API; the only file of the command line that speaks HTTP."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import httpx

from vigie.domain.case import Case, CaseState, Phase
from vigie.domain.errors import Permanent, Transient
from vigie.i18n import Language
from vigie.interfaces.running import RunningServer
from vigie.interfaces.services import Services

_PAUSE_S = 0.25
_LIMIT_S = 30.0


class ServerSaid(Permanent):
    """The server refused; its words are kept as they are."""

    def __init__(self, problem: dict[str, Any]) -> None:
        super().__init__(str(problem.get("code") or "cli.server_refused"))
        self._problem = problem

    def _words(self, language: Language, part: str) -> str:
        return str(self._problem.get(part) or self._problem.get("detail") or "")


async def ask(
    server: RunningServer, path: str, body: dict[str, Any], language: Language, *, limit_s: float = _LIMIT_S
) -> dict[str, Any]:
    """Post to the server's API and return its answer.

    Raises:
        Transient: it does not answer.
        Permanent: it refuses; told in its own words.
    """
    headers = {"Authorization": f"Bearer {server.token}", "Accept-Language": language}
    try:
        async with httpx.AsyncClient(base_url=server.url, headers=headers, timeout=limit_s, trust_env=False) as client:
            answer = await client.post(path, json=body)
            said: dict[str, Any] = answer.json()
    except (httpx.HTTPError, ValueError) as error:
        raise Transient("cli.server_silent", url=server.url, pid=server.pid, reason=str(error) or type(error).__name__) from error
    if answer.is_error:
        raise ServerSaid(said)
    return said


async def follow(
    server: RunningServer,
    path: str,
    body: dict[str, Any],
    language: Language,
    *,
    progress: Callable[[dict[str, Any]], None],
    limit_s: float,
) -> dict[str, Any]:
    """Post to the server's API, tell how far it has come while it works, and return its answer.

    Raises:
        Transient: it does not answer, or not to the end.
        Permanent: it refuses; told in its own words.
    """
    headers = {"Authorization": f"Bearer {server.token}", "Accept-Language": language, "Accept": "text/event-stream"}
    seen = "the end is missing"
    try:
        async with (
            httpx.AsyncClient(base_url=server.url, headers=headers, timeout=limit_s, trust_env=False) as client,
            client.stream("POST", path, json=body) as answer,
        ):
            if answer.is_error:
                await answer.aread()
                raise ServerSaid(answer.json())
            name = ""
            async for line in answer.aiter_lines():
                word, _, rest = line.partition(": ")
                name = rest if word == "event" else name
                if word != "data":
                    continue
                said: dict[str, Any] = json.loads(rest)
                if name == "ended":
                    return said
                if name == "problem":
                    raise ServerSaid(said)
                progress(said)
    except (httpx.HTTPError, ValueError) as error:
        seen = str(error) or type(error).__name__
    raise Transient("cli.server_silent", url=server.url, pid=server.pid, reason=seen)


async def until_settled(services: Services, case_id: str, *, since_version: int = -1) -> Case:
    """Wait until the case, worked elsewhere, has ended or waits for a person."""
    while True:
        case = await services.store.cases.get(case_id)
        is_still = case.phase is Phase.CLOSED or case.state is CaseState.WAITING
        if case.version > since_version and is_still:
            return case
        await asyncio.sleep(_PAUSE_S)
