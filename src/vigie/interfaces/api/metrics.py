"""Figures for Prometheus, counted from the journal as it is written; `signal_figures.py` adds those of the sources."""

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector

from vigie import __version__
from vigie.domain.case import CaseState
from vigie.domain.happening import Happening
from vigie.domain.usage import Use
from vigie.interfaces.api.feed import Feed
from vigie.interfaces.api.signal_figures import SignalFigures
from vigie.interfaces.services import Services

MEDIA_TYPE = CONTENT_TYPE_LATEST
_QUIET_S = 60.0
_OPEN_CASES_MAX = 10_000
_SECONDS = (0.1, 0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600)


class Asked(Collector):
    """What was ever asked of the conversation, from every process, as it was last read from the memory."""

    def __init__(self) -> None:
        self.uses: Sequence[Use] = ()

    def collect(self) -> Iterator[Metric]:
        """Return the requests by kind, class and intent, how many were answered as asked, and the time saved."""
        labels = ["kind", "class", "intent"]
        asked = CounterMetricFamily("vigie_requests", "Requests in words", labels=labels)
        answered = CounterMetricFamily("vigie_requests_succeeded", "Requests answered as asked", labels=labels)
        # A gauge: a request may have cost more time than it saved.
        saved = GaugeMetricFamily("vigie_requests_saved_seconds", "Time saved over typing the lines by hand, an estimate")
        sums: dict[tuple[str, str, str], list[int]] = {}
        for use in self.uses:
            counted = sums.setdefault((use.kind, use.effect_class, use.intent), [0, 0])
            counted[0] += use.asked
            counted[1] += use.succeeded
        for key, (all_of_them, good) in sums.items():
            asked.add_metric(key, all_of_them)
            answered.add_metric(key, good)
        saved.add_metric([], sum(use.saved_s for use in self.uses))
        yield from (asked, answered, saved)


class Metrics:
    """The figures of one server.

    Counters of the journal start at its start; the gauge of open cases and what was asked are read when they are asked for.
    """

    def __init__(self, services: Services) -> None:
        self._services = services
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        Gauge("vigie_build", "1, with the version as label", ["version"], registry=self._registry).labels(__version__).set(1)
        self._cases = Counter("vigie_cases", "Cases that reached a state", ["state"], registry=self._registry)
        for state in CaseState:
            self._cases.labels(state.value)
        self._open = Gauge("vigie_cases_open", "Cases being worked or waiting for a person", ["state"], registry=self._registry)
        self._phases = Histogram(
            "vigie_phase_seconds", "Duration of a phase of a case", ["phase"], buckets=_SECONDS, registry=self._registry
        )
        self._actions = Counter("vigie_gate_actions", "Actions behind the gate", ["class", "outcome"], registry=self._registry)
        self._rows = Counter("vigie_journal_rows", "Rows of the journal", ["kind"], registry=self._registry)
        self._agents = Counter("vigie_agent_rows", "Rows written by an agent", ["agent"], registry=self._registry)
        self._asked = Asked()
        self._registry.register(self._asked)
        self._registry.register(SignalFigures(services))
        self._entered: dict[str, tuple[str, datetime]] = {}

    async def run(self, feed: Feed) -> None:
        """Count what happens until cancelled."""
        async for page in feed.rows(feed.position, case=None, quiet_s=_QUIET_S):
            self._count(page)

    async def text(self) -> bytes:
        """Return the figures as Prometheus reads them."""
        for state in (CaseState.WORKING, CaseState.WAITING):
            found = await self._services.store.cases.list(states=[state], limit=_OPEN_CASES_MAX)
            self._open.labels(state.value).set(len(found))
        self._asked.uses = await self._services.store.usage.list()
        return await asyncio.to_thread(generate_latest, self._registry)

    def _count(self, page: Iterable[Happening]) -> None:
        for row in page:
            self._rows.labels(row.kind).inc()
            role, _, name = row.actor.partition(":")
            if role == "agent":
                self._agents.labels(name).inc()
            if row.kind == "action.result":
                self._actions.labels(str(row.body.get("class", "")), str(row.body.get("outcome", ""))).inc()
            if row.case:
                self._follow(row.case, row)

    def _follow(self, case: str, row: Happening) -> None:
        match row.kind:
            case "case.opened":
                self._cases.labels(CaseState.WORKING.value).inc()
            case "case.waiting":
                self._cases.labels(CaseState.WAITING.value).inc()
            case "case.phase":
                self._leave(case, row)
                self._entered[case] = (str(row.body.get("phase", "")), row.at)
            case "case.closed":
                self._leave(case, row)
                self._cases.labels(str(row.body.get("state", ""))).inc()

    def _leave(self, case: str, row: Happening) -> None:
        if before := self._entered.pop(case, None):
            phase, since = before
            self._phases.labels(phase).observe(max(0.0, (row.at - since).total_seconds()))
