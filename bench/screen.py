"""How long a happening takes from the journal to the eyes: a page in a real Chromium notes when it shows the row."""

import tempfile
from pathlib import Path

from playwright.sync_api import Page
from tests.e2e import seeds
from tests.e2e.browser import MISSING, Server, chromium, server, sign_in

from bench.figure import Figure
from vigie.memory.memory import TenantMemory

_WATCH = """marks => { window.marks = {}; new MutationObserver(() => {
  const text = document.querySelector('[role=log]').innerText
  for (const mark of marks) if (!window.marks[mark] && text.includes(mark)) window.marks[mark] = Date.now()
}).observe(document.querySelector('[role=log]'), { childList: true, subtree: true, characterData: true }) }"""


def latencies(page: Page, running: Server, case: str, *, times: int) -> list[float]:
    """Return, in milliseconds, how long after its own instant each of some rows was on the page of the case."""
    page.wait_for_selector("[role=log] li")
    marks = [f"mark-{number}-of-{times}" for number in range(times)]
    page.evaluate(_WATCH, marks)
    taken = []
    for mark in marks:

        async def write(memory: TenantMemory, mark: str = mark) -> float:
            row = await memory.journal.append("case.commented", actor="person:owner", case=case, body={"text": mark})
            return row.at.timestamp() * 1000

        written_ms = running.memory(write)
        page.wait_for_function("mark => window.marks[mark]", arg=mark, timeout=20_000)
        taken.append(float(page.evaluate("mark => window.marks[mark]", mark)) - written_ms)
    return taken


def figures(short: bool) -> list[Figure]:
    if MISSING:
        raise SystemExit(f"screen: {MISSING}")
    with (
        tempfile.TemporaryDirectory(prefix="vigie-bench-") as name,
        server(Path(name) / "home") as running,
        chromium() as browser,
    ):
        running.memory(seeds.a_host)
        case = running.memory(seeds.waiting(Path(name)))
        page = browser.new_page()
        sign_in(page, running.way_in)
        page.goto(f"{running.url}/cases/{case.id}")
        taken = sorted(latencies(page, running, case.id, times=10 if short else 40))
    note = f"median {taken[len(taken) // 2]:.0f} ms of {len(taken)}"
    return [Figure("journal to screen, slowest", round(taken[-1] / 1000, 3), "s", "at most", 1.0, note)]
