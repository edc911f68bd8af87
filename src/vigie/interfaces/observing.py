"""Observing a host and having it check itself, the same for the command line and the API."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from vigie.domain.host import Autonomy, Host
from vigie.domain.trend import Trend
from vigie.interfaces import hosts
from vigie.interfaces.observatory import CERTIFICATES, LINE, MEASURES
from vigie.interfaces.services import Services

POINTS_MAX = 300
EVERY_S = 300.0


def reads(services: Services) -> list[tuple[str, bytes | None]]:
    """Return the lines that observation runs, each with the script that it reads."""
    return [(LINE, services.knowledge.scripts[name].source) for name in (MEASURES, CERTIFICATES)]


async def enforce(services: Services, name: str, *, actor: str, file: str | None = None) -> Host:
    """Have a host itself let only signed lines through, once each.

    Raises:
        Permanent: it cannot be set up there; nothing is changed.
        Transient: the host cannot be reached.
    """
    return await services.gate.enforcement.install(await services.store.hosts.get(name), reads(services), actor=actor, file=file)


async def release(services: Services, name: str, *, actor: str) -> Host:
    """Take that away again.

    Raises:
        Permanent: it is not there, or somebody else changed it.
        Transient: the host cannot be reached.
    """
    return await services.gate.enforcement.remove(await services.store.hosts.get(name), actor=actor)


async def start(services: Services, name: str, every_s: float, *, actor: str) -> Host:
    """Observe a host from now on: its autonomy becomes `observe`, it is measured at once and then on a schedule.

    Raises:
        VigieError: it could not be measured; nothing is changed.
    """
    host = await services.store.hosts.get(name)
    await services.observatory.look(host)
    if host.autonomy is not Autonomy.OBSERVE:
        host = await hosts.set_autonomy(services, name, Autonomy.OBSERVE, actor=actor)
    host = replace(host, observed_every_s=every_s)
    await services.store.hosts.save(host)
    await services.store.journal.append("observation.started", actor=actor, body={"host": name, "every_s": every_s})
    return host


async def stop(services: Services, name: str, *, actor: str) -> Host:
    """Measure a host no longer; what was measured, and its autonomy, stay."""
    host = replace(await services.store.hosts.get(name), observed_every_s=None)
    await services.store.hosts.save(host)
    await services.store.journal.append("observation.stopped", actor=actor, body={"host": name})
    return host


async def trends(services: Services, name: str, hours: float) -> dict[str, Any]:
    """Return what was measured on a host, and where it is heading."""
    host = await services.store.hosts.get(name)
    # A forecast looks at all there is, whatever part of it is shown.
    kept = await services.store.trends.list(name)
    since = services.clock.now() - timedelta(hours=hours)
    shown = [_document(trend, since) for trend in kept if trend.points[-1].at >= since]
    return {"host": name, "observed_every_s": host.observed_every_s, "series": shown}


def _document(trend: Trend, since: datetime) -> dict[str, Any]:
    from vigie.signals.trends import end_of, thinned

    points = thinned([point for point in trend.points if point.at >= since], POINTS_MAX)
    end = end_of(trend.name, trend.points)
    if isinstance(end, datetime):
        forecast: dict[str, Any] | None = {"ends_at": end.isoformat(), "earliest": None, "latest": None, "confidence": 1.0}
    elif end is not None:
        forecast = {
            "ends_at": end.full_at.isoformat(),
            "earliest": end.earliest.isoformat(),
            "latest": end.latest.isoformat(),
            "confidence": end.confidence,
        }
    else:
        forecast = None
    return {
        "subject": trend.subject,
        "name": trend.name,
        "value": trend.points[-1].value,
        "points": [{"at": point.at.isoformat(), "value": round(point.value, 6)} for point in points],
        "forecast": forecast,
    }
