"""Keys with a passphrase, and host keys in files: what no word of a command may hold, against a real sshd."""

import os
import pty
import subprocess
from pathlib import Path

from tests.integration.cli.command_line import LIMIT_S, CommandLine
from tests.integration.tools.sshd_server import Sshd, sshd, start_sshd

__all__ = ["sshd", "start_sshd"]

PHRASE = "quite 'a' phrase"


def locked(server: Sshd) -> list[str]:
    """Give the client's key a passphrase, and return the words that add the server with it."""
    key = server.folder / "client"
    subprocess.run(["ssh-keygen", "-q", "-p", "-P", "", "-N", PHRASE, "-f", str(key)], check=True, capture_output=True)
    return ["host", "add", "web", server.address, "--key", str(key), "--host-key", str(server.folder / "host_ed25519.pub")]


def test_a_passphrase_comes_in_on_the_standard_input_and_goes_with_the_host(vigie: CommandLine, sshd: Sshd) -> None:
    words = locked(sshd)
    assert vigie(*words, "--json").error["code"] == "host.key_file"
    assert vigie(*words, "--passphrase-stdin", "--json", stdin="not this one\n").error["code"] == "host.key_file"
    assert vigie(*words, "--passphrase-stdin", "--json", stdin=f"{PHRASE}\n").json["host"]["status"] == "ok"
    assert vigie("host", "test", "web", "--json").json["host"]["status"] == "ok"
    assert vigie("host", "rm", "web").code == 0
    assert vigie(*words, "--json").error["code"] == "host.key_file"
    assert PHRASE.encode() not in b"".join(path.read_bytes() for path in vigie.home.rglob("*") if path.is_file())


def test_a_passphrase_is_asked_for_without_echo(vigie: CommandLine, sshd: Sshd) -> None:
    outside, inside = pty.openpty()
    words = [*locked(sshd), "--ask-passphrase", "--json"]
    with subprocess.Popen(
        vigie.argv(*words),
        env=vigie.environment(),
        stdin=inside,
        stdout=subprocess.PIPE,
        stderr=inside,
        start_new_session=True,
        preexec_fn=lambda: os.close(os.open(os.ttyname(inside), os.O_RDWR)),  # noqa: PLW1509  # its terminal; no threads here
    ) as process:
        os.close(inside)
        seen = b""
        while b":" not in seen:
            seen += os.read(outside, 1000)
        os.write(outside, f"{PHRASE}\n".encode())
        out, _ = process.communicate(timeout=LIMIT_S)
    shown = os.read(outside, 1000)
    os.close(outside)
    assert process.returncode == 0, out
    assert PHRASE.encode() not in seen + shown + out


def test_without_a_terminal_nobody_is_asked(vigie: CommandLine) -> None:
    ended = vigie("host", "add", "web", "ssh://nobody@127.0.0.1:1", "--ask-password", "--json")
    assert (ended.code, ended.error["code"]) == (2, "cli.nobody_to_ask")


def test_an_empty_secret_is_none(vigie: CommandLine) -> None:
    ended = vigie("host", "add", "web", "ssh://nobody@127.0.0.1:1", "--password-stdin", "--json", stdin="\n")
    assert (ended.code, ended.error["code"]) == (2, "cli.no_secret")


def test_a_host_key_that_is_neither_a_key_nor_a_file_is_told(vigie: CommandLine, tmp_path: Path) -> None:
    ended = vigie("host", "add", "web", "ssh://nobody@127.0.0.1:1", "--host-key", str(tmp_path / "none.pub"), "--json")
    assert (ended.code, ended.error["code"]) == (2, "cli.host_key_unreadable")
