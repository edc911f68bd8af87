"""`/proc/self/mounts`: what is mounted where, and how."""

from collections.abc import Iterator

from vigie.domain.fact import Value
from vigie.reasoning.parsers.parser import Output, Parser, Seen

_UNREAL = frozenset(
    [
        "proc",
        "sysfs",
        "devpts",
        "mqueue",
        "hugetlbfs",
        "debugfs",
        "tracefs",
        "autofs",
        "cgroup",
        "cgroup2",
        "securityfs",
        "pstore",
        "bpf",
        "configfs",
        "fusectl",
        "binfmt_misc",
    ]
)


class Mounts(Parser):
    """Reads the mounts."""

    name = "mounts"

    def parse(self, output: Output) -> Iterator[Seen]:
        """Yield `disk.state` for each mount of files; of those over one another only the last can be seen."""
        found: dict[str, Seen] = {}
        for line in output.text.splitlines():
            words = line.split()
            if len(words) < 4 or words[2] in _UNREAL:
                continue
            source, mount, kind, options = (word.replace("\\040", " ") for word in words[:4])
            value: dict[str, Value] = {
                "source": source,
                "type": kind,
                "options": options,
                "read_only": "ro" in options.split(","),
            }
            found[mount] = Seen(f"disk:{mount}", "disk.state", value, line)
        yield from found.values()
