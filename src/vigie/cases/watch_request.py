"""A watch that a person asked for in words, as a standing watch: what to look at and what it must show."""

from collections.abc import Mapping

from vigie.domain.fact import Value
from vigie.domain.watch import Watch
from vigie.knowledge.library import Knowledge

_EVERY_S = 60.0
_PERCENT = 90


def watch_of(name: str, host: str, things: Mapping[str, str], knowledge: Knowledge, number: int) -> Watch | None:
    """Return the watch for an intent `watch.…`; None where no probe can tell.

    Args:
        name: of the intent.
        host: where.
        things: what the request names, by kind.
        knowledge: has the probes.
        number: makes the watch's id unique.
    """
    check = _check(name.removeprefix("watch."), things)
    if check is None or str(check["probe"]) not in knowledge.probes:
        return None
    return Watch(f"W-ask-{number}", host, check, _EVERY_S)


def _check(what: str, things: Mapping[str, str]) -> dict[str, Value] | None:
    below = int(things.get("percent", _PERCENT)) / 100
    match what:
        case "disk":
            return {"probe": "disk.usage", "slots": {}, "see": {"fact": "disk.used_ratio", "value": {".": {"below": below}}}}
        case "site" if "url" in things:
            see: Value = {"fact": "endpoint.status", "value": {".": {"below": 500, "above": 0}}}
            return {"probe": "endpoint.check", "slots": {"url": things["url"]}, "see": see}
        case "service" | "container":
            named = things.get("service") or things.get("container")
            alive: Value = {"fact": "service.state", "subject": f"service:{named}", "value": {"state": {"equals": "running"}}}
            return {"probe": "services", "slots": {}, "see": alive} if named else None
        case "memory" | "cpu" | "host":
            return {"probe": "host.load", "slots": {}}
        case "certificate":
            return {"probe": "certificates", "slots": {}}
        case _:
            return None
