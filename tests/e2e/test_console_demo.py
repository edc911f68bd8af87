"""The first five minutes in the browser: a demonstration is started, its plan read and approved, the shop mended."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from tests.e2e import demonstrations as demo
from tests.e2e.browser import Watch, server, sign_in

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]


def test_a_demonstration_is_started_approved_and_mended_on_the_page(chromium: Browser, tmp_path: Path) -> None:
    with server(tmp_path / "home", "fr") as running:
        context = chromium.new_context(locale="fr-FR")
        watch = Watch(running.url)
        watch.over(context)
        page = context.new_page()
        sign_in(page, running.way_in)
        demo.start(page, running.url, autonomy="propose")
        demo.until_asked(page)
        expect(page.get_by_role("heading", name="Réparation proposée")).to_be_visible()
        page.get_by_role("button", name=demo.APPROVE).click()
        assert "Résolu" in demo.until_over(page)
        expect(page.get_by_text("Vérifié : le problème a disparu")).to_be_visible()
        expect(page.get_by_role("heading", name="Compte rendu", exact=True)).to_be_visible()
        demo.until_gone(page)
        context.close()
    assert watch.faults == []
