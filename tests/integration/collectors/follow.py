"""A process that follows logs and tells each line, to be killed: `python follow.py HOME PATTERN`."""

import asyncio
import sys
from datetime import UTC, datetime
from pathlib import Path

from vigie.clock import SystemClock
from vigie.collectors.file import FileCollector
from vigie.collectors.loop import Loop
from vigie.domain.finding import Event, Finding
from vigie.memory.memory import Memory
from vigie.signals.detectors.detector import Detector
from vigie.signals.pipeline import Pipeline
from vigie.signals.templates import Template


class EveryLine(Detector):
    """Tells of each line."""

    name = "every_line"

    def event(self, event: Event, template: Template) -> list[Finding]:
        """Return a finding."""
        at = datetime(2026, 1, 1, tzinfo=UTC)
        return [Finding(self.name, "h", "x", event.signal.raw, at, at, 1, 1.0, event.signal.raw, event.signal.source)]


async def main(home: Path, pattern: str) -> None:
    """Follow until killed."""
    clock = SystemClock()
    memory = await Memory.open(home, clock=clock)
    told = (home / "told").open("a", buffering=1)

    async def sink(finding: Finding) -> None:
        told.write(f"{finding.key}\n")

    collector = FileCollector("h", [pattern], clock=clock, from_start=True, poll_s=0.05)
    await Loop([collector], Pipeline(judges=[EveryLine()]), sink, memory.of().cursors, clock=clock).run()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2]))
