"""One process of a toy case: `run` with the words HOME FOLDER [CRASH_AT] works the case of FOLDER and prints how it stands.

The host is this machine, reached locally; the fault, its remedies and what is counted are files of FOLDER. Everything else is
real: memory, gate, hands, reasoning, agents, engine.
"""

import asyncio
import json
import sys
from functools import partial
from pathlib import Path

from vigie.agents import verifier
from vigie.agents.registry import Registry
from vigie.cases.desk import Desk
from vigie.clock import SystemClock
from vigie.domain.host import Autonomy, Host
from vigie.knowledge.library import Knowledge
from vigie.memory.memory import Memory
from vigie.policy.crash import arm
from vigie.policy.gate import Gate
from vigie.policy.limits import Limits
from vigie.reasoning.planning import render
from vigie.tools.hands import Hands

# The toy has no services that need time to come up.
verifier._SETTLE_S = 1.5


async def main(home: Path, folder: Path, crash_at: str | None) -> None:
    arm(crash_at)
    clock = SystemClock()
    started = clock.now()
    knowledge = Knowledge((folder / "knowledge",))
    memory = await Memory.open(home, clock=clock)
    store = memory.of()
    await store.hosts.save(Host("toy", "local", os="Linux", manager="plain", autonomy=Autonomy.ACT))
    hands = Hands(secrets=store.secrets, folder=home, clock=clock, find_host=store.hosts.get)
    gate = Gate(
        store,
        hands,
        clock=clock,
        render=partial(render, knowledge=knowledge),
        limits=Limits(goal_wait_s=1.0),
        knowledge=knowledge,
    )
    desk = Desk(memory, gate=gate, knowledge=knowledge, registry=Registry(store), clock=clock)
    case = await desk.work((await desk.open("toy", ticket="the toy is broken", timeout_s=120.0)).id)
    report = await memory.verify_journal()
    rows = await desk.timeline(case.id)
    print(
        json.dumps(
            {
                "case": case.id,
                "state": case.state.value,
                "labels": case.labels,
                "verified": case.verified,
                "outcomes": [each.outcome.value for each in case.actions],
                "backups": len(case.backups),
                "valid": report.valid,
                "resumed_s": min((row.at - started).total_seconds() for row in rows if row.at > started)
                if rows[-1].at > started
                else 0.0,
                "why": [row.body for row in rows if row.kind in ("case.escalated", "case.failed", "case.not_acted")],
            }
        )
    )
    await desk.close()
    await hands.close()
    await memory.close()


def run() -> None:
    """Work a case as the words say."""
    asyncio.run(main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3] if len(sys.argv) > 3 else None))
