"""The path of a newcomer, on the page alone: enrol a real server, ask ten things, restart a service, see its history."""

import os
import re
import shutil
import socket
import subprocess
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from tests.e2e.browser import Watch, server, sign_in
from tests.integration.tools.sshd_server import Sshd, StartSshd

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
PATIENCE_MS = 60_000
QUESTIONS = {
    "est-ce que web1 va bien ?": "charge",
    "Combien de place reste-t-il sur le disque ?": "%",
    "quels services tournent": "boutique",
    "c koi la charge ?": "charge",
    "mémoire dispo ?": "mémoire",
    "qui est connecté en ce moment": "connecté",
    "Quelle version de Linux ?": "web1",
    "quels ports sont en écoute": "écoute",
    "quels processus consomment le plus de mémoire ?": "mémoire",
    "depuis quand la machine tourne ?": "web1",
}
_BOX = ("unshare", "--pid", "--fork", "--kill-child", "--mount-proc")


@pytest.fixture
def box(start_sshd: StartSshd, tmp_path: Path) -> Sshd:
    """A server with a service manager, that sees its own processes only."""
    if os.getuid() != 0 or subprocess.run([*_BOX, "true"], check=False, capture_output=True).returncode != 0:
        pytest.skip("no process namespace of its own for the server here (needs root)")
    if shutil.which("supervisord") is None:
        pytest.skip("no service manager to run inside (package supervisor)")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = tmp_path / "supervisord.conf"
    settings.write_text(
        f"""[supervisord]
logfile={tmp_path}/supervisord.log
pidfile={tmp_path}/supervisord.pid
[unix_http_server]
file={tmp_path}/s
[rpcinterface:supervisor]
supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface
[supervisorctl]
serverurl=unix://{tmp_path}/s
[program:boutique]
command=python3 -m http.server {port} --bind 127.0.0.1 --directory {tmp_path}
"""
    )
    return start_sshd("box", inside=(*_BOX, "sh", "-c", f'supervisord -c {settings} & exec "$@"', "sh"))


def test_a_newcomer_enrols_a_server_asks_restarts_a_service_and_sees_its_history(
    chromium: Browser, box: Sshd, tmp_path: Path
) -> None:
    with server(tmp_path / "home", "fr") as running:
        context = chromium.new_context(locale="fr-FR")
        context.set_default_timeout(PATIENCE_MS)
        watch = Watch(running.url)
        watch.over(context)
        page = context.new_page()
        sign_in(page, running.way_in)
        enrol(page, box)
        page.get_by_role("link", name="Demander quelque chose").click()
        for number, (question, word) in enumerate(QUESTIONS.items(), 1):
            expect(ask(page, question, number)).to_contain_text(word, ignore_case=True, timeout=PATIENCE_MS)
        before = pid(box)
        answer = ask(page, "redémarre le service boutique stp", len(QUESTIONS) + 1)
        answer.get_by_role("button", name="Approuver").click(timeout=PATIENCE_MS)
        expect(answer.get_by_text("Résolu")).to_be_visible(timeout=PATIENCE_MS)
        assert pid(box) != before
        page.get_by_role("link", name="Hôtes").click()
        page.get_by_role("link", name="web1").click()
        expect(page.get_by_role("heading", name="Ses dossiers")).to_be_visible(timeout=PATIENCE_MS)
        expect(page.get_by_text("Résolu")).to_be_visible(timeout=PATIENCE_MS)
        page.get_by_role("link", name="redémarre le service boutique").click()
        expect(page.get_by_text("supervisorctl").first).to_be_visible(timeout=PATIENCE_MS)
        page.goto(f"{running.url}/hosts/web1/terminal")
        sit(page)
        context.close()
    assert watch.faults == []


def enrol(page: Page, box: Sshd) -> None:
    """First without the right key, as it happens; then with it; the fingerprint is shown and accepted."""
    page.get_by_label("Adresse ou nom sur le réseau").fill(box.address)
    page.get_by_text("Avec un mot de passe").click()
    page.get_by_label("Mot de passe de ce compte").fill("faux")
    page.get_by_label("Nom", exact=True).fill("web1")
    page.get_by_role("button", name="Prendre contact").click()
    expect(page.get_by_role("alert")).to_contain_text(box.fingerprint, timeout=PATIENCE_MS)
    page.get_by_role("button", name="C’est la bonne").click()
    expect(page.get_by_role("alert")).to_contain_text("a refusé la connexion", timeout=PATIENCE_MS)
    page.get_by_text("Avec une clé que je colle").click()
    page.get_by_label("La clé privée").fill((box.folder / "client").read_text())
    page.get_by_role("button", name="Prendre contact").click()
    page.get_by_role("button", name="C’est la bonne").click()
    expect(page.get_by_text("web1 répond")).to_be_visible(timeout=PATIENCE_MS)
    expect(page.get_by_text("inutile : Vigie y entre en tant que root")).to_be_visible(timeout=PATIENCE_MS)


def sit(page: Page) -> None:
    """A terminal is allowed, opened, left by keyboard, and seen again."""
    page.get_by_role("button", name="Permettre les terminaux").click()
    screen = page.locator(".xterm-rows")
    expect(screen).to_contain_text(re.compile("[#$]"), timeout=PATIENCE_MS)
    page.keyboard.type("echo $((6 * 7))\n")
    expect(screen).to_contain_text("42", timeout=PATIENCE_MS)
    page.keyboard.press("Shift+Escape")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Rouvrir")).to_be_visible(timeout=PATIENCE_MS)
    page.get_by_role("link", name="Terminaux").click()
    page.get_by_role("button", name="Revoir").click()
    expect(page.get_by_role("dialog").locator(".xterm-rows")).to_contain_text("42", timeout=PATIENCE_MS)


def ask(page: Page, words: str, number: int) -> Locator:
    box = page.get_by_label("Votre demande")
    box.fill(words)
    expect(page.locator("form button[type=submit]")).to_be_enabled(timeout=PATIENCE_MS)  # the former answer is whole
    box.press("Enter")
    expect(box).to_have_value("", timeout=PATIENCE_MS)
    answers = page.get_by_role("list", name="Demander", exact=True).locator("> li")
    expect(answers.get_by_role("status").filter(has_text="Chargement")).to_have_count(0, timeout=PATIENCE_MS)
    expect(answers).to_have_count(number, timeout=PATIENCE_MS)
    return answers.filter(has_text=words).last


def pid(box: Sshd) -> str:
    said = ["supervisorctl", "-c", str(box.folder.parent / "supervisord.conf"), "pid", "boutique"]
    return subprocess.run(said, check=True, capture_output=True, text=True).stdout
