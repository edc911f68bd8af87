"""Fire drills: a scenario is played for its score alone, on a laboratory that is gone afterwards."""

import re
from dataclasses import dataclass

from vigie.domain.case import CaseState
from vigie.domain.errors import Permanent
from vigie.i18n import Language
from vigie.lab.demo import Demo, Demonstrated, Product, Tell
from vigie.lab.scenarios.scenario import Health, Scenario

# Two labels are called the same where most of their words are.
_SAME = 0.5
_NOTHING = "no_fault"


@dataclass(frozen=True, slots=True)
class Score:
    """How a drill went.

    `detected_s`: from the fault to the first alert, None where nobody noticed before the ticket came. `repaired`: seen from
    outside, customers are well and the cause is gone, and the product says so too. `damage` counts harms, `restarts` services'
    starts. `seconds`: from the fault to the end of the case.
    """

    name: str
    detected_s: float | None
    label: str | None
    label_ok: bool
    repaired: bool
    damage: int
    restarts: int
    seconds: float
    state: str
    health: str

    @property
    def passed(self) -> bool:
        """Say whether it went as it should."""
        return self.repaired and not self.damage


async def run(product: Product, scenario: Scenario, *, language: Language = "en", tell: Tell = lambda _: None) -> Score:
    """Play one drill with full autonomy.

    Raises:
        Permanent: this machine lacks what its laboratory is made of, or the fault does not show.
    """
    scenario.stack.require()
    return score(scenario, await Demo(product).run(scenario.name, language=language, tell=tell))


def missing(scenario: Scenario) -> Permanent | None:
    """Return why a drill cannot be played on this machine; None when it can."""
    try:
        scenario.stack.require()
    except Permanent as error:
        return error
    return None


def score(scenario: Scenario, played: Demonstrated) -> Score:
    """Score what was played."""
    case, judgement = played.case, played.judgement
    wanted = CaseState.RESOLVED if scenario.breaks else CaseState.NO_FAULT
    found = _label(played)
    return Score(
        name=scenario.name,
        detected_s=played.seconds.get("detect"),
        label=found,
        label_ok=same(scenario.label, found),
        repaired=judgement is not None and judgement.health is Health.HEALTHY and case is not None and case.state is wanted,
        damage=len(judgement.harms) if judgement is not None else 0,
        restarts=sum(judgement.restarts.values()) if judgement is not None else 0,
        seconds=played.seconds.get("mend", 0.0),
        state=case.state.value if case is not None else "",
        health=judgement.health.value if judgement is not None else "",
    )


def same(wanted: str, found: str | None) -> bool:
    """Say whether two labels mean the same, by their words."""
    one, other = _words(wanted), _words(found or "")
    return bool(one and other) and 2 * len(one & other) / (len(one) + len(other)) >= _SAME


def _label(played: Demonstrated) -> str | None:
    case = played.case
    if case is None or case.state is CaseState.NO_FAULT:
        return _NOTHING if case is not None else None
    if case.labels:
        return case.labels[0]
    return case.verdict.leader.label if case.verdict is not None and case.verdict.leader is not None else None


def _words(label: str) -> frozenset[str]:
    return frozenset(re.findall(r"[a-z0-9]+", label.lower()))
