"""Follow-ups: an answer to a question of ours, or words that lean on the request before."""

import re
from collections.abc import Sequence

from vigie.knowledge.requests import Intent
from vigie.reasoning.commands.request import Choice, Turn
from vigie.reasoning.commands.scoring import Match
from vigie.reasoning.commands.text import Token

_ORDINALS = {
    "1": 0, "2": 1, "3": 2, "premier": 0, "premiere": 0, "first": 0, "second": 1, "seconde": 1, "deuxieme": 1, "troisieme": 2,
    "third": 2, "1er": 0, "1ere": 0, "1st": 0, "2nd": 1, "2e": 1, "2eme": 1, "3e": 2, "3eme": 2, "3rd": 2, "last": -1,
    "dernier": -1, "derniere": -1,
}  # fmt: skip
_YES = frozenset(["oui", "yes", "y", "yep", "ok", "ouais", "exactement", "exactly", "right"])
_SHORT = 5
_BARE = 1.35


def chosen(tokens: Sequence[Token], before: Turn, titles: Sequence[str]) -> Choice | None:
    """Return the choice that a short answer takes, None when it is no answer."""
    if before.kind != "clarify" or not before.choices:
        return None
    words = [token.norm for token in tokens if token.kind != "break"]
    if not words or len(words) > 12:
        return None
    if len(words) <= _SHORT:
        place = next((_ORDINALS[word] for word in words if word in _ORDINALS), None)
        if place is not None and place < len(before.choices):
            return before.choices[place]
        if len(before.choices) == 1 and (words[0] in _YES or len(words) <= 2):
            return before.choices[0]
    said = " ".join(words)
    return next((choice for choice, title in zip(before.choices, titles, strict=False) if _plain(title) == said), None)


def leans(follows: bool, names_hosts: bool, ideas: frozenset[str], best: Match | None, last: Intent) -> bool:
    """Say whether a request is the one before again, with another target or another thing.

    Args:
        follows: it begins as a follow-up does.
        names_hosts: it names hosts.
        ideas: the telling ideas in it.
        best: what it would mean by itself.
        last: what was asked before.
    """
    kinds = {slot.kind for slot in last.slots.values()}
    if not ideas:
        # Only names and filler: "et sur web2 ?", "and redis?", "the last 20 lines"
        says_thing = best is not None and bool(set(best.taken) & kinds)
        return names_hosts or (says_thing and (follows or best is None or best.score < _BARE)) or (follows and best is None)
    if not follows and not names_hosts:
        return False
    # What is new is only a service or another thing of the same kind.
    return best is not None and best.intent.name == "svc.status" and "service" in kinds and not best.ideas


def _plain(title: str) -> str:
    return " ".join(re.findall(r"[a-z0-9]+", title.lower()))
