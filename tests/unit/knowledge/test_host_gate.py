"""The gate on a host: what it opens for, and what it does not; the signature's check against another implementation."""

import base64
import importlib.util
import json
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as some

from vigie import knowledge
from vigie.tools import tickets

FOLDER = Path(knowledge.__file__).parent / "scripts" / "gate"


def script(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"host_{name}", FOLDER / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


GATE: Any = script("gate")
SETUP: Any = script("setup")
KEY = tickets.new_key()
KNOWN = {"host": "here", "public": tickets._public_bytes(KEY).hex()}
NOW = 1_763_650_000


def ticket(line: str = "uptime", host: str = "here", key: bytes = KEY, at: float = NOW) -> str:
    return tickets.Signer(host, key).ticket(line, at=at, timeout_s=10)[0]


def refused(words: str, now: int = NOW) -> str:
    with pytest.raises(GATE.Refused) as why:
        GATE.opened(words, KNOWN, now)
    return str(why.value)


def test_a_ticket_opens() -> None:
    assert GATE.opened(ticket("echo 'a b'"), KNOWN, NOW)["line"] == "echo 'a b'"


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("", "no ticket"),
        ("id", "no ticket"),
        ("vigie-ticket-1 ; id", "no ticket"),
        ("vigie-ticket-1 aWQ= $(id)", "no ticket"),
        ("vigie-ticket-1 aWQ= aWQ=", "not signed for this host"),
        (ticket(key=tickets.new_key()), "not signed for this host"),
        (ticket(host="there"), "another host's"),
        (ticket(at=NOW - 120), f"clock {NOW}"),
        (ticket(at=NOW + 120), f"clock {NOW}"),
    ],
)
def test_nothing_else_does(words: str, why: str) -> None:
    assert refused(words) == why


def test_a_ticket_whose_line_was_altered_does_not() -> None:
    word, body, signature = ticket("echo one").split(" ")
    said = json.loads(base64.urlsafe_b64decode(body)) | {"line": "echo two"}
    altered = base64.urlsafe_b64encode(json.dumps(said).encode()).decode()
    assert refused(f"{word} {altered} {signature}") == "not signed for this host"


@settings(max_examples=20, deadline=None)
@given(message=some.binary(max_size=200), place=some.integers(0, 63), bit=some.integers(0, 7))
def test_the_signature_is_checked_as_others_check_it(message: bytes, place: int, bit: int) -> None:
    key = Ed25519PrivateKey.from_private_bytes(b"\x07" * 32)
    public, signature = key.public_key().public_bytes_raw(), bytearray(key.sign(message))
    assert GATE.is_signed(public, message, bytes(signature))
    signature[place] ^= 1 << bit
    assert not GATE.is_signed(public, message, bytes(signature))


def test_a_signature_of_the_standard_is_known() -> None:
    # RFC 8032, section 7.1, test 2
    public = bytes.fromhex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c")
    signature = bytes.fromhex(
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
    )
    assert GATE.is_signed(public, b"\x72", signature)
    assert not GATE.is_signed(public, b"\x73", signature)


@pytest.fixture
def used(tmp_path: Path) -> Path:
    (tmp_path / "used").write_bytes(bytes(SETUP.USED_BYTES))
    return tmp_path / "used"


def spend(used: Path, number: int, *, at: int = NOW) -> None:
    GATE.spend(str(used.parent), {"nonce": f"{number:032x}", "host": "of-this-test", "at": at, "ttl": 59}, at, "all")


def test_a_ticket_is_good_once_and_the_list_never_grows(used: Path) -> None:
    for number in range(1, 20):
        spend(used, number)
    with pytest.raises(GATE.Refused, match="used before"):
        spend(used, 3)
    assert used.stat().st_size == SETUP.USED_BYTES


def test_too_many_at_once_are_refused_not_forgotten(used: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(GATE, "SLOTS", 4)
    used.write_bytes(bytes(GATE.SLOT * 5))
    for number in range(1, 5):
        spend(used, number)
    with pytest.raises(GATE.Refused, match="too many"):
        spend(used, 9)
    spend(used, 9, at=NOW + 61)


LINES = (
    "ssh-ed25519 AAAAother somebody\n",
    "# a comment with ssh-ed25519 AAAAmine in it\n",
    'from="10.0.0.0/8,\\"x y\\"",no-pty ssh-ed25519 AAAAmine vigie',
    "\nssh-rsa AAAAlast no end",
)


@pytest.mark.parametrize("content", ["".join(LINES), LINES[2], LINES[2] + "\r\n\r\n", "ssh-ed25519 AAAAmine\n\n\n" + LINES[0]])
def test_taking_the_gate_away_gives_back_the_former_bytes(tmp_path: Path, content: str) -> None:
    file = tmp_path / "authorized_keys"
    former = content.encode() + b"# \xff\n"
    file.write_bytes(former)
    file.chmod(0o640)
    asked = {
        "folder": str(tmp_path / "gate"),
        "file": str(file),
        "key": "AAAAmine",
        "reads_key": "ssh-ed25519 AAAAreads",
        "known": {},
        "gate": "pass\n",
    }
    for _ in range(2):
        SETUP.install(asked)
        now = file.read_bytes()
        assert now.count(b'restrict,command="exec ') == 2
        assert now != former
    assert file.stat().st_mode & 0o777 == 0o640
    file.write_bytes(file.read_bytes() + b"ssh-ed25519 AAAAnew added meanwhile\n")
    SETUP.remove(asked)
    assert file.read_bytes() == former + b"ssh-ed25519 AAAAnew added meanwhile\n"
    assert not (tmp_path / "gate").exists()


def test_a_line_that_somebody_else_changed_is_left(tmp_path: Path) -> None:
    file = tmp_path / "authorized_keys"
    file.write_text("ssh-ed25519 AAAAmine vigie\n")
    asked = {"folder": str(tmp_path / "gate"), "file": str(file), "key": "AAAAmine", "reads_key": "x", "known": {}, "gate": ""}
    SETUP.install(asked)
    file.write_text(file.read_text().replace("vigie\n", "renamed\n"))
    with pytest.raises(SETUP.Stopped, match="somebody else"):
        SETUP.remove(asked)


@pytest.mark.parametrize(
    ("line", "key"),
    [("ssh-ed25519 AAAAother me\n", "no line"), ('command="x" ssh-ed25519 AAAAmine me\n', "command of its own")],
)
def test_what_cannot_be_set_up_changes_nothing(tmp_path: Path, line: str, key: str) -> None:
    file = tmp_path / "authorized_keys"
    file.write_text(line)
    asked = {"folder": str(tmp_path / "gate"), "file": str(file), "key": "AAAAmine", "reads_key": "x", "known": {}, "gate": ""}
    with pytest.raises(SETUP.Stopped, match=key):
        SETUP.install(asked)
    assert file.read_text() == line
    assert not (tmp_path / "gate").exists()
