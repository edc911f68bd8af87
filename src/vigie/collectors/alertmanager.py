"""Alerts of Prometheus' Alertmanager: its webhook, with the secret as bearer (`http_config.authorization`)."""

from collections.abc import Iterable, Mapping
from typing import Any

from vigie.collectors.receiver import Receiver, prometheus_alerts


class Alertmanager(Receiver):
    """Takes notifications of version 4: one line an alert."""

    name = "alertmanager"

    def told(self, tree: Any, headers: Mapping[str, str]) -> Iterable[Mapping[str, Any]]:
        """Return the alerts."""
        return prometheus_alerts(tree)
