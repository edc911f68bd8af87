"""The chain that makes the journal tamper-evident: each row's hash covers the row and the hash before it. Pure.

Without the key nobody can make a row, or a head, that fits. The head is sealed too, so that rows cut off at the end are missed.
"""

import hashlib
import hmac
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias

GENESIS = ""
_Values: TypeAlias = list[str | int | None]


@dataclass(frozen=True, slots=True)
class Link:
    """A row as it is hashed: every column as stored."""

    seq: int
    at: str
    tenant: str
    case: str | None
    kind: str
    actor: str
    body: str
    ref: str | None


@dataclass(frozen=True, slots=True)
class Head:
    """The last row's number and hash, sealed with the key."""

    seq: int
    hash: str
    seal: str


@dataclass(frozen=True, slots=True)
class AuditReport:
    """What a walk over the chain found. `first_bad` is the number of the first row that is not as it was written."""

    entries: int
    valid: bool
    first_bad: int | None
    head: str | None = None


def link_hash(key: bytes, before: str, link: Link) -> str:
    """Return the hash of a row that follows the row with the hash `before`."""
    row: _Values = [before, link.seq, link.at, link.tenant, link.case, link.kind, link.actor, link.body, link.ref]
    return _mac(key, "row", row)


def head_seal(key: bytes, seq: int, row_hash: str) -> str:
    """Return the seal of a head."""
    return _mac(key, "head", [seq, row_hash])


def key_print(key: bytes) -> str:
    """Return what tells one key from another without telling the key."""
    return _mac(key, "key", [])[:16]


class Walk:
    """A walk along the chain, row by row from the first."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._hash = GENESIS
        self.entries = 0
        self.first_bad: int | None = None

    def along(self, rows: Iterable[tuple[Link, str]]) -> None:
        """Follow some more rows, each with its stored hash."""
        for link, stored in rows:
            self.entries += 1
            if self.first_bad is not None:
                continue
            expected = link_hash(self._key, self._hash, link)
            if link.seq != self.entries or not hmac.compare_digest(expected, stored):
                self.first_bad = self.entries
            self._hash = stored

    def ended(self, head: Head | None) -> AuditReport:
        """Compare the end with the head and say what was found."""
        first_bad = self.first_bad
        if first_bad is None:
            first_bad = self._bad_head(head)
        return AuditReport(self.entries, first_bad is None, first_bad, self._hash or None)

    def _bad_head(self, head: Head | None) -> int | None:
        if head is None or not hmac.compare_digest(head_seal(self._key, head.seq, head.hash), head.seal):
            return self.entries + 1
        if head.seq != self.entries:
            return min(head.seq, self.entries) + 1
        return None if head.hash == self._hash else self.entries


def _mac(key: bytes, purpose: str, value: _Values) -> str:
    content = json.dumps([purpose, *value], separators=(",", ":"))
    return hmac.new(key, content.encode(), hashlib.sha256).hexdigest()
