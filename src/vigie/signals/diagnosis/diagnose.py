"""From whole logs to a verdict: what is wrong, since when, where it began and who only suffers."""

import re
from array import array
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from math import isnan

from vigie.signals.diagnosis import bonds as bonding
from vigie.signals.diagnosis import columns as reading
from vigie.signals.diagnosis.columns import CONTINUES, Columns
from vigie.signals.diagnosis.envelopes import opened
from vigie.signals.diagnosis.habits import Oddity, oddity, silences, timeline
from vigie.signals.diagnosis.incident import Incident, incidents, is_odd, weight
from vigie.signals.diagnosis.origin import Ruling, Share, rule
from vigie.signals.diagnosis.text import LogText
from vigie.signals.diagnosis.verdict import Anomaly, Cause, Evidence, Verdict
from vigie.signals.diagnosis.wording import Badness

_ANOMALIES_MAX = 20
_LINES_MAX = 20
_EVIDENCE_MAX = 12
_TEXT_MAX = 1000
_TRACE_MAX = 20
_CHANGE_WITHIN_S = 900.0
_CHANGE_WITHIN_SHARE = 0.05
_CHANGES_MAX = 6
_LEAD_S = 120.0
_LEADS = 0.2
_OVER_SHARE = 0.04
_ONE_INSTANCE = 0.9
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LEVELS = {
    Badness.NONE: "info",
    Badness.MURMUR: "info",
    Badness.WARNING: "warning",
    Badness.ERROR: "error",
    Badness.CRITICAL: "critical",
    Badness.DECISIVE: "critical",
}


def diagnose(logs: Sequence[LogText], question: str = "") -> Verdict:
    """Say what is wrong.

    Args:
        logs: one or more, of one system and about the same time.
        question: a person's words; services that it names count more.
    """
    columns = reading.read(logs)
    if not columns.sayings:
        return Verdict((), None, (), len(columns.says))
    return _Case(columns, question).verdict()


