"""A baseline and its changes as the command line and the API give them."""

from typing import Any

from vigie.domain.baseline import Baseline, Change
from vigie.interfaces.redacted import redacted


def baseline_document(baseline: Baseline) -> dict[str, Any]:
    """Return what a baseline holds, in numbers."""
    return {
        "host": baseline.host,
        "taken_at": baseline.taken_at.isoformat(),
        "entries": len(baseline.entries),
        "seconds": round(baseline.seconds, 3),
    }


def recorded(baseline: Baseline) -> list[dict[str, Any]]:
    """Return everything that a baseline holds."""
    return [{"kind": entry.kind, "path": entry.path, "value": redacted(entry.value)} for entry in baseline.entries]


def change_document(change: Change) -> dict[str, Any]:
    """Return one change."""
    return {
        "kind": change.kind,
        "path": change.path,
        "before": redacted(change.before),
        "after": redacted(change.after),
        "at": change.at.isoformat() if change.at else None,
    }
