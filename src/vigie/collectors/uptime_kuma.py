"""Alerts of Uptime Kuma: its webhook with JSON, the secret as bearer in an additional header."""

from collections.abc import Iterable, Mapping
from typing import Any

from vigie.collectors.receiver import Receiver, alert

_UP = 1


class UptimeKuma(Receiver):
    """Takes heartbeats of monitors that went down or came back."""

    name = "uptime_kuma"

    def told(self, tree: Any, headers: Mapping[str, str]) -> Iterable[Mapping[str, Any]]:
        """Return the heartbeat as one alert; a test of the notification has none, and says only its words."""
        monitor, beat = tree.get("monitor") or {}, tree.get("heartbeat")
        if not beat:
            yield {"message": str(tree["msg"]), "level": "info"}
            return
        yield alert(
            monitor.get("name", "monitor"),
            beat.get("msg") or tree.get("msg"),
            firing=beat["status"] != _UP,
            level="error",
            at=beat.get("time"),
            key=monitor.get("id", monitor.get("name")),
            labels={"host": monitor.get("hostname") or "", "url": monitor.get("url") or "", "kind": monitor.get("type") or ""},
        )
