"""Small made-up hosts that answer probes with facts, so that reasoning can be tried without a machine."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from vigie import safe_yaml
from vigie.domain.baseline import Change
from vigie.domain.diagnosis import Verdict
from vigie.domain.fact import Fact, Source, Value
from vigie.domain.host import Host
from vigie.knowledge import library
from vigie.knowledge.library import Knowledge
from vigie.reasoning.complaint import Complaint, understand
from vigie.reasoning.diagnosis import Check, Diagnosis
from vigie.reasoning.facts import Facts
from vigie.reasoning.looks import Looks
from vigie.reasoning.recall import Boosts

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
HOST = Host(
    "srv1",
    "local",
    manager="supervisord",
    options={"manager.config": "/opt/stack/etc/supervisord.conf"},
)
CASES = Path(__file__).parent / "cases"


def fact(
    name: str,
    subject: str = "host",
    value: Value = None,
    *,
    probe: str | None = None,
    at: datetime = NOW,
    line: str = "",
    excerpt: str = "",
) -> Fact:
    body = json.dumps([subject, name, value, probe, line], sort_keys=True, default=str)
    made_id = "F-" + hashlib.sha256(body.encode()).hexdigest()[:10]
    return Fact(made_id, HOST.name, subject, name, value, at, Source(line or f"read {probe or name}", excerpt), probe)


def ran(probe: str, slots: Mapping[str, str] | None = None, *, at: datetime = NOW) -> Fact:
    said: Value = {"slots": dict(slots or {}), "line": f"read {probe}", "facts": 0}
    return fact("probe.ran", f"probe:{probe}", said, probe=probe, at=at)


def unavailable(probe: str, slots: Mapping[str, str] | None = None) -> Fact:
    said: Value = {"slots": dict(slots or {}), "why": "no_program", "detail": "", "tried": []}
    return fact("probe.unavailable", f"probe:{probe}", said, probe=probe)


@dataclass
class World:
    """A host by what each of its probes would show; probes that are not named show nothing."""

    facts: Sequence[Fact]
    knowledge: Knowledge = field(default_factory=library.load)
    blind: frozenset[str] = frozenset()
    has_baseline: bool = True
    changes: Sequence[Change] = ()
    looked: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def answer(self, probe: str, slots: Mapping[str, str]) -> list[Fact]:
        self.looked.append((probe, dict(slots)))
        if probe in self.blind:
            return [unavailable(probe, slots)]
        shown = [one for one in self.facts if one.probe == probe and _is_about(one, slots)]
        return [*shown, ran(probe, slots)]

    def survey(self) -> list[Fact]:
        """Read all survey probes, those that follow from others too; changes come without a look."""
        known = Facts()
        seen: list[Fact] = [one for one in self.facts if one.probe is None]
        seen += [ran("baseline.diff")] if self.has_baseline else []
        looks = Looks(self.knowledge.probes)
        done: set[object] = set()
        for _ in range(4):
            todo = [
                look
                for probe in self.knowledge.probes.values()
                if probe.survey
                for look in looks.every(probe, known)
                if look not in done
            ]
            for look in todo:
                done.add(look)
                answers = self.answer(look.probe, dict(look.slots))
                known.add(answers)
                seen += answers
        return seen

    def work(
        self,
        complaint: Complaint | None = None,
        *,
        lessons: Boosts | None = None,
        tried: Sequence[str] = (),
        mended: bool = False,
        checks_most: int = 60,
    ) -> tuple[Verdict, list[Check], Diagnosis]:
        """Diagnose to the end, as an agent would."""
        diagnosis = Diagnosis(self.knowledge, HOST, complaint or Complaint(), lessons=lessons, tried=tried, mended=mended)
        diagnosis.add(self.survey())
        checks: list[Check] = []
        while isinstance(step := diagnosis.next_check(), Check):
            checks.append(step)
            assert len(checks) <= checks_most, "it goes on and on"
            diagnosis.add(one for look in step.looks for one in self.answer(look.probe, dict(look.slots)))
        return step, checks, diagnosis


def _is_about(one: Fact, slots: Mapping[str, str]) -> bool:
    """Say whether a probe read with these slots would show a fact."""
    meant = set(slots.values())
    if not meant:
        return True
    line = one.source.line.removeprefix(f"read {one.probe} ").strip()
    where = one.subject.partition(":")[2]
    return any(value in (where, line) or where.startswith(f"{value}/") or line == value for value in meant)


def load(path: Path) -> list[dict[str, Any]]:
    return list(parsed(path))


def parsed(path: Path) -> Any:
    return safe_yaml.parse(path.read_text(encoding="utf-8"))


def facts_of(rows: Iterable[Mapping[str, Any]]) -> list[Fact]:
    """Make facts of rows `{fact, subject, value, probe, at}`; times are ISO texts."""
    made = []
    for row in rows:
        at = datetime.fromisoformat(row["at"]) if "at" in row else NOW
        made.append(
            fact(
                row["fact"],
                row.get("subject", "host"),
                row.get("value"),
                probe=row.get("probe"),
                at=at,
                line=row.get("line", ""),
                excerpt=row.get("excerpt", ""),
            )
        )
    return made


def complaint_of(ticket: str | None) -> Complaint:
    return understand(ticket) if ticket else Complaint()
