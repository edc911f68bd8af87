"""Figures of the sources of signals for Prometheus, read when they are asked for."""

from collections.abc import Iterator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric, SummaryMetricFamily
from prometheus_client.registry import Collector

from vigie.interfaces.services import Services


class SignalFigures(Collector):
    """What each source gave and lost, and how the keeping of lines fares."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def collect(self) -> Iterator[Metric]:
        """Yield the figures as they are now."""
        tower = self._services.watchtower
        lines = CounterMetricFamily("vigie_signals_lines", "Lines read", labels=["source", "kind"])
        findings = CounterMetricFamily("vigie_signals_findings", "Findings of a source", labels=["source", "kind"])
        dropped = CounterMetricFamily("vigie_signals_dropped", "Lines that could not be taken", labels=["source", "kind"])
        sampled = CounterMetricFamily("vigie_signals_sampled", "Lines left out by a limit", labels=["source", "kind"])
        restarts = CounterMetricFamily("vigie_signals_restarts", "Times a source was begun again", labels=["source", "kind"])
        behind = GaugeMetricFamily("vigie_signals_behind_bytes", "Bytes not read yet", labels=["source", "kind"])
        rate = GaugeMetricFamily("vigie_signals_lines_per_second", "Over about a minute", labels=["source", "kind"])
        waiting = GaugeMetricFamily("vigie_signals_waiting_lines", "Lines read and not yet looked at", labels=["source", "kind"])
        troubles = GaugeMetricFamily(
            "vigie_signals_unreadable", "Files or addresses that cannot be read", labels=["source", "kind"]
        )
        took = SummaryMetricFamily(
            "vigie_signals_finding_seconds", "From reading a line to its finding", labels=["source", "kind"]
        )
        loop = tower.loop
        for name, collector in list(loop.collectors.items()) if loop else ():
            assert loop is not None
            if (health := loop.health.get(name)) is None:
                continue
            own = [name, collector.name]
            lines.add_metric(own, health.lines)
            findings.add_metric(own, health.findings)
            dropped.add_metric(own, collector.dropped)
            sampled.add_metric(own, health.sampled)
            restarts.add_metric(own, health.restarts)
            rate.add_metric(own, health.lines_per_s)
            waiting.add_metric(own, loop.waiting.get(name, 0))
            troubles.add_metric(own, len(collector.troubles()))
            took.add_metric(own, count_value=health.findings, sum_value=health.finding_s)
            if (left := collector.behind()) is not None:
                behind.add_metric(own, left)
        keeper = tower.keeper
        yield from (lines, findings, dropped, sampled, restarts, behind, rate, waiting, troubles, took)
        yield GaugeMetricFamily("vigie_signals_templates", "Templates known", value=tower.templates)
        yield CounterMetricFamily("vigie_signals_kept_lines", "Lines kept since the start", value=keeper.kept)
        yield CounterMetricFamily("vigie_signals_unkept_lines", "Lines that the disk did not take", value=keeper.unkept)
