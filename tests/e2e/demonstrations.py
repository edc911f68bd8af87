"""Demonstrations started from the start page, as a person starts them."""

import re

from playwright.sync_api import Page, expect

# A whole laboratory is built, broken, mended and checked in that time, on a busy machine too.
WHOLE_MS = 180_000
AUTONOMY = re.compile("Autonomy|Autonomie")
START = re.compile("^(Start|Lancer)$")
APPROVE = re.compile("^(Approve|Approuver)$")
OVER = re.compile("^.?(Resolved|Résolu|Nothing wrong|Rien d’anormal|Handed over|Transmis|Failed|En échec)$")

_BEGUN = "() => location.pathname.startsWith('/cases/') || document.querySelector('#content [role=alert]')"


def start(page: Page, url: str, scenario: str | None = None, autonomy: str = "act") -> None:
    """Start a demonstration, and wait until the page has gone to its case."""
    page.goto(f"{url}/start")
    if scenario:
        page.locator("select").first.select_option(scenario)
    page.get_by_label(AUTONOMY).select_option(autonomy)
    page.get_by_role("button", name=START).click()
    page.wait_for_function(_BEGUN, timeout=WHOLE_MS)
    assert "/cases/" in page.url, page.get_by_role("alert").inner_text()


def until_asked(page: Page) -> None:
    """Wait until the plan stands there for approval."""
    expect(page.get_by_role("button", name=APPROVE)).to_be_visible(timeout=WHOLE_MS)


def until_over(page: Page) -> str:
    """Wait until the case has ended, and return how."""
    badge = page.locator("article header").get_by_text(OVER)
    expect(badge).to_be_visible(timeout=WHOLE_MS)
    return badge.inner_text()


def until_gone(page: Page) -> None:
    """Wait until its laboratory is torn down."""
    for _ in range(int(WHOLE_MS / 500)):
        if page.evaluate("fetch('/api/v1/demo').then(answer => answer.json())")["running"] == []:
            return
        page.wait_for_timeout(500)
    raise AssertionError("the laboratory is still there")
