"""`systemctl status`: does it run, since when, or why not."""

import re

from vigie.reasoning.answers.answer import Answer, Said

_ACTIVE = re.compile(
    r"Active:\s+(?P<state>\S+)(?:\s+\((?P<sub>[^)]*)\))?(?:\s+since\s+(?P<since>[^;\n]+))?(?:;\s*(?P<ago>.+?)\s+ago)?"
)
_NO_UNIT = re.compile(r"could not be found|not-found|not loaded")


class Status(Answer):
    """Reads the state of one unit, or of a service under another manager."""

    name = "status"

    def read(self, text: str, rc: int | None) -> Said | None:
        """Say whether it runs."""
        match = _ACTIVE.search(text)
        if match is None:
            return self._other(text)
        values = {name: value or "" for name, value in match.groupdict().items()}
        match values["state"]:
            case "active":
                return Said("runs" if values["ago"] else "runs_now", values)
            case "failed":
                return Said("failed", values)
            case "activating" | "reloading" | "deactivating":
                return Said("between", values)
            case _:
                return Said("stopped", values)

    @staticmethod
    def _other(text: str) -> Said | None:
        if _NO_UNIT.search(text):
            return Said("unknown")
        lowered = text.lower()
        if "running" in lowered and "not running" not in lowered:
            return Said("runs_now")
        return Said("stopped", {"ago": ""}) if re.search(r"stopped|not running|exited|down|fatal|inactive", lowered) else None
