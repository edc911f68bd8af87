"""Where outputs become facts: through the gate, safe reads only, free of secrets and of our own doings."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest
import yaml

from vigie.agents.bench import Bench, clean, programs_of
from vigie.clock import FixedClock
from vigie.domain.action import Completed
from vigie.domain.host import Host
from vigie.knowledge.library import Knowledge
from vigie.policy.gate import Reading
from vigie.reasoning.looks import Look

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
LOCAL = Host("me", "local")


class ToyGate:
    """Answers every line with the same words."""

    def __init__(self, answer: str) -> None:
        self.answer = answer
        self.lines: list[str] = []

    async def read(self, host: Host, readings: Sequence[Reading], *, actor: str, case: str | None = None) -> list[Completed]:
        self.lines += [reading.line for reading in readings]
        return [Completed(reading.line, 0, self.answer.encode(), b"", 0.01) for reading in readings]


def bench_of(tmp_path: Path, answer: str, *lines: str, own: tuple[str, ...] = ()) -> tuple[Bench, ToyGate]:
    both = {"en": "x", "fr": "x"}
    probe: dict[str, Any] = {
        "name": "toy.look",
        "title": both,
        "variants": [{"line": line} for line in lines],
        "parser": "facts",
        "yields": ["toy.state"],
        "cost_s": 0.1,
    }
    (tmp_path / "probes").mkdir()
    (tmp_path / "probes/toy.yaml").write_text(yaml.safe_dump(probe))
    gate = ToyGate(answer)
    return Bench(cast("Any", gate), Knowledge((tmp_path,)), cast("Any", None), FixedClock(NOON), own), gate


async def test_a_secret_never_becomes_part_of_a_fact(tmp_path: Path) -> None:
    said = "password=hunter2hunter2"
    row = json.dumps({"subject": "host", "name": "toy.state", "value": {"said": said}, "excerpt": said})
    bench, _ = bench_of(tmp_path, row, "cat /etc/toy")
    facts = await bench.observe(LOCAL, [Look.of("toy.look", {})], actor="agent:x")
    assert [fact.name for fact in facts] == ["toy.state", "probe.ran"]
    assert "hunter2" not in str(facts)


async def test_a_probe_that_does_more_than_read_is_not_run_and_its_other_way_is(tmp_path: Path) -> None:
    bench, gate = bench_of(tmp_path, '{"subject": "host", "name": "toy.state", "value": 1}', "rm -rf /tmp/x", "cat /tmp/x")
    facts = await bench.observe(LOCAL, [Look.of("toy.look", {})], actor="agent:x")
    assert gate.lines == ["cat /tmp/x"]
    assert facts[0].value == 1


async def test_where_no_way_is_a_read_the_probe_is_unavailable(tmp_path: Path) -> None:
    bench, gate = bench_of(tmp_path, "", "rm -rf /tmp/x")
    facts = await bench.observe(LOCAL, [Look.of("toy.look", {})], actor="agent:x")
    assert (gate.lines, [fact.name for fact in facts]) == ([], ["probe.unavailable"])


@pytest.mark.parametrize(("host", "seen"), [(LOCAL, 0), (Host("far", "ssh://far"), 1)])
async def test_our_own_state_on_this_machine_is_no_part_of_what_is_watched(tmp_path: Path, host: Host, seen: int) -> None:
    row = '{"subject": "file:/var/lib/vigie/workflows.db", "name": "toy.state", "value": 1}'
    bench, _ = bench_of(tmp_path, row, "cat /etc/toy", own=("/var/lib/vigie",))
    facts = await bench.observe(host, [Look.of("toy.look", {})], actor="agent:x")
    assert sum(fact.name == "toy.state" for fact in facts) == seen


def test_a_mark_that_stands_for_a_secret_stays_so_that_a_change_shows() -> None:
    assert clean({"a": ["secret:0a1b2c3d", "token=abcdefgh12345"]}) == {"a": ["secret:0a1b2c3d", "token=[redacted]"]}


def test_programs_are_known_only_where_they_were_looked_for() -> None:
    assert programs_of([]) is None
