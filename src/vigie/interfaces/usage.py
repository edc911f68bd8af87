"""What the conversation was used for, as the API gives it: totals, days, kinds, classes and intents."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta
from itertools import groupby
from typing import Any

from vigie.domain.usage import Use
from vigie.i18n import Language, text
from vigie.knowledge.library import Knowledge

DAYS_MAX = 400


def since(today: date, days: int) -> date:
    """Return the first of so many days that end today."""
    return today - timedelta(days=days - 1)


def document(uses: Sequence[Use], first: date, today: date, knowledge: Knowledge, language: Language) -> dict[str, Any]:
    """Return everything that is told: each day once, the rest the most asked for first."""
    by_day = {day: tuple(own) for day, own in groupby(uses, key=lambda use: use.day)}
    days = [first + timedelta(days=number) for number in range((today - first).days + 1)]
    commands = [use for use in uses if use.kind == "command"]
    return {
        "since": first.isoformat(),
        "until": today.isoformat(),
        "total": _sum(uses) | {"commands": sum(use.asked for use in commands)},
        "days": [{"day": day.isoformat()} | _sum(by_day.get(day, ())) for day in days],
        "kinds": _grouped("kind", uses, lambda use: use.kind),
        "classes": _grouped("class", commands, lambda use: use.effect_class),
        "intents": [
            each | {"title": known.titled(language, {}) if (known := knowledge.intents.get(each["intent"])) else each["intent"]}
            for each in _grouped("intent", [use for use in uses if use.intent], lambda use: use.intent)
        ],
        "estimate": text(language, "ask.usage.estimate"),
    }


def _grouped(name: str, uses: Iterable[Use], key: Callable[[Use], str]) -> list[dict[str, Any]]:
    found = [{name: value} | _sum(tuple(own)) for value, own in groupby(sorted(uses, key=key), key=key)]
    return sorted(found, key=lambda each: -each["asked"])


def _sum(uses: Sequence[Use]) -> dict[str, Any]:
    asked = sum(use.asked for use in uses)
    return {
        "asked": asked,
        "succeeded": sum(use.succeeded for use in uses),
        "hosts": sum(use.hosts for use in uses),
        "saved_s": round(sum(use.saved_s for use in uses), 1),
        "understand_ms": round(1000 * sum(use.understand_s for use in uses) / asked, 1) if asked else None,
    }
