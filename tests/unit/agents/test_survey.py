"""The first look: what nobody could compare is not told as compared."""

from pathlib import Path
from typing import Any, cast

from vigie.agents.bench import Bench
from vigie.agents.survey import survey
from vigie.clock import SystemClock
from vigie.domain.baseline import Baseline
from vigie.domain.host import Host
from vigie.knowledge.library import Knowledge
from vigie.memory.memory import Memory


async def test_changes_were_looked_for_only_where_there_is_something_to_compare_with(tmp_path: Path) -> None:
    clock = SystemClock()
    memory = await Memory.open(tmp_path / "home", clock=clock)
    try:
        bench = Bench(cast("Any", None), Knowledge((tmp_path,)), memory.of(), clock)
        host = Host("web1", "local")
        assert await survey(bench, host, actor="agent:x", case=None, changes=()) == []
        await memory.of().baselines.save(Baseline("web1", clock.now(), (), 0.0))
        found = await survey(bench, host, actor="agent:x", case=None, changes=())
    finally:
        await memory.close()
    assert ("probe:baseline.diff", "probe.ran") in [(fact.subject, fact.name) for fact in found]