class _Case:
    def __init__(self, columns: Columns, question: str) -> None:
        self._columns = columns
        self._names = bonding.names_of(columns)
        self._bonds = bonding.bonds(columns, self._names)
        self._timeless = all(isnan(at) for at in columns.at_s)
        self._at_s = _set_right(columns, self._bonds.skew_s)
        self._line = timeline(columns, self._at_s, timeless=self._timeless)
        self._asked = frozenset(
            saying.service
            for saying in columns.sayings
            if re.search(rf"\b{re.escape(saying.service)}\b", question, re.IGNORECASE)
        )

    def verdict(self) -> Verdict:
        columns, line = self._columns, self._line
        odd = [one for saying in columns.sayings if (one := oddity(line, saying, self._at_s))]
        bad = [one for one in odd if one.saying.badness and not one.saying.is_recovery]
        bad += silences(line, columns)
        found = incidents(line, bad)
        lines = len(columns.says)
        if not found:
            return Verdict(self._anomalies(bad), None, (), lines)
        incident = self._chosen(found)
        changes = self._changes(incident)
        changed = {service: at for at, _, services in changes for service in services}
        ruling = rule(incident, self._bonds, self._names, self.messages, changed, asked=self._asked)
        cause = self._cause(incident, ruling, changes)
        told = sorted(incident.oddities, key=lambda one: -weight(one))
        return Verdict(self._anomalies(told), cause, self._evidence(ruling, cause), lines)

    def texts(self, indices: Sequence[int]) -> dict[int, str]:
        """Return lines by their index, each with what continues it."""
        columns = self._columns
        by_log: dict[int, list[int]] = {}
        for index in indices:
            by_log.setdefault(columns.log_of(index), []).append(index)
        found: dict[int, str] = {}
        for log, asked in by_log.items():
            span = columns.span(log)
            wanted = {index: _with_trace(columns, index, span.stop) for index in asked}
            read = columns.logs[log].lines([each - span.start + 1 for run in wanted.values() for each in run])
            for index, run in wanted.items():
                found[index] = "\n".join(read.get(each - span.start + 1, "") for each in run)
        return found

    def messages(self, indices: Sequence[int]) -> dict[int, str]:
        """Return what lines say, without what stands in front, by their index."""
        found = {}
        for index, text in self.texts(indices).items():
            first, _, rest = text.partition("\n")
            log = self._columns.logs[self._columns.log_of(index)]
            found[index] = f"{opened(first, log.modified_at).message}\n{rest}"
        return found

    def _chosen(self, found: Sequence[Incident]) -> Incident:
        for incident in found:
            if self._asked & {one.saying.service for one in incident.oddities}:
                return incident
        return found[0]

    def _changes(self, incident: Incident) -> list[tuple[float, int, frozenset[str]]]:
        """Return what was changed shortly before: when, which line, whose; the latest last."""
        line = self._line
        within = max(_CHANGE_WITHIN_S, _CHANGE_WITHIN_SHARE * (line.end_s - line.origin_s))
        found = []
        for saying in self._columns.sayings:
            if not saying.is_change or saying.badness >= Badness.WARNING or saying.lines > _CHANGES_MAX:
                continue
            for index in line.events[saying.number]:
                if incident.first_s - within <= self._at_s[index] <= incident.first_s + _LEAD_S / 2:
                    named = {
                        mention.name for mention in self._names.mentions(saying.message, saying.service) if mention.sure >= 1
                    }
                    found.append((self._at_s[index], index, frozenset({saying.service, *named})))
        return sorted(found)

    def _cause(self, incident: Incident, ruling: Ruling, changes: Sequence[tuple[float, int, frozenset[str]]]) -> Cause:
        origin = ruling.origin
        first = _onset(origin, ruling.sufferers)
        over = incident.last_s < self._line.end_s - max(_OVER_SHARE * (self._line.end_s - self._line.origin_s), _LEAD_S / 2)
        telling = _telling(origin)
        spoken = [one for one in origin.oddities if one.kind != "silence" and is_odd(one)]
        silent = bool(origin.oddities) and not any(one.saying.badness >= Badness.ERROR for one in spoken)
        silent = silent and any(one.kind == "silence" for one in origin.oddities)
        concerned = {origin.name, *(share.name for share in ruling.sufferers)}
        ours = [index for at, index, services in changes if at <= first + 1 and services & {origin.name}] or [
            index for at, index, services in changes if at <= first + 1 and services & concerned
        ]
        return Cause(
            kind="unheard" if origin.stranger else "silent" if silent else "failing",
            origin=origin.name,
            affected=tuple(share.name for share in ruling.sufferers),
            since=self._instant(first),
            until=self._instant(incident.last_s) if over and not silent else None,
            instance=self._instance(origin),
            change=self._shown([ours[-1]])[0] if ours else None,
            excerpt=self._first_text(telling, ruling),
        )

    def _first_text(self, telling: Sequence[Oddity], ruling: Ruling) -> str:
        others = [one for share in ruling.sufferers for one in _telling(share)]
        shown = sorted([*telling, *others], key=lambda one: not is_odd(one))
        return self._columns.sayings[shown[0].saying.number].message[:300] if shown else ""

    def _instance(self, origin: Share) -> str | None:
        """Return the instance that nearly all of the origin's trouble comes from, when it has others."""
        columns = self._columns
        ordinary = {saying.instance for saying in columns.sayings if saying.service == origin.name and saying.instance}
        if len(ordinary) < 2:
            return None
        counts: Counter[str] = Counter()
        for one in origin.oddities:
            if one.saying.instance and one.saying.badness >= Badness.WARNING:
                counts[one.saying.instance] += one.count
        if not counts:
            return None
        name, count = counts.most_common(1)[0]
        return name if count >= _ONE_INSTANCE * counts.total() else None

    def _anomalies(self, odd: Sequence[Oddity]) -> tuple[Anomaly, ...]:
        kept = [one for one in odd if is_odd(one) or one.saying.badness >= Badness.ERROR]
        return tuple(self._anomaly(one) for one in sorted(kept, key=lambda one: -weight(one))[:_ANOMALIES_MAX])

    def _anomaly(self, one: Oddity) -> Anomaly:
        log = self._columns.log_of(one.indices[0])
        span = self._columns.span(log)
        numbers = [index - span.start + 1 for index in one.indices[: 4 * _LINES_MAX] if index in span]
        return Anomaly(
            template=one.saying.template,
            kind=one.kind,
            service=one.saying.service,
            level=_LEVELS[one.saying.badness],
            first=self._instant(one.first_s),
            last=self._instant(one.last_s),
            count=one.count,
            file=self._columns.logs[log].name,
            lines=tuple(numbers[:_LINES_MAX]),
        )

    def _evidence(self, ruling: Ruling, cause: Cause) -> tuple[Evidence, ...]:
        picked = [index for one in _telling(ruling.origin)[:5] for index in one.indices[:1]]
        for share in ruling.sufferers[:6]:
            picked += [index for one in _telling(share)[:1] for index in one.indices[:1]]
        if not picked:
            picked = [index for share in ruling.sufferers for one in share.oddities[:1] for index in one.indices[:1]]
        shown = self._shown(list(dict.fromkeys(picked)))
        return tuple([*([cause.change] if cause.change else []), *shown][:_EVIDENCE_MAX])

    def _shown(self, indices: Sequence[int]) -> list[Evidence]:
        columns = self._columns
        texts = self.texts(indices)
        return [
            Evidence(columns.logs[log].name, index - columns.begins[log] + 1, texts[index].partition("\n")[0][:_TEXT_MAX])
            for index in indices
            for log in [columns.log_of(index)]
        ]

    def _instant(self, at_s: float) -> datetime | None:
        return None if self._timeless or isnan(at_s) else _EPOCH + timedelta(seconds=at_s)


