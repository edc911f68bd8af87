"""Every cause has what a cause needs, and is right where it should be and silent where it should not."""

import re
from pathlib import Path
from typing import Any

import pytest
from tests.unit.reasoning.stack import cases, world_of
from tests.unit.reasoning.world import CASES, complaint_of

from vigie import safe_yaml
from vigie.domain.diagnosis import VerdictKind
from vigie.knowledge import library
from vigie.knowledge.models import Cause

KNOWN = library.load()
CAUSES = sorted(KNOWN.causes.values(), key=lambda cause: cause.name)


def params(kind: str) -> list[Any]:
    return [pytest.param(name, case, id=f"{name}: {case['title']}") for name, case in cases(kind)]


@pytest.mark.parametrize("cause", CAUSES, ids=lambda cause: cause.name)
def test_it_is_tested_both_ways(cause: Cause) -> None:
    path = CASES / f"{cause.name}.yaml"
    assert path.exists(), f"{path} is missing"
    said = safe_yaml.parse(path.read_text(encoding="utf-8"))
    assert said["positive"]
    assert said["negative"]


@pytest.mark.parametrize("cause", CAUSES, ids=lambda cause: cause.name)
def test_what_it_names_exists(cause: Cause) -> None:
    assert set(cause.look_alikes) <= set(KNOWN.causes)
    assert set(cause.remedies) <= set(KNOWN.remedies)
    concepts = {concept for lexicon in KNOWN.lexicons.values() for concept in lexicon.concepts}
    assert set(cause.words) <= concepts
    for evidence in cause.evidence:
        if evidence.check is not None:
            assert evidence.check.probe in KNOWN.probes, evidence.check.probe
            assert set(evidence.check.slots) == set(KNOWN.probes[evidence.check.probe].slots)


@pytest.mark.parametrize("cause", CAUSES, ids=lambda cause: cause.name)
def test_its_file_is_called_like_it_and_it_can_be_proved(cause: Cause) -> None:
    folder = Path(library.__file__).parent / "causes"
    assert (folder / f"{cause.name}.yaml").exists()
    assert any(evidence.must for evidence in cause.evidence), "nothing must be seen: it could be believed on a whim"


@pytest.mark.parametrize("cause", CAUSES, ids=lambda cause: cause.name)
def test_both_languages_say_the_same_things(cause: Cause) -> None:
    for both in (cause.title, cause.explanation, *(evidence.says for evidence in cause.evidence)):
        assert both.en.strip()
        assert both.fr.strip()
        assert set(re.findall(r"\{(\w+)\}", both.en)) == set(re.findall(r"\{(\w+)\}", both.fr))


@pytest.mark.parametrize(("name", "case"), params("positive"))
def test_it_is_found(name: str, case: dict[str, Any]) -> None:
    verdict, checks, _ = world_of(case).work(complaint_of(case.get("ticket")))
    told = f"{verdict.kind} {[(h.cause, round(h.probability, 3)) for h in verdict.hypotheses[:4]]}"
    assert verdict.kind is VerdictKind.CAUSE, told
    assert verdict.leader is not None
    assert verdict.leader.cause == name, told
    assert len(checks) <= 12, [check.probe for check in checks]


@pytest.mark.parametrize(("name", "case"), params("negative"))
def test_it_is_not_believed(name: str, case: dict[str, Any]) -> None:
    verdict, _, _ = world_of(case).work(complaint_of(case.get("ticket")))
    assert verdict.leader is None or verdict.leader.cause != name


def test_a_host_that_is_well_has_no_fault() -> None:
    verdict, _, _ = world_of().work(complaint_of("Je crois que le site était lent ce matin, pouvez-vous vérifier ?"))
    assert verdict.kind is VerdictKind.NO_FAULT
