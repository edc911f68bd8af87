"""Masks what differs between two occurrences of the same message, so that they can be counted together."""

import re

_MASKS = (
    (re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b", re.IGNORECASE), "<*>"),
    (re.compile(r"\b0x[0-9a-f]+\b", re.IGNORECASE), "<*>"),
    (re.compile(r"\b[0-9a-f]{16,}\b", re.IGNORECASE), "<*>"),
    (re.compile(r"\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\b"), "<*>"),
    (re.compile(r"(?<![A-Za-z_])\d+(?:[.,:]\d+)*(?=(?:ms|s|us|kb|mb|gb|b|%)?\b)", re.IGNORECASE), "<*>"),
    (re.compile(r"'[^'\n]{0,400}'|\"[^\"\n]{0,400}\""), "<*>"),
)
_LENGTH_MAX = 300


def template_of(message: str) -> str:
    """Return a message with its numbers, addresses, identifiers and quoted words masked."""
    masked = message[: 2 * _LENGTH_MAX]
    for pattern, mask in _MASKS:
        masked = pattern.sub(mask, masked)
    return re.sub(r"<\*>(?:[ ,.:]*<\*>)+", "<*>", masked)[:_LENGTH_MAX]
