"""What is looked for in the kept lines, and what is found; `search.py` answers."""

from dataclasses import dataclass

from vigie.memory.lines import signature
from vigie.memory.lines.block import About

BAD = frozenset(("warning", "error", "critical"))
# Where a line stands among all: its time, its block, its place in it.
Rank = tuple[float, int, int]


@dataclass(frozen=True, slots=True)
class Hit:
    """A line that was found; `id` names it for as long as it is kept."""

    id: str
    at_s: float
    host: str
    source: str
    text: str
    about: About

    @property
    def rank(self) -> Rank:
        """Return where it stands among all lines."""
        block, place = self.id.split(":")
        return self.at_s, int(block), int(place)


@dataclass(frozen=True, slots=True)
class Question:
    """Lines that hold all the words, and are as the fields say; None and "" are anything.

    `since_s`, `until_s`: seconds since 1970. `patience_s`: how long to look at most. `hosts`: who asks sees no others. `texts`:
    the texts of templates, any of which will do. `before`: only lines that come before this one, latest first.
    """

    words: str = ""
    host: str | None = None
    level: str | None = None
    service: str | None = None
    texts: tuple[str, ...] | None = None
    since_s: float = float("-inf")
    until_s: float = float("inf")
    limit: int = 50
    patience_s: float = 5.0
    hosts: frozenset[str] | None = None
    before: Rank | None = None

    def sees(self, host: str) -> bool:
        """Say whether lines of a host may answer."""
        return (not self.host or host == self.host) and (self.hosts is None or host in self.hosts)

    def wants(self, kind: About) -> bool:
        """Say whether lines of a kind may answer."""
        named = (not self.level or kind.level == self.level) and (not self.service or kind.service == self.service)
        return named and (self.texts is None or kind.template in self.texts)

    def takes(self, hit: Hit) -> bool:
        """Say whether a line answers."""
        fits = self.sees(hit.host) and self.wants(hit.about) and self.since_s <= hit.at_s <= self.until_s
        return fits and self.sought() <= set(signature.words(hit.text.encode("utf-8", "replace")))

    def sought(self) -> frozenset[bytes]:
        """Return the words, as they stand in signatures."""
        return frozenset(signature.words(self.words.encode("utf-8", "replace")))

    def marks(self) -> list[list[bytes]]:
        """Return what a block must be marked with: of each list, one at least."""
        words = sorted(self.sought())
        found = [[signature.bad(word)] if self.level in BAD else [word] for word in words]
        for name, value in (("host", self.host), ("level", self.level), ("service", self.service)):
            if value:
                found.append([signature.field(name, value)])
        if self.texts is not None:
            found.append([signature.field("template", text) for text in self.texts])
        return found


@dataclass(frozen=True, slots=True)
class Found:
    """The latest lines that answer; `complete` is False when patience ended before all blocks were seen."""

    hits: tuple[Hit, ...]
    complete: bool
