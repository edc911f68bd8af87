"""A case on the screen: decided there, live there, and never anything but text from the world."""

import signal
from pathlib import Path

from bench.screen import latencies
from playwright.sync_api import Page, expect
from tests.e2e import seeds
from tests.e2e.browser import Server
from tests.e2e.conftest import Opened

from vigie.domain.case import Case, CaseState
from vigie.memory.memory import TenantMemory

APPEARS_MS = 1000


def decision_recorded(server: Server, case: Case) -> list[str]:
    async def rows(memory: TenantMemory) -> list[str]:
        return [row.kind for row in await memory.journal.read(case=case.id)]

    return server.memory(rows)


def test_a_plan_is_approved_from_the_page_and_the_decision_carries_its_hash(opened: Opened, served: Server, folder: Path) -> None:
    case = served.memory(seeds.waiting(folder))
    assert case.plan
    page = opened(f"/cases/{case.id}")
    expect(page.get_by_text("-workers = 1")).to_be_visible()
    with page.expect_request("**/approve") as sent:
        page.get_by_role("button", name="Approve").click()
    assert sent.value.method == "POST"
    assert sent.value.post_data_json == {"hash": case.plan.hash}
    expect(page.get_by_role("button", name="Approve")).to_have_count(0)
    assert "case.approved" in decision_recorded(served, case)


def test_a_plan_is_refused_with_a_reason(opened: Opened, served: Server, folder: Path) -> None:
    case = served.memory(seeds.waiting(folder))
    page = opened(f"/cases/{case.id}")
    page.get_by_role("button", name="Reject").click()
    page.get_by_label("Why not?").fill("not on a Friday")
    page.get_by_role("button", name="Reject").click()
    expect(page.get_by_role("log").get_by_text("not on a Friday")).to_be_visible()


def test_a_plan_that_changed_under_the_readers_eyes_is_not_approved(opened: Opened, served: Server, folder: Path) -> None:
    case = served.memory(seeds.waiting(folder))
    page = opened(f"/cases/{case.id}")
    expect(page.get_by_role("button", name="Approve")).to_be_visible()
    # The page has not heard of it yet, and cannot ask.
    page.route(f"**/api/v1/cases/{case.id}", lambda route: route.abort())
    served.memory(seeds.replanned(case, folder))
    page.get_by_role("button", name="Approve").click()
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("The plan is not the one that was approved.")
    expect(alert).to_contain_text("decide on the plan as it is now")
    assert "case.approved" not in decision_recorded(served, case)
    # Hearing of it takes nothing of that away.
    page.unroute_all()
    with page.expect_response(f"**/api/v1/cases/{case.id}"):
        write(served, case, "look again")
    expect(page.get_by_role("log").get_by_text("look again")).to_be_visible()
    expect(alert).to_contain_text("The plan is not the one that was approved.")
    resting(page, case, served)
    page.get_by_role("button", name="Show the current plan").click()
    expect(page.get_by_text(f"touch {folder / 'another'}", exact=True)).to_be_visible()
    expect(alert).to_have_count(0)


def test_a_plan_that_the_page_fetched_by_itself_is_seen_on_purpose_before_it_is_approved(
    opened: Opened, served: Server, folder: Path
) -> None:
    case = served.memory(seeds.waiting(folder))
    page = opened(f"/cases/{case.id}")
    approve = page.get_by_role("button", name="Approve")
    approve.focus()
    served.memory(seeds.replanned(case, folder))
    write(served, case, "the plan is another")
    expect(page.get_by_role("alert")).to_contain_text("The plan changed.")
    expect(page.get_by_text(f"touch {folder / 'mended'}", exact=True)).to_be_visible()
    expect(approve).to_be_focused()
    resting(page, case, served)
    page.get_by_role("button", name="Show the new plan").press("Enter")
    expect(page.get_by_text(f"touch {folder / 'another'}", exact=True)).to_be_visible()
    expect(page.get_by_role("alert")).to_have_count(0)
    assert focused(page) == "Proposed repair"
    changed = served.memory(lambda memory: memory.cases.get(case.id))
    assert changed.plan
    with page.expect_request("**/approve") as sent:
        approve.click()
    assert sent.value.post_data_json == {"hash": changed.plan.hash}


def resting(page: Page, case: Case, server: Server) -> None:
    """See that whoever goes on as if nothing had changed decides nothing."""
    approve = page.get_by_role("button", name="Approve")
    expect(approve).to_have_attribute("aria-disabled", "true")
    approve.press("Enter")
    approve.click(force=True)
    page.get_by_role("button", name="Reject").click(force=True)
    expect(page.get_by_label("Why not?")).to_have_count(0)
    assert "case.approved" not in decision_recorded(server, case)


