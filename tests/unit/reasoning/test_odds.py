"""What must hold of odds, whatever the causes and the facts."""

import math
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st
from tests.unit.reasoning.world import NOW, fact, ran

from vigie.domain.fact import Fact
from vigie.knowledge.models import Both, Cause, Check, Evidence, Pattern
from vigie.reasoning import odds
from vigie.reasoning.facts import Facts
from vigie.reasoning.odds import Candidate, weigh
from vigie.reasoning.posterior import compete, entropy_bits
from vigie.reasoning.times import Times

NOBODY = Both(en="x", fr="x")
TIMES = Times(NOW, None)
chance = st.floats(min_value=0.01, max_value=0.99)


@st.composite
def evidences(draw: st.DrawFn, *, musts: bool = False) -> tuple[Evidence, ...]:
    return tuple(
        Evidence(
            see=Pattern(fact=f"sign.s{number}"),
            check=Check(probe=f"look.p{draw(st.integers(min_value=0, max_value=3))}"),
            seen=(draw(chance), draw(chance)),
            must=musts and draw(st.booleans()),
            says=NOBODY,
        )
        for number in range(draw(st.integers(min_value=1, max_value=6)))
    )


def cause(evidence: tuple[Evidence, ...], name: str = "c", prior: float = 0.05) -> Cause:
    return Cause(name=name, label="app.some.thing", prior=prior, title=NOBODY, explanation=NOBODY, evidence=evidence)


def candidate(evidence: tuple[Evidence, ...], prior: float = 0.05) -> Candidate:
    return Candidate(cause(evidence), {}, True, math.log(prior), 0.0)


def sign(number: int) -> Fact:
    return fact(f"sign.s{number}", "host", number, probe=f"look.p{number % 4}")


@given(evidences(), st.sets(st.integers(min_value=0, max_value=5)), st.integers(min_value=0, max_value=5))
def test_evidence_for_it_never_lowers_a_candidate(evidence: tuple[Evidence, ...], seen: set[int], more: int) -> None:
    before = [*(sign(number) for number in seen), *(ran(f"look.p{number}") for number in range(4))]
    if more >= len(evidence) or evidence[more].seen[0] < evidence[more].seen[1]:
        return
    without = weigh(candidate(evidence), Facts(before), TIMES)
    with_it = weigh(candidate(evidence), Facts([*before, sign(more)]), TIMES)
    assert with_it.log_weight >= without.log_weight - 1e-9


@given(evidences(musts=True), st.sets(st.integers(min_value=0, max_value=5)))
def test_what_must_be_seen_and_is_not_excludes(evidence: tuple[Evidence, ...], seen: set[int]) -> None:
    looked = [*(sign(number) for number in seen), *(ran(f"look.p{number}") for number in range(4))]
    weighed = weigh(candidate(evidence), Facts(looked), TIMES)
    missed = any(one.must and number not in seen for number, one in enumerate(evidence))
    assert (weighed.out is not None) == missed
    if missed:
        assert weighed.log_weight == -math.inf


@given(evidences(musts=True), st.sets(st.integers(min_value=0, max_value=5)))
def test_what_nobody_looked_for_excludes_nothing(evidence: tuple[Evidence, ...], seen: set[int]) -> None:
    weighed = weigh(candidate(evidence), Facts([sign(number) for number in seen]), TIMES)
    assert weighed.out is None
    assert weighed.proved == all(not one.must or number in seen for number, one in enumerate(evidence))


def test_what_must_never_be_seen_excludes() -> None:
    evidence = (Evidence(see=Pattern(fact="sign.s0"), seen=(0.1, 0.5), never=True, says=NOBODY),)
    assert weigh(candidate(evidence), Facts([sign(0)]), TIMES).out is not None
    assert weigh(candidate(evidence), Facts(), TIMES).out is None


def test_one_fact_is_not_counted_twice() -> None:
    one = Evidence(see=Pattern(fact="sign.s0"), seen=(0.9, 0.1), says=NOBODY)
    weaker = Evidence(see=Pattern(fact="sign.s0"), seen=(0.8, 0.2), says=NOBODY)
    alone = weigh(candidate((one,)), Facts([sign(0)]), TIMES)
    twice = weigh(candidate((one, weaker)), Facts([sign(0)]), TIMES)
    assert twice.log_weight == alone.log_weight


def test_two_facts_of_one_voice_count_less_than_two_of_two() -> None:
    both = tuple(Evidence(see=Pattern(fact=f"sign.s{number}"), seen=(0.9, 0.1), says=NOBODY) for number in (0, 1))
    same = [fact("sign.s0", "host", 0, probe="one"), fact("sign.s1", "host", 1, probe="one")]
    apart = [fact("sign.s0", "host", 0, probe="one"), fact("sign.s1", "host", 1, probe="two")]
    assert weigh(candidate(both), Facts(same), TIMES).log_weight < weigh(candidate(both), Facts(apart), TIMES).log_weight


def test_old_evidence_weighs_less_but_never_nothing() -> None:
    assert odds.age_weight(NOW, NOW) == 1.0
    assert math.isclose(odds.age_weight(NOW - timedelta(minutes=30), NOW), 0.5)
    assert odds.age_weight(NOW - timedelta(days=30), NOW) == 0.1


def test_a_change_stays_as_true_as_when_it_was_noticed() -> None:
    old = fact("change.index", "index:/a/b", {"at": None}, at=NOW - timedelta(days=30))
    assert odds.freshness(old, NOW) == 1.0


@given(st.lists(st.floats(min_value=-60, max_value=60), max_size=12), st.floats(min_value=-20, max_value=20), st.floats(0, 2))
def test_shares_sum_to_one_and_are_numbers(weights: list[float], nothing: float, unlooked: float) -> None:
    candidates = [Candidate(cause(()), {}, True, weight, 0.0) for weight in weights]
    for sober in (True, False):
        shares = compete(candidates, unlooked_prior=unlooked, nothing_log_odds=nothing, sober=sober)
        everything = (*shares.candidates, shares.something_else, shares.nothing_wrong)
        assert math.isclose(math.fsum(everything), 1.0, abs_tol=1e-9)
        assert all(0.0 <= share <= 1.0 for share in everything)
        assert not any(math.isnan(share) for share in everything)


@given(st.lists(st.floats(min_value=-60, max_value=60), min_size=1, max_size=8))
def test_something_else_is_never_impossible(weights: list[float]) -> None:
    candidates = [Candidate(cause(()), {}, True, weight, 0.0) for weight in weights]
    assert compete(candidates, unlooked_prior=0.0, nothing_log_odds=0.0).something_else >= 0.02 - 1e-12


@given(st.lists(st.floats(min_value=0.001, max_value=1), min_size=1, max_size=9))
def test_entropy_is_never_negative(weights: list[float]) -> None:
    shares = [weight / sum(weights) for weight in weights]
    assert -1e-9 <= entropy_bits(shares) <= math.log2(len(shares)) + 1e-9
