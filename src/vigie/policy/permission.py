"""Who decides on a step, from its class and the host's autonomy; and whether it is the step that was shown. Pure."""

from enum import StrEnum

from vigie.domain.action import Action, EffectClass, Plan
from vigie.domain.errors import Refused
from vigie.domain.host import Autonomy, Host


class Say(StrEnum):
    """Who has the say."""

    RUN = "run"
    ASK = "ask"
    REFUSE = "refuse"


def say(effect_class: EffectClass, autonomy: Autonomy) -> Say:
    """Return who decides; under `act` the gate may still let a dangerous step of a known remedy pass."""
    if effect_class is EffectClass.FORBIDDEN:
        return Say.REFUSE
    if effect_class is EffectClass.SAFE_READ:
        return Say.RUN
    if autonomy is Autonomy.OBSERVE:
        return Say.REFUSE
    if autonomy is Autonomy.ACT and effect_class is EffectClass.REVERSIBLE:
        return Say.RUN
    return Say.ASK


def check_same(host: Host, action: Action, plan: Plan) -> None:
    """See that the action is, to the letter, the step of the plan it says it is, on the host it is meant for.

    Raises:
        Refused: something was changed on the way.
    """
    if not plan.host == action.host == host.name:
        raise Refused("gate.other_host", host=host.name, planned=plan.host)
    in_plan = 0 <= action.index < len(plan.steps) and plan.steps[action.index] == action.step
    if action.plan_hash != plan.hash or not in_plan:
        raise Refused("gate.plan_altered", action=action.id)
