"""New files that are reached through a new link: one thing that came, not two."""

import posixpath
from collections.abc import Iterator

from vigie.domain.fact import Fact
from vigie.reasoning.derived import made
from vigie.reasoning.facts import Facts
from vigie.reasoning.house import House, tail, value_of
from vigie.reasoning.times import Times


def links(facts: Facts, _house: House, _times: Times) -> Iterator[Fact]:
    """Yield `file.behind_link`: `{link}`, for each new file that a new link leads to; the link is what makes it count."""
    for link in facts.named("change.link"):
        target = value_of(link, "after")
        if value_of(link, "before") is not None or not isinstance(target, str):
            continue
        path = posixpath.normpath(posixpath.join(posixpath.dirname(tail(link)), target))
        for fact in facts.about("change.file", f"file:{path}"):
            if value_of(fact, "before") is None:
                yield made("file.behind_link", fact.subject, {"link": tail(link)}, (link, fact))
