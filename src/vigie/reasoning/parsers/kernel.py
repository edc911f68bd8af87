"""What the kernel complains of, from `dmesg` or `journalctl -k`."""

import re
from collections.abc import Iterator

from vigie.reasoning.parsers.parser import Output, Parser, Seen

_KINDS = (
    ("oom", re.compile(r"(?:Out of memory|oom-kill|Memory cgroup out of memory|Killed process)", re.IGNORECASE)),
    ("read_only", re.compile(r"remounting filesystem read-only|Remounting .* read-only", re.IGNORECASE)),
    ("io_error", re.compile(r"I/O error|Medium Error|EXT4-fs error|XFS .*(?:error|corruption)|BTRFS error", re.IGNORECASE)),
    ("segfault", re.compile(r"segfault at|general protection fault|trap invalid opcode", re.IGNORECASE)),
    ("hung", re.compile(r"blocked for more than \d+ seconds|soft lockup|hung task", re.IGNORECASE)),
)
_PROCESS = re.compile(
    r"Killed process \d+ \((?P<name>[^)]+)\)|^\S*\s*(?P<other>[\w.-]+)\[\d+\]: segfault|task (?P<task>[\w./:-]+):\d+ blocked"
)
_KEPT = 40


class Kernel(Parser):
    """Reads the kernel's messages."""

    name = "kernel"

    def parse(self, output: Output) -> Iterator[Seen]:
        """Yield the last complaints."""
        found: list[Seen] = []
        for line in output.text.splitlines():
            kind = next((kind for kind, pattern in _KINDS if pattern.search(line)), None)
            if kind is None:
                continue
            match = _PROCESS.search(line)
            process = next((name for name in match.groups() if name), None) if match else None
            found.append(Seen("host", "host.kernel_trouble", {"kind": kind, "text": line[:300], "process": process}, line))
        yield from found[-_KEPT:]
