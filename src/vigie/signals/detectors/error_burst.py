"""More errors than this subject usually has."""

from collections import OrderedDict, deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import sqrt
from statistics import median

from vigie.domain.finding import Event, Finding, Level
from vigie.signals.detectors.detector import SUBJECTS_MAX, Detector, excerpt, place, subject_of
from vigie.signals.templates import Template

_WINDOW = timedelta(seconds=60)
_HISTORY = 30
_ERRORS_MIN = 5
# Errors come in clumps, so a rise must stand well above chance: five standard deviations of a steady rate.
_DEVIATIONS = 5.0
_QUIET_AGAIN = timedelta(minutes=5)
_TIMES_MAX = 2000


@dataclass(slots=True)
class _Rate:
    """Errors of the last minute, and how many earlier minutes had. `first` and `last` show the burst that is under way."""

    window_start: datetime
    recent: deque[datetime] = field(default_factory=lambda: deque(maxlen=_TIMES_MAX))
    minutes: deque[int] = field(default_factory=lambda: deque(maxlen=_HISTORY))
    in_minute: int = 0
    over_since: datetime | None = None
    over_last: datetime | None = None


class ErrorBurst(Detector):
    """Tells when the errors of the last minute are many against the minutes before."""

    name = "error_burst"

    def __init__(self) -> None:
        self._rates: OrderedDict[tuple[str, str], _Rate] = OrderedDict()

    def event(self, event: Event, template: Template) -> list[Finding]:
        """Count an error; return a finding at the one that makes them too many."""
        rate = self._rate(event)
        self._turn(rate, event.at)
        if event.level not in (Level.ERROR, Level.CRITICAL):
            return []
        rate.in_minute += 1
        rate.recent.append(event.at)
        while rate.recent and event.at - rate.recent[0] > _WINDOW:
            rate.recent.popleft()
        usual = _usual(rate)
        if len(rate.recent) < max(_ERRORS_MIN, usual + _DEVIATIONS * sqrt(usual + 1)):
            return []
        began, rate.over_last = rate.over_last, event.at
        if began is not None and event.at - began < _QUIET_AGAIN:
            return []
        rate.over_since = rate.recent[0]
        return [self._finding(event, template, rate, usual)]

    def learn(self, event: Event, template: Template) -> None:
        """Count an error of the past."""
        rate = self._rate(event)
        self._turn(rate, event.at)
        if event.level in (Level.ERROR, Level.CRITICAL):
            rate.in_minute += 1

    def _rate(self, event: Event) -> _Rate:
        key = (event.signal.host, subject_of(event))
        rate = self._rates.get(key)
        if rate is None:
            rate = self._rates[key] = _Rate(event.at)
            if len(self._rates) > SUBJECTS_MAX:
                self._rates.popitem(last=False)
        else:
            self._rates.move_to_end(key)
        return rate

    def _turn(self, rate: _Rate, at: datetime) -> None:
        """Close the minutes that are over; late lines count in the minute that is open."""
        passed = int((at - rate.window_start) / _WINDOW)
        if passed < 1:
            return
        rate.minutes.append(rate.in_minute)
        rate.minutes.extend([0] * min(passed - 1, _HISTORY))
        rate.in_minute = 0
        rate.window_start += passed * _WINDOW

    def _finding(self, event: Event, template: Template, rate: _Rate, usual: float) -> Finding:
        count = len(rate.recent)
        return Finding(
            kind=self.name,
            host=event.signal.host,
            subject=subject_of(event),
            key=f"{self.name}:{event.signal.host}:{subject_of(event)}",
            first_at=rate.recent[0],
            last_at=event.at,
            count=count,
            confidence=0.85 if len(rate.minutes) >= _ERRORS_MIN else 0.7,
            excerpt=excerpt(event),
            source=place(event),
            values={
                "count": str(count),
                "usual": f"{usual:.1f}".removesuffix(".0"),
                "template": template.text,
                "subject": subject_of(event),
            },
        )


def _usual(rate: _Rate) -> float:
    """Return the errors of an ordinary minute: the higher of median and half the mean, so that rare clumps count a little."""
    if not rate.minutes:
        return 0.0
    return max(float(median(rate.minutes)), sum(rate.minutes) / len(rate.minutes) / 2)
