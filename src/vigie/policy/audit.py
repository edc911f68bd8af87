"""The journal's rows about actions: their shapes, and what they say of an action after a restart."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from vigie.domain.action import ActionRecord, Completed, EffectClass, Outcome
from vigie.domain.fact import Value
from vigie.domain.happening import Happening
from vigie.i18n import LANGUAGES, Language, text
from vigie.policy.redaction import redact

if TYPE_CHECKING:
    from vigie.memory.memory import TenantMemory

INTENT = "action.intent"
RECOVERING = "action.recovering"
RESULT = "action.result"
UNDOING = "action.undoing"
UNDO_INTENT = "action.undo_intent"
UNDO_RESULT = "action.undo_result"
UNDONE = "action.undone"
RESTORE_INTENT = "action.restore_intent"
REFUSED = "gate.refused"
_EXCERPT = 2000
_PAGE = 1000


@dataclass(frozen=True, slots=True)
class Trail:
    """What the journal says of one action, oldest first."""

    rows: Sequence[Happening]

    @classmethod
    async def of(cls, memory: "TenantMemory", ref: str) -> "Trail":
        """Read it."""
        return cls(await memory.journal.of_ref(ref))

    def first(self, kind: str) -> Happening | None:
        """Return the first row of a kind."""
        return next((row for row in self.rows if row.kind == kind), None)

    def count(self, kind: str) -> int:
        """Return how many rows of a kind there are."""
        return sum(row.kind == kind for row in self.rows)

    def record(self) -> ActionRecord | None:
        """Return how the action ended; None while it has not."""
        ended = [row for row in self.rows if row.kind in (RESULT, UNDONE)]
        return record_of(ended[-1]) if ended else None


async def rows_of(memory: "TenantMemory", case: str, *kinds: str) -> list[Happening]:
    """Return a case's rows of these kinds, oldest first."""
    found: list[Happening] = []
    after = 0
    while page := await memory.journal.read(after, case=case, limit=_PAGE):
        found += [row for row in page if row.kind in kinds]
        after = page[-1].seq
    return found


def record_body(record: ActionRecord) -> dict[str, Value]:
    """Return an action's record as a row keeps it."""
    return {
        "action": record.id,
        "line": record.command,
        "host": record.host,
        "class": record.effect_class.value,
        "effects": list(record.effects),
        "reversible": record.reversible,
        "outcome": record.outcome.value,
        "detail": record.detail,
        "ending": {language: _ending(language, record) for language in LANGUAGES},
    }


def _ending(language: Language, record: ActionRecord) -> str:
    outcome = text(language, f"action.outcomes.{record.outcome.value}")
    return f"{outcome} ({text(language, record.detail).rstrip('.')})" if record.detail else outcome


def record_of(row: Happening) -> ActionRecord:
    """Return the record that a row keeps."""
    body = row.body
    return ActionRecord(
        id=str(body["action"]),
        command=str(body["line"]),
        host=str(body["host"]),
        effect_class=EffectClass(str(body["class"])),
        effects=tuple(str(effect) for effect in cast("Iterable[object]", body["effects"])),
        reversible=bool(body["reversible"]),
        outcome=Outcome(str(body["outcome"])),
        detail=str(body["detail"]),
    )


def completed_body(completed: Completed) -> dict[str, Value]:
    """Return how a line ended as a row keeps it: no secrets, and not too much."""
    return {
        "rc": completed.rc,
        "signal": completed.signal,
        "killed": completed.killed,
        "seconds": round(completed.seconds, 3),
        "stdout": excerpt(completed.stdout),
        "stderr": excerpt(completed.stderr),
    }


def excerpt(output: bytes) -> str:
    """Return the head and tail of an output, without secrets and control characters."""
    # Redacted before it is cut: half a secret is not recognised as one.
    clean = redact(output.decode("utf-8", "replace"))
    clean = "".join(char if char in "\n\t" or char.isprintable() else "\ufffd" for char in clean)
    return clean if len(clean) <= 2 * _EXCERPT else f"{clean[:_EXCERPT]}\n…\n{clean[-_EXCERPT:]}"
