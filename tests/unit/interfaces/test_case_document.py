"""What is told of a case: the keys that are promised, and nothing secret."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from vigie.domain.action import ActionRecord, EffectClass, Outcome, Plan, Step
from vigie.domain.approval import Approval
from vigie.domain.case import Case, CaseKind, CaseState, Phase
from vigie.domain.diagnosis import Hypothesis, Verdict, VerdictKind
from vigie.domain.fact import Fact, Source
from vigie.domain.happening import Happening
from vigie.domain.host import Autonomy
from vigie.interfaces.case_document import document, exit_code, summary, work_document
from vigie.interfaces.happening_text import sentence

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
PROMISED = {
    "case",
    "state",
    "label",
    "labels",
    "confidence",
    "diagnosis",
    "evidence",
    "actions",
    "verified",
    "rolled_back",
    "report",
    "seconds",
}
PLAN = Plan(
    id="P-1",
    host="web",
    cause="limit",
    remedy="raise_limit",
    slots={},
    steps=(Step("touch /srv/a", "stat /srv/a", "test -e /srv/a", undo=("rm /srv/a",)),),
    explanation={"en": "I would.", "fr": "Je le ferais."},
)


def _case(**fields: object) -> Case:
    case = Case(
        id="C-1",
        tenant="default",
        kind=CaseKind.TICKET,
        host="web",
        title="Slow",
        language="en",
        autonomy=Autonomy.PROPOSE,
        opened_at=NOW,
        updated_at=NOW,
    )
    return replace(case, **fields)  # type: ignore[arg-type]  # by name


def _fact(name: str, excerpt: str = "") -> Fact:
    return Fact(name, "web", "host", "load", 1, NOW, Source(f"look {name}", excerpt))


def _verdict(kind: VerdictKind = VerdictKind.CAUSE) -> Verdict:
    leader = Hypothesis("limit", "web.nginx.body_limit", {"service": "nginx"}, 0.9, ("F2",), ("F1",))
    explanation = {"en": "Because.", "fr": "Parce que."}
    return Verdict(kind, leader if kind is VerdictKind.CAUSE else None, (leader,), 0.9, explanation=explanation)


def test_every_promised_key_is_there_from_the_first_moment() -> None:
    assert set(work_document(_case(), "en")) == PROMISED
    assert set(work_document(_case(), "en")["seconds"]) == {"detect", "diagnose", "repair", "total"}


def test_the_words_are_in_the_language_that_is_asked_for() -> None:
    case = _case(verdict=_verdict(), plan=PLAN, state=CaseState.WAITING)
    told = document(case, (), "fr", titles={"limit": {"en": "{service} refuses", "fr": "{service} refuse"}})
    assert told["diagnosis"] == "Parce que."
    assert told["plan"]["explanation"] == "Je le ferais."
    assert told["hypotheses"][0]["title"] == "nginx refuse"


def test_the_leader_s_own_facts_come_first() -> None:
    told = work_document(_case(verdict=_verdict(), facts=(_fact("F1"), _fact("F2"), _fact("F3"))), "en")
    assert [each["id"] for each in told["evidence"]] == ["F2", "F1"]
    assert told["evidence"][0]["source"] == "look F2"


def test_without_a_leader_there_is_no_label() -> None:
    told = work_document(_case(state=CaseState.ESCALATED, verdict=_verdict(VerdictKind.UNDECIDED)), "en")
    assert (told["label"], told["labels"]) == (None, [])


def test_nothing_wrong_has_its_own_label() -> None:
    told = work_document(_case(state=CaseState.NO_FAULT, verdict=_verdict(VerdictKind.NO_FAULT)), "en")
    assert told["label"] == "no_fault"


def test_with_several_causes_the_first_mended_is_the_label() -> None:
    told = work_document(_case(state=CaseState.RESOLVED, labels=("db.a", "web.b"), verdict=_verdict()), "en")
    assert (told["label"], told["labels"]) == ("db.a", ["db.a", "web.b"])


@pytest.mark.parametrize(
    ("state", "autonomy", "outcomes"),
    [
        (CaseState.WAITING, Autonomy.PROPOSE, ["waiting"]),
        (CaseState.ESCALATED, Autonomy.OBSERVE, ["proposed"]),
        (CaseState.ESCALATED, Autonomy.ACT, []),
        (CaseState.WORKING, Autonomy.ACT, []),
    ],
)
def test_what_would_be_done_is_told_as_what_it_is(state: CaseState, autonomy: Autonomy, outcomes: list[str]) -> None:
    told = work_document(_case(state=state, autonomy=autonomy, plan=PLAN), "en")
    assert [each["outcome"] for each in told["actions"]] == outcomes


def test_what_was_done_is_not_told_twice() -> None:
    done = ActionRecord("A-1", "touch /srv/a", "web", EffectClass.REVERSIBLE, ("write",), True, Outcome.DONE)
    told = work_document(_case(state=CaseState.WAITING, plan=PLAN, actions=(done,)), "en")
    assert [(each["command"], each["outcome"]) for each in told["actions"]] == [("touch /srv/a", "done")]


def test_the_plan_carries_the_hash_that_an_approval_names() -> None:
    approval = Approval("X-1", "C-1", "web", PLAN.hash, NOW, NOW)
    told = document(_case(plan=PLAN, state=CaseState.WAITING), (), "en", approval=approval)
    assert told["plan"]["hash"] == told["approval"]["hash"] == PLAN.hash
    assert told["plan"]["steps"][0]["undo"] == ["rm /srv/a"]


def test_no_secret_leaves_in_an_answer() -> None:
    secret = "password=hunter2hunter2"
    case = _case(verdict=_verdict(), facts=(_fact("F2", secret),), ticket=secret, title=secret)
    happening = Happening(1, NOW, "default", "C-1", "case.commented", "person:x", {"text": secret}, "")
    assert "hunter2" not in str(document(case, (happening,), "en"))
    assert "hunter2" not in str(summary(case))


@pytest.mark.parametrize(
    ("state", "code"),
    [
        (CaseState.RESOLVED, 0),
        (CaseState.NO_FAULT, 0),
        (CaseState.ESCALATED, 1),
        (CaseState.FAILED, 1),
        (CaseState.WAITING, 4),
        (CaseState.WORKING, 1),
    ],
)
def test_the_exit_code_follows_the_state(state: CaseState, code: int) -> None:
    assert exit_code(_case(state=state, phase=Phase.CLOSED)) == code


def test_a_row_without_a_sentence_is_told_by_its_name() -> None:
    assert sentence(Happening(1, NOW, "default", None, "odd.thing", "vigie", {}, ""), "fr") == "odd.thing"


def test_a_row_that_lacks_a_value_can_still_be_read() -> None:
    assert "–" in sentence(Happening(1, NOW, "default", None, "inventory.added", "vigie", {"host": "web"}, ""), "fr")
