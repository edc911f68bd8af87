"""The keys in `<home>/keys`: one file each, made once, whoever comes first."""

import secrets
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from vigie.domain.errors import Permanent
from vigie.memory.home import disk_errors, write_atomically

_KEY_BYTES = 32
_NONCE_BYTES = 12


@dataclass(frozen=True, slots=True)
class Keys:
    """What each key is for is its name."""

    audit: bytes
    secrets: bytes
    artefacts: bytes

    @classmethod
    def of(cls, home: Path) -> "Keys":
        """Return the keys of a home, those that are missing made."""
        return cls(key(home, "audit"), key(home, "secrets"), key(home, "artefacts"))

    def __repr__(self) -> str:
        return "Keys(…)"


def key(home: Path, name: str) -> bytes:
    """Return the key called `name`, made if there is none; processes that make it at once agree on one.

    Raises:
        Permanent: the file is not a key.
    """
    path = path_of(home, name)
    with disk_errors(path):
        if not path.exists():
            write_atomically(path, secrets.token_bytes(_KEY_BYTES), replace=False)
        if path.stat().st_mode & 0o077:
            path.chmod(0o600)
        content = path.read_bytes()
    if len(content) != _KEY_BYTES:
        raise Permanent("home.key_broken", path=path, bytes=_KEY_BYTES)
    return content


def path_of(home: Path, name: str) -> Path:
    """Return where the key called `name` is kept."""
    return home / "keys" / f"{name}.key"


def seal(with_key: bytes, content: bytes, what: str) -> bytes:
    """Encrypt `content`; only the same key and the same `what` open it again."""
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return nonce + AESGCM(with_key).encrypt(nonce, content, what.encode())


def opened(with_key: bytes, sealed: bytes, what: str) -> bytes | None:
    """Decrypt what `seal` made; None when it was altered, or made with another key or for something else."""
    if len(sealed) < _NONCE_BYTES:
        return None
    try:
        return AESGCM(with_key).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], what.encode())
    except InvalidTag:
        return None
