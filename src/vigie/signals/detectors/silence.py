"""A source that used to speak and has stopped."""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta

from vigie.domain.finding import Event, Finding
from vigie.signals.detectors.detector import SUBJECTS_MAX, Detector, excerpt
from vigie.signals.templates import Template

# What must be known of a source's habit before its silence means something.
_LINES_MIN = 30
_KNOWN_FOR = timedelta(minutes=10)
_SILENT_MIN = timedelta(seconds=90)
_TIMES_LONGEST = 6.0
# The longest pause fades, so that one long night does not excuse a source for ever.
_FADES = 0.999


@dataclass(slots=True)
class _Habit:
    first_at: datetime
    last_at: datetime
    read_at: datetime
    event: Event
    lines: int = 1
    longest_s: float = 0.0
    silent: bool = False


class Silence(Detector):
    """Tells when a source has been silent for much longer than it ever was."""

    name = "silence"

    def __init__(self) -> None:
        self._habits: OrderedDict[tuple[str, str], _Habit] = OrderedDict()

    def event(self, event: Event, template: Template) -> list[Finding]:
        """Note that the source speaks."""
        self.learn(event, template)
        return []

    def learn(self, event: Event, template: Template) -> None:
        """Note that the source spoke."""
        key = (event.signal.host, event.signal.source)
        habit = self._habits.get(key)
        if habit is None:
            self._habits[key] = _Habit(event.at, event.at, event.signal.read_at, event)
            if len(self._habits) > SUBJECTS_MAX:
                self._habits.popitem(last=False)
            return
        self._habits.move_to_end(key)
        gap_s = max(0.0, (event.at - habit.last_at).total_seconds())
        # The pause that was told of is no habit yet.
        habit.longest_s = max(habit.longest_s * _FADES, 0.0 if habit.silent else gap_s)
        habit.first_at = min(habit.first_at, event.at)
        habit.last_at = max(habit.last_at, event.at)
        habit.read_at = max(habit.read_at, event.signal.read_at)
        habit.event = event
        habit.lines += 1
        habit.silent = False

    def tick(self, now: datetime) -> list[Finding]:
        """Return the sources that have fallen silent."""
        found = []
        for (host, source), habit in self._habits.items():
            last = max(habit.last_at, habit.read_at)
            silent = now - last
            if habit.silent or habit.lines < _LINES_MIN or habit.last_at - habit.first_at < _KNOWN_FOR:
                continue
            if silent < _SILENT_MIN or silent.total_seconds() < _TIMES_LONGEST * max(1.0, habit.longest_s):
                continue
            habit.silent = True
            found.append(self._finding(host, source, habit, now, silent))
        return found

    def _finding(self, host: str, source: str, habit: _Habit, now: datetime, silent: timedelta) -> Finding:
        service = habit.event.service
        subject = f"service:{service}" if service else f"file:{source}"
        return Finding(
            kind=self.name,
            host=host,
            subject=subject,
            key=f"{self.name}:{host}:{source}",
            first_at=habit.last_at,
            last_at=now,
            count=1,
            confidence=0.6,
            excerpt=excerpt(habit.event),
            source=source,
            values={
                "seconds": str(int(silent.total_seconds())),
                "usual_s": f"{max(1.0, habit.longest_s):.0f}",
                "subject": subject,
            },
        )
