"""The console as a person meets it: a real server process on a home of its own, in the Chromium of the machine."""

import asyncio
import os
import re
import select
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, StorageState, sync_playwright

from vigie.clock import SystemClock
from vigie.interfaces.api.console import Console
from vigie.memory.memory import Memory, TenantMemory

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "une phrase bien longue"
CHROMIUM = next((found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None)
MISSING = "no Chromium on this machine" if CHROMIUM is None else None if Console().is_built else "the console is not built"
_STARTS_IN_S = 60.0
Result = TypeVar("Result")


@dataclass
class Server:
    """`vigie up` as a process. `way_in` is the one-time address that it prints, `session` what a signed-in browser keeps."""

    home: Path
    language: str = "en"
    port: int = 0
    way_in: str = ""
    process: "subprocess.Popen[bytes] | None" = None
    session: StorageState | None = None

    @property
    def url(self) -> str:
        """Return where it serves."""
        return self.way_in.partition("/login")[0]

    def start(self) -> None:
        """Start it, and wait until it says where it is."""
        kept = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "TMPDIR"}}
        command = [sys.executable, "-m", "vigie", "up", "--no-browser", "--port", str(self.port)]
        self.process = subprocess.Popen(
            command,
            env={**kept, "VIGIE_HOME": str(self.home), "LANG": f"{self.language}.UTF-8", "PYTHONPATH": str(ROOT / "src")},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        self.way_in = self._told()
        self.port = urlsplit(self.way_in).port or 0

    def stop(self, number: int = signal.SIGTERM) -> None:
        """End it."""
        if self.process is None:
            return
        with suppress(ProcessLookupError):
            self.process.send_signal(number)
        self.process.wait(30)
        if self.process.stdout:
            sys.stdout.buffer.write(self.process.stdout.read())  # shown beside a test that failed
            self.process.stdout.close()
        self.process = None

    def memory(self, work: Callable[[TenantMemory], Awaitable[Result]]) -> Result:
        """Do something with the memory of the home, as another process would."""

        async def opened() -> Result:
            memory = await Memory.open(self.home, clock=SystemClock())
            try:
                return await work(memory.of())
            finally:
                await memory.close()

        return outside(opened())

    def _told(self) -> str:
        assert self.process
        assert self.process.stdout
        said, until = b"", time.monotonic() + _STARTS_IN_S
        while time.monotonic() < until and self.process.poll() is None:
            if select.select([self.process.stdout], [], [], 0.2)[0]:
                said += os.read(self.process.stdout.fileno(), 65536)
            if found := re.search(rb"http://\S+/login\?token=\S+\n", said):
                return found[0].decode().strip()
        raise AssertionError(f"the server did not start: {said.decode('utf-8', 'replace')}")


def outside(work: Coroutine[Any, Any, Result]) -> Result:
    """Run a coroutine where no event loop runs: the browser's driver has one of its own in this thread."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()


@contextmanager
def server(home: Path, language: str = "en") -> Iterator[Server]:
    """Run a server for a while."""
    running = Server(home, language)
    running.start()
    try:
        yield running
    finally:
        running.stop()


@contextmanager
def chromium() -> Iterator[Browser]:
    """Run the Chromium of the machine for a while."""
    with sync_playwright() as driver:
        # root has no sandbox of its own to offer
        arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=arguments)
        try:
            yield browser
        finally:
            browser.close()


@dataclass
class Watch:
    """What a browser did that it must not: asked another origin, broke the page's policy, crashed."""

    origin: str
    faults: list[str] = field(default_factory=list)

    def over(self, context: BrowserContext) -> None:
        """Watch everything of a context."""
        context.on("request", lambda request: self._asked(request.url))
        context.on("console", self._said)
        context.on("weberror", lambda error: self.faults.append(f"error: {error.error}"))

    def _asked(self, url: str) -> None:
        if not url.startswith((f"{self.origin}/", "data:", "blob:")):
            self.faults.append(f"asked {url}")

    def _said(self, message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text or "content-security-policy" in message.text.lower():
            self.faults.append(message.text)


def sign_in(page: Page, url: str) -> None:
    """Go through the first run, or through the password once there is one."""
    page.goto(url)
    page.locator("#password").fill(PASSWORD)
    if page.locator("#again").count():
        page.locator("#again").fill(PASSWORD)
    page.locator("button.primary").click()
    page.wait_for_selector("#content h1")
