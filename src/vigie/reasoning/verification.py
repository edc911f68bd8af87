"""Did it help? The user's symptom from outside, the cause's own traces, and everything that must not have changed.

`checks` says what to look at after a repair; `judge` compares what was seen before it with what is seen since.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from vigie.domain.action import Plan
from vigie.domain.diagnosis import Hypothesis
from vigie.domain.fact import Fact
from vigie.knowledge import library
from vigie.knowledge.library import Knowledge
from vigie.knowledge.models import Goodness
from vigie.reasoning import invariants, matching, odds
from vigie.reasoning.complaint import Complaint
from vigie.reasoning.facts import Facts
from vigie.reasoning.house import tail, text_of, value_of
from vigie.reasoning.looks import Look
from vigie.reasoning.outside import Request, answers_well, requests_of
from vigie.reasoning.sayings import Saying, saying
from vigie.reasoning.times import instant
from vigie.reasoning.wording import shown

_SUSTAIN_S = 8.0
_COMPLAINTS = ("log.error", "log.failed_request", "log.slow_query", "log.slow_request")
_BAD_STATUS = 500


class Better(StrEnum):
    """What became of the trouble."""

    BETTER = "better"
    NOT_BETTER = "not_better"
    WORSE = "worse"


@dataclass(frozen=True, slots=True)
class Aims:
    """What a repair must bring about.

    `looks` are to be taken together, again and again for `sustain_s`. `requests` are what users suffered from, repeated from
    outside; `complaints` are facts of logs that must not come again, those of `own` being the cause's own.
    """

    looks: tuple[Look, ...]
    sustain_s: float
    goodness: tuple[tuple[Goodness, dict[str, str]], ...] = ()
    requests: tuple[Request, ...] = ()
    complaints: tuple[Fact, ...] = ()
    own: frozenset[str] = frozenset()
    touched: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Judged:
    """What one round of looks says; each saying is in both languages."""

    verdict: Better
    cause_gone: bool
    symptoms_gone: bool
    good: tuple[Saying, ...]
    still: tuple[Saying, ...]
    broken: tuple[Saying, ...]


def checks(
    plan: Plan, hypothesis: Hypothesis, facts: Sequence[Fact], complaint: Complaint, *, knowledge: Knowledge | None = None
) -> Aims:
    """Return what to look at after a plan was carried out.

    Args:
        plan: what was done.
        hypothesis: the cause it was done for.
        facts: what was seen before.
        complaint: what was claimed; addresses that it names are looked at too.
        knowledge: where the remedy is.
    """
    known = knowledge or library.load()
    before = Facts(facts)
    remedy = known.remedies.get(plan.remedy or "")
    bindings = {**hypothesis.slots, **plan.slots}
    goodness = tuple((one, bindings) for one in remedy.verify) if remedy is not None else ()
    requests = requests_of(before, complaint)
    complaints = tuple(fact for name in _COMPLAINTS for fact in before.named(name) if _is_complaint(fact))
    own = frozenset(hypothesis.facts_for)
    looks: dict[Look, None] = {}
    for look in (
        *_goodness_looks(goodness),
        *(request.look() for request in requests),
        *(Look.of("log.errors", {"log": log}) for log in dict.fromkeys(tail(fact) for fact in complaints)),
        *invariants.looks(before),
    ):
        if look.probe in known.probes:
            looks.setdefault(look, None)
    sustain_s = remedy.sustain_s if remedy is not None else _SUSTAIN_S
    touched = (*plan.backups, *(value for name, value in plan.slots.items() if name in ("path", "log", "pid")))
    return Aims(tuple(looks), sustain_s, goodness, requests, complaints, own, tuple(dict.fromkeys(touched)))


def judge(aims_of: Aims, before: Sequence[Fact], after: Sequence[Fact], *, since: datetime | None = None) -> Judged:
    """Compare what was seen before the repair with what is seen after it.

    Args:
        aims_of: what the repair must bring about.
        before: what was seen before it.
        after: what the looks have shown now.
        since: when the repair was over; what a log said until then is the past.
    """
    former, now = Facts(before), Facts(after)
    over = since or min((fact.at for fact in now), default=None)
    good: list[Saying] = []
    cause: list[Saying] = []
    symptom: list[Saying] = []
    for is_good, said in _good_things(aims_of, now):
        (good if is_good else cause).append(said)
    for fact in _again(aims_of.complaints, now, over):
        (cause if fact.id in _ids_like(aims_of, fact) else symptom).append(_complains(fact))
    good += _quiet(aims_of, now, over)
    symptom += _down_still(former, now)
    for request in aims_of.requests:
        answer = request.answer(now)
        if answer is None:
            symptom.append(saying("verify.not_seen", url=shown(request.url)))
        elif answers_well(request, answer, now):
            good.append(saying("verify.answers", url=shown(request.url), status=value_of(answer, "status")))
        else:
            symptom.append(saying("verify.answers_badly", url=shown(request.url), status=value_of(answer, "status")))
    if not good and not cause and not symptom:
        # Nothing complains because nothing could be looked at: that is no sign of health.
        cause.append(saying("verify.nothing_seen"))
    broken = tuple(invariants.broken(former, now, aims_of.touched))
    return Judged(
        _verdict(cause, symptom, broken),
        not cause,
        not symptom and not cause,
        _each_once(good),
        _each_once([*cause, *symptom]),
        broken,
    )


def _verdict(cause: Sequence[Saying], symptom: Sequence[Saying], broken: Sequence[Saying]) -> Better:
    if broken:
        return Better.WORSE
    return Better.NOT_BETTER if cause or symptom else Better.BETTER


def _goodness_looks(goodness: Sequence[tuple[Goodness, dict[str, str]]]) -> Iterator[Look]:
    for one, bindings in goodness:
        slots = odds.filled_slots(one.check, bindings)
        if slots is not None:
            yield Look.of(one.check.probe, slots)


def _good_things(aims_of: Aims, now: Facts) -> Iterator[tuple[bool, Saying]]:
    for one, bindings in aims_of.goodness:
        slots = odds.filled_slots(one.check, bindings)
        if slots is None:
            continue
        seen = matching.first(one.see, now, bindings) is not None
        looked = now.ran(one.check.probe, slots) is not None
        said = Saying.of(one.says, bindings)
        yield (looked and not seen if one.absent else seen), said


def _is_complaint(fact: Fact) -> bool:
    if fact.name == "log.error":
        return text_of(fact, "level") in ("error", "critical")
    if fact.name == "log.failed_request":
        status = value_of(fact, "status")
        return isinstance(status, int) and status >= _BAD_STATUS
    return True


def _key(fact: Fact) -> tuple[str, ...]:
    """Return what tells one complaint of a log from another."""
    parts = {
        "log.error": ("template", "level"),
        "log.failed_request": ("method", "path", "status"),
        "log.slow_query": ("hash",),
        "log.slow_request": ("method", "path"),
    }[fact.name]
    return (fact.name, fact.subject, *(str(value_of(fact, part)) for part in parts))


def _again(complaints: Sequence[Fact], now: Facts, over: datetime | None) -> Iterator[Fact]:
    """Yield the complaints that a log has made again since the repair was over."""
    known = {_key(fact) for fact in complaints}
    for name in _COMPLAINTS:
        for fact in now.named(name):
            last = instant(value_of(fact, "last"))
            if last is not None and over is not None and last > over and _key(fact) in known:
                yield fact


def _down_still(former: Facts, now: Facts) -> Iterator[Saying]:
    """Yield the services that were down with the trouble, not already when all was well, and still are."""
    for fact in former.named("service.state"):
        if text_of(fact, "state") not in ("failed", "backoff") or former.about("service.usual", fact.subject):
            continue
        stands = now.about("service.running", fact.subject)
        if stands and stands[-1].value is False:
            yield saying("verify.down_still", service=shown(tail(fact)))


def _quiet(aims_of: Aims, now: Facts, over: datetime | None) -> list[Saying]:
    """Say which logs were read again and complain no more."""
    loud = {tail(fact) for fact in _again(aims_of.complaints, now, over)}
    logs = dict.fromkeys(tail(fact) for fact in aims_of.complaints)
    return [
        saying("verify.quiet", log=shown(log))
        for log in logs
        if log not in loud and now.ran("log.errors", {"log": log}) is not None
    ]


def _ids_like(aims_of: Aims, fact: Fact) -> set[str]:
    """Return the fact's own id where the complaint it repeats was evidence of the cause."""
    own = {_key(one) for one in aims_of.complaints if one.id in aims_of.own}
    return {fact.id} if _key(fact) in own else set()


def _complains(fact: Fact) -> Saying:
    words = text_of(fact, "template") or text_of(fact, "path") or text_of(fact, "statement")
    return saying("verify.complains", log=shown(tail(fact)), words=shown(words))


def _each_once(sayings: Sequence[Saying]) -> tuple[Saying, ...]:
    return tuple(dict.fromkeys(sayings))
