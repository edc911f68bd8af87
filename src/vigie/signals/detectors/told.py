"""Alerts that others send: each firing one is a finding, once for as long as it fires."""

from collections import OrderedDict

from vigie.domain.fact import Value
from vigie.domain.finding import Event, Finding, Level
from vigie.signals.detectors.detector import SUBJECTS_MAX, Detector, excerpt, place
from vigie.signals.templates import Template

_SURE = {Level.CRITICAL: 0.9, Level.ERROR: 0.8, Level.WARNING: 0.6}


class Told(Detector):
    """Passes on what a monitoring system says that it has found."""

    name = "told"

    def __init__(self) -> None:
        self._firing: OrderedDict[str, None] = OrderedDict()

    def event(self, event: Event, template: Template) -> list[Finding]:
        """Return a finding when this is an alert that begins to fire."""
        name = event.fields.get("alert")
        if name is None or "alert_state" not in event.fields:
            return []
        key = f"{self.name}:{event.signal.source}:{event.fields.get('alert_key', name)}"
        if event.fields["alert_state"] != "firing":
            self._firing.pop(key, None)
            return []
        is_new = key not in self._firing
        self._keep(key)
        if not is_new:
            return []
        subject = f"service:{event.service}" if event.service else f"alert:{name}"
        return [
            Finding(
                kind=self.name,
                host=event.signal.host,
                subject=subject,
                key=key,
                first_at=event.at,
                last_at=event.at,
                count=1,
                confidence=_SURE.get(event.level, 0.5),
                excerpt=excerpt(event),
                source=place(event),
                values={**_labels(event), "message": event.message, "level": event.level.value, "subject": subject},
            )
        ]

    def memory(self) -> dict[str, Value]:
        """Return the alerts that fire."""
        firing: list[Value] = [*self._firing]
        return {"firing": firing}

    def remember(self, memory: dict[str, Value]) -> None:
        """Know the alerts that fired before."""
        firing = memory.get("firing")
        for key in firing if isinstance(firing, list) else ():
            self._keep(str(key))

    def _keep(self, key: str) -> None:
        self._firing[key] = None
        self._firing.move_to_end(key)
        if len(self._firing) > SUBJECTS_MAX:
            self._firing.popitem(last=False)


def _labels(event: Event) -> dict[str, str]:
    """Return what the alert is labelled with, besides what a line has anyway."""
    own = {"time", "level", "message", "alert", "alert_state", "alert_key"}
    return {name: value for name, value in event.fields.items() if name not in own}
