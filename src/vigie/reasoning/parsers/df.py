"""`df -PkT` and `df -PiT`: how full each disk is, by room or (option `inodes: true`) by number of files."""

from collections.abc import Iterator

from vigie.reasoning.parsers.parser import Output, Parser, Seen, whole

_UNREAL = frozenset(
    [
        "tmpfs",
        "devtmpfs",
        "proc",
        "sysfs",
        "cgroup",
        "cgroup2",
        "overlay_ro",
        "squashfs",
        "devpts",
        "mqueue",
        "hugetlbfs",
        "debugfs",
        "tracefs",
        "autofs",
        "efivarfs",
        "iso9660",
    ]
)
_KEPT_TMPFS = ("/tmp", "/var", "/srv", "/home", "/opt", "/data")  # noqa: S108  # a name in a list of mounts
_COLUMNS = 7


class Df(Parser):
    """Reads the table of disks."""

    name = "df"

    def parse(self, output: Output) -> Iterator[Seen]:
        """Yield the use of each disk that holds something."""
        inodes = bool(output.options.get("inodes"))
        for line in output.text.splitlines()[1:]:
            words = line.split(None, _COLUMNS - 1)
            if len(words) < _COLUMNS or not _is_real(words[1], words[6]):
                continue
            used, free = whole(words[3]), whole(words[4])
            if used is None or free is None or used + free <= 0:
                continue
            ratio = round(used / (used + free), 4)
            if inodes:
                yield Seen(f"disk:{words[6]}", "disk.inodes_ratio", ratio, line)
            else:
                yield Seen(f"disk:{words[6]}", "disk.used_ratio", ratio, line)
                yield Seen(f"disk:{words[6]}", "disk.free_bytes", free * 1024, line)


def _is_real(kind: str, mount: str) -> bool:
    return kind not in _UNREAL or (kind == "tmpfs" and mount.startswith(_KEPT_TMPFS))
