"""Signing in with another service, as a person does it: a button, its page, and back, in both languages."""

from pathlib import Path

from playwright.sync_api import Browser, expect
from tests.e2e.browser import Server, server
from tests.integration.api.provider import Provider, settings_of


def test_whom_another_service_vouches_for_signs_in_with_a_button(chromium: Browser, tmp_path: Path) -> None:
    # Another site than ours, as it is out there: no cookie that is strict comes along from it.
    with Provider("localhost").running() as provider:
        (tmp_path / "home").mkdir(mode=0o700)
        (tmp_path / "home" / "config.yaml").write_text(settings_of(provider), encoding="utf-8")
        with server(tmp_path / "home") as running:
            assert comes_in(chromium, running, "en-GB", "Sign in with Example ID") == "My account"
            provider.who |= {"groups": []}
            assert comes_in(chromium, running, "fr-FR", "Se connecter avec Example ID") is None


def comes_in(chromium: Browser, running: Server, locale: str, button: str) -> str | None:
    """Return the title of one's own page behind the button, None when it says that one may not come in."""
    context = chromium.new_context(locale=locale)
    page = context.new_page()
    page.goto(f"{running.url}/login")
    page.get_by_role("link", name=button).click()
    refused = page.get_by_role("alert")
    expect(page.locator("#content h1").or_(refused)).to_be_visible()
    if refused.count():
        expect(refused).to_contain_text("vous n’avez aucun droit ici")
        context.close()
        return None
    page.goto(f"{running.url}/account")
    expect(page.get_by_text("zoe.martin").first).to_be_visible()
    expect(page.get_by_label("Current password")).to_have_count(0)
    title = page.locator("#content h1").inner_text()
    context.close()
    return title
