"""What is known of one host, indexed the ways reasoning asks for it.

A probe that is read again replaces what it said before: only its last word counts.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from vigie.domain.fact import Fact

RAN = "probe.ran"
UNAVAILABLE = "probe.unavailable"
DERIVED = "derived-"  # ids of what follows from other facts; it is worked out anew, never taken over

_Run = tuple[str, frozenset[tuple[str, str]]]


class Facts:
    """Facts by name, by subject, and by what was looked for."""

    def __init__(self, facts: Iterable[Fact] = ()) -> None:
        self._by_id: dict[str, Fact] = {}
        self._by_name: dict[str, dict[str, Fact]] = {}
        self._by_subject: dict[tuple[str, str], dict[str, Fact]] = {}
        self._runs: dict[_Run, Fact] = {}
        self._refusals: dict[_Run, Fact] = {}
        self._derived: frozenset[str] = frozenset()
        self.add(facts)

    def __len__(self) -> int:
        return len(self._by_id)

    def __iter__(self) -> Iterator[Fact]:
        return iter(self._by_id.values())

    def __contains__(self, fact_id: object) -> bool:
        return fact_id in self._by_id

    def add(self, facts: Iterable[Fact]) -> None:
        """Take facts in; they replace what the same probe said of the same thing before."""
        batch = [fact for fact in facts if not fact.id.startswith(DERIVED)]
        for fact in batch:
            if fact.name == RAN:
                self._forget_former_run(fact)
        for fact in batch:
            self._replace_former(fact)
            self._insert(fact)

    def replace_derived(self, facts: Iterable[Fact]) -> None:
        """Put what follows from the facts now, in its order, in the place of what followed before."""
        fresh = {fact.id: fact for fact in facts}
        for former in [self._by_id[one] for one in self._derived if one in self._by_id]:
            self._remove(former)
        for fact in fresh.values():
            self._insert(fact)
        self._derived = frozenset(fresh)

    def get(self, fact_id: str) -> Fact | None:
        """Return a fact by its id."""
        return self._by_id.get(fact_id)

    def named(self, name: str) -> tuple[Fact, ...]:
        """Return the facts called `name`, oldest known first."""
        return tuple(self._by_name.get(name, {}).values())

    def names(self) -> list[str]:
        """Return the names of all facts."""
        return [name for name, facts in self._by_name.items() if facts]

    def about(self, name: str, subject: str) -> tuple[Fact, ...]:
        """Return the facts called `name` about exactly `subject`."""
        return tuple(self._by_subject.get((name, subject), {}).values())

    def ran(self, probe: str, slots: Mapping[str, str]) -> Fact | None:
        """Return the fact that `probe` was read with these slots, None when it was not."""
        return _look_up(self._runs, probe, slots)

    def runs(self, probe: str) -> tuple[Fact, ...]:
        """Return every reading of `probe`, whatever its slots."""
        return self.about(RAN, f"probe:{probe}")

    def unavailable(self, probe: str, slots: Mapping[str, str]) -> Fact | None:
        """Return the fact that `probe` could not be read with these slots, None when nothing says so."""
        return _look_up(self._refusals, probe, slots)

    def latest_at(self) -> datetime | None:
        """Return the instant of the freshest fact."""
        return max((fact.at for fact in self), default=None)

    def _insert(self, fact: Fact) -> None:
        self._by_id[fact.id] = fact
        self._by_name.setdefault(fact.name, {})[fact.id] = fact
        self._by_subject.setdefault((fact.name, fact.subject), {})[fact.id] = fact
        if fact.name == RAN:
            self._runs[_run(fact)] = fact
            self._refusals.pop(_run(fact), None)
        elif fact.name == UNAVAILABLE:
            self._refusals[_run(fact)] = fact

    def _remove(self, fact: Fact) -> None:
        self._by_id.pop(fact.id, None)
        self._by_name.get(fact.name, {}).pop(fact.id, None)
        self._by_subject.get((fact.name, fact.subject), {}).pop(fact.id, None)

    def _forget_former_run(self, ran: Fact) -> None:
        former = self._runs.get(_run(ran))
        if former is None or former.at >= ran.at:
            return
        line, probe = former.source.line, ran.subject.removeprefix("probe:")
        for fact in [one for one in self if one.probe == probe and one.at < ran.at and one.source.line == line]:
            self._remove(fact)
        self._remove(former)

    def _replace_former(self, fact: Fact) -> None:
        if fact.name in (RAN, UNAVAILABLE):
            return
        for former in self.about(fact.name, fact.subject):
            if former.probe == fact.probe and former.at < fact.at and former.source.line == fact.source.line:
                self._remove(former)


def _run(fact: Fact) -> _Run:
    slots = fact.value.get("slots") if isinstance(fact.value, dict) else None
    pairs = slots.items() if isinstance(slots, dict) else ()
    return fact.subject.removeprefix("probe:"), frozenset((name, str(value)) for name, value in pairs)


def _look_up(runs: Mapping[_Run, Fact], probe: str, slots: Mapping[str, str]) -> Fact | None:
    return runs.get((probe, frozenset(slots.items())))
