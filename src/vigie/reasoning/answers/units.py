"""`systemctl --failed`, `list-units`: how many, and which."""

import re

from vigie.reasoning.answers.answer import ROWS_MAX, Answer, Said

_UNIT = re.compile(
    r"^[●*×x\s]*(\S+\.(?:service|socket|timer|mount|target|path|slice|scope|device|automount))\s+(\S+)\s*(\S*)\s*(\S*)",
    re.MULTILINE,
)


class Units(Answer):
    """Reads a list of units."""

    name = "units"

    def read(self, text: str, rc: int | None) -> Said | None:
        """Say how many units are listed, and name them when they have failed."""
        found = _UNIT.findall(text)
        if not found:
            return Said("none") if "0 loaded units" in text or not text.strip() else None
        failed = [name for name, *states in found if "failed" in states]
        rows = [(name, " ".join(state for state in states if state)) for name, *states in found[:ROWS_MAX]]
        if failed:
            return Said("failed", {"count": len(failed), "names": ", ".join(failed[:5])}, ("unit", "state"), rows)
        return Said("listed", {"count": len(found)}, ("unit", "state"), rows)
