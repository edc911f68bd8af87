"""What recordings tell of the thinking: right label and plan, also for a family of faults that nobody wrote a cause for, with
probes taken away, and with words put into a host's mouth."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from bench.recorded.faults import Fault, faults
from bench.recorded.recording import FOLDER, Recording
from bench.recorded.replay import Replayed, replay
from vigie.knowledge.library import Knowledge, load
from vigie.knowledge.models import Cause

_EXACT = Callable[[Cause], bool]


@dataclass(frozen=True)
class Case:
    """A fault with its recording."""

    fault: Fault
    recording: Recording

    def work(self, *, knowledge: Knowledge | None = None, well_known: bool = True, without: Iterable[str] = ()) -> Replayed:
        return replay(self.recording, self.fault.ticket["en"], knowledge=knowledge, well_known=well_known, without=tuple(without))

    def speaking(self, words: str) -> Replayed:
        """Work it with words in all that the host says freely, and as lines of each of its logs."""
        return replay(self.recording.with_words(words), self.fault.ticket["en"])

    def told(self, words: str) -> Replayed:
        """Work it with words at the end of the ticket."""
        return replay(self.recording, f"{self.fault.ticket['en']}\n{words}")


def cases(names: Iterable[str] | None = None) -> Iterator[Case]:
    """Yield the faults that are recorded."""
    wanted = None if names is None else set(names)
    for fault in faults():
        if (FOLDER / f"{fault.name}.json.xz").exists() and (wanted is None or fault.name in wanted):
            yield Case(fault, Recording.load(fault.name, FOLDER))


def without_family(family: str, *, strict: bool) -> Knowledge:
    """Return the knowledge as it was before anybody had thought of a family: the first word of the label.

    Only causes tagged `general` stay of it; `strict`: none stays whose label names the family.
    """
    gone = (
        cause.name for cause in load().causes.values() if cause.label.startswith(f"{family}.") and (strict or not cause.general)
    )
    return _without(frozenset(gone))


def _without(gone: frozenset[str]) -> Knowledge:
    known = Knowledge(load().folders)
    known.__dict__["causes"] = {name: cause for name, cause in load().causes.items() if name not in gone}
    return known


@dataclass(frozen=True)
class Ablation:
    """One probe taken from one solved fault: `wrong` says what was wrongly thought or planned instead, if anything."""

    fault: str
    probe: str
    wrong: str


def ablations(case: Case, solved: Replayed) -> Iterator[Ablation]:
    """Take each probe that spoke for the verdict away in turn; to abstain is right, and so is to prove it in another way."""
    for probe in sorted(solved.cited):
        again = case.work(without=(probe,))
        label_wrong = again.label is not None and not case.fault.is_right(again.label)
        plan_wrong = again.plan is not None and not case.fault.is_mended_by(again.plan)
        yield Ablation(case.fault.name, probe, f"{again.label}" if label_wrong else "another plan" if plan_wrong else "")


def thought(replayed: Replayed) -> tuple[str | None, tuple[str, ...]]:
    """Return label and lines: what must be the same whatever a host says."""
    return replayed.label, tuple(step.line for step in replayed.plan.steps) if replayed.plan is not None else ()
