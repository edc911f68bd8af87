"""What drills have scored: each is a row of the journal, read again for the list and its charts."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from vigie.domain.happening import Happening
from vigie.interfaces.services import Services

if TYPE_CHECKING:
    from vigie.lab.drills import Score

DONE = "drill.done"
_LEVELS = "▁▂▃▄▅▆▇█"
_MISSED = "×"
_SHOWN_MOST = 24
# A drill that takes this long fills its column.
_FULL_S = 120.0


async def keep(services: Services, score: "Score", *, actor: str) -> None:
    """Keep a score."""
    await services.store.journal.append(DONE, actor=actor, ref=_ref(score.name), body={**asdict(score), "passed": score.passed})


async def runs(services: Services, name: str) -> list[dict[str, Any]]:
    """Return the scores of a drill, oldest first."""
    return [_told(row) for row in await services.store.journal.of_ref(_ref(name)) if row.kind == DONE]


def chart(scores: Sequence[dict[str, Any]]) -> str:
    """Draw scores as a line of text, oldest first: the higher, the longer it took; a cross where it was missed."""
    return "".join(_column(score) for score in scores[-_SHOWN_MOST:])


def _column(score: dict[str, Any]) -> str:
    if not score["passed"]:
        return _MISSED
    part = min(max(float(score["seconds"]), 0.0) / _FULL_S, 1.0)
    return _LEVELS[min(int(part * len(_LEVELS)), len(_LEVELS) - 1)]


def _told(row: Happening) -> dict[str, Any]:
    return {"at": row.at.isoformat().replace("+00:00", "Z"), **row.body}


def _ref(name: str) -> str:
    return f"drill:{name}"
