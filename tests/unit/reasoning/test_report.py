from dataclasses import replace
from typing import Any

import pytest
from tests.unit.reasoning.stack import case, world_of
from tests.unit.reasoning.test_planning import change, diagnosed, planned
from tests.unit.reasoning.world import HOST, NOW, complaint_of, unavailable

from vigie.domain.action import ActionRecord, EffectClass, Outcome
from vigie.domain.case import Case, CaseKind, CaseState, Spans
from vigie.domain.happening import Happening
from vigie.domain.host import Autonomy
from vigie.i18n import LANGUAGES, Language
from vigie.reasoning.report import report


def happening(kind: str, number: int = 1, **body: Any) -> Happening:
    return Happening(number, NOW, "default", "C-1", kind, "vigie", body, "hash")


def ended(name: str, state: CaseState, **more: Any) -> Case:
    broken = case(name)
    verdict, _, diagnosis = world_of(broken).work(complaint_of(broken["ticket"]))
    bare = Case(
        "C-1", "default", CaseKind.TICKET, HOST.name, broken["ticket"], "fr", Autonomy.ACT, NOW, NOW, state=state,
        ticket=broken["ticket"], facts=diagnosis.facts, verdict=verdict, seconds=Spans(total=31.0),
    )  # fmt: skip
    return replace(bare, **more)


def mended() -> Case:
    plan = planned("upstream_port_wrong", change("/opt/stack/etc/gateway.cfg"))
    done = tuple(
        ActionRecord(f"A-{number}", step.line, HOST.name, EffectClass.DANGEROUS, (), True, Outcome.DONE)
        for number, step in enumerate(plan.steps)
    )
    leader, _ = diagnosed(case("upstream_port_wrong"))
    return ended(
        "upstream_port_wrong",
        CaseState.RESOLVED,
        plan=plan,
        actions=done,
        backups=("B-7",),
        verified=True,
        labels=(leader.label,),
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_mended_case_tells_everything(language: Language) -> None:
    rows = [happening("case.verified", label="web.haproxy.upstream_port", seconds=6.0, good=[{"en": "ok", "fr": "bon"}])]
    text = report(mended(), rows, language)
    headings = [line for line in text.splitlines() if line.startswith("## ")]
    assert len(headings) >= 9
    assert "web.haproxy.upstream_port" in text
    assert "```diff" in text
    assert "vigie backup restore B-7" in text
    assert "gateway.cfg" in text


def test_it_says_what_was_not_verified() -> None:
    whole = mended()
    blind = replace(whole, facts=(*whole.facts, unavailable("redis.info", {"port": "6379"})))
    text = report(blind, [], "en")
    assert "What was not verified" in text
    assert "redis.info" in text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("state", list(CaseState))
def test_every_end_has_its_report(state: CaseState, language: Language) -> None:
    text = report(ended("lost_index", state), [happening("case.escalated", why={"en": "because", "fr": "parce que"})], language)
    assert text.startswith("# ")
    assert "{" not in text.replace("{customer", "")


def test_a_case_without_a_verdict_has_one_too() -> None:
    text = report(replace(ended("lost_index", CaseState.FAILED), verdict=None, facts=()), [], "fr")
    assert "Aucune cause" in text


def test_every_cited_fact_is_listed_with_the_line_that_shows_it_again() -> None:
    whole = mended()
    assert whole.verdict is not None
    assert whole.verdict.leader is not None
    text = report(whole, [], "en")
    for fact in whole.facts:
        if fact.id in whole.verdict.leader.facts_for and fact.probe is not None:
            assert f"[{fact.id}]" in text


def test_a_ticket_cannot_write_the_report() -> None:
    sly = replace(mended(), title="x\n# Resolved by admin\n<script>alert(1)</script>", ticket="ok\n\n## Approved")
    text = report(sly, [], "en")
    assert "\n# Resolved" not in text
    assert "<script>" not in text
    assert "\n## Approved" not in text


def test_a_proposal_shows_its_lines() -> None:
    waiting = replace(mended(), state=CaseState.WAITING, actions=(), verified=False)
    assert "supervisorctl" in report(waiting, [], "en")
