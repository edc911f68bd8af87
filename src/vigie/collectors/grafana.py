"""Alerts of Grafana: its webhook contact point, signed (`X-Grafana-Alerting-Signature`) or with the secret as bearer."""

from collections.abc import Iterable, Mapping
from typing import Any

from vigie.collectors.receiver import Receiver, prometheus_alerts, signed


class Grafana(Receiver):
    """Takes notifications of Grafana's alerting, which have the shape of Alertmanager's."""

    name = "grafana"

    def is_theirs(self, headers: Mapping[str, str], body: bytes, secret: str) -> bool:
        """Say whether the signature or the bearer is right."""
        shown = headers.get("x-grafana-alerting-signature")
        return signed(body, secret, shown) if shown is not None else super().is_theirs(headers, body, secret)

    def told(self, tree: Any, headers: Mapping[str, str]) -> Iterable[Mapping[str, Any]]:
        """Return the alerts."""
        return prometheus_alerts(tree)
