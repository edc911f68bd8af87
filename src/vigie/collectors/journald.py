"""The journal of systemd, of any host: read through the gate from a cursor that the journal itself gives."""

import asyncio
import json
import shlex
from collections.abc import Sequence
from datetime import UTC, datetime

from vigie.collectors.collector import Around, Collector, Emit, Position, Spec
from vigie.domain.errors import Permanent
from vigie.domain.finding import Signal

_LINES = 2000
_HISTORY = 500
_FIELDS = "MESSAGE,PRIORITY,SYSLOG_IDENTIFIER,_SYSTEMD_UNIT,_PID,_SOURCE_REALTIME_TIMESTAMP"


class Journald(Collector):
    """Reads what the journal of a host has after a cursor. `unit` limits it to one unit; `every_s` says how often to look."""

    name = "journald"

    def __init__(self, spec: Spec, around: Around) -> None:
        self.host = spec.host
        self._around = around
        self._service = spec.service
        self._unit: str = spec.option("unit", "")
        self._every_s: float = float(spec.option("every_s", 5.0))

    @classmethod
    def make(cls, spec: Spec, around: Around) -> "Journald":
        """Return the collector of a host's journal."""
        spec.only("unit", "every_s")
        return cls(spec, around)

    @property
    def source(self) -> str:
        """Return the host and the unit."""
        return f"journald:{self.host}:{self._unit}" if self._unit else f"journald:{self.host}"

    async def run(self, emit: Emit, position: Position | None) -> None:
        """Look again and again."""
        cursor = str(position["cursor"]) if position and position.get("cursor") else None
        if cursor is None:
            _, cursor = await self._read("--lines=1")
            await emit((), {"cursor": cursor or ""})
        while True:
            after = f"--after-cursor={shlex.quote(cursor)}" if cursor else "--boot"
            signals, latest = await self._read(f"{after} | head -n {_LINES}")
            if latest and latest != cursor:
                cursor = latest
                await emit(signals, {"cursor": cursor})
            if len(signals) < _LINES:
                await asyncio.sleep(self._every_s)

    async def history(self) -> Sequence[Signal]:
        """Return the last lines of the journal."""
        signals, _ = await self._read(f"--lines={_HISTORY}")
        return signals

    async def _read(self, what: str) -> tuple[list[Signal], str | None]:
        unit = f" --unit={shlex.quote(self._unit)}" if self._unit else ""
        line = f"journalctl --no-pager --quiet --all --output=json --output-fields={_FIELDS}{unit} {what}"
        return self._parsed(await self._around.read(self.host, line))

    def _parsed(self, output: bytes) -> tuple[list[Signal], str | None]:
        signals, cursor = [], None
        for raw in output.splitlines():
            try:
                entry = json.loads(raw)
                cursor = str(entry["__CURSOR"])
            except (ValueError, KeyError, TypeError) as error:
                raise Permanent("source.not_understood", source=self.source, line=raw[:200].decode("utf-8", "replace")) from error
            signals.append(self._signal(entry))
        return signals, cursor

    def _signal(self, entry: dict[str, object]) -> Signal:
        """Return an entry as a line of syslog: the parsers know what its parts are."""
        said = entry.get("MESSAGE")
        text = bytes(said).decode("utf-8", "replace") if isinstance(said, list) else str(said or "")
        at = datetime.fromtimestamp(int(str(entry.get("__REALTIME_TIMESTAMP") or 0)) / 1e6, UTC)
        program = str(entry.get("SYSLOG_IDENTIFIER") or entry.get("_SYSTEMD_UNIT") or "-").replace(" ", "_")
        priority = int(str(entry.get("PRIORITY") or 6)) & 7
        stamp = at.isoformat(timespec="microseconds").replace("+00:00", "Z")
        raw = f"<{8 + priority}>1 {stamp} {self.host} {program} {entry.get('_PID') or '-'} - - {text}"
        return Signal(self.host, self.source, raw.replace("\n", " ⏎ "), at, None, self._service)
