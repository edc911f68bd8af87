"""Terminals in the browser: one WebSocket each, what was shown in them, and the way to end them.

The terminal speaks in binary frames, bytes as they are; the rest is JSON in text frames. From the page `{"type":"input","data"}`,
`{"type":"size","columns","rows"}`. To the page: `{"type":"started","session"}`, `{"type":"ended","reason","code"}`.
"""

import asyncio
import json
from contextlib import suppress
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response, WebSocket, WebSocketDisconnect

from vigie.domain.errors import Permanent, VigieError
from vigie.domain.person import Role
from vigie.domain.terminal import TerminalSession
from vigie.i18n import text
from vigie.interfaces import hosts
from vigie.interfaces.api import schemas
from vigie.interfaces.api.doors import Admin, Caller, Given, caller_of, from_our_page, host_for, services_of
from vigie.interfaces.api.problems import Turned
from vigie.interfaces.services import Services
from vigie.interfaces.told import told
from vigie.policy.terminals import Sitting

router = APIRouter(prefix="/api/v1", tags=["terminals"])
HostName = Annotated[str, Path(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$")]
TerminalId = Annotated[str, Path(pattern=r"^T-[0-9a-f]{12}$")]
Side = Annotated[int, Query(ge=1, le=1000)]
_POLICY = 1008
_NORMAL = 1000


@router.websocket("/hosts/{name}/terminal")
async def terminal(socket: WebSocket, name: HostName, columns: Side = 80, rows: Side = 24) -> None:
    """Open a terminal on a host."""
    services = services_of(socket)
    caller = await _let_in(socket)
    if caller is None:
        await socket.close(_POLICY)
        return
    await socket.accept()
    try:
        host = await host_for(services, caller, name)
        sitting = await services.gate.terminals.open(host, caller.person, columns, rows)
    except VigieError as error:
        words = told(error, caller.language)
        await _end(socket, {"reason": f"{words.what} {words.why}", "code": None})
        return
    ended = await _sat(socket, services, sitting)
    reason = text(caller.language, f"terminal.reasons.{ended.reason}")
    await _end(socket, {"reason": reason, "code": ended.code})


async def _let_in(socket: WebSocket) -> Caller | None:
    """Return who asks, when they may have terminals and no page of somebody else made their browser ask."""
    caller = await caller_of(socket)
    if caller is None or not caller.role.covers(Role.ADMIN):
        return None
    if caller.session is not None:
        # A browser says where a WebSocket comes from, and lets any page open one with our cookie.
        if "origin" not in socket.headers:
            return None
        try:
            from_our_page(socket)
        except Turned:
            return None
    return caller


async def _sat(socket: WebSocket, services: Services, sitting: Sitting) -> TerminalSession:
    """Show the terminal until it is over, whoever ends it."""

    async def may_go_on() -> bool:
        return await _let_in(socket) is not None

    await socket.send_text(json.dumps({"type": "started", "session": sitting.session.id}))
    others = [asyncio.create_task(_typed(socket, sitting)), asyncio.create_task(sitting.watch(may_go_on))]
    try:
        with suppress(WebSocketDisconnect, RuntimeError):
            while data := await sitting.read():
                await socket.send_bytes(data)
    finally:
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        ended = await asyncio.shield(services.gate.terminals.close(sitting))
    return ended


async def _typed(socket: WebSocket, sitting: Sitting) -> None:
    """Hand on what the page sends; what is none of it is passed over."""
    try:
        while True:
            frame = await socket.receive_text()
            with suppress(ValueError, RecursionError):
                await _take(sitting, json.loads(frame))
    except (WebSocketDisconnect, KeyError, RuntimeError):
        sitting.stop("left")


async def _take(sitting: Sitting, said: object) -> None:
    match said:
        case {"type": "input", "data": str(data)}:
            await sitting.write(data.encode("utf-8", "replace"))
        case {"type": "size", "columns": int(columns), "rows": int(rows)}:
            sitting.resize(columns, rows)


async def _end(socket: WebSocket, said: dict[str, Any]) -> None:
    with suppress(RuntimeError, WebSocketDisconnect):
        await socket.send_text(json.dumps({"type": "ended", **said}))
        await socket.close(_NORMAL)


@router.post("/hosts/{name}/terminal-access")
async def set_access(services: Given, caller: Admin, name: HostName, body: schemas.TerminalAccess) -> dict[str, Any]:
    """Say whether people may open a terminal on a host."""
    host = await host_for(services, caller, name)
    return {"host": hosts.document(await hosts.set_terminal(services, host.name, is_allowed=body.allowed, actor=caller.actor))}


@router.get("/terminals")
async def list_terminals(services: Given, caller: Admin) -> dict[str, list[dict[str, Any]]]:
    """List the terminals that are open and those that were, newest first."""
    visible = await caller.visible(services)
    found = [each for each in await services.store.terminals.list() if visible is None or each.host in visible]
    return {"terminals": [_document(services, each, caller) for each in found]}


@router.get("/terminals/{terminal_id}/recording", response_class=Response)
async def recording(services: Given, caller: Admin, terminal_id: TerminalId) -> Response:
    """Give what was shown in a terminal, as asciicast version 2; of one that is open, as far as it is."""
    session = await _of(services, caller, terminal_id)
    if sitting := services.gate.terminals.running(terminal_id):
        await sitting.keep()
        session = sitting.session
    return Response(await services.gate.terminals.recording(session), media_type="application/x-asciicast")


@router.post("/terminals/{terminal_id}/stop")
async def stop(services: Given, caller: Admin, terminal_id: TerminalId) -> dict[str, Any]:
    """End a terminal that is open."""
    session = await _of(services, caller, terminal_id)
    if sitting := services.gate.terminals.running(terminal_id):
        await services.store.journal.append("terminal.stopped", actor=caller.actor, body={"host": session.host}, ref=session.id)
        sitting.stop("stopped")
    return {"terminal": _document(services, session, caller)}


async def _of(services: Services, caller: Caller, terminal_id: str) -> TerminalSession:
    session = await services.store.terminals.get(terminal_id)
    visible = await caller.visible(services)
    if visible is not None and session.host not in visible:
        raise Permanent("terminal.unknown", terminal=terminal_id)
    return session


def _document(services: Services, session: TerminalSession, caller: Caller) -> dict[str, Any]:
    sitting = services.gate.terminals.running(session.id)
    now = sitting.session if sitting else session
    reason = now.reason or (None if sitting else "lost")
    known = reason if reason is None or "." not in reason else "failed"
    return {
        "id": now.id,
        "host": now.host,
        "person": now.person,
        "started_at": now.started_at.isoformat(),
        "ended_at": now.ended_at.isoformat() if now.ended_at else None,
        "running": sitting is not None,
        "bytes": now.bytes,
        "reason": text(caller.language, f"terminal.reasons.{known}") if known else None,
        "code": now.code,
    }
