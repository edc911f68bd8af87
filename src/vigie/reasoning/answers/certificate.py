"""`openssl x509 -dates`: when it ends."""

import re
from datetime import UTC, datetime

from vigie.reasoning.answers.answer import Answer, Said

_ENDS = re.compile(r"notAfter=\s*(\w{3}\s+\d{1,2} \d\d:\d\d:\d\d \d{4})")
_SUBJECT = re.compile(r"subject=.*?CN ?= ?([^,/\n]+)")


class Certificate(Answer):
    """Reads the dates of a certificate."""

    name = "certificate"

    def read(self, text: str, rc: int | None) -> Said | None:
        """Say until when it is valid."""
        match = _ENDS.search(text)
        if match is None:
            return None
        try:
            ends = datetime.strptime(" ".join(match[1].split()), "%b %d %H:%M:%S %Y").replace(tzinfo=UTC)
        except ValueError:  # the output is damaged
            return None
        subject = _SUBJECT.search(text)
        return Said("valid", {"until": f"{ends:%Y-%m-%d %H:%M} UTC", "name": subject[1].strip() if subject else "?"})
