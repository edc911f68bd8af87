"""`top -b`: how busy the processors are."""

import re

from vigie.reasoning.answers.answer import Answer, Said

_IDLE = re.compile(r"Cpu\(s\).*?([\d.,]+)[ %]*id")


class Cpu(Answer):
    """Reads the head of the table."""

    name = "cpu"

    def read(self, text: str, rc: int | None) -> Said | None:
        """Say how much of the processors is in use."""
        match = _IDLE.search(text)
        return Said("used", {"used": round(100 - float(match[1].replace(",", ".")))}) if match else None
