"""A user, a network, a country or a folder that a known line has never named, though it has long named the same few."""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

from vigie.domain.fact import Value
from vigie.domain.finding import Event, Finding
from vigie.signals.detectors.detector import SUBJECTS_MAX, Detector, excerpt, place, subject_of
from vigie.signals.templates import Template
from vigie.signals.whereabouts import named

# More different values than this are no closed circle.
_VALUES_MAX = 200
# In n lines of which the last m brought nothing new, the next one does with a chance of 1 in m + 1 (Laplace 1774).
# These three: bench/rare, 2026-11, on hosts drawn with other seeds.
_LINES_MIN = 30
_LINES_SHARE = 1 / 8
_QUIET_SHARE = 1 / 4
_SPAN_MIN = timedelta(days=1)
_ONCE_SHARE = 0.1
_TOLD_A_DAY = 2
_SHOWN = 5
_KEPT_MAX = 400
_KEPT_VALUES = 50

Key = TypeVar("Key")
Held = TypeVar("Held")


@dataclass(slots=True)
class _Circle:
    """What one field of one kind of line has named: how often each, since when, and when the last new one came."""

    since: datetime
    new_at: datetime
    lines: int = 0
    lines_since_new: int = 0
    values: dict[str, int] = field(default_factory=dict)
    is_open: bool = False

    @classmethod
    def of(cls, document: Mapping[str, Value]) -> "_Circle":
        """Take up what `document` gave."""
        values = document.get("values")
        return cls(
            datetime.fromisoformat(str(document["since"])),
            datetime.fromisoformat(str(document["new_at"])),
            int(str(document["lines"])),
            int(str(document["lines_since_new"])),
            {value: int(str(count)) for value, count in values.items()} if isinstance(values, dict) else {},
        )

    def document(self) -> dict[str, Value]:
        """Return it as JSON."""
        return {
            "since": self.since.isoformat(),
            "new_at": self.new_at.isoformat(),
            "lines": self.lines,
            "lines_since_new": self.lines_since_new,
            "values": dict(self.values),
        }

    def is_closed(self, now: datetime) -> bool:
        """Say whether nothing new is to be expected: for a quarter of all time, and many lines long, nothing new has come.

        A value that comes after so long is rare whatever the field is. As the quiet must be the longer the longer a field is
        known, one that goes on growing is told of less and less.
        """
        once = sum(count == 1 for count in self.values.values())
        return (
            not self.is_open
            and self.lines_since_new >= max(_LINES_MIN, _LINES_SHARE * self.lines)
            and now - self.new_at >= max(_SPAN_MIN, _QUIET_SHARE * (now - self.since))
            and once <= max(1, _ONCE_SHARE * len(self.values))
        )

    def take(self, value: str, now: datetime) -> bool:
        """Count a value; say whether it is new."""
        self.lines += 1
        if self.is_open:
            return False
        known = value in self.values
        self.values[value] = self.values.get(value, 0) + 1
        if known:
            self.lines_since_new += 1
            return False
        self.new_at, self.lines_since_new = now, 0
        if len(self.values) > _VALUES_MAX:
            self.is_open = True
            self.values.clear()
        return True


class RareValue(Detector):
    """Tells the first time that a closed circle of users, networks, countries or folders is left."""

    name = "rare_value"

    def __init__(self) -> None:
        self._circles: OrderedDict[str, _Circle] = OrderedDict()
        self._told: OrderedDict[str, None] = OrderedDict()
        self._days: OrderedDict[tuple[str, str, str], int] = OrderedDict()

    def event(self, event: Event, template: Template) -> list[Finding]:
        """Return a finding when a value is new to its circle."""
        return [finding for kind, value, circle in self._new(event) if (finding := self._finding(event, kind, value, circle))]

    def learn(self, event: Event, template: Template) -> None:
        """Know what a line names from now on."""
        self._new(event)

    def memory(self) -> dict[str, Value]:
        """Return the circles and what was told."""
        small = [(name, circle) for name, circle in self._circles.items() if 0 < len(circle.values) <= _KEPT_VALUES]
        circles: dict[str, Value] = {name: circle.document() for name, circle in small[-_KEPT_MAX:]}
        told: list[Value] = [*list(self._told)[-_KEPT_MAX:]]
        return {"circles": circles, "told": told} if circles else {}

    def remember(self, memory: dict[str, Value]) -> None:
        """Take up the circles of before."""
        circles, told = memory.get("circles"), memory.get("told")
        for name, document in circles.items() if isinstance(circles, dict) else ():
            if isinstance(document, dict):
                self._circles[name] = _Circle.of(document)
        for key in told if isinstance(told, list) else ():
            self._told[str(key)] = None

    def _new(self, event: Event) -> list[tuple[str, str, _Circle]]:
        """Count what a line names; return what is new to a circle that was closed."""
        values, shape = named(event)
        found: list[tuple[str, str, _Circle]] = []
        for kind, value in values.items():
            circle = self._circle(f"{event.signal.host}\0{subject_of(event)}\0{kind}\0{shape}", event.at)
            was_closed = value not in circle.values and circle.is_closed(event.at)
            if circle.take(value, event.at) and was_closed:
                found.append((kind, value, circle))
        return found

    def _circle(self, name: str, at: datetime) -> _Circle:
        circle = self._circles.get(name)
        if circle is None:
            circle = self._circles[name] = _Circle(at, at)
            if len(self._circles) > SUBJECTS_MAX:
                self._circles.popitem(last=False)
        else:
            self._circles.move_to_end(name)
        return circle

    def _finding(self, event: Event, kind: str, value: str, circle: _Circle) -> Finding | None:
        """Return the finding, once for each value of a host, and no more than some a day of a kind."""
        host = event.signal.host
        key = f"{self.name}:{host}:{kind}:{value}"
        day = (host, kind, f"{event.at:%Y-%m-%d}")
        if key in self._told or self._days.get(day, 0) >= _TOLD_A_DAY:
            return None
        _noted(self._told, key, None)
        _noted(self._days, day, self._days.get(day, 0) + 1)
        usual = sorted(circle.values.keys() - {value}, key=lambda each: (-circle.values[each], each))
        known = ", ".join(usual[:_SHOWN]) + (" …" if len(usual) > _SHOWN else "")
        return Finding(
            kind=self.name,
            host=host,
            subject=subject_of(event),
            key=key,
            first_at=event.at,
            last_at=event.at,
            count=1,
            confidence=0.5,
            excerpt=excerpt(event),
            source=place(event),
            values={
                "case": kind,
                "value": value,
                "known": known,
                "days": str(max(1, round((event.at - circle.since) / timedelta(days=1)))),
                "lines": str(circle.lines - 1),
                "level": event.level.value,
                "subject": subject_of(event),
            },
        )


def _noted(table: OrderedDict[Key, Held], key: Key, value: Held) -> None:
    table[key] = value
    if len(table) > SUBJECTS_MAX:
        table.popitem(last=False)
