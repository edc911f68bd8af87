"""The laboratory's faults, really broken, found by reasoning alone, mended, and judged from outside."""

import pytest
from tests.integration.reasoning.bench import Hands, work

from vigie import plugins
from vigie.domain.diagnosis import VerdictKind
from vigie.i18n import Language
from vigie.lab import scenarios, stack
from vigie.lab.scenarios.scenario import Health, Scenario
from vigie.reasoning.complaint import understand

# The depot's are played by its own drills.
SCENARIOS = {name: kind for name, kind in plugins.discover(scenarios, Scenario).items() if kind.stack is stack.Stack}

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]


# Words only order the looks, so each fault is worked once, in one language or the other. The tests of the demonstration and of
# the command line work others to their end, recorded hosts tell of many more; the bench works all.
ELSEWHERE = {"slow_database", "wrong_setting", "false_alarm", "port_taken", "bad_release"}
LANGUAGES: tuple[Language, Language] = ("fr", "en")
CASES = [(name, LANGUAGES[at % 2]) for at, name in enumerate(sorted(SCENARIOS)) if name not in ELSEWHERE]


@pytest.mark.parametrize(("name", "language"), CASES)
async def test_it_is_found_and_mended(name: str, language: Language) -> None:
    scenario = SCENARIOS[name]()
    async with stack.running() as lab:
        hands = await Hands.on(lab)
        former = await hands.baseline()
        await scenario.break_down(lab)
        worked = await work(hands, former, understand(scenario.ticket[language]))
        assert worked.verdict.leader is not None, worked.verdict.explanation["en"]
        assert worked.verdict.leader.label == scenario.label
        assert worked.plan is not None
        assert worked.failed == ""
        assert worked.judged[-1].symptoms_gone, (worked.plan, worked.judged[-1].still)
        judged = await scenario.oracle(lab)
        assert judged.health is Health.HEALTHY, judged


async def test_without_a_baseline_it_never_harms() -> None:
    scenario = SCENARIOS["full_quota"]()
    async with stack.running() as lab:
        hands = await Hands.on(lab)
        await scenario.break_down(lab)
        worked = await work(hands, None, understand(scenario.ticket["en"]))
        assert worked.verdict.kind is not VerdictKind.NO_FAULT
        judged = await scenario.oracle(lab)
        assert not judged.harms
