"""`stat -c '%n|%a|%U|%G|%F'`: mode and owner of one path; and `nc -z`, `du -sk`, by option `what`."""

from collections.abc import Iterator

from vigie.domain.fact import Value
from vigie.reasoning.parsers.parser import Output, Parser, Seen, whole

_KINDS = {"directory": "folder", "symbolic link": "link", "socket": "socket"}
_OTHERS_READ, _OTHERS_WRITE, _STICKY = 0o4, 0o2, 0o1000


class Stat(Parser):
    """Reads plain tools where there is no Python on the host."""

    name = "stat"

    def parse(self, output: Output) -> Iterator[Seen]:
        """Yield `file.mode`."""
        for line in output.text.splitlines():
            parts = line.rsplit("|", 4)
            if len(parts) != 5 or not parts[1].isdigit():
                continue
            mode = int(parts[1], 8)
            kind = _KINDS.get(parts[4], "file" if parts[4].startswith("regular") else "other")
            value: Value = {
                "mode": f"{mode:04o}",
                "owner": parts[2],
                "group": parts[3],
                "kind": kind,
                "readable_by_all": bool(mode & _OTHERS_READ),
                "writable_by_all": bool(mode & _OTHERS_WRITE) and not mode & _STICKY,
            }
            yield Seen(f"file:{parts[0]}", "file.mode", value, line)


class Du(Parser):
    """Reads `du -sk FOLDER`."""

    name = "du"

    def parse(self, output: Output) -> Iterator[Seen]:
        """Yield `folder.used_bytes`."""
        for line in output.text.splitlines():
            size, _, folder = line.partition("\t")
            kib = whole(size)
            if kib is not None and folder:
                yield Seen(f"folder:{folder}", "folder.used_bytes", kib * 1024, line)


class Connect(Parser):
    """Reads how `nc -z ADDRESS PORT` ended."""

    name = "connect"

    def parse(self, output: Output) -> Iterator[Seen]:
        """Yield `port.connect`."""
        said = output.stderr.lower()
        error = None if output.rc == 0 else "timeout" if "timed out" in said else "refused"
        value: Value = {
            "address": output.slots.get("address", ""),
            "ok": output.rc == 0,
            "seconds": round(output.seconds, 3),
            "error": error,
        }
        yield Seen(f"port:{output.slots.get('port', '')}", "port.connect", value, output.stderr.strip() or "connected")
