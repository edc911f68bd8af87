"""Every page of the console: the way in, both languages, both themes, a narrow screen, a keyboard, and nothing from elsewhere."""

import base64
import re
import time
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from playwright.sync_api import Browser, Page, expect
from tests.e2e import seeds
from tests.e2e.browser import PASSWORD, ROOT, Server, Watch, server, sign_in
from tests.e2e.conftest import Opened

from vigie.clock import SystemClock
from vigie.domain.host import Host

AXE = ROOT / "console" / "node_modules" / "axe-core" / "axe.min.js"
NARROW = {"width": 390, "height": 844}
PAGES = (
    "/",
    "/cases/C-1",
    "/start",
    "/ask",
    "/hosts",
    "/hosts/web-1",
    "/enrol",
    "/fleet",
    "/logs",
    "/logs?view=templates",
    "/logs?view=sources",
    "/agents",
    "/journal",
    "/people",
    "/account",
    "/usage",
    "/terminals",
    "/hosts/web-1/terminal",
)
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


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_has_a_serious_fault_of_accessibility_or_is_wider_than_a_telephone(
    opened: Opened, served: Server, scheme: str
) -> None:
    if not AXE.is_file():
        pytest.skip("axe-core is not installed: npm ci in console/")
    page, faults = opened("/", color_scheme=scheme, reduced_motion="reduce"), []
    for path in PAGES:
        page.set_viewport_size({"width": 1280, "height": 860})
        page.goto(f"{served.url}{path}")
        page.wait_for_selector("#content h1")
        page.wait_for_timeout(300)
        page.evaluate(AXE.read_text(encoding="utf-8"))
        found: list[dict[str, Any]] = page.evaluate("axe.run(document).then(report => report.violations)")
        grave = [each for each in found if each["impact"] in {"serious", "critical"}]
        faults += [(path, each["id"], each["nodes"][0]["html"][:200]) for each in grave]
        page.set_viewport_size(NARROW)  # type: ignore[arg-type]  # a plain dict
        page.wait_for_timeout(100)
        if (width := page.evaluate("document.documentElement.scrollWidth")) > NARROW["width"]:
            faults.append((path, "wider than the screen", str(width)))
    assert faults == []


def test_the_menu_of_a_narrow_screen_leads_everywhere(opened: Opened) -> None:
    page = opened("/", viewport=NARROW)
    expect(page.get_by_role("button", name="Sign out")).to_be_hidden()
    page.get_by_role("button", name="Menu").click()
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Sign out")).to_be_hidden()
    page.get_by_role("button", name="Menu").click()
    page.get_by_role("link", name="My account").click()
    expect(page.get_by_role("heading", name="My account")).to_be_visible()
    expect(page.get_by_role("button", name="Sign out")).to_be_hidden()


def test_a_host_is_added_limited_labelled_and_removed(opened: Opened) -> None:
    page = opened("/enrol")
    add(page, "box", "env")
    expect(page.get_by_text("box answers")).to_be_visible(timeout=20_000)
    page.get_by_role("link", name="See its page").click()
    page.get_by_label("Autonomy").select_option("observe")
    expect(page.get_by_text("Only looks; changes nothing.")).to_be_visible()
    page.get_by_label("Groups").fill("shop, lab")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("button", name="Save")).to_be_disabled()
    page.get_by_role("link", name="All hosts").click()
    page.get_by_role("button", name="shop 1").click()
    expect(page.get_by_role("row")).to_have_count(2)
    page.get_by_role("link", name="box").click()
    page.get_by_role("button", name="Remove").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(page.get_by_role("heading", name="Hosts")).to_be_visible()
    expect(page.get_by_role("link", name="box")).to_have_count(0)


def test_an_error_says_what_why_and_what_next(opened: Opened) -> None:
    page = opened("/enrol")
    add(page, "nowhere", "/does/not/exist")
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


def test_a_line_goes_to_many_hosts_and_a_change_names_each_of_them_first(opened: Opened, served: Server, tmp_path: Path) -> None:
    for name in ("many-1", "many-2", "many-3"):
        served.memory(lambda memory, name=name: memory.hosts.save(Host(name, "exec:env", groups=("many",))))  # type: ignore[misc]  # the loop's
    page = opened("/fleet?on=many")
    line = page.get_by_label("Command line")
    line.fill("echo the same everywhere")
    expect(page.get_by_text("It only reads")).to_be_visible()
    page.get_by_role("button", name="Run on 3 hosts").click()
    answers = page.get_by_label("Answers")
    expect(answers.get_by_text("3 hosts say the same")).to_be_visible(timeout=20_000)
    expect(answers.get_by_text("the same everywhere")).to_have_count(1)
    line.fill(f"touch {tmp_path}/made")
    expect(page.get_by_text("In which steps?")).to_be_visible()
    page.get_by_role("button", name="Run on 3 hosts").click()
    asked = page.get_by_role("dialog")
    expect(asked.get_by_text("many-2")).to_be_visible()
    assert not (tmp_path / "made").exists()
    asked.get_by_role("button", name="Run on these 3 hosts").click()
    expect(answers.get_by_text("It says nothing.")).to_be_visible(timeout=20_000)
    assert (tmp_path / "made").exists()


