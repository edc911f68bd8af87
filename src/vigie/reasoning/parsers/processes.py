"""The processes, from our script (JSON lines) or from `ps -eo pid,ppid,user,stat,etimes,pcpu,rss,comm,args`."""

import re
from collections import Counter
from collections.abc import Iterator

from vigie.domain.fact import Value
from vigie.reasoning.parsers.parser import Output, Parser, Seen, rows

_PS = re.compile(
    r"^\s*(?P<pid>\d+)\s+(?P<parent>\d+)\s+(?P<user>\S+)\s+(?P<state>\S+)\s+(?P<age>\d+)\s+(?P<cpu>[\d.]+)\s+(?P<rss>\d+)\s+(?P<comm>\S+)\s+(?P<args>.*)$"
)
_KERNEL = 2
_CRONS = {"cron", "crond", "fcron", "anacron", "busybox-crond"}


class Processes(Parser):
    """Reads what runs."""

    name = "processes"

    def parse(self, output: Output) -> Iterator[Seen]:
        """Yield each process but the kernel's idle ones, and a summary."""
        states: Counter[str] = Counter()
        has_cron = False
        for pid, value in [*_scripted(output.text), *_listed(output.text)]:
            state = str(value["state"])[:1]
            states[state] += 1
            has_cron = has_cron or value["name"] in _CRONS
            if value["parent"] == _KERNEL and state not in "DR":
                continue
            command = str(value["command"])
            excerpt = f"{pid} {value['user']} {state} {value['cpu_percent']}% {value['age_s']} s {command}"
            yield Seen(f"process:{pid}", "process.state", {**value, "state": state}, excerpt)
        summary: Value = {"count": states.total(), "running": states["R"], "blocked": states["D"], "zombies": states["Z"]}
        yield Seen("host", "host.processes", summary, str(summary))
        if not output.focus:
            yield Seen("host", "cron.running", has_cron, f"cron among the processes: {has_cron}")


def _scripted(text: str) -> Iterator[tuple[int, dict[str, Value]]]:
    for row in rows(text):
        pid = row.pop("pid", None)
        if isinstance(pid, int) and {"state", "parent", "command", "user", "cpu_percent", "age_s", "name"} <= set(row):
            yield pid, row


def _listed(text: str) -> Iterator[tuple[int, dict[str, Value]]]:
    for line in text.splitlines():
        match = _PS.match(line)
        if match is not None:
            yield (
                int(match["pid"]),
                {
                    "name": match["comm"],
                    "command": match["args"],
                    "state": match["state"],
                    "cpu_percent": float(match["cpu"]),
                    "memory_bytes": int(match["rss"]) * 1024,
                    "age_s": float(match["age"]),
                    "user": match["user"],
                    "parent": int(match["parent"]),
                    "folder": "",
                },
            )
