"""A measured number that goes beyond everything its series has seen in a long while, and stays there."""

from collections import OrderedDict
from math import isfinite

from vigie.domain.finding import Event, Finding
from vigie.signals.detectors.detector import Detector, Sample
from vigie.signals.lasting import LastingChange
from vigie.signals.numbers import shown
from vigie.signals.templates import Template

_SERIES_MAX = 1024


class Unusual(Detector):
    """Tells when a series leaves what it has known for hundreds of samples; younger ones are `threshold`'s."""

    name = "unusual"

    def __init__(self) -> None:
        self._series: OrderedDict[tuple[str, str, str], LastingChange] = OrderedDict()

    def event(self, event: Event, template: Template) -> list[Finding]:
        """Leave events to the others."""
        return []

    def sample(self, sample: Sample) -> list[Finding]:
        """Judge one number by those before it."""
        if not isfinite(sample.value):
            return []
        key = (sample.host, sample.subject, sample.name)
        series = self._series.setdefault(key, LastingChange())
        self._series.move_to_end(key)
        if len(self._series) > _SERIES_MAX:
            self._series.popitem(last=False)
        change = series.push(sample.value, sample.at)
        if change is None:
            return []
        return [
            Finding(
                kind=self.name,
                host=sample.host,
                subject=sample.subject,
                key=f"{self.name}:{sample.host}:{sample.subject}:{sample.name}",
                first_at=change.since,
                last_at=sample.at,
                count=change.count,
                confidence=change.confidence,
                excerpt=f"{sample.name} = {shown(sample.value)}",
                source=sample.subject,
                values={**change.words, "name": sample.name, "subject": sample.subject},
            )
        ]
