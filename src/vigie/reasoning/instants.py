"""Reads instants as facts hold them."""

from datetime import datetime

from vigie.domain.fact import Value


def instant(text: Value) -> datetime | None:
    """Read an ISO 8601 instant with its zone; None for anything else."""
    if not isinstance(text, str):
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if at.tzinfo is not None else None
