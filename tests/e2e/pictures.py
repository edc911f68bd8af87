"""`python -m tests.e2e.pictures [FOLDER]`: takes the pictures of the README from real demonstrations."""

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page
from tests.e2e import demonstrations as demo
from tests.e2e.browser import MISSING, ROOT, chromium, server, sign_in

SIZE = {"width": 1280, "height": 860}
OTHERS = ("bad_release", "wrong_setting", "port_taken")


def main(folder: Path) -> None:
    """Take them all."""
    if MISSING:
        raise SystemExit(MISSING)
    folder.mkdir(parents=True, exist_ok=True)
    with chromium() as browser:
        english(browser, folder)
        french(browser, folder)


def english(browser: Browser, folder: Path) -> None:
    """The start page, a mended case, the list after some more, one of which waits."""
    with tempfile.TemporaryDirectory() as name, server(Path(name) / "home", "en") as running:
        page = signed_in(browser, running.way_in, "en-GB")
        take(page, folder / "start-en.png")
        for scenario in OTHERS:
            demo.start(page, running.url, scenario)
            print(scenario, demo.until_over(page))
            demo.until_gone(page)
        demo.start(page, running.url)
        demo.until_over(page)
        take(page, folder / "case-en.png")
        demo.until_gone(page)
        demo.start(page, running.url, autonomy="propose")
        demo.until_asked(page)
        page.goto(running.url)
        page.wait_for_selector("table")
        take(page, folder / "cases-en.png")


def french(browser: Browser, folder: Path) -> None:
    """A plan that waits for its approval, and the same case mended."""
    with tempfile.TemporaryDirectory() as name, server(Path(name) / "home", "fr") as running:
        page = signed_in(browser, running.way_in, "fr-FR")
        demo.start(page, running.url, autonomy="propose")
        demo.until_asked(page)
        page.get_by_role("heading", name="Réparation proposée").evaluate("node => window.scrollTo(0, node.offsetTop - 60)")
        take(page, folder / "approval-fr.png")
        page.get_by_role("button", name=demo.APPROVE).click()
        demo.until_over(page)
        take(page, folder / "case-fr.png", top=True)


def signed_in(browser: Browser, way_in: str, locale: str) -> Page:
    """Return a page of the console, of the size of the pictures."""
    page = browser.new_page(viewport={**SIZE}, device_scale_factor=1, locale=locale, timezone_id="Europe/Paris")  # type: ignore[arg-type]  # a plain dict
    sign_in(page, way_in)
    return page


def take(page: Page, path: Path, *, top: bool = False) -> None:
    """Take one picture, once everything on it is still."""
    if top:
        page.evaluate("window.scrollTo(0, 0)")
    page.mouse.move(0, 0)
    page.wait_for_timeout(800)
    page.screenshot(path=path, animations="disabled")
    print(path.name, path.stat().st_size)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "pictures")
