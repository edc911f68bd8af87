"""Sessions that are not made of what ordinary ones are made of: requests, orders, jobs that leave an id in their lines."""

from collections import OrderedDict, deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from vigie.domain.finding import Event, Finding
from vigie.signals.detectors.detector import SUBJECTS_MAX, Detector, excerpt, place, subject_of
from vigie.signals.sessions import Judgement, SessionModel
from vigie.signals.templates import Template

_FIELDS = (
    "trace_id",
    "traceid",
    "request_id",
    "requestid",
    "req_id",
    "correlation_id",
    "session_id",
    "job_id",
    "order_id",
    "task_id",
)
_IDLE = timedelta(minutes=2)
_EVENTS_MAX = 500
_OPEN_MAX = 5000
# Learned from so many first; learned anew at each doubling, up to so many.
_LEARNED_FROM, _LEARNED_MAX = 500, 8000
# One ordinary session in a thousand looks odd: five in two hundred are no chance.
_RECENT, _ODD_MIN = 200, 5
_QUIET = timedelta(minutes=30)


@dataclass(slots=True)
class _Open:
    first: Event
    last_at: datetime
    events: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Habit:
    """What is usual for the sessions of one subject; `odd` tells of the recent ones whether they were."""

    learned: list[tuple[str, ...]] = field(default_factory=list)
    next_at: int = _LEARNED_FROM
    model: SessionModel | None = None
    odd: deque[bool] = field(default_factory=lambda: deque(maxlen=_RECENT))
    told_at: datetime | None = None


class OddSession(Detector):
    """Tells when several of a subject's recent sessions are odd, with the last one as the example."""

    name = "odd_session"

    def __init__(self) -> None:
        self._open: OrderedDict[tuple[str, str, str], _Open] = OrderedDict()
        self._habits: OrderedDict[tuple[str, str], _Habit] = OrderedDict()
        self._texts: OrderedDict[str, str] = OrderedDict()

    def event(self, event: Event, template: Template) -> list[Finding]:
        """Add an event to its session; sessions that have been idle for long are over."""
        name = next((each for each in _FIELDS if event.fields.get(each)), None)
        if name is None:
            return []
        self._name(template)
        key = (event.signal.host, subject_of(event), f"{name}={event.fields[name]}"[:200])
        session = self._open.setdefault(key, _Open(event, event.at))
        self._open.move_to_end(key)
        session.last_at = max(session.last_at, event.at)
        if len(session.events) < _EVENTS_MAX:
            session.events.append(template.key)
        return self._close(event.at, len(self._open) - _OPEN_MAX)

    def tick(self, now: datetime) -> list[Finding]:
        """Close what has been idle for long."""
        return self._close(now, 0)

    def _close(self, now: datetime, too_many: int) -> list[Finding]:
        found: list[Finding] = []
        while self._open:
            key, session = next(iter(self._open.items()))
            if too_many <= 0 and now - session.last_at < _IDLE:
                break
            too_many -= 1
            del self._open[key]
            found += self._judged(key[:2], session)
        return found

    def _judged(self, key: tuple[str, str], session: _Open) -> list[Finding]:
        habit = self._habits.setdefault(key, _Habit())
        self._habits.move_to_end(key)
        if len(self._habits) > SUBJECTS_MAX:
            self._habits.popitem(last=False)
        judgement = habit.model.judge(session.events) if habit.model else Judgement(0.0)
        is_odd = judgement.score >= 0.5
        habit.odd.append(is_odd)
        if not is_odd and len(habit.learned) < _LEARNED_MAX:
            habit.learned.append(tuple(session.events))
            if len(habit.learned) >= habit.next_at:
                habit.next_at *= 2
                habit.model = SessionModel(habit.learned)
        if not is_odd or sum(habit.odd) < _ODD_MIN or (habit.told_at and session.last_at - habit.told_at < _QUIET):
            return []
        habit.told_at = session.last_at
        return [self._finding(key, session, judgement, sum(habit.odd), len(habit.odd))]

    def _name(self, template: Template) -> None:
        self._texts[template.key] = template.text
        self._texts.move_to_end(template.key)
        if len(self._texts) > SUBJECTS_MAX:
            self._texts.popitem(last=False)

    def _finding(self, key: tuple[str, str], session: _Open, judgement: Judgement, odd: int, of: int) -> Finding:
        host, subject = key
        oddity = judgement.oddities[0]
        return Finding(
            kind=self.name,
            host=host,
            subject=subject,
            key=f"{self.name}:{host}:{subject}",
            first_at=session.first.at,
            last_at=session.last_at,
            count=odd,
            confidence=0.7,
            excerpt=excerpt(session.first),
            source=place(session.first),
            values={
                "count": str(odd),
                "of": str(of),
                "case": oddity.kind,
                "event": self._texts.get(oddity.event, oddity.event),
                "seen": self._texts.get(oddity.seen, oddity.seen),
                "usual": oddity.usual,
                "subject": subject,
            },
        )
