"""A standing watch: a check that is repeated until it is no longer wanted."""

from dataclasses import dataclass, field
from datetime import datetime

from vigie.domain.fact import Value


@dataclass(frozen=True, slots=True)
class Watch:
    """Run `check` on `host` every `every_s` seconds, until `until` if it is set, on behalf of `case` if there is one."""

    id: str
    host: str
    check: dict[str, Value] = field(default_factory=dict)
    every_s: float = 300.0
    until: datetime | None = None
    case: str | None = None
