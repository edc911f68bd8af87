"""Packages: the list of all (`NAME VERSION` a line), or (option `what: recent`) what dpkg's log says of late."""

import re
from collections.abc import Iterator

from vigie.reasoning.parsers.parser import Output, Parser, Seen

_DPKG = re.compile(r"^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d) (install|upgrade|remove|purge) ([^\s:]+)(?::\S+)? (\S+) (\S+)$")
_RECENT_MAX = 300


class Packages(Parser):
    """Reads which packages there are."""

    name = "packages"

    def parse(self, output: Output) -> Iterator[Seen]:
        """Yield packages or their changes."""
        if output.options.get("what") == "recent":
            yield from _recent(output.text)
            return
        for line in output.text.splitlines():
            name, _, version = line.strip().partition(" ")
            if not version and line.count("-") > 1:
                name, version, release = line.strip().rsplit("-", 2)  # as rpm names them
                version = f"{version}-{release}"
            if name and version:
                yield Seen(f"package:{name}", "package.state", version.strip(), line.strip())


def _recent(text: str) -> Iterator[Seen]:
    for line in text.splitlines()[-_RECENT_MAX:]:
        match = _DPKG.match(line)
        if match is not None:
            day, clock, action, name, before, after = match.groups()
            value = {
                "action": action,
                "version": after if action in {"install", "upgrade"} else before,
                "before": before,
                "at": f"{day}T{clock}Z",
            }
            yield Seen(f"package:{name}", "package.changed", dict(value), line)
