from dataclasses import replace
from typing import Any

import pytest
from tests.unit.reasoning.stack import case, cases, world_of
from tests.unit.reasoning.world import HOST, complaint_of

from vigie.domain.action import Plan
from vigie.domain.baseline import Change
from vigie.domain.diagnosis import Hypothesis
from vigie.domain.fact import Fact
from vigie.knowledge import library
from vigie.reasoning import planning

FORMER = "b" * 64
KNOWN = library.load()


def change(path: str, *, kind: str = "file", content: str | None = FORMER) -> Change:
    return Change(kind, path, "old", "new", None, content)


def diagnosed(broken: dict[str, Any]) -> tuple[Hypothesis, tuple[Fact, ...]]:
    verdict, _, diagnosis = world_of(broken).work(complaint_of(broken.get("ticket")))
    assert verdict.leader is not None
    return verdict.leader, diagnosis.facts


def planned(name: str, *changes: Change, index: int = 0) -> Plan:
    leader, facts = diagnosed(case(name, index))
    plan = planning.plan(KNOWN, leader, _kept(facts), changes, HOST)
    assert plan is not None
    return plan


def _kept(facts: tuple[Fact, ...]) -> tuple[Fact, ...]:
    """The made-up cases have no real artefacts: their former content is filled from the changes."""
    return tuple(
        replace(fact, value={**fact.value, "content_before": None})
        if isinstance(fact.value, dict) and "content_before" in fact.value
        else fact
        for fact in facts
    )


PLANNED = [
    ("lost_index", ()),
    ("setting_changed", (change("/opt/stack/etc/api.yaml"),)),
    ("upstream_port_wrong", (change("/opt/stack/etc/gateway.cfg"),)),
    ("release_bad", ()),
    ("port_taken", ()),
    ("storage_full_log", (change("/opt/stack/etc/api.yaml"),)),
    ("lock_held", ()),
    ("service_stopped", ()),
    ("permission_lost", ()),
    ("process_halted", ()),
    ("missing_index", ()),
]


@pytest.mark.parametrize(("name", "changes"), PLANNED)
def test_the_lines_come_out_the_same_from_remedy_and_slots_alone(name: str, changes: tuple[Change, ...]) -> None:
    plan = planned(name, *changes)
    bare = Plan(plan.id, plan.host, plan.cause, plan.remedy, plan.slots, ())
    assert planning.render(bare, KNOWN) == plan.steps


@pytest.mark.parametrize(("name", "changes"), PLANNED)
def test_a_plan_explains_itself(name: str, changes: tuple[Change, ...]) -> None:
    plan = planned(name, *changes)
    assert plan.explanation["en"]
    assert plan.explanation["fr"]
    assert "…" not in plan.explanation["fr"], "every value is known by then"
    assert plan.diff
    assert plan.backups or plan.loses_nothing


def test_a_former_file_is_put_back_and_its_only_reader_restarted() -> None:
    plan = planned("upstream_port_wrong", change("/opt/stack/etc/gateway.cfg"))
    assert plan.remedy == "config.restore_former"
    assert plan.restarts == ("gateway",)
    assert plan.backups == ("/opt/stack/etc/gateway.cfg",)
    assert plan.steps[0].stdin == FORMER
    assert FORMER in plan.steps[0].goal
    assert "-backend api.server = 127.0.0.1:3999" in plan.diff.replace("- ", "-")


def test_without_the_former_content_nothing_is_invented() -> None:
    leader, facts = diagnosed(case("upstream_port_wrong"))
    assert planning.plan(KNOWN, leader, _kept(facts), (), HOST) is None


def test_a_lost_index_gets_its_former_definition() -> None:
    plan = planned("lost_index")
    assert plan.slots["definition"] == "CREATE INDEX orders_customer_idx ON orders(customer)"
    assert plan.steps[0].undo
    assert plan.steps[0].feeds[plan.steps[0].goal] == "script:sqlite_index_exists"


def test_an_index_that_never_was_is_made_from_what_is_searched() -> None:
    plan = planned("missing_index")
    assert plan.slots["definition"] == "CREATE INDEX vigie_notes_tag_idx ON notes (tag)"


def test_names_from_a_host_do_not_become_statements() -> None:
    leader, facts = diagnosed(case("missing_index"))
    sly = replace(leader, slots={**leader.slots, "columns": "tag); DROP TABLE notes; --"})
    assert planning.plan(KNOWN, sly, facts, (), HOST) is None


def test_a_managed_process_is_never_ended_for_its_port() -> None:
    leader, facts = diagnosed(case("port_taken"))
    managed = replace(leader, slots={**leader.slots, "pid": "100"})
    assert planning.plan(KNOWN, managed, facts, (), HOST) is None


def test_the_log_is_freed_only_with_what_feeds_it_put_back_where_that_is_known() -> None:
    plan = planned("storage_full_log", change("/opt/stack/etc/api.yaml"))
    assert plan.remedy == "log.stop_and_free"
    assert plan.restarts == ("jobs",)
    assert plan.slots["path"] == "/opt/stack/etc/api.yaml"
    assert planned("storage_full_log").remedy == "log.free"


def test_a_cause_without_remedy_has_no_plan() -> None:
    leader, facts = diagnosed(case("memory_exhausted"))
    assert planning.plan(KNOWN, leader, facts, (), HOST) is None


def test_without_a_manager_no_service_is_spoken_to() -> None:
    leader, facts = diagnosed(case("service_stopped"))
    assert planning.plan(KNOWN, leader, facts, (), replace(HOST, manager=None)) is None


def test_a_secret_is_not_shown_in_a_diff() -> None:
    leader, facts = diagnosed(case("setting_changed"))
    hidden = [
        replace(fact, value={**fact.value, "secret": True})
        if fact.name == "change.setting" and isinstance(fact.value, dict)
        else fact
        for fact in facts
    ]
    plan = planning.plan(KNOWN, leader, _kept(tuple(hidden)), (change("/opt/stack/etc/api.yaml"),), HOST)
    assert plan is not None
    assert "-1" not in plan.diff


def test_the_same_trouble_gives_the_same_plan() -> None:
    assert planned("port_taken") == planned("port_taken")
    assert planned("port_taken").hash == planned("port_taken").hash


def test_every_positive_case_is_planned_or_has_no_remedy() -> None:
    for name, broken in cases("positive"):
        if KNOWN.causes[name].remedies == ():
            continue
        leader, facts = diagnosed(broken)
        changes = [change(str(fact.value["path"])) for fact in facts if isinstance(fact.value, dict) and "path" in fact.value]
        planned = planning.plan(KNOWN, leader, _kept(facts), changes, HOST) is not None
        assert planned is broken.get("planned", True), f"{name}: {broken['title']}"