def test_what_happens_is_on_the_screen_in_less_than_a_second(opened: Opened, served: Server, folder: Path) -> None:
    case = served.memory(seeds.waiting(folder))
    page = opened(f"/cases/{case.id}")
    assert max(latencies(page, served, case.id, times=5)) < APPEARS_MS


def test_nothing_is_lost_when_the_server_dies_and_comes_back(opened: Opened, served: Server, folder: Path) -> None:
    case = served.memory(seeds.waiting(folder))
    page = opened(f"/cases/{case.id}")
    write(served, case, "before it died")
    expect(page.get_by_role("log").get_by_text("before it died")).to_be_visible()
    served.stop(signal.SIGKILL)
    expect(page.get_by_text("Reconnecting…")).to_be_visible()
    for number in range(3):
        write(served, case, f"while it was gone {number}")
    served.start()
    write(served, case, "after it came back")
    expect(page.get_by_text("Live", exact=True)).to_be_visible(timeout=20_000)
    expect(page.get_by_role("log").get_by_text("after it came back")).to_be_visible(timeout=20_000)
    shown = [text for text in page.get_by_role("log").locator(".said").all_inner_texts() if " it " in text]
    assert shown == ["before it died", *(f"while it was gone {number}" for number in range(3)), "after it came back"]


def test_the_journal_page_shows_what_was_written_while_it_could_not_see(opened: Opened, served: Server, folder: Path) -> None:
    case = served.memory(seeds.waiting(folder))
    page = opened("/journal")
    write(served, case, "seen at once")
    expect(page.get_by_text("seen at once")).to_be_visible()
    served.stop(signal.SIGKILL)
    write(served, case, "missed at first")
    served.start()
    expect(page.get_by_text("missed at first")).to_be_visible(timeout=20_000)
    expect(page.get_by_text("seen at once")).to_have_count(1)
    page.get_by_role("button", name="Verify the chain").click()
    expect(page.get_by_text("chain intact")).to_be_visible()


def test_words_of_the_world_are_shown_as_text(opened: Opened, served: Server, folder: Path) -> None:
    case = served.memory(seeds.waiting(folder, seeds.NASTY, ticket=f"{seeds.NASTY}\n{seeds.NASTY}", excerpt=seeds.NASTY))
    write(served, case, seeds.NASTY)
    page = opened(f"/cases/{case.id}")
    expect(page.get_by_role("log")).to_contain_text("<img src=x")
    page.get_by_role("button", name="Evidence 1").click()
    expect(page.get_by_role("dialog")).to_contain_text("<img src=x")
    text = page.locator("body").inner_text()
    assert page.locator("#content img").count() == 0
    assert "owned" not in page.title().partition("<img")[0]
    assert "document.title='owned'" in text
    assert not {"\x1b", "\u202e"} & set(text + page.title())


def test_evidence_stands_beside_the_conclusion(opened: Opened, served: Server, folder: Path) -> None:
    case = served.memory(seeds.waiting(folder))
    page = opened(f"/cases/{case.id}")
    page.get_by_role("button", name="Evidence 1").click()
    evidence = page.get_by_role("dialog")
    expect(evidence).to_contain_text("cat /etc/web.conf")
    expect(evidence).to_contain_text("workers = 1")
    page.keyboard.press("Escape")
    expect(evidence).to_have_count(0)


def test_a_case_is_decided_without_a_mouse(opened: Opened, served: Server, folder: Path) -> None:
    case = served.memory(seeds.waiting(folder, "Decided by keyboard"))
    page = opened("/")
    page.keyboard.press("j")
    assert focused(page) == "Decided by keyboard"
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Decided by keyboard")).to_be_visible()
    expect(page.get_by_role("button", name="Approve")).to_be_visible()
    for _ in range(60):
        page.keyboard.press("Tab")
        if focused(page) == "Approve":
            break
    with page.expect_response("**/approve") as answer:
        page.keyboard.press("Enter")
    assert answer.value.ok
    assert decision_recorded(served, case).count("case.approved") == 1


def test_a_note_is_kept(opened: Opened, served: Server, folder: Path) -> None:
    case = served.memory(seeds.waiting(folder))
    page = opened(f"/cases/{case.id}")
    page.get_by_label("Add a note").fill("Called the customer.")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("log").get_by_text("Called the customer.")).to_be_visible()
    assert served.memory(lambda memory: memory.cases.get(case.id)).state is CaseState.WAITING


def write(server: Server, case: Case, text: str) -> None:
    server.memory(lambda memory: seeds.said(memory, case.id, text))


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.textContent"))
