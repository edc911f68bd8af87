"""The log of a Cloudflare tunnel's connector, where it writes one to a file; under systemd its lines are in the journal."""

from collections.abc import Sequence
from dataclasses import replace

from vigie.collectors.file import FileCollector
from vigie.collectors.tail import Line
from vigie.domain.finding import Signal


class Cloudflared(FileCollector):
    """Follows the log files of `cloudflared`."""

    name = "cloudflared"
    usual = ("/var/log/cloudflared*.log", "/var/log/cloudflared/*.log")

    def signals(self, lines: Sequence[Line]) -> list[Signal]:
        """Return the lines as the connector's."""
        return [replace(signal, service=signal.service or "cloudflared") for signal in super().signals(lines)]
