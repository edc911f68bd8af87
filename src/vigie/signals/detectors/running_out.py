"""Something that is running out: warned of while there is time, with a date."""

from collections import OrderedDict
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from fnmatch import fnmatchcase

from vigie.domain.fact import Value
from vigie.domain.finding import Event, Finding
from vigie.signals.detectors.detector import SUBJECTS_MAX, Detector, Sample
from vigie.signals.forecast import Forecast, Ramp
from vigie.signals.numbers import shown
from vigie.signals.templates import Template

_DAY_S = 86_400
# A certificate that is renewed by itself is renewed with a third of its life left; one that nobody renews passes a fifth.
_LIFE_LEFT = 0.22
_DAYS_LEFT = 14.0
_KEPT_MAX = 500


@dataclass(frozen=True, slots=True)
class Resource:
    """What can run out: `name` is a pattern over sample names, `kind` names the sentence, `full` and `empty` are its two ends.

    `ends`: at the full one nothing is left, rather than too much borne.
    """

    name: str
    kind: str
    full: float = 1.0
    empty: float = 0.0
    ends: bool = True

    def level(self, value: float) -> float:
        """Return how full it is: 0 at the empty end, 1 at the full one."""
        return (value - self.empty) / (self.full - self.empty)


RESOURCES = (
    Resource("*inodes_ratio", "inodes"),
    Resource("disk.*used_ratio", "disk"),
    Resource("folder.mount.used_ratio", "disk"),
    Resource("*available_ratio", "memory", full=0.0, empty=1.0),
    Resource("*memory*used_ratio", "memory"),
    Resource("*open_files_ratio", "descriptors"),
    Resource("*connections*ratio", "connections"),
    Resource("*lag_s", "queue", full=900.0, ends=False),
    Resource("*lag_ratio", "queue", ends=False),
    Resource("*error*ratio", "errors", full=0.1, ends=False),
    Resource("*error_rate", "errors", full=0.1, ends=False),
)
_CERTIFICATE = "*days_left"


class RunningOut(Detector):
    """Warns once of each ramp towards a limit, daily of what has reached it, and of each certificate that nobody renews."""

    name = "running_out"

    def __init__(self, resources: Sequence[Resource] = RESOURCES) -> None:
        self._resources = tuple(resources)
        self._ramps: OrderedDict[tuple[str, str, str], Ramp] = OrderedDict()
        self._lives: OrderedDict[tuple[str, str, str], float] = OrderedDict()
        self._told: set[tuple[str, str, str]] = set()

    def event(self, event: Event, template: Template) -> list[Finding]:
        """Leave events to the others."""
        return []

    def sample(self, sample: Sample) -> list[Finding]:
        """Follow what can run out."""
        if fnmatchcase(sample.name, _CERTIFICATE):
            return self._certificate(sample)
        resource = next((each for each in self._resources if fnmatchcase(sample.name, each.name)), None)
        if resource is None:
            return []
        key = (sample.host, sample.subject, sample.name)
        ramp = self._ramps.setdefault(key, Ramp())
        self._ramps.move_to_end(key)
        if len(self._ramps) > SUBJECTS_MAX:
            self._ramps.popitem(last=False)
        forecast = ramp.push(resource.level(sample.value), sample.at)
        if forecast:
            return [self._finding(sample, resource, forecast)]
        since = ramp.full_since() if resource.ends else None
        return [self._full(sample, resource, since)] if since else []

    def memory(self) -> dict[str, Value]:
        """Return the ramps that were followed last, and the lives of certificates."""
        ramps: list[Value] = [[*key, ramp.memory()] for key, ramp in list(self._ramps.items())[-_KEPT_MAX:]]
        lives: list[Value] = [[*key, life, key in self._told] for key, life in list(self._lives.items())[-_KEPT_MAX:]]
        return {"ramps": ramps, "lives": lives}

    def remember(self, memory: dict[str, Value]) -> None:
        """Go on with the ramps and lives of before; one that cannot be read is followed anew."""
        for kept, take in (("ramps", self._remember_ramp), ("lives", self._remember_life)):
            entries = memory.get(kept)
            for entry in entries if isinstance(entries, list) else ():
                with suppress(TypeError, ValueError, IndexError, OverflowError, OSError):
                    take(entry)

    def _remember_ramp(self, entry: Value) -> None:
        host, subject, name, own = entry if isinstance(entry, list) else []
        ramp = Ramp()
        ramp.remember(own if isinstance(own, list) else [])
        self._ramps[str(host), str(subject), str(name)] = ramp

    def _remember_life(self, entry: Value) -> None:
        host, subject, name, life, told = entry if isinstance(entry, list) else []
        key = (str(host), str(subject), str(name))
        self._lives[key] = float(str(life))
        if told:
            self._told.add(key)

    def _certificate(self, sample: Sample) -> list[Finding]:
        """Warn when the rest of the life that was seen becomes short; a renewal begins another life."""
        key, left = (sample.host, sample.subject, sample.name), sample.value
        life = max(left, self._lives.get(key, left))
        if left > life / 2 and left > _DAYS_LEFT:
            self._told.discard(key)
        self._lives[key] = life
        self._lives.move_to_end(key)
        if len(self._lives) > SUBJECTS_MAX:
            self._told.discard(self._lives.popitem(last=False)[0])
        if key in self._told or not 0 < left <= max(_DAYS_LEFT, _LIFE_LEFT * life):
            return []
        self._told.add(key)
        at = sample.at + timedelta(seconds=left * _DAY_S)
        return [_told(self.name, sample, "certificate", sample.at, 0.99, {"date": _date(at, left), "left": shown(left)})]

    def _full(self, sample: Sample, resource: Resource, since: datetime) -> Finding:
        days = (sample.at - since) / timedelta(days=1)
        values = {"value": f"{100 * resource.level(sample.value):.0f}", "since": _date(since, days)}
        return _told(self.name, sample, f"{resource.kind}_full", since, 0.99, values)

    def _finding(self, sample: Sample, resource: Resource, forecast: Forecast) -> Finding:
        left_days = (forecast.full_at - sample.at) / timedelta(days=1)
        values = {
            "date": _date(forecast.full_at, left_days),
            "earliest": _date(forecast.earliest, left_days),
            "latest": _date(forecast.latest, left_days),
            "value": f"{100 * forecast.level:.0f}",
            "since": _date(forecast.since, left_days),
            "sure": f"{100 * forecast.confidence:.0f}",
        }
        return _told(self.name, sample, resource.kind, forecast.since, forecast.confidence, values)


def _told(kind: str, sample: Sample, case: str, since: datetime, confidence: float, values: dict[str, str]) -> Finding:
    return Finding(
        kind=kind,
        host=sample.host,
        subject=sample.subject,
        key=f"{kind}:{sample.host}:{sample.subject}:{sample.name}",
        first_at=since,
        last_at=sample.at,
        count=1,
        confidence=confidence,
        excerpt=f"{sample.name} = {shown(sample.value)}",
        source=sample.subject,
        values={**values, "case": case, "name": sample.name, "subject": sample.subject},
    )


def _date(at: datetime, left_days: float) -> str:
    """Return a date as precise as it is near."""
    return at.strftime("%Y-%m-%d %H:%M UTC" if left_days < 3 else "%Y-%m-%d")
