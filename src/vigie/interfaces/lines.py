"""Kept log lines as the API tells them: searched, followed, in their context; what they say; and the sources they come from."""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

from vigie.domain.errors import BadUsage, Permanent
from vigie.i18n import Language
from vigie.interfaces.alike import narrowed as narrowed_to_likes
from vigie.interfaces.redacted import redacted
from vigie.interfaces.services import Services

if TYPE_CHECKING:
    from vigie.memory.lines.question import Rank
    from vigie.memory.lines.store import Hit, LineStore, Question

_FACETS = ("host", "service", "level", "source")
_HOUR_S = 3600
_DAY_HOURS = 24
Answer = TypeVar("Answer")


async def search(services: Services, question: "Question", template: str | None, like: str = "") -> dict[str, Any]:
    """Return the lines that answer, the latest first; `next` is what `before` takes for the page after.

    With `like` (the id of a line or a template, or words) they are those whose wordings are like its own; `like` of the answer
    names these wordings.
    """
    if not services.store.lines_path.exists():
        return {"lines": [], "next": None, "complete": True, "facets": {name: {} for name in _FACETS}}
    if like:
        alike = await _asked(services, lambda store: narrowed_to_likes(store, question, like))
        return {**await _found(services, alike[0]), "like": redacted(alike[1].document())}
    return await _found(services, await narrowed(services, question, template))


async def _found(services: Services, question: "Question") -> dict[str, Any]:
    found = await _asked(services, lambda store: store.find(question))
    lines = [document(hit) for hit in found.hits]
    is_page = len(found.hits) >= question.limit
    return {
        "lines": lines,
        "next": _written(found.hits[-1].rank) if is_page and found.hits else None,
        "complete": found.complete,
        "facets": {name: dict(Counter(line[name] for line in lines if line[name]).most_common()) for name in _FACETS},
    }


async def narrowed(services: Services, question: "Question", template: str | None) -> "Question":
    """Return a question that is about one template only."""
    from dataclasses import replace

    if not template:
        return question
    exists = services.store.lines_path.exists()
    return replace(question, texts=await _asked(services, lambda store: store.texts_of(template)) if exists else ())


async def context(services: Services, line: str, count: int, hosts: frozenset[str] | None) -> dict[str, Any]:
    """Return a line among its neighbours of the same source.

    Raises:
        Permanent: there is none of this id.
    """
    if not services.store.lines_path.exists():
        raise Permanent("lines.unknown", line=line)
    hits = await _asked(services, lambda store: store.context(line, count, hosts))
    return {"lines": [document(hit) for hit in hits], "id": line}


async def templates(services: Services, host: str | None, hosts: frozenset[str] | None, limit: int) -> list[dict[str, Any]]:
    """Return what was said in the last day, the most said first, each with its lines by the hour, the oldest hour first."""
    if not services.store.lines_path.exists():
        return []
    now_hour = int(services.clock.now().timestamp() // _HOUR_S)
    since = now_hour - _DAY_HOURS + 1
    found = await _asked(services, lambda store: store.templates(since_hour=since, hosts=hosts, host=host, limit=limit))
    return [
        redacted(
            {
                "id": each.id,
                "text": each.text,
                "host": each.host,
                "service": each.service,
                "level": each.level,
                "first_seen": instant(each.first_s),
                "last_seen": instant(each.last_s),
                "count": each.count,
                "sparkline": _by_hour(each.hours, since),
            }
        )
        for each in found
    ]


async def sources(services: Services, hosts: frozenset[str] | None) -> list[dict[str, Any]]:
    """Return how each source of lines fares."""
    tower = services.watchtower
    if tower.loop is None:
        return []
    health, found = tower.loop.health, []
    for name, collector in tower.loop.collectors.items():
        if hosts is not None and collector.host not in hosts:
            continue
        own = health[name]
        found.append(
            {
                "source": name,
                "kind": collector.name,
                "host": collector.host,
                "lines": own.lines,
                "lines_per_s": round(own.lines_per_s, 2),
                "findings": own.findings,
                "last_at": own.last_at.isoformat() if own.last_at else None,
                "behind_bytes": await asyncio.to_thread(collector.behind),
                "dropped": collector.dropped,
                "sampled": own.sampled,
                "restarts": own.restarts,
                "trouble": own.trouble,
                "unreadable": list(collector.troubles()),
            }
        )
    return found


def refused(services: Services, language: Language) -> dict[str, str]:
    """Return the sources of the settings that cannot be had, with why."""
    return {name: f"{error.what(language)} {error.why(language)}" for name, error in services.watchtower.refused.items()}


def keeping(services: Services) -> dict[str, Any]:
    """Return how the keeping of lines fares."""
    keeper = services.watchtower.keeper
    return {"kept": keeper.kept, "unkept": keeper.unkept, "trouble": keeper.trouble}


def document(hit: "Hit") -> dict[str, Any]:
    """Return a line as it is told: freed of secrets once more on its way out."""
    from vigie.memory.lines.templates import id_of

    template = hit.about.template
    told: dict[str, Any] = redacted(
        {
            "id": hit.id,
            "at": instant(hit.at_s),
            "host": hit.host,
            "source": hit.source,
            "service": hit.about.service,
            "level": hit.about.level,
            "template": {"id": id_of(template), "text": template} if template else None,
            "text": hit.text,
        }
    )
    return told


def rank(text: str) -> "Rank":
    """Return where a page ended, from what `next` said.

    Raises:
        BadUsage: it is nothing that `next` says.
    """
    try:
        at_s, block, place = text.split("~")
        return float(at_s), int(block), int(place)
    except ValueError as error:
        raise BadUsage("lines.no_page", page=text) from error


def instant(at_s: float) -> str:
    """Return seconds since 1970 as a stamp in UTC."""
    try:
        return datetime.fromtimestamp(at_s, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    except (OverflowError, ValueError, OSError):
        return "1970-01-01T00:00:00.000Z"


def _written(place: "Rank") -> str:
    return "~".join(map(repr, place))


def _by_hour(hours: Sequence[tuple[int, int]], since: int) -> list[int]:
    counts = dict(hours)
    return [counts.get(hour, 0) for hour in range(since, since + _DAY_HOURS)]


async def _asked(services: Services, ask: "Callable[[LineStore], Answer]") -> Answer:
    def answer() -> Answer:
        store = services.store.lines()
        try:
            return ask(store)
        finally:
            store.close()

    return await asyncio.to_thread(answer)
