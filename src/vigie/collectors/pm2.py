"""Logs of Node programs under PM2: a file for what each says and one for its errors; the name of the file is the service."""

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import PurePath

from vigie.collectors.file import FileCollector
from vigie.collectors.tail import Line
from vigie.domain.finding import Signal

_NAME = re.compile(r"(?P<service>.+?)-(?:out|error)(?:-\d+)?\.log\Z")


class Pm2(FileCollector):
    """Follows the logs of all programs that PM2 keeps running."""

    name = "pm2"
    usual = ("/root/.pm2/logs/*.log", "/home/*/.pm2/logs/*.log")

    def signals(self, lines: Sequence[Line]) -> list[Signal]:
        """Return the lines with the programs that wrote them."""
        return [
            signal if signal.service else replace(signal, service=_service_of(signal.source)) for signal in super().signals(lines)
        ]


def _service_of(path: str) -> str | None:
    found = _NAME.match(PurePath(path).name)
    return found["service"] if found else None
