"""Lines of a log: how many, how many of them complain, and the last that does."""

import re

from vigie.reasoning.answers.answer import Answer, Said

_BAD = re.compile(
    r"\b(?:error|err|crit(?:ical)?|alert|emerg|fatal|fail(?:ed|ure)?|panic|exception|denied|refused|timed? ?out)\b", re.IGNORECASE
)
_SHOWN = 200


class Log(Answer):
    """Reads any log."""

    name = "log"

    def read(self, text: str, rc: int | None) -> Said | None:
        """Say whether the lines complain."""
        lines = [line for line in text.splitlines() if line.strip() and not line.startswith("-- ")]
        if not lines:
            return Said("empty")
        bad = [line for line in lines if _BAD.search(line)]
        if not bad:
            return Said("calm", {"count": len(lines)})
        return Said("errors", {"count": len(lines), "bad": len(bad), "last": bad[-1].strip()[:_SHOWN]})
