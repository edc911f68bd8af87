"""Looks words up in what is kept: log lines, cases, and what Vigie knows."""

import asyncio
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Sequence
from math import log
from typing import TYPE_CHECKING, Any, Literal

from vigie.i18n import Language

if TYPE_CHECKING:
    from vigie.interfaces.services import Services
    from vigie.memory.lines.store import Question

Room = Literal["logs", "cases", "knowledge"]
ROOMS: tuple[Room, ...] = ("logs", "cases", "knowledge")
_EXCERPT_MAX = 300
_CASES_MAX = 500
_WORD = re.compile(r"[\w\-]{2,}")
# Okapi BM25's usual constants (Robertson and Zaragoza 2009).
_K1, _B = 1.2, 0.75


async def search(
    services: "Services", question: "Question", rooms: Sequence[Room], language: Language, *, like: bool = False
) -> tuple[list[dict[str, Any]], bool]:
    """Return hits, the best first in each room, and whether all was searched.

    A log line's score falls with its age among those found; a case's and a cause's is its BM25. With `like` the words are a line
    or the id of one, and lines that say the like are found, each with how much alike it is.
    """
    hits: list[dict[str, Any]] = []
    complete = True
    if "logs" in rooms:
        found, complete = await asyncio.to_thread(_lines, services, question, like=like)
        hits += found
    if "cases" in rooms and question.words:
        cases = await services.store.cases.list(limit=_CASES_MAX)
        texts = {case.id: f"{case.title} {case.ticket or ''} {' '.join(case.labels)} {case.host}" for case in cases}
        hits += _ranked("case", texts, question)
    if "knowledge" in rooms and question.words:
        hits += _ranked("knowledge", _known(services, language), question)
    return hits, complete


def _lines(services: "Services", question: "Question", *, like: bool) -> tuple[list[dict[str, Any]], bool]:
    from dataclasses import replace
    from datetime import UTC, datetime

    from vigie.interfaces.alike import narrowed

    if not services.store.lines_path.exists():
        return [], True
    store = services.store.lines()
    scores: dict[str, float] = {}
    try:
        if like:
            question, near = narrowed(store, replace(question, words=""), question.words)
            scores = {text: score for name, _, score in near.found for text in store.texts_of(name)}
        found = store.find(question)
    finally:
        store.close()
    hits: list[dict[str, Any]] = [
        {
            "kind": "log",
            "id": hit.id,
            "score": scores.get(hit.about.template, 0.0) if like else round(1 / (1 + place / 10), 3),
            "excerpt": hit.text[:_EXCERPT_MAX],
            "at": datetime.fromtimestamp(hit.at_s, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "host": hit.host,
            "source": hit.source,
            "service": hit.about.service,
            "level": hit.about.level,
        }
        for place, hit in enumerate(found.hits)
    ]
    return sorted(hits, key=lambda hit: -hit["score"]), found.complete


def _known(services: "Services", language: Language) -> dict[str, str]:
    told: Callable[[Any], str] = lambda both: str(getattr(both, language))  # noqa: E731  # one use, and short
    texts = {}
    for cause in services.knowledge.causes.values():
        texts[f"cause:{cause.name}"] = f"{told(cause.title)}. {told(cause.explanation)} {cause.label}"
    for remedy in services.knowledge.remedies.values():
        texts[f"remedy:{remedy.name}"] = f"{told(remedy.title)}. {told(remedy.explanation)}"
    return texts


def _ranked(kind: str, texts: dict[str, str], question: "Question") -> list[dict[str, Any]]:
    bags = {name: Counter(_words(text)) for name, text in texts.items()}
    wanted = set(_words(question.words))
    usual = sum(bag.total() for bag in bags.values()) / max(1, len(bags))
    scores: dict[str, float] = {}
    for word in wanted:
        holding = [name for name, bag in bags.items() if bag[word]]
        weight = log(1 + (len(bags) - len(holding) + 0.5) / (len(holding) + 0.5))
        for name in holding:
            count = bags[name][word]
            scores[name] = scores.get(name, 0.0) + weight * count * (_K1 + 1) / (
                count + _K1 * (1 - _B + _B * bags[name].total() / usual)
            )
    best = sorted(scores, key=lambda name: -scores[name])[: question.limit]
    return [{"kind": kind, "id": name, "score": round(scores[name], 3), "excerpt": texts[name][:_EXCERPT_MAX]} for name in best]


def _words(text: str) -> list[str]:
    folded = unicodedata.normalize("NFKD", text.casefold())
    return _WORD.findall("".join(letter for letter in folded if not unicodedata.combining(letter)))
