"""Makes the HTTP application from its routers; `server.py` runs it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

from fastapi import FastAPI

from vigie import __version__
from vigie.interfaces.api import console, problems, schemas
from vigie.interfaces.api.console import Console
from vigie.interfaces.api.feed import Feed
from vigie.interfaces.api.guard import Guard
from vigie.interfaces.api.limits import Tries
from vigie.interfaces.api.metrics import Metrics
from vigie.interfaces.api.orders import Orders
from vigie.interfaces.api.passwords import Passwords
from vigie.interfaces.api.routes import (
    about,
    access,
    account,
    ask,
    cases,
    demo,
    fleet,
    hosts,
    incoming,
    logs,
    observing,
    openid,
    people,
    plain,
    session,
    team,
    terminals,
    trail,
    usage,
)
from vigie.interfaces.openid import OpenId
from vigie.interfaces.services import Services

ROUTES = (
    about,
    session,
    openid,
    access,
    account,
    people,
    cases,
    ask,
    hosts,
    observing,
    fleet,
    logs,
    incoming,
    team,
    terminals,
    trail,
    usage,
    demo,
    plain,
    console,
)
_PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {"model": schemas.Problem, "description": "Problem"} for status in (401, 403, 404, 409, 413, 422, 429)
}


def create(services: Services, *, local_token: str | None = None) -> FastAPI:
    """Return the application.

    Args:
        services: the open home that it serves.
        local_token: what the command line of the same home shows to be let in; None lets only sessions in.
    """
    app = FastAPI(
        title="Vigie",
        version=__version__,
        summary="It watches, diagnoses, repairs, verifies and explains.",
        docs_url=None,
        redoc_url=None,
        lifespan=_lifespan,
    )
    app.state.services = services
    app.state.local_token = local_token
    app.state.tries = Tries(services.clock)
    app.state.passwords = Passwords()
    provider = services.settings.provider
    app.state.openid = None if provider is None else OpenId(provider, services.clock)
    app.state.console = Console()
    app.state.metrics = Metrics(services)
    app.state.stage = demo.Stage(services)
    app.state.orders = Orders()
    problems.install(app)
    for module in ROUTES:
        app.include_router(module.router, responses={**_PROBLEMS})
    app.add_middleware(Guard, host_names=frozenset(services.settings.host_names))
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    services: Services = app.state.services
    started = await services.store.journal.append("api.started", actor="vigie", body={"version": __version__})
    feed = Feed(services.store, started.seq)
    app.state.feed = feed
    tasks = [asyncio.create_task(feed.run()), asyncio.create_task(app.state.metrics.run(feed))]
    try:
        yield
    finally:
        services.gate.terminals.stop_all()
        await app.state.orders.close()
        await app.state.stage.close()
        await feed.close()
        for task in tasks:
            task.cancel()
        for task in tasks:
            with suppress(asyncio.CancelledError):
                await task
        await services.store.journal.append("api.stopped", actor="vigie")
