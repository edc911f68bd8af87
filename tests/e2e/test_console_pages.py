"""Every page of the console: the way in, both languages, both themes, a narrow screen, a keyboard, and nothing from elsewhere."""

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.e2e import seeds
from tests.e2e.browser import PASSWORD, ROOT, Server, Watch, server
from tests.e2e.conftest import Opened
from tests.integration.tools.sshd_server import Sshd

AXE = ROOT / "console" / "node_modules" / "axe-core" / "axe.min.js"
NARROW = {"width": 390, "height": 844}
PAGES = ("/", "/cases/C-1", "/start", "/ask", "/hosts", "/agents", "/journal")
FIRST_RUN = {
    "en": ("en-GB", "Welcome", "Begin", "The lookout is up. Nothing is watched yet.", "Cases"),
    "fr": ("fr-FR", "Bienvenue", "Commencer", "La vigie est à son poste. Rien n’est encore surveillé.", "Dossiers"),
}


@pytest.mark.parametrize("language", FIRST_RUN)
def test_the_first_run_leads_from_the_printed_address_to_the_start_page(chromium: Browser, tmp_path: Path, language: str) -> None:
    locale, welcome, begin, start, cases = FIRST_RUN[language]
    with server(tmp_path / "home", language) as running:
        context = chromium.new_context(locale=locale)
        watch = Watch(running.url)
        watch.over(context)
        page = context.new_page()
        page.goto(running.way_in)
        expect(page.get_by_role("heading", name=welcome)).to_be_visible()
        page.locator("#password").fill(PASSWORD)
        page.locator("#again").fill(PASSWORD)
        page.get_by_role("button", name=begin).click()
        expect(page.get_by_role("heading", name=start)).to_be_visible()
        expect(page.get_by_role("link", name=cases, exact=True)).to_be_visible()
        assert page.locator("html").get_attribute("lang") == language
        page.goto(running.way_in)
        expect(page.locator("#password")).to_have_count(0)
        context.close()
    assert watch.faults == []


def test_the_language_is_changed_for_good(opened: Opened) -> None:
    page = opened("/hosts")
    page.get_by_role("button", name="Français").click()
    expect(page.get_by_role("heading", name="Hôtes")).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", name="Hôtes")).to_be_visible()
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("heading", name="Hosts")).to_be_visible()


def test_the_theme_follows_the_system_until_it_is_chosen(opened: Opened) -> None:
    page = opened("/", color_scheme="dark")
    assert theme(page) == "dark"
    page.get_by_role("button", name="Light or dark").click()
    page.reload()
    page.wait_for_selector("#content h1")
    assert theme(page) == "light"


@pytest.mark.parametrize("path", PAGES)
def test_a_narrow_screen_scrolls_only_down(opened: Opened, path: str) -> None:
    page = opened(path, viewport=NARROW)
    page.wait_for_timeout(300)
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", PAGES)
def test_no_serious_fault_of_accessibility(opened: Opened, path: str, scheme: str) -> None:
    if not AXE.is_file():
        pytest.skip("axe-core is not installed: npm ci in console/")
    page = opened(path, color_scheme=scheme, reduced_motion="reduce")
    page.wait_for_timeout(300)
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found: list[dict[str, Any]] = page.evaluate("axe.run(document).then(report => report.violations)")
    grave = [each for each in found if each["impact"] in {"serious", "critical"}]
    assert [(each["id"], each["nodes"][0]["html"][:200]) for each in grave] == []


def test_a_host_is_added_recorded_compared_and_removed(opened: Opened) -> None:
    page = opened("/hosts")
    page.get_by_label("Name", exact=True).fill("box")
    page.get_by_label("Address", exact=True).fill("exec:env")
    page.get_by_role("button", name="Add a host").click()
    card = page.locator("section", has=page.get_by_role("heading", name="box"))
    expect(card.get_by_text("answers")).to_be_visible(timeout=20_000)
    card.get_by_label("Autonomy").select_option("observe")
    expect(card.get_by_text("Only looks; changes nothing.")).to_be_visible()
    card.get_by_role("button", name="Remove").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(card).to_have_count(0)


