"""An error never said before; or a warning never said before that keeps coming."""

from collections import OrderedDict, deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from vigie.domain.fact import Value
from vigie.domain.finding import Event, Finding, Level
from vigie.signals.detectors.detector import SUBJECTS_MAX, Detector, excerpt, place, subject_of
from vigie.signals.templates import Template

_LOUD = (Level.ERROR, Level.CRITICAL)
_WARNINGS = 3
_WARNINGS_WITHIN = timedelta(minutes=2)
# More new errors of one subject within a minute than this tell one story: the first ones are enough.
_STORM = 8
_STORM_WITHIN = timedelta(minutes=1)
_KNOWN_MAX = 20_000
_KEPT_MAX = 4000
# A subject watched for less has not said all it usually says.
_SETTLED = timedelta(minutes=10)


@dataclass(slots=True)
class _Subject:
    since: datetime
    told: deque[datetime] = field(default_factory=lambda: deque(maxlen=_STORM))


class NewTemplate(Detector):
    """Tells of an error the first time its subject says it."""

    name = "new_template"

    def __init__(self) -> None:
        self._known: OrderedDict[str, None] = OrderedDict()
        self._warnings: OrderedDict[str, deque[datetime]] = OrderedDict()
        self._subjects: OrderedDict[str, _Subject] = OrderedDict()

    def event(self, event: Event, template: Template) -> list[Finding]:
        """Return a finding when this is new."""
        subject = self._subject(event)
        if event.level not in (*_LOUD, Level.WARNING):
            return []
        key = _key(event, template)
        if key in self._known:
            self._known.move_to_end(key)
            return []
        seen = self._seen(key, event)
        if len(seen) < (1 if event.level in _LOUD else _WARNINGS):
            return []
        self._warnings.pop(key, None)
        self._keep(key)
        if len(subject.told) == _STORM and event.at - subject.told[0] < _STORM_WITHIN:
            return []
        subject.told.append(event.at)
        return [self._finding(event, template, key, seen, subject)]

    def learn(self, event: Event, template: Template) -> None:
        """Know this from now on."""
        subject = self._subject(event)
        subject.since = min(subject.since, event.at)
        if event.level in (*_LOUD, Level.WARNING):
            self._keep(_key(event, template))

    def memory(self) -> dict[str, Value]:
        """Return the errors that are known, latest last."""
        kept: list[Value] = [*list(self._known)[-_KEPT_MAX:]]
        return {"known": kept}

    def remember(self, memory: dict[str, Value]) -> None:
        """Know the errors of before."""
        known = memory.get("known")
        for key in known if isinstance(known, list) else ():
            self._keep(str(key))

    def _subject(self, event: Event) -> _Subject:
        name = f"{event.signal.host} {subject_of(event)}"
        subject = self._subjects.get(name)
        if subject is None:
            subject = self._subjects[name] = _Subject(event.at)
            if len(self._subjects) > SUBJECTS_MAX:
                self._subjects.popitem(last=False)
        else:
            self._subjects.move_to_end(name)
        return subject

    def _seen(self, key: str, event: Event) -> deque[datetime]:
        seen = self._warnings.setdefault(key, deque(maxlen=_WARNINGS))
        self._warnings.move_to_end(key)
        while seen and event.at - seen[0] > _WARNINGS_WITHIN:
            seen.popleft()
        seen.append(event.at)
        if len(self._warnings) > SUBJECTS_MAX:
            self._warnings.popitem(last=False)
        return seen

    def _keep(self, key: str) -> None:
        self._known[key] = None
        if len(self._known) > _KNOWN_MAX:
            self._known.popitem(last=False)

    def _finding(self, event: Event, template: Template, key: str, seen: deque[datetime], subject: _Subject) -> Finding:
        settled = event.at - subject.since >= _SETTLED
        sure = {Level.CRITICAL: 0.9, Level.ERROR: 0.75}.get(event.level, 0.5)
        return Finding(
            kind=self.name,
            host=event.signal.host,
            subject=subject_of(event),
            key=f"{self.name}:{key}",
            first_at=min(seen),
            last_at=event.at,
            count=len(seen),
            confidence=sure if settled else round(sure - 0.15, 2),
            excerpt=excerpt(event),
            source=place(event),
            values={"template": template.text, "level": event.level.value, "subject": subject_of(event)},
        )


def _key(event: Event, template: Template) -> str:
    return f"{event.signal.host}:{subject_of(event)}:{template.key}"
