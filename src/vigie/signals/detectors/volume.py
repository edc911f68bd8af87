"""How much a subject says in a minute, and which part of it are errors, against everything that it did before."""

from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from vigie.domain.finding import Event, Finding, Level
from vigie.signals.detectors.detector import Detector, excerpt, place, subject_of
from vigie.signals.lasting import Change, LastingChange
from vigie.signals.templates import Template

_MINUTE = timedelta(minutes=1)
_SUBJECTS_MAX = 512
# After so many minutes without a line it is `silence`'s to tell, and no habit.
_SILENT_MAX = 10
# A share of fewer lines says nothing.
_LINES_MIN = 20
_SERIES = ("lines", "errors")
# With these, 36 made-up weeks of ordinary services gave two findings, 2026-11.
_TELLING, _DAY = 0.7, 1440
_LOUD = (Level.ERROR, Level.CRITICAL)


@dataclass(slots=True)
class _Volume:
    minute: datetime
    last: Event
    lines: int = 0
    errors: int = 0
    series: dict[str, LastingChange] = field(default_factory=lambda: {name: LastingChange(_TELLING, _DAY) for name in _SERIES})


class Volume(Detector):
    """Tells when a subject talks more, less, or in another proportion of errors than it ever did, for minutes."""

    name = "volume"

    def __init__(self) -> None:
        self._volumes: OrderedDict[tuple[str, str], _Volume] = OrderedDict()

    def event(self, event: Event, template: Template) -> list[Finding]:
        """Count a line; judge the minutes that are over."""
        key = (event.signal.host, subject_of(event))
        volume = self._volumes.get(key)
        if volume is None:
            volume = self._volumes[key] = _Volume(event.at, event)
            if len(self._volumes) > _SUBJECTS_MAX:
                self._volumes.popitem(last=False)
        self._volumes.move_to_end(key)
        found = self._turn(key, volume, event.at)
        volume.last = event
        volume.lines += 1
        volume.errors += event.level in _LOUD
        return found

    def learn(self, event: Event, template: Template) -> None:
        """Count a line of the past; what its minutes were is no news."""
        self.event(event, template)

    def tick(self, now: datetime) -> list[Finding]:
        """Judge the minutes that ended without another line."""
        # A minute more, for lines that are still on their way.
        return [found for key, volume in self._volumes.items() for found in self._turn(key, volume, now - _MINUTE)]

    def _turn(self, key: tuple[str, str], volume: _Volume, now: datetime) -> list[Finding]:
        passed = int((now - volume.minute) / _MINUTE)
        if passed < 1:
            return []
        found = []
        for number in range(min(passed, _SILENT_MAX)):
            at = volume.minute + number * _MINUTE
            told = {"lines": volume.series["lines"].push(volume.lines, at)}
            if volume.lines >= _LINES_MIN:
                told["errors"] = volume.series["errors"].push(100 * volume.errors / volume.lines, at)
            found += [self._finding(key, volume, name, change, at) for name, change in told.items() if change is not None]
            volume.lines = volume.errors = 0
        volume.minute += passed * _MINUTE
        return found

    def _finding(self, key: tuple[str, str], volume: _Volume, name: str, change: Change, at: datetime) -> Finding:
        host, subject = key
        return Finding(
            kind=self.name,
            host=host,
            subject=subject,
            key=f"{self.name}:{host}:{subject}:{name}",
            first_at=change.since,
            last_at=at + _MINUTE,
            count=change.count,
            confidence=round(change.confidence - 0.2, 2),
            excerpt=excerpt(volume.last),
            source=place(volume.last),
            values={**change.words, "view": change.words["case"], "case": f"{name}_{change.words['case']}", "subject": subject},
        )
