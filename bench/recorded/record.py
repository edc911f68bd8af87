"""`python -m bench.recorded.record [NAME…]`: makes the recordings of faults.yaml on throw-away hosts; needs root and a Debian.

A host is built, served to customers, and its baseline taken; then it is broken, and every look that any cause could ask for is
taken and kept.
"""

import argparse
import asyncio
import io
import sys
import tarfile
import tempfile
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from bench.recorded.cell import Cell
from bench.recorded.faults import Fault, faults
from bench.recorded.recording import FOLDER, Recording
from vigie.agents.bench import Bench, programs_of
from vigie.agents.monitor import Monitor
from vigie.agents.survey import read_all
from vigie.clock import SystemClock
from vigie.domain.fact import Fact
from vigie.domain.host import Host
from vigie.knowledge.library import load
from vigie.memory.memory import Memory
from vigie.policy.gate import Gate
from vigie.policy.limits import Limits
from vigie.reasoning import baseline, usual
from vigie.reasoning.checks import looks_for
from vigie.reasoning.complaint import Complaint
from vigie.reasoning.diagnosis import Diagnosis
from vigie.reasoning.facts import Facts
from vigie.reasoning.looks import Look, Looks
from vigie.reasoning.planning import render
from vigie.tools.hands import Hands

HOSTS = Path(__file__).parent / "hosts"
CUSTOMERS = {
    "loans": ["http://127.0.0.1", "GET,/", "GET,/healthz", "GET,/loans?member=M{n}", "POST,/loans?member=M{n}",
              "POST,/cover,200000", "GET,/static/site.css", "GET,/rules"],
    "station": ["http://127.0.0.1:3100", "GET,/", "GET,/ui.css", "GET,/api/last", "POST,/api/measure", "GET,/api/sites"],
}  # fmt: skip
FIRST = {"loans": "/sbin/init", "station": "s6-svscan"}
_SERVED_S = 9.0
_SETTLE_S = 9.0
_ROUNDS = 8
ME = "bench"
# Large, and asked for by no cause: what they are read for is in the changes.
_FOR_THE_BASELINE = frozenset(("files.state", "files.contents", "packages"))


@dataclass(frozen=True)
class Recorder(Bench):
    """A bench that keeps what it sees, once there is something to keep it in."""

    into: list[Recording] = field(default_factory=list)

    async def observe(self, host: Host, looks: Sequence[Look], *, actor: str, case: str | None = None,
                      programs: Sequence[str] | None = None, raw: bool = False) -> list[Fact]:  # fmt: skip
        facts = await super().observe(host, looks, actor=actor, case=case, programs=programs, raw=raw)
        for kept in self.into if not raw else ():
            kept.take(facts)
        return facts


def furnish(cell: Cell, host: str) -> None:
    """Build a host of hosts/ in a cell and let it be served."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        tar.add(HOSTS / host / "tree", arcname=".", filter=_as_root)
    cell.sh("tar -C / --no-same-owner -xpf -", stdin=packed.getvalue())
    database, made = Path(tempfile.gettempdir()) / f"vigie-recorded-{host}.tar", cell.root / "srv/made.tar"
    if database.exists():
        made.write_bytes(database.read_bytes())
    cell.sh((HOSTS / host / "setup.sh").read_text(encoding="utf-8"))
    if made.exists():
        database.write_bytes(made.read_bytes())
        made.unlink()
    cell.beside(["/usr/bin/python3", str(HOSTS / "customers.py"), *CUSTOMERS[host]])


def _as_root(item: tarfile.TarInfo) -> tarfile.TarInfo:
    item.uid = item.gid = 0
    item.uname = item.gname = "root"
    return item


async def record(fault: Fault, folder: Path = FOLDER) -> Path:
    """Break a host of its own and keep what it shows."""
    with (
        tempfile.TemporaryDirectory(prefix="vigie-recorded-") as scratch,
        Cell(Path(scratch) / "cell", FIRST[fault.host]) as cell,
    ):
        await asyncio.to_thread(furnish, cell, fault.host)
        await asyncio.sleep(_SERVED_S)
        async with AsyncExitStack() as closing:
            bench = await _bench(closing, Path(scratch) / "home", cell)
            host = await bench.gate.identify(Host("srv1", "exec:" + " ".join(cell.prefix)), actor=ME)
            return await keep(bench, host, fault, cell, folder)


async def keep(bench: Recorder, host: Host, fault: Fault, cell: Cell, folder: Path) -> Path:
    monitor = Monitor(bench)
    former = await monitor.take_baseline(host)
    await asyncio.to_thread(cell.sh, fault.inject, check=False)
    await asyncio.sleep(fault.settle_s)
    kept = Recording(fault.name, host, usual=tuple(usual.facts_of(former, bench.clock.now())))
    kept.changes = tuple(await monitor.changes(host))
    bench.into.append(kept)
    await everything(bench, host, kept)
    return kept.save(folder)


async def everything(bench: Recorder, host: Host, kept: Recording) -> None:
    """Take every look that there is, and every look that a cause would ask for."""
    known = await read_all(bench, host, lambda probe: probe.survey, actor=ME, case=None)
    told = [*kept.usual, *baseline.change_facts(kept.changes, host=host.name, at=bench.clock.now())]
    diagnosis = Diagnosis(bench.knowledge, host, Complaint())
    diagnosis.add([*known, *told])
    looks = Looks(bench.knowledge.probes)
    worth = [probe for probe in bench.knowledge.probes.values() if probe.name not in _FOR_THE_BASELINE]
    for _ in range(_ROUNDS):
        facts = Facts(diagnosis.facts)
        facts.replace_derived(fact for fact in diagnosis.facts if fact.id.startswith("derived-"))
        wanted = {look: None for probe in worth for look in looks.every(probe, facts)}
        standing = diagnosis.standing()
        for candidate in standing.candidates:
            for evidence in candidate.open:
                wanted |= dict.fromkeys(looks_for(evidence, candidate, looks, facts))
        todo = [look for look in wanted if looks.knows(look.probe) and look not in kept.answers]
        if not todo:
            return
        diagnosis.add(await bench.observe(host, todo, actor=ME, programs=programs_of(known)))


async def _bench(closing: AsyncExitStack, home: Path, cell: Cell) -> Recorder:
    clock = SystemClock()
    knowledge = load()
    memory = await Memory.open(home, clock=clock)
    closing.push_async_callback(memory.close)
    store = memory.of()
    hands = Hands(secrets=store.secrets, folder=home, clock=clock, find_host=store.hosts.get)
    closing.push_async_callback(hands.close)
    gate = Gate(store, hands, clock=clock, render=partial(render, knowledge=knowledge), limits=Limits(), knowledge=knowledge)
    return Recorder(gate, knowledge, store, clock)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--into", type=Path, default=FOLDER)
    asked = parser.parse_args()
    for fault in faults():
        if asked.names and fault.name not in asked.names:
            continue
        path = asyncio.run(record(fault, asked.into))
        print(f"{path.name}: {path.stat().st_size // 1024} KB", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
