"""A measured number that goes beyond everything its series has seen in a long while, and stays there."""

from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime
from math import isfinite

from vigie.domain.finding import Event, Finding
from vigie.signals import sentence
from vigie.signals.detectors.detector import Detector, Sample
from vigie.signals.metric import YOUNG, MetricModel, Verdict
from vigie.signals.numbers import shown
from vigie.signals.templates import Template

_TELLING = 0.5
# One sample may be a hiccup; a trouble that is worth a case lasts.
_SUSTAINED = 3
_SERIES_MAX = 1024


@dataclass(slots=True)
class _Series:
    model: MetricModel = field(default_factory=MetricModel)
    pending: Verdict | None = None
    since: datetime | None = None
    count: int = 0
    values: dict[str, str] = field(default_factory=dict)


class Unusual(Detector):
    """Tells when a series leaves what it has known for hundreds of samples; younger ones are `threshold`'s."""

    name = "unusual"

    def __init__(self) -> None:
        self._series: OrderedDict[tuple[str, str, str], _Series] = OrderedDict()

    def event(self, event: Event, template: Template) -> list[Finding]:
        """Leave events to the others."""
        return []

    def sample(self, sample: Sample) -> list[Finding]:
        """Judge one number by those before it."""
        if not isfinite(sample.value):
            return []
        series = self._of(sample)
        verdict = series.model.judge(sample.value, sample.at)
        if verdict is not None and verdict.score >= _TELLING and series.model.count > YOUNG:
            series.pending, series.since, series.count = verdict, sample.at, 0
            series.values = sentence.words(verdict, sample.value, series.model.count - 1)
        if series.pending is None or series.since is None:
            return []
        if not series.pending.holds_for(series.model.seen(series.pending.view)):
            series.pending = None
            return []
        series.count += 1
        if series.count < _SUSTAINED:
            return []
        found = self._finding(sample, series.pending, series.since, series)
        series.pending = None
        return [found]

    def _of(self, sample: Sample) -> _Series:
        key = (sample.host, sample.subject, sample.name)
        series = self._series.setdefault(key, _Series())
        self._series.move_to_end(key)
        if len(self._series) > _SERIES_MAX:
            self._series.popitem(last=False)
        return series

    def _finding(self, sample: Sample, verdict: Verdict, since: datetime, series: _Series) -> Finding:
        return Finding(
            kind=self.name,
            host=sample.host,
            subject=sample.subject,
            key=f"{self.name}:{sample.host}:{sample.subject}:{sample.name}",
            first_at=since,
            last_at=sample.at,
            count=series.count,
            confidence=round(min(0.9, 0.4 + verdict.score / 2), 2),
            excerpt=f"{sample.name} = {shown(sample.value)}",
            source=sample.subject,
            values={**series.values, "name": sample.name, "subject": sample.subject},
        )
