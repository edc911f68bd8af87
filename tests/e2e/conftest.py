"""One Chromium for the folder's tests, one server with cases for each file; every page is watched for what it must not do."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page
from tests.e2e import browser as b
from tests.e2e import seeds
from tests.integration.tools.sshd_server import sshd, start_sshd

__all__ = ["sshd", "start_sshd"]
Opened = Callable[..., Page]
WINDOW = {"width": 1280, "height": 860}


# A module, not the session: while it is open a loop runs in this thread, and other modules' tests need it to themselves.
@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    if b.MISSING:
        pytest.skip(b.MISSING)
    with b.chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("console")


@pytest.fixture(scope="module")
def served(chromium: Browser, folder: Path) -> Iterator[b.Server]:
    """A server with a host, two cases and a log that it follows, whose owner has signed in."""
    (folder / "shop.log").touch()
    (folder / "home").mkdir(mode=0o700)
    settings = f"sources:\n  - {{host: {seeds.HOST}, path: {folder}/shop.log, service: shop}}\n"
    (folder / "home" / "config.yaml").write_text(settings, encoding="utf-8")
    with b.server(folder / "home") as server:
        server.memory(seeds.a_host)
        server.memory(seeds.resolved(folder))
        context = chromium.new_context()
        b.sign_in(context.new_page(), server.way_in)
        server.session = context.storage_state()
        context.close()
        yield server


@pytest.fixture
def opened(chromium: Browser, served: b.Server) -> Iterator[Opened]:
    """Open an address of the console, signed in; what the browser must not do fails the test at its end."""
    watch = b.Watch(served.url)
    contexts = []

    def open_page(path: str = "/", **options: object) -> Page:
        context = chromium.new_context(storage_state=served.session, **{"viewport": WINDOW, **options})  # type: ignore[arg-type]  # by name
        contexts.append(context)
        watch.over(context)
        page = context.new_page()
        page.goto(f"{served.url}{path}")
        page.wait_for_selector("#content h1")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert watch.faults == []
