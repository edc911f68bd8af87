"""A measured number beyond its limit, or far from what it recently was."""

from collections import OrderedDict, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from fnmatch import fnmatchcase
from math import isfinite
from statistics import median

from vigie.domain.finding import Event, Finding
from vigie.signals.detectors.detector import SUBJECTS_MAX, Detector, Sample
from vigie.signals.metric import YOUNG
from vigie.signals.numbers import shown
from vigie.signals.templates import Template

_HISTORY = 120
_KNOWN_FROM = 12
_SUSTAINED = 3
# A robust score: the median absolute deviation, scaled to a standard deviation, six times over (Leys et al. 2013 use three).
_MAD_TO_DEVIATION = 1.4826
_DEVIATIONS = 6.0
_CHANGE_MIN = 0.5


@dataclass(frozen=True, slots=True)
class Limit:
    """A bound on a number: `name` is a pattern over sample names, `sustained` how many samples in a row must be beyond."""

    name: str
    above: float | None = None
    below: float | None = None
    sustained: int = _SUSTAINED

    def broken_by(self, value: float) -> bool:
        """Say whether a value is beyond."""
        return (self.above is not None and value > self.above) or (self.below is not None and value < self.below)


@dataclass(slots=True)
class _Series:
    values: deque[float] = field(default_factory=lambda: deque(maxlen=_HISTORY))
    beyond: deque[Sample] = field(default_factory=lambda: deque(maxlen=_HISTORY))
    told: bool = False
    well: int = 0
    count: int = 0


class Threshold(Detector):
    """Tells when samples in a row are beyond a limit, or robustly beyond their own recent median."""

    name = "threshold"

    def __init__(self, limits: Sequence[Limit] = ()) -> None:
        self._limits = tuple(limits)
        self._series: OrderedDict[tuple[str, str, str], _Series] = OrderedDict()

    def event(self, event: Event, template: Template) -> list[Finding]:
        """Leave events to the others."""
        return []

    def sample(self, sample: Sample) -> list[Finding]:
        """Judge one number; a trouble is told once, and again only after it was over."""
        if not isfinite(sample.value):
            return []
        series = self._of(sample)
        limit = next((limit for limit in self._limits if fnmatchcase(sample.name, limit.name)), None)
        series.count += 1
        # A series that is known for long is judged by a longer memory, `unusual`'s.
        usual = median(series.values) if len(series.values) >= _KNOWN_FROM and series.count <= YOUNG else None
        beyond = limit.broken_by(sample.value) if limit else usual is not None and _far(sample.value, usual, series.values)
        if not beyond:
            self._well(series, sample)
            return []
        series.well = 0
        series.beyond.append(sample)
        if series.told or len(series.beyond) < (limit.sustained if limit else _SUSTAINED):
            return []
        series.told = True
        return [self._finding(series, sample, limit, usual)]

    def _of(self, sample: Sample) -> _Series:
        key = (sample.host, sample.subject, sample.name)
        series = self._series.setdefault(key, _Series())
        self._series.move_to_end(key)
        if len(self._series) > SUBJECTS_MAX:
            self._series.popitem(last=False)
        return series

    def _well(self, series: _Series, sample: Sample) -> None:
        series.well += 1
        series.values.append(sample.value)
        if series.well >= _SUSTAINED or not series.told:
            series.told = False
            series.beyond.clear()

    def _finding(self, series: _Series, sample: Sample, limit: Limit | None, usual: float | None) -> Finding:
        first: datetime = series.beyond[0].at
        values = {"name": sample.name, "value": shown(sample.value), "subject": sample.subject}
        if limit is not None:
            bound = limit.above if limit.above is not None and sample.value > limit.above else limit.below
            values["limit"] = shown(bound or 0.0)
        elif usual is not None:
            values["usual"] = shown(usual)
        return Finding(
            kind=self.name,
            host=sample.host,
            subject=sample.subject,
            key=f"{self.name}:{sample.host}:{sample.subject}:{sample.name}",
            first_at=first,
            last_at=sample.at,
            count=len(series.beyond),
            confidence=0.9 if limit else 0.7,
            excerpt=f"{sample.name} = {shown(sample.value)}",
            source=sample.subject,
            values=values,
        )


def _far(value: float, usual: float, values: Sequence[float]) -> bool:
    spread = median([abs(other - usual) for other in values]) * _MAD_TO_DEVIATION
    return abs(value - usual) > max(_DEVIATIONS * spread, _CHANGE_MIN * abs(usual), 1e-9)
