"""A row of the journal. The audit trail, the live timeline, the notifications and the report are views of these."""

from dataclasses import dataclass
from datetime import datetime

from vigie.domain.fact import Value


@dataclass(frozen=True, slots=True)
class Happening:
    """Who did or saw what, why, on what evidence.

    `kind` is a dotted word (`case.opened`, `action.intent`, `action.result`); its sentence is in the catalogue: for
    `case.opened` in `i18n/*/case.yaml` under `happenings.opened`, filled from `body`. `actor` is `agent:NAME`,
    `person:NAME` or `vigie`. `seq` counts from 1 without a hole; `hash` chains the row to all before it. `ref` names what
    the row is about when rows must be found again by it: an action's id, an approval's id.
    """

    seq: int
    at: datetime
    tenant: str
    case: str | None
    kind: str
    actor: str
    body: dict[str, Value]
    hash: str
    ref: str | None = None
