"""`uptime`: since when, and the load."""

import re

from vigie.reasoning.answers.answer import Answer, Said

_LINE = re.compile(
    r"up\s+(?P<up>.+?),\s+(?:\d+ users?,\s+)?load averages?:\s*(?P<one>[\d.,]+?),?\s+(?P<five>[\d.,]+?),?\s+(?P<fifteen>[\d.,]+)"
)


class Uptime(Answer):
    """Reads the one line."""

    name = "uptime"

    def read(self, text: str, rc: int | None) -> Said | None:
        """Say how long it has been up and how much waits for a processor."""
        match = _LINE.search(text)
        return Said("up", match.groupdict()) if match else None
