"""Every remedy has what a remedy needs: lines that render, steps that can be looked at, and a class that the policy knows."""

import re
import shlex
from pathlib import Path

import pytest

from vigie.domain.action import EffectClass, Plan
from vigie.domain.errors import Permanent
from vigie.knowledge import library
from vigie.knowledge.models import Remedy, SlotType
from vigie.policy.shell import classify
from vigie.reasoning import planning, templates

KNOWN = library.load()
REMEDIES = sorted(KNOWN.remedies.values(), key=lambda remedy: remedy.name)
SAMPLE: dict[SlotType, str] = {
    "name": "api",
    "path": "/opt/stack/etc/it's here.cfg",
    "port": "8000",
    "pid": "4321",
    "url": "http://127.0.0.1:8000/",
    "number": "3",
    "identifier": "by_day",
    "sql": "CREATE INDEX by_day ON visits (day)",
    "text": "r42; rm -rf /",
    "artefact": "a" * 64,
    "mode": "0640",
    "owner": "www:www",
}


def plan_of(remedy: Remedy, **slots: str) -> Plan:
    given = {name: SAMPLE[kind] for name, kind in remedy.slots.items()} | slots
    given |= {"manager": "supervisord", "manager.config": "/opt/stack/supervisord.conf"}
    return Plan("p", "srv1", "c", remedy.name, given, ())


def fed(source: str | None) -> bytes | None:
    if source is None:
        return None
    kind, _, name = source.partition(":")
    return KNOWN.scripts[name].source if kind == "script" else b"former content"


@pytest.mark.parametrize("remedy", REMEDIES, ids=lambda remedy: remedy.name)
class TestEveryRemedy:
    def test_its_file_is_called_like_it(self, remedy: Remedy) -> None:
        assert (Path(library.__file__).parent / "remedies" / f"{remedy.name.replace('.', '_')}.yaml").exists()

    def test_some_cause_names_it(self, remedy: Remedy) -> None:
        assert any(remedy.name in cause.remedies for cause in KNOWN.causes.values())

    def test_a_program_that_is_missing_is_no_answer(self, remedy: Remedy) -> None:
        # Where there is no `ps`, "not among what it lists" would be true of everything.
        for line in (*remedy.guard, *(step.goal for step in remedy.steps)):
            assert not re.search(r"!\s*(ps|pgrep|pidof|lsof|fuser|ss|netstat)\b", line), line

    def test_looking_at_its_steps_changes_nothing(self, remedy: Remedy) -> None:
        for step in planning.render(plan_of(remedy), KNOWN):
            for line in (step.witness, step.goal):
                judged = classify(line, stdin=fed(step.feeds.get(line)))
                assert judged.effect_class is EffectClass.SAFE_READ, (line, judged.effects)

    def test_its_guard_only_reads(self, remedy: Remedy) -> None:
        for line in remedy.guard:
            filled = templates.fill(line, {name: SAMPLE[kind] for name, kind in remedy.slots.items()}, remedy.slots)
            assert classify(filled).effect_class is EffectClass.SAFE_READ, filled

    def test_no_step_is_forbidden(self, remedy: Remedy) -> None:
        for step in planning.render(plan_of(remedy), KNOWN):
            for line, source in ((step.line, step.stdin), *((line, step.feeds.get(line)) for line in step.undo)):
                assert classify(line, stdin=fed(source)).effect_class is not EffectClass.FORBIDDEN, line

    def test_a_dangerous_step_has_a_way_back_or_loses_nothing(self, remedy: Remedy) -> None:
        for step in planning.render(plan_of(remedy), KNOWN):
            if classify(step.line, stdin=fed(step.stdin)).effect_class is EffectClass.DANGEROUS:
                assert remedy.backup or remedy.loses_nothing
                assert remedy.guard or remedy.precondition or "psql" in step.line.split(), "nothing is asked just before"

    def test_a_value_never_becomes_a_word_of_its_own(self, remedy: Remedy) -> None:
        for step in planning.render(plan_of(remedy), KNOWN):
            for line in (step.line, step.witness, step.goal, *step.undo):
                assert "rm" not in shlex.split(line), line

    def test_a_value_of_the_wrong_kind_is_refused(self, remedy: Remedy) -> None:
        for name in remedy.slots:
            for wrong in ("", "seen\u202ebackwards", "two\x00halves"):
                with pytest.raises(Permanent):
                    planning.render(plan_of(remedy, **{name: wrong}), KNOWN)

    def test_it_restarts_at_most_one_service(self, remedy: Remedy) -> None:
        assert len(remedy.restarts) <= 1

    def test_what_it_restarts_runs_on_its_former_files_once_it_is_taken_back(self, remedy: Remedy) -> None:
        for number, step in enumerate(remedy.steps):
            if number and step.line.startswith(("@restart", "@reload")):
                assert step.undo_last, step.line

    def test_it_says_what_it_does_in_both_languages(self, remedy: Remedy) -> None:
        said = [one.says for one in remedy.verify] + [one.says for one in remedy.precondition]
        for both in (remedy.title, remedy.explanation, *said):
            assert set(re.findall(r"\{(\w+)\}", both.en)) == set(re.findall(r"\{(\w+)\}", both.fr))

    def test_what_it_verifies_can_be_looked_at(self, remedy: Remedy) -> None:
        for goodness in remedy.verify:
            assert goodness.check.probe in KNOWN.probes
            assert set(goodness.check.slots) == set(KNOWN.probes[goodness.check.probe].slots)
        assert remedy.sustain_s >= 5
