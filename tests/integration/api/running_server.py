"""A real server on a free port of the loopback, on a home of its own."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from vigie import config
from vigie.app import build
from vigie.interfaces.api.server import Listener, serve
from vigie.interfaces.services import Services

TOKEN = "local-token-of-this-test"
PASSWORD = "une phrase bien longue"


_TRUST = httpx.create_ssl_context()  # read once: a client of its own for each request is asked for by the hundred


def client_of(url: str, **more: Any) -> httpx.AsyncClient:
    """Return a client without anything of the environment or of another client."""
    return httpx.AsyncClient(base_url=url, trust_env=False, timeout=20, verify=_TRUST, **more)


@dataclass(frozen=True)
class Server:
    """A running server, the client of the command line, and a browser that is not signed in."""

    services: Services
    url: str
    local: httpx.AsyncClient
    browser: httpx.AsyncClient

    async def first_run(self, language: str = "en") -> None:
        """Sign the browser in with a one-time token, choosing the password."""
        token = await self.services.store.people.new_login_token(60)
        form = {"token": token, "password": PASSWORD, "again": PASSWORD, "lang": language}
        answer = await self.browser.post("/login", data=form)
        assert answer.status_code == 303, answer.text

    async def csrf(self) -> dict[str, str]:
        """Return the header that a write of the browser needs."""
        return {"X-CSRF-Token": (await self.browser.get("/api/v1/session")).json()["csrf"]}


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    settings = config.load({}, home=tmp_path / "home")
    with Listener.open(settings.interfaces, 0) as listener:
        async with build(settings) as services:
            serving = asyncio.create_task(serve(services, listener, local_token=TOKEN))
            headers = {"Authorization": f"Bearer {TOKEN}"}
            async with (
                client_of(listener.url, headers=headers) as local,
                client_of(listener.url) as browser,
            ):
                yield Server(services, listener.url, local, browser)
            serving.cancel()
            await serving
