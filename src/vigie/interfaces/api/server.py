"""Runs the application on a socket, beside the watchers, until it is cancelled."""

import asyncio
import contextlib
import logging
import socket
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import uvicorn

from vigie.domain.case import CaseState
from vigie.domain.errors import Permanent
from vigie.interfaces.api.application import create
from vigie.interfaces.services import Services
from vigie.interfaces.settings import DEFAULT_PORT, InterfaceSettings

logger = logging.getLogger(__name__)
_BACKLOG = 128
_GRACE_S = 3
# What is pasted into a terminal comes in one frame.
_FRAME_BYTES = 256 * 1024
_RESTART_S = 5.0
_LOOK_AGAIN_S = 3.0


class Listener:
    """A bound socket: from here on nobody else can take the port."""

    def __init__(self, bound: socket.socket, name: str) -> None:
        self.socket = bound
        self.url = f"http://{name}:{bound.getsockname()[1]}"

    @classmethod
    @contextlib.contextmanager
    def open(cls, settings: InterfaceSettings, port: int | None = None) -> "Iterator[Listener]":
        """Listen on the port that is asked for; on the usual one, or else any free one, when none is.

        Raises:
            Permanent: the port that is asked for cannot be had.
        """
        asked = settings.port if port is None else port
        bound = _bound(settings.bind, asked) if asked is not None else _usual(settings.bind)
        name = f"[{settings.bind}]" if ":" in settings.bind else settings.bind
        try:
            yield cls(bound, "127.0.0.1" if settings.bind == "0.0.0.0" else name)  # noqa: S104  # what to call it, not where to listen
        finally:
            bound.close()


async def serve(services: Services, listener: Listener, *, local_token: str | None = None) -> None:
    """Serve until cancelled; then end every stream and finish what is being answered."""
    app = create(services, local_token=local_token)
    server = _Server(
        uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            timeout_graceful_shutdown=_GRACE_S,
            lifespan="on",
            ws="wsproto",
            ws_max_size=_FRAME_BYTES,
        )
    )
    tasks = [
        asyncio.create_task(_kept("watching", services.watchtower.run)),
        asyncio.create_task(_kept("observing", services.observatory.run)),
        asyncio.create_task(_kept("cases", lambda: _carried_on(services))),
    ]
    running = asyncio.create_task(server.serve(sockets=[listener.socket]))
    try:
        await asyncio.shield(running)
    except asyncio.CancelledError:
        services.gate.terminals.stop_all()
        if hasattr(app.state, "feed"):
            await app.state.feed.close()
        server.should_exit = True
        await running
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _carried_on(services: Services) -> None:
    """Carry cases on, from the first open one there is: a home without any does not pay for the engine."""
    while not await services.desk.list(states=(CaseState.WORKING, CaseState.WAITING), limit=1):  # noqa: ASYNC110  # another process may open it
        await asyncio.sleep(_LOOK_AGAIN_S)
    await services.desk.keep_carrying_on()


async def _kept(name: str, work: Callable[[], Awaitable[Any]]) -> None:
    """Run something for ever: what crashes is told and begun again."""
    while True:
        try:
            await work()
        except Exception:  # the supervisor of the server's own tasks
            logger.exception("task crashed", extra={"task": name})
        await asyncio.sleep(_RESTART_S)


def _bound(bind: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in bind else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((bind, port))
        bound.listen(_BACKLOG)
    except OSError as error:
        bound.close()
        raise Permanent("cli.port_taken", port=port, address=bind, reason=error.strerror or str(error)) from error
    return bound


def _usual(bind: str) -> socket.socket:
    try:
        return _bound(bind, DEFAULT_PORT)
    except Permanent:
        return _bound(bind, 0)


class _Server(uvicorn.Server):
    """Signals are the command line's business: it cancels `serve`."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals alone."""
        yield
