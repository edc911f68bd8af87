"""Log lines that programs send over HTTP: one JSON document, a list of them, one a line, or plain text."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from vigie.collectors.receiver import Receiver


class Http(Receiver):
    """Takes lines; the secret is the bearer."""

    name = "http"

    def parsed(self, body: bytes) -> Any:
        """Return the documents of a body; a line that is none is a message."""
        text = body.decode("utf-8", "replace")
        try:
            whole = json.loads(text)
        except ValueError:
            return [_line(each) for each in text.splitlines() if each.strip()]
        return whole if isinstance(whole, list) else [whole]

    def told(self, tree: Any, headers: Mapping[str, str]) -> Iterable[Mapping[str, Any]]:
        """Return the documents."""
        for each in tree:
            yield each if isinstance(each, dict) else {"message": str(each)}


def _line(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text
