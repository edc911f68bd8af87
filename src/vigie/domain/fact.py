"""A fact: something observed that can be read again."""

from dataclasses import dataclass
from datetime import datetime

from typing_extensions import TypeAliasType

# What a fact may hold: JSON, so that it can be stored, hashed and shown as it is. A TypeAliasType, because pydantic cannot
# follow a plain alias that names itself.
Value = TypeAliasType("Value", "bool | int | float | str | list[Value] | dict[str, Value] | None")


@dataclass(frozen=True, slots=True)
class Source:
    """Where a fact was seen: the line that was run, or `file:line`, and the words that say it."""

    line: str
    excerpt: str = ""


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing seen on one host.

    `subject` is a kind and a name (`service:web`, `file:/etc/hosts`, `port:8000`, `url:http://…`, `table:orders`, `host`);
    `name` is a dotted property (`service.state`). `probe` is the probe to run again to see it anew.
    """

    id: str
    host: str
    subject: str
    name: str
    value: Value
    at: datetime
    source: Source
    probe: str | None = None
