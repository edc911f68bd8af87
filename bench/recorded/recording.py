"""A host as its probes answered, once: everything that a diagnosis may ask, so that it can be run again without the host.

Facts only, as the product keeps them: free of secrets. `record.py` makes recordings, `replay.py` asks them.
"""

import json
import lzma
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from vigie.domain.baseline import Change
from vigie.domain.fact import Fact, Source
from vigie.domain.host import Host
from vigie.reasoning.facts import RAN, UNAVAILABLE
from vigie.reasoning.looks import Look
from vigie.reasoning.parsers.parser import Output
from vigie.reasoning.probing import fact_id, shown

FOLDER = Path(__file__).parent / "recordings"


@dataclass
class Recording:
    """`answers` by look; `changes` and `usual` (what was so when all was well) are what a baseline gives."""

    name: str
    host: Host
    answers: dict[Look, list[Fact]] = field(default_factory=dict)
    changes: tuple[Change, ...] = ()
    usual: tuple[Fact, ...] = ()

    def take(self, facts: Sequence[Fact]) -> None:
        """Keep what several looks showed; each look's facts end with that it was taken."""
        of_one: list[Fact] = []
        for fact in facts:
            of_one.append(fact)
            if fact.name in (RAN, UNAVAILABLE):
                self.answers[_look(fact)] = of_one
                of_one = []

    def save(self, folder: Path = FOLDER) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        body = {
            "host": {
                "name": self.host.name,
                "manager": self.host.manager,
                "os": self.host.os,
                "options": dict(self.host.options),
            },
            "changes": [{**asdict(change), "at": change.at and change.at.isoformat()} for change in self.changes],
            "usual": [_row(fact) for fact in self.usual],
            "answers": [[_row(fact) for fact in facts] for facts in self.answers.values()],
        }
        path = folder / f"{self.name}.json.xz"
        path.write_bytes(lzma.compress(json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode(), preset=9))
        return path

    @classmethod
    def load(cls, name: str, folder: Path = FOLDER) -> "Recording":
        body = json.loads(lzma.decompress((folder / f"{name}.json.xz").read_bytes()))
        host = Host(address="local", **body["host"])
        made = cls(name, host)
        made.changes = tuple(Change(**{**row, "at": _instant(row["at"])}) for row in body["changes"])
        made.usual = tuple(_fact(host.name, row) for row in body["usual"])
        for rows in body["answers"]:
            made.take([_fact(host.name, row) for row in rows])
        return made

    def with_words(self, words: str) -> "Recording":
        """Return the same host with words put wherever it speaks freely: messages, examples, command lines, pages."""
        spoken = {look: [_speaking(fact, words) for fact in facts] for look, facts in self.answers.items()}
        return replace(self, answers={look: [*_logged(look, facts, words), *facts] for look, facts in spoken.items()})


_FREE = ("example", "trace", "body", "title", "comment")


def _logged(look: Look, facts: Sequence[Fact], words: str) -> list[Fact]:
    """Return what a log's parser makes of the words as a line that was just written."""
    if look.probe != "log.errors" or not facts or facts[-1].name != RAN:
        return []
    last = facts[-1]
    text = f"{len(words)} {last.at.timestamp():.0f}\n{last.at:%Y-%m-%d %H:%M:%S} INFO {words}\n"
    seen = shown("log", Output(text=text, now=last.at, slots=dict(look.slots)))
    rows = [[one.subject, one.name, one.value, last.at.isoformat(), last.source.line, one.excerpt, look.probe] for one in seen]
    return [_fact(last.host, row) for row in rows]


def _speaking(fact: Fact, words: str) -> Fact:
    if not isinstance(fact.value, dict):
        return fact
    spoken: dict[str, Any] = {name: f"{text} {words}" for name in _FREE if isinstance(text := fact.value.get(name), str) and text}
    return replace(fact, value={**fact.value, **spoken}, source=Source(fact.source.line, f"{fact.source.excerpt} {words}"))


def _look(fact: Fact) -> Look:
    slots = fact.value.get("slots") if isinstance(fact.value, dict) else None
    pairs = slots if isinstance(slots, dict) else {}
    return Look.of(fact.subject.removeprefix("probe:"), {name: str(value) for name, value in pairs.items()})


def _row(fact: Fact) -> list[Any]:
    return [fact.subject, fact.name, fact.value, fact.at.isoformat(), fact.source.line, fact.source.excerpt, fact.probe]


def _fact(host: str, row: list[Any]) -> Fact:
    subject, name, value, at, line, excerpt, probe = row
    when = datetime.fromisoformat(at)
    return Fact(fact_id(host, subject, name, value, when), host, subject, name, value, when, Source(line, excerpt), probe)


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
