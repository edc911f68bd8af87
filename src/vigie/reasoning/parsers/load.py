"""The kernel's own figures: load, uptime, memory, pressure, and the clock beside ours."""

import re
from collections.abc import Iterator, Mapping

from vigie.domain.fact import Value
from vigie.reasoning.parsers.parser import Output, Parser, Seen, number
from vigie.reasoning.sections import sections

_KIB = 1024


class Load(Parser):
    """Reads `/proc/loadavg`, `uptime`, `meminfo`, `pressure`, then a line `clock SECONDS CPUS`."""

    name = "load"

    def parse(self, output: Output) -> Iterator[Seen]:
        """Yield the host's figures."""
        files = sections(output.text)
        clock = re.search(r"^clock (\d+(?:\.\d+)?) (\d+)$", output.text, re.MULTILINE)
        cpus = int(clock.group(2)) if clock else 1
        yield from _load(files.get("/proc/loadavg", ""), cpus)
        uptime = number((files.get("/proc/uptime", "").split() or [""])[0])
        if uptime is not None:
            yield Seen("host", "host.uptime_s", uptime, files["/proc/uptime"])
        yield from _memory(files.get("/proc/meminfo", ""))
        yield from _pressure(files)
        if clock:
            ahead = round(float(clock.group(1)) - (output.now.timestamp() - output.seconds / 2), 1)
            yield Seen("host", "host.clock", {"ahead_s": ahead}, clock.group(0))


def _load(text: str, cpus: int) -> Iterator[Seen]:
    words = text.split()
    loads = [number(word) for word in words[:3]]
    if len(loads) == 3 and None not in loads:
        one, five, fifteen = (float(load or 0) for load in loads)
        value: Value = {"one": one, "five": five, "fifteen": fifteen, "cpus": cpus, "per_cpu": round(one / max(1, cpus), 2)}
        yield Seen("host", "host.load", value, f"{text} ({cpus} cpus)")


def _memory(text: str) -> Iterator[Seen]:
    sizes = {name: int(size) * _KIB for name, size in re.findall(r"^(\w+):\s+(\d+) kB", text, re.MULTILINE)}
    total = sizes.get("MemTotal", 0)
    if not total:
        return
    available = sizes.get("MemAvailable", sizes.get("MemFree", 0) + sizes.get("Cached", 0) + sizes.get("Buffers", 0))
    swap = sizes.get("SwapTotal", 0)
    used = swap - sizes.get("SwapFree", 0)
    value: Value = {
        "total_bytes": total,
        "available_bytes": available,
        "available_ratio": round(available / total, 4),
        "swap_total_bytes": swap,
        "swap_used_bytes": used,
        "swap_used_ratio": round(used / swap, 4) if swap else 0.0,
    }
    shown = [line for line in text.splitlines() if line.startswith(("MemTotal", "MemAvailable", "SwapTotal", "SwapFree"))]
    yield Seen("host", "host.memory", value, "; ".join(" ".join(line.split()) for line in shown))


def _pressure(files: Mapping[str, str]) -> Iterator[Seen]:
    value: dict[str, Value] = {}
    for what in ("cpu", "memory", "io"):
        for kind, percent in re.findall(r"^(some|full) avg10=([\d.]+)", files.get(f"/proc/pressure/{what}", ""), re.MULTILINE):
            value[what if kind == "some" else f"{what}_full"] = float(percent)
    if value:
        yield Seen("host", "host.pressure", value, ", ".join(f"{name} {percent} %" for name, percent in value.items()))
