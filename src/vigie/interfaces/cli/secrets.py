"""What must never be a word of a command: asked for without echo, or read from the standard input."""

import getpass
import sys
from pathlib import Path

from vigie.domain.errors import BadUsage
from vigie.interfaces.cli.ask import can_ask
from vigie.interfaces.cli.frame import Session

_LENGTH_MAX = 4096
_FILE_BYTES_MAX = 65536
_KEY_TYPES = ("ssh-", "ecdsa-", "sk-ssh-", "sk-ecdsa-")


def given(session: Session, host: str, *, asked: tuple[str, ...], piped: tuple[str, ...]) -> dict[str, bytes]:
    """Return the secrets of a host by kind (`passphrase`, `password`).

    Args:
        session: of the command.
        host: whose they are, for the question.
        asked: the kinds that the person at the terminal types.
        piped: the kinds that the standard input holds, one a line, in this order.

    Raises:
        BadUsage: nobody is there to ask, or one of them is missing or too long.
    """
    found = {kind: _typed(session, host, kind) for kind in asked} | {kind: _line() for kind in piped}
    for kind, secret in found.items():
        if not secret or len(secret) > _LENGTH_MAX:
            raise BadUsage("cli.no_secret", kind=session.output.text(f"cli.secrets.{kind}"), limit=_LENGTH_MAX)
    return {kind: secret.encode() for kind, secret in found.items()}


def host_key(text: str | None) -> str | None:
    """Return a host key that was given itself, or that the named file holds.

    Raises:
        BadUsage: it is neither a key nor a file that can be read.
    """
    words = (text or "").split()
    if text is None or (len(words) > 1 and any(word.startswith(_KEY_TYPES) for word in words)):
        return text
    path = Path(text).expanduser()
    try:
        with path.open("rb") as file:
            return file.read(_FILE_BYTES_MAX).decode("utf-8", "replace")
    except (OSError, ValueError) as error:
        raise BadUsage("cli.host_key_unreadable", path=path, reason=getattr(error, "strerror", None) or error) from error


def _typed(session: Session, host: str, kind: str) -> str:
    if not can_ask():
        raise BadUsage("cli.nobody_to_ask", option=f"--ask-{kind}", other=f"--{kind}-stdin")
    return getpass.getpass(session.output.text(f"cli.ask.{kind}", host=host) + " ")


def _line() -> str:
    return sys.stdin.buffer.readline(_LENGTH_MAX * 4).decode("utf-8", "replace").rstrip("\r\n")