def _set_right(columns: Columns, skew_s: Sequence[float]) -> "array[float]":
    """Return the instants on one clock; logs without stamps are laid evenly over the time of the others."""
    at_s = array("d", columns.at_s)
    for log, skew in enumerate(skew_s):
        if skew:
            for index in columns.span(log):
                at_s[index] -= skew
    told = [at for at in at_s if not isnan(at)]
    low, high = (min(told), max(told)) if told else (0.0, float(len(at_s)))
    for log in range(len(columns.logs)):
        span = columns.span(log)
        if span and isnan(at_s[span.start]):
            step = (high - low) / max(1, len(span))
            for index in span:
                if isnan(at_s[index]):
                    at_s[index] = low + (index - span.start) * step
    return at_s


def _with_trace(columns: Columns, index: int, stop: int) -> range:
    end = index + 1
    while end < min(stop, index + _TRACE_MAX) and columns.says[end] == CONTINUES:
        end += 1
    return range(index, end)


def _onset(share: Share, sufferers: Sequence[Share]) -> float:
    """Return since when a service fails: its first surprising line, or a bad one just before; else the others' first."""
    most = max((weight(one) for one in share.oddities), default=0.0)
    strong = [
        one.first_s
        for one in share.oddities
        if is_odd(one) and (one.saying.badness >= Badness.ERROR or weight(one) >= _LEADS * most) and one.kind != "silence"
    ]
    if not strong:
        others = [one.first_s for each in sufferers if share.name in each.blames for one in each.oddities if is_odd(one)]
        return min([one.first_s for one in share.oddities if is_odd(one)] or others, default=share.first_s)
    first = min(strong)
    return min(
        [first, *(one.first_s for one in share.oddities if one.saying.badness >= Badness.ERROR and first - one.first_s < _LEAD_S)]
    )


def _telling(share: Share) -> list[Oddity]:
    """Return a service's oddities, the most telling first."""
    return sorted(share.oddities, key=lambda one: (-(one.saying.badness is Badness.DECISIVE), -weight(one), one.first_s))
