"""Tickets for hosts that run nothing else: what is signed for one line, and what is set up on the host so that it can tell.

The host's side is `knowledge/scripts/gate/gate.py`.
"""

import base64
import hashlib
import json
import math
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vigie import knowledge
from vigie.tools.shell import QUIET, SEARCH_PATH, checked_mark

WORD = "vigie-ticket-1"
TTL_S = 60
# What an option of a host says of the gate there: its id. The second option makes a way of the key that only reads.
ENFORCED = "enforced"
ONLY_READS = "only_reads"
REFUSED = b"vigie-gate: refused: "
USED = "used before"
_FOLDER = Path(knowledge.__file__).parent / "scripts" / "gate"
_SIGNATURE_BYTES = 64


def secret_names(host: str) -> tuple[str, str]:
    """Return under which names a host's two keys are kept: the one that signs tickets, the one that only reads."""
    return f"host/{host}/ticket_key", f"host/{host}/reads_key"


def new_key() -> bytes:
    """Return a private key in OpenSSH's format."""
    import asyncssh

    return bytes(asyncssh.generate_private_key("ssh-ed25519").export_private_key())


def public_words(private: bytes, comment: str) -> str:
    """Return a key's public half as authorized_keys takes it."""
    import asyncssh

    words = asyncssh.import_private_key(private).export_public_key("openssh").decode().split()
    return f"{words[0]} {words[1]} {comment}"


@dataclass(frozen=True, slots=True)
class Setup:
    """How the gate is put on a host, or taken away: the line, and what it reads."""

    line: str
    stdin: bytes


@dataclass(frozen=True, slots=True)
class Read:
    """A line that the key that only reads may run, with the script that it reads."""

    line: str
    stdin: bytes | None = None


def install(*, gate: str, login_key: str, ticket_key: bytes, reads_key: bytes, reads: list[Read], file: str | None) -> Setup:
    """Return what sets the gate up.

    Args:
        gate: the gate's own id, which its tickets name.
        login_key: the public key that Vigie comes in with, in base64 as authorized_keys has it.
        ticket_key: the private key that signs; only its public half goes to the host.
        reads_key: the private key that only reads; likewise.
        reads: what the key that only reads may run.
        file: the authorized_keys that holds the key, where it is not the usual one.
    """
    known = {
        "host": gate,
        "public": _public_bytes(ticket_key).hex(),
        "reads": [[each.line, _digest(each.stdin)] for each in reads],
        "environment": dict(QUIET),
        "path": SEARCH_PATH,
    }
    asked = {
        "folder": _folder(gate),
        "file": file,
        "key": login_key,
        "reads_key": public_words(reads_key, "vigie-reads"),
        "known": known,
        "gate": (_FOLDER / "gate.py").read_text(encoding="utf-8"),
    }
    return _setup("install", asked)


def remove(gate: str) -> Setup:
    """Return what takes the gate away."""
    return _setup("remove", {"folder": _folder(gate)})


class Signer:
    """Signs tickets for one gate."""

    def __init__(self, gate: str, ticket_key: bytes) -> None:
        import asyncssh

        self._gate = gate
        self._key = asyncssh.import_private_key(ticket_key)

    def ticket(
        self,
        line: str,
        *,
        at: float,
        timeout_s: float,
        stdin: bytes | None = None,
        mark: str | None = None,
        path: str | None = None,
    ) -> tuple[str, bytes]:
        """Return what to send for a line, and the number that its outputs and its input begin after.

        `at` is the time by the host's own clock.
        """
        nonce = secrets.token_hex(16)
        body = json.dumps(
            {
                "host": self._gate,
                "at": math.floor(at),
                "ttl": TTL_S,
                "nonce": nonce,
                "line": line,
                "timeout": max(1, math.ceil(timeout_s)),
                "stdin": None if stdin is None else [_digest(stdin), len(stdin)],
                "mark": None if mark is None else checked_mark(mark),
                "path": path,
            }
        ).encode()
        signature = self._key.sign(f"{WORD}\n".encode() + body, b"ssh-ed25519")[-_SIGNATURE_BYTES:]
        return f"{WORD} {_words(body)} {_words(signature)}", nonce.encode()


def refusal(stderr: bytes) -> str | None:
    """Return why a gate refused, None when it did not."""
    _, found, rest = stderr.partition(REFUSED)
    return rest.decode("utf-8", "replace").partition("\n")[0] if found else None


def clock_of(reason: str) -> float | None:
    """Return the host's time, where that is why it refused."""
    word, _, number = reason.partition(" ")
    return float(number) if word == "clock" and number.isdigit() else None


def _setup(verb: str, asked: dict[str, Any]) -> Setup:
    words = base64.b64encode(json.dumps(asked).encode()).decode()
    return Setup(f"python3 - {verb} {words}", (_FOLDER / "setup.py").read_bytes())


def _folder(gate: str) -> str:
    return f"~/.vigie-gate-{gate}"


def _public_bytes(private: bytes) -> bytes:
    import asyncssh

    return bytes(asyncssh.import_private_key(private).public_data)[-32:]


def _digest(content: bytes | None) -> str | None:
    return None if content is None else hashlib.sha256(content).hexdigest()


def _words(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode()
