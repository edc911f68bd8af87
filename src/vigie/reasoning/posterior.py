"""Candidates compete, with "something else" and "nothing wrong" among them."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from vigie.reasoning.odds import Candidate

SOMETHING_ELSE_PRIOR = 0.12
NOTHING_WRONG_PRIOR = 0.10
# The more causes are written down, the smaller each one's share: together, what cannot be looked for stays about as likely.
_UNLOOKED_MOST = 0.12
# However well all fits, one trouble in fifty is one that nobody has written down.
SOMETHING_ELSE_FLOOR = 0.02


@dataclass(frozen=True, slots=True)
class Posterior:
    """Probabilities that sum to 1: one for each candidate in their order, and the two that are always there."""

    candidates: tuple[float, ...]
    something_else: float
    nothing_wrong: float
    # As the odds alone have it: beside a fault that is sure, a second one is weighed against this.
    something_else_at_odds: float = 0.0

    @property
    def entropy_bits(self) -> float:
        """Return how much is still open."""
        return entropy_bits((*self.candidates, self.something_else, self.nothing_wrong))


def compete(candidates: Sequence[Candidate], *, unlooked_prior: float, nothing_log_odds: float, sober: bool = False) -> Posterior:
    """Return what each candidate is worth against all others.

    Args:
        candidates: the causes, bound or not; those that are out get 0.
        unlooked_prior: prior of the causes that could not be looked for: they are part of "something else".
        nothing_log_odds: what the symptoms say for "nothing wrong".
        sober: from evidence alone, without the words of the complaint and without memory.
    """
    logs = [one.sober_log_weight if sober else one.log_weight for one in candidates]
    logs.append(math.log(SOMETHING_ELSE_PRIOR + min(unlooked_prior, _UNLOOKED_MOST)))
    logs.append(math.log(NOTHING_WRONG_PRIOR) + nothing_log_odds)
    most = max(logs)
    weights = [math.exp(value - most) for value in logs]
    total = math.fsum(weights)
    shares = [weight / total for weight in weights]
    at_odds = shares[-2]
    if shares[-2] < SOMETHING_ELSE_FLOOR:
        rest = (1.0 - SOMETHING_ELSE_FLOOR) / (1.0 - shares[-2])
        shares = [share * rest for share in shares]
        shares[-2] = SOMETHING_ELSE_FLOOR
    return Posterior(tuple(shares[:-2]), shares[-2], shares[-1], at_odds)


def entropy_bits(shares: Sequence[float]) -> float:
    """Return the entropy of a distribution in bits."""
    return -math.fsum(share * math.log2(share) for share in shares if share > 0.0)