def test_lines_are_followed_without_a_jump_and_seen_in_their_context(opened: Opened, folder: Path) -> None:
    log = folder / "shop.log"
    written = 0

    def write_lines(count: int) -> None:
        nonlocal written
        with log.open("a", encoding="utf-8") as file:
            for number in range(written, written + count):
                file.write(f"{SystemClock().now():%Y-%m-%d %H:%M:%S} INFO order number {number} paid\n")
        written += count

    write_lines(60)
    page = opened("/logs")
    lines = page.get_by_role("log")
    expect(lines.get_by_text("number 59 paid")).to_be_visible(timeout=20_000)
    write_lines(1)
    expect(lines.get_by_text("number 60 paid")).to_be_visible(timeout=20_000)
    lines.evaluate("box => { box.scrollTop = 500 }")
    page.wait_for_timeout(300)
    before = lines.evaluate("box => box.scrollTop")
    write_lines(3)
    page.get_by_role("button", name="3 new lines").wait_for(timeout=20_000)
    assert lines.evaluate("box => box.scrollTop") == before
    page.get_by_role("button", name="3 new lines").click()
    lines.get_by_role("button", name="number 62 paid").click()
    lines.get_by_role("link", name="Before and after").click()
    around = page.get_by_role("dialog")
    expect(around.get_by_text("number 61 paid")).to_be_visible()
    page.reload()
    expect(around.get_by_text("number 61 paid")).to_be_visible(timeout=20_000)
    page.keyboard.press("Escape")
    page.get_by_role("button", name="What they say").click()
    expect(page.get_by_role("link", name="number <*> paid")).to_be_visible()
    page.get_by_role("button", name="Sources").click()
    expect(page.get_by_text(str(log))).to_be_visible()


def test_somebody_is_invited_for_some_hosts_and_locked_out(opened: Opened, chromium: Browser, served: Server) -> None:
    page = opened("/people")
    page.get_by_role("button", name="Invite somebody").click()
    form = page.get_by_role("dialog")
    form.get_by_label("Name").fill("zoe")
    form.get_by_text("Some hosts").click()
    form.get_by_role("button", name="Make the invitation").click()
    invitation = form.get_by_text(served.url).inner_text()
    form.get_by_role("button", name="Close").click()
    card = page.get_by_role("listitem").filter(has_text="zoe")
    expect(card.get_by_text("invited, not here yet")).to_be_visible()
    context = chromium.new_context()
    hers = context.new_page()
    sign_in(hers, invitation)
    expect(hers.get_by_role("link", name="Hosts")).to_be_visible()
    expect(hers.get_by_role("link", name="People")).to_have_count(0)
    card.get_by_role("button", name="Lock out").click()
    expect(card.get_by_text("locked out")).to_be_visible()
    hers.reload()
    expect(hers.locator("#password")).to_be_visible()
    context.close()


def test_an_account_has_a_second_factor_sessions_and_tokens(opened: Opened) -> None:
    page = opened("/account")
    expect(page.get_by_text("here", exact=True)).to_be_visible()
    page.get_by_role("button", name="Set it up").click()
    expect(page.get_by_role("img", name="QR code")).to_be_visible()
    key = page.locator("code", has_text=re.compile(r"^[A-Z2-7 ]{32,}$")).inner_text()
    totp = TOTP(base64.b32decode(key.replace(" ", "")), 6, SHA1(), 30)
    page.get_by_label("Code", exact=True).fill(totp.generate(int(time.time())).decode())
    page.get_by_role("button", name="Turn on").click()
    expect(page.get_by_role("button", name="Turn off")).to_be_visible()
    page.get_by_label("Code", exact=True).fill(totp.generate(int(time.time()) + 30).decode())
    page.get_by_role("button", name="Turn off").click()
    expect(page.get_by_role("button", name="Set it up")).to_be_visible()
    page.get_by_role("button", name="Make a token").click()
    form = page.get_by_role("dialog")
    form.get_by_label("What is it for?").fill("A test")
    form.get_by_role("button", name="Make a token").click()
    expect(form.get_by_text("vgt_")).to_be_visible()
    form.get_by_role("button", name="Close").click()
    page.get_by_role("button", name="Remove A test").click()
    expect(page.get_by_text("A test")).to_have_count(0)


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


def add(page: Page, name: str, command: str) -> None:
    page.get_by_text("A container", exact=True).click()
    page.get_by_label("The command that leads there").fill(command)
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_role("button", name="Make contact").click()
