"""Makes facts that follow from other facts."""

import hashlib
import json
from collections.abc import Iterable, Mapping

from vigie.domain.fact import Fact, Source, Value
from vigie.reasoning.facts import DERIVED

_EXCERPT = 400


def made(name: str, subject: str, value: Mapping[str, Value], sources: Iterable[Fact]) -> Fact:
    """Return a fact that names its sources; the same conclusion has the same id."""
    known = list(sources)
    body = json.dumps([subject, name, value], sort_keys=True, default=str)
    digest = hashlib.sha256(body.encode()).hexdigest()[:12]
    excerpt = "; ".join(fact.source.excerpt or fact.source.line for fact in known)
    line = " + ".join(dict.fromkeys(fact.id for fact in known))
    return Fact(
        f"{DERIVED}{digest}",
        known[0].host,
        subject,
        name,
        dict(value),
        max(fact.at for fact in known),
        Source(line, excerpt[:_EXCERPT]),
    )
