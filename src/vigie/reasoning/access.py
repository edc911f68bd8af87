"""Changes of mode or owner that take something away from somebody."""

from collections.abc import Iterator

from vigie.domain.fact import Fact
from vigie.reasoning.derived import made
from vigie.reasoning.facts import Facts
from vigie.reasoning.house import House, text_of
from vigie.reasoning.times import Times


def narrowed(facts: Facts, _house: House, _times: Times) -> Iterator[Fact]:
    """Yield `access.narrowed`: `{lost}`, the bits that are gone; another owner or group counts too."""
    for fact in facts.named("change.mode"):
        before, after = _bits(text_of(fact, "mode_before")), _bits(text_of(fact, "mode_after"))
        if before is None or after is None:
            continue
        lost = before & ~after
        if lost or text_of(fact, "owner_before") != text_of(fact, "owner_after"):
            yield made("access.narrowed", fact.subject, {"lost": f"{lost:04o}"}, (fact,))


def _bits(mode: str) -> int | None:
    try:
        return int(mode, 8)
    except ValueError:
        return None