def test_an_unknown_key_of_a_host_is_shown_and_accepted_by_a_person(opened: Opened, sshd: Sshd) -> None:
    page = opened("/hosts")
    page.get_by_label("Name", exact=True).fill("far")
    page.get_by_label("Address", exact=True).fill(sshd.address)
    page.get_by_label("SSH key").fill(str(sshd.folder / "client"))
    page.get_by_role("button", name="Add a host").click()
    expect(page.get_by_role("alert")).to_contain_text(sshd.fingerprint, timeout=20_000)
    page.get_by_role("button", name="It is the right one").click()
    expect(page.get_by_role("heading", name="far")).to_be_visible(timeout=20_000)


def test_an_error_says_what_why_and_what_next(opened: Opened) -> None:
    page = opened("/hosts")
    page.get_by_label("Name", exact=True).fill("nowhere")
    page.get_by_label("Address", exact=True).fill("exec:/does/not/exist")
    page.get_by_role("button", name="Add a host").click()
    alert = page.get_by_role("alert")
    expect(alert).to_be_visible(timeout=20_000)
    assert alert.locator("p").count() == 3


def test_cases_are_filtered_on_the_server_and_the_address_keeps_the_filter(opened: Opened, served: Server, folder: Path) -> None:
    served.memory(seeds.waiting(folder, "A very particular trouble"))
    page = opened("/")
    page.get_by_role("button", name="Ended").click()
    expect(page.get_by_role("link", name="A very particular trouble")).to_have_count(0)
    page.get_by_role("button", name="Open", exact=True).click()
    page.get_by_role("searchbox").fill("particular")
    expect(page.get_by_role("row")).to_have_count(2)
    expect(page).to_have_url(re.compile(r"show=open.*q=particular"))
    page.reload()
    expect(page.get_by_role("row")).to_have_count(2)
    expect(page.get_by_role("searchbox")).to_have_value("particular")


def test_a_question_is_answered_and_goes_on(opened: Opened) -> None:
    page = opened("/hosts")
    page.get_by_label("Name", exact=True).fill("asked")
    page.get_by_label("Address", exact=True).fill("local")
    page.get_by_role("button", name="Add a host").click()
    expect(page.get_by_role("heading", name="asked")).to_be_visible(timeout=20_000)
    page = opened("/ask")
    page.get_by_label("Your request").fill("Combien de place reste-t-il sur le disque de asked ?")
    page.keyboard.press("Enter")
    answer = page.get_by_role("list", name="Ask", exact=True).locator("li").last
    expect(answer.get_by_text("%").first).to_be_visible(timeout=20_000)
    answer.get_by_text("What was run on asked").click()
    expect(answer.get_by_text("df ").first).to_be_visible()
    page.reload()
    expect(page.get_by_text("Combien de place reste-t-il")).to_be_visible()
    page.get_by_role("button", name="New conversation").click()
    expect(page.get_by_text("Combien de place reste-t-il")).to_have_count(0)


def test_an_agent_is_paused_and_resumed(opened: Opened) -> None:
    page = opened("/agents")
    page.get_by_role("button", name="Pause reporter").click()
    expect(page.get_by_text("paused", exact=True)).to_be_visible()
    page.get_by_role("button", name="Resume reporter").click()
    expect(page.get_by_text("paused", exact=True)).to_have_count(0)


def test_a_case_that_is_not_there_is_told(opened: Opened, served: Server) -> None:
    page = opened("/hosts")
    page.goto(f"{served.url}/cases/C-999")
    expect(page.get_by_role("alert")).to_contain_text("There is no case C-999.")


def test_signing_out_ends_the_session(chromium: Browser, served: Server) -> None:
    context = chromium.new_context()
    page = context.new_page()
    page.goto(f"{served.url}/login")
    page.locator("#password").fill(PASSWORD)
    page.locator("button.primary").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page).to_have_url(f"{served.url}/login")
    page.goto(f"{served.url}/hosts")
    expect(page).to_have_url(f"{served.url}/login")
    context.close()


def theme(page: Page) -> str | None:
    return page.locator("html").get_attribute("data-theme")
