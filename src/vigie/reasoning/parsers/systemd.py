"""`systemctl show`: blocks of Key=Value, one block a unit."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime

from vigie.reasoning.parsers.parser import Output, Parser, Seen, whole
from vigie.reasoning.services import Definition, Service

_STATES = {
    "active": "running",
    "inactive": "stopped",
    "failed": "failed",
    "activating": "starting",
    "deactivating": "stopping",
    "reloading": "running",
}
_ARGV = re.compile(r"argv\[\]=(.*?) ; ")


class Systemd(Parser):
    """Reads the units of systemd, or with the option `verb: definition` how one is told to run."""

    name = "systemd"

    def parse(self, output: Output) -> Iterator[Seen]:
        """Yield the services, or the definition."""
        for block in output.text.split("\n\n"):
            unit = dict(line.partition("=")[::2] for line in block.splitlines() if "=" in line)
            if not unit.get("Id"):
                continue
            if output.options.get("verb") == "definition":
                yield from _definition(unit, output.slots.get("service", unit["Id"]), block)
            elif unit.get("LoadState") != "not-found":
                yield from _service(unit, output.now).seen()


def _service(unit: dict[str, str], now: datetime) -> Service:
    state = _STATES.get(unit.get("ActiveState", ""), "unknown")
    sub = unit.get("SubState", "")
    if sub == "auto-restart":
        state = "backoff"
    elif state == "running" and sub == "exited":
        state = "stopped" if unit.get("Result") not in ("success", "", None) else "running"
    excerpt = " ".join(f"{key}={unit[key]}" for key in ("Id", "ActiveState", "SubState", "Result", "MainPID") if key in unit)
    return Service(
        name=unit["Id"].removesuffix(".service"),
        state=state,
        manager="systemd",
        excerpt=excerpt,
        pid=whole(unit.get("MainPID")) or None,
        uptime_s=_age_s(unit.get("ExecMainStartTimestamp", ""), now) if state == "running" else None,
        detail="" if unit.get("Result") == "success" else unit.get("Result", ""),
        restarts=whole(unit.get("NRestarts")),
    )


def _age_s(stamp: str, now: datetime) -> float | None:
    """Read `Fri 2026-11-20 10:41:47 UTC`; a zone that is only a name cannot be trusted."""
    words = stamp.split()
    if len(words) != 4 or words[3] != "UTC":  # weekday, date, time, zone
        return None
    try:
        started = datetime.strptime(f"{words[1]} {words[2]}", "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
    except ValueError:
        return None
    return max(0.0, (now - started).total_seconds())


def _definition(unit: dict[str, str], service: str, block: str) -> Iterator[Seen]:
    argv = _ARGV.search(unit.get("ExecStart", ""))
    yield from Definition(
        name=service,
        excerpt=block,
        command=argv.group(1) if argv else "",
        folder=unit.get("WorkingDirectory", ""),
        user=unit.get("User", ""),
        file=unit.get("FragmentPath", ""),
        log=_file(unit.get("StandardOutput", "")),
        error_log=_file(unit.get("StandardError", "")),
        autostart=unit.get("UnitFileState") == "enabled",
        autorestart=unit.get("Restart", "no") != "no",
    ).seen()


def _file(target: str) -> str:
    return target.partition(":")[2] if target.startswith(("file:", "append:", "truncate:")) else ""
