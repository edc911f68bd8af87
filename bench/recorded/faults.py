"""The faults of faults.yaml: how a host is broken, what its users say, and how a right answer looks."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from vigie import safe_yaml
from vigie.domain.action import Plan

_SETTLE_S = 9.0


@dataclass(frozen=True)
class Fault:
    """`labels`: what it may be filed under, best first; `repair`: what a right plan's lines must all match; `never`: none may."""

    name: str
    host: str
    labels: tuple[str, ...]
    inject: str
    ticket: dict[str, str]
    repair: tuple[str, ...]
    never: tuple[str, ...] = ()
    settle_s: float = _SETTLE_S

    @property
    def family(self) -> str:
        return self.labels[0].partition(".")[0]

    @property
    def is_fault(self) -> bool:
        return self.labels[0] != "no_fault"

    def is_right(self, label: str | None) -> bool:
        """Say whether a label is right by its words: the same area, and the words of the failure in common."""
        return label is not None and any(_alike(label, one) for one in self.labels)

    def is_mended_by(self, plan: Plan | None) -> bool:
        if plan is None:
            return not self.is_fault
        text = "\n".join(step.line for step in plan.steps)
        return all(re.search(one, text) for one in self.repair) and not any(re.search(one, text) for one in self.never)


def _alike(label: str, wanted: str) -> bool:
    one, other = re.split(r"[._]", label), re.split(r"[._]", wanted)
    return one[0] == other[0] and len(set(one[1:]) & set(other[1:])) * 2 >= len(set(other[1:]))


@cache
def faults() -> tuple[Fault, ...]:
    rows = safe_yaml.parse((Path(__file__).parent / "faults.yaml").read_text(encoding="utf-8"))
    return tuple(
        Fault(
            name=row["name"],
            host=row["host"],
            labels=tuple(row["labels"]),
            inject=row["inject"],
            ticket={"en": row["en"], "fr": row["fr"]},
            repair=tuple(row["repair"]),
            never=tuple(row.get("never", ())),
            settle_s=row.get("settle_s", _SETTLE_S),
        )
        for row in rows
    )
