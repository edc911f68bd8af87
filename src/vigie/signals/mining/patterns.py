"""Patterns: what messages of one shape have in common, learnt from which words were seen to vary.

A message is known by its key at once; else by a pattern that fits it; else it is a pattern of its own, until enough of its likes
have been seen to tell a word that varies from a word that is said.
"""

import re
from collections import defaultdict
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, field

from vigie.signals.mining.lexer import encode, lex
from vigie.signals.mining.words import (
    ANY,
    CLASSES,
    CLOSED_CODES,
    CODED,
    DATE_CODES,
    FRAME,
    GIVEN,
    NAME,
    NUMBERED,
    SOME,
    TEXT_MAX,
    TOKENS_MAX,
    VARIABLE,
    word_code,
)

MASK = "<*>"
# How many different words in one place, all else equal, make the place variable.  bench/templates, 2026-11
_WORDS = 5
_NAMED_WORDS = 3  # after a word that announces a value
_FIRST_WORDS = 20  # at the beginning, where a message says what it is about
_CROWD = 8  # in several places at once: at least so many in each,
_CROWD_SHARE = 0.5  # so many of all messages,
_SAID_SHARE = 0.34  # and so much that stays
_ANNOUNCING_WORDS = (
    "user username login account host hostname server client node device interface file directory folder path table database",
    "db schema job task queue topic service process program name id key module package class method function command domain",
    "zone bucket container image pod namespace thread session member group role volume disk partition worker peer address",
    "url app application utilisateur compte hote serveur noeud fichier dossier chemin base tache processus nom",
)
_ANNOUNCING = frozenset(word_code(word.encode()) for line in _ANNOUNCING_WORDS for word in line.split())
_DIGITS = re.compile(r"\d(?:.*\d)?")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")
_KEYS_MAX = 200_000
_PATTERNS_MAX = 50_000  # beyond, a new message is only `<*>`: a log in which no line is like another
_RUN = re.compile(r"<\*>(?:[ .:,/_-]?<\*>)+")


@dataclass(slots=True, eq=False)
class Pattern:
    """What many messages say. `number` is its place in `Patterns.all`; `parent` the more general one that took it in."""

    number: int
    frame: int
    codes: list[int]
    values: list[int]
    kinds: list[int]
    varied: list[bool]
    pieces: list[str]  # texts of frame and slots, in order
    slots: list[int]  # which of the pieces are slots
    parent: "Pattern | None" = None
    wild: int = 0

    def root(self) -> "Pattern":
        """Return the most general pattern that took this one in."""
        found = self
        while found.parent is not None:
            found = found.parent
        return found

    def text(self) -> str:
        """Return the template as people read it, with `<*>` where it varies."""
        pieces = list(self.pieces)
        for slot, piece in enumerate(self.slots):
            kind, code = self.kinds[slot], self.codes[slot]
            if code == ANY or kind == VARIABLE or (code == SOME and (self.varied[slot] or _is_value(pieces[piece]))):
                pieces[piece] = MASK
            elif kind == CODED or (kind == NUMBERED and self.varied[slot]):
                pieces[piece] = _DIGITS.sub(MASK, pieces[piece], count=1)
        return _RUN.sub(MASK, "".join(pieces))

    def is_settled(self) -> bool:
        """Say whether no other digits in a message like this could tell anything more."""
        return all(
            self.varied[slot] or kind not in (NAME, NUMBERED) or not _DIGITS.search(self.pieces[piece])
            for slot, (piece, kind) in enumerate(zip(self.slots, self.kinds, strict=True))
        )

    def meet(self, values: Sequence[int]) -> None:
        """See one more message: what differs from the first one varies."""
        for slot, value in enumerate(values):
            if value != self.values[slot]:
                self.varied[slot] = True


@dataclass(slots=True)
class _Group:
    patterns: list[Pattern] = field(default_factory=list)
    fresh: int = 0


class Lexed:
    """One message cut into tokens; the buffers are used again for the next one."""

    def __init__(self) -> None:
        size = TOKENS_MAX + 8
        self.kinds, self.starts, self.ends = [0] * size, [0] * size, [0] * size
        self.codes, self.values, self.keys = [0] * size, [0] * size, [0, 0]
        self.tokens = self.slots = 0

    def read(self, message: bytes) -> int:
        """Cut a message; return its key."""
        self.tokens = lex(message, 0, len(message), CLASSES, DATE_CODES, self.kinds, self.starts, self.ends)
        self.slots = encode(
            message, self.tokens, CLASSES, CLOSED_CODES, self.kinds, self.starts, self.ends, self.codes, self.values, self.keys
        )
        return self.keys[0]


class Patterns:
    """All patterns found so far."""

    def __init__(self) -> None:
        self.all: list[Pattern] = []
        self.changed: list[Pattern] = []
        self._by_key: dict[int, Pattern] = {}
        self._groups: defaultdict[int, _Group] = defaultdict(_Group)
        self._count = 0
        self.overflow: Pattern | None = None
        self.lexed = Lexed()

    def known(self, key: int) -> Pattern | None:
        """Return the pattern of a key seen before."""
        return self._by_key.get(key)

    def learn(self, message: bytes) -> Pattern:
        """Return the pattern of a message; it may be new, and others may have become more general by it."""
        lexed = self.lexed
        message = message[: TEXT_MAX + 1]  # what is beyond is one variable, however long
        key = lexed.read(message)
        values = lexed.values[: lexed.slots]
        known = self._by_key.get(key)
        if known is not None:
            known = known.root()
            known.meet(values)
            return known
        codes = lexed.codes[: lexed.slots]
        group = self._groups[lexed.keys[1]]
        for pattern in group.patterns:
            if fits(pattern.codes, codes):
                pattern.meet(values)
                if len(self._by_key) < _KEYS_MAX:
                    self._by_key[key] = pattern
                return pattern
        if len(self.all) >= _PATTERNS_MAX:
            return self._overflow()
        pattern = self._new(message, codes, values)
        self._by_key[key] = pattern
        group.patterns.append(pattern)
        group.fresh += 1
        if group.fresh >= max(2, len(group.patterns) // 2):
            self._settle(group)
        return pattern.root()

    def settle(self) -> None:
        """Look at every group that has new members once more."""
        for group in self._groups.values():
            if group.fresh:
                self._settle(group)

    def keep(self, wanted: Container[Pattern]) -> None:
        """Forget every pattern but those that are wanted."""
        self.all = [pattern for pattern in self.all if pattern in wanted]
        self._by_key = {key: root for key, pattern in self._by_key.items() if (root := pattern.root()) in wanted}
        for frame, group in list(self._groups.items()):
            group.patterns = [pattern for pattern in group.patterns if pattern in wanted]
            if not group.patterns:
                del self._groups[frame]

    def groups(self) -> Iterable[tuple[int, list[Pattern]]]:
        """Give the patterns of every frame, most telling first."""
        for frame, group in self._groups.items():
            yield frame, group.patterns

    def _overflow(self) -> Pattern:
        if self.overflow is None:
            self.overflow = Pattern(self._count, 0, [SOME], [0], [VARIABLE], [True], [MASK], [0])
            self._count += 1
            self.all.append(self.overflow)
        return self.overflow

    def _new(self, message: bytes, codes: list[int], values: list[int]) -> Pattern:
        lexed = self.lexed
        kinds = [int(kind) for kind in lexed.kinds[: lexed.tokens]]
        pieces = [
            _CONTROL.sub(" ", message[start:end].decode("utf-8", "replace"))
            for start, end in zip(lexed.starts[: lexed.tokens], lexed.ends[: lexed.tokens], strict=True)
        ]
        slots = [place for place, kind in enumerate(kinds) if kind != FRAME]
        slot_kinds = [kinds[place] for place in slots]
        varied = [kind in (VARIABLE, CODED) for kind in slot_kinds]
        self._count += 1
        pattern = Pattern(self._count - 1, lexed.keys[1], codes, values, slot_kinds, varied, pieces, slots)
        self.all.append(pattern)
        return pattern

    def _settle(self, group: _Group) -> None:
        group.fresh = 0
        before = group.patterns
        group.patterns = sorted(gather(before), key=lambda pattern: (pattern.wild, pattern.number))
        if len(group.patterns) < len(before):
            self.changed += before


def fits(pattern: Sequence[int], codes: Sequence[int]) -> bool:
    """Return whether a message's codes fit a pattern's: a place that varies takes anything but a closed word."""
    return all(mine == theirs or (mine == ANY and theirs >= 0) for mine, theirs in zip(pattern, codes, strict=True))


def gather(patterns: list[Pattern]) -> list[Pattern]:
    """Merge the patterns of one frame that differ only in what varies; return those that are left."""
    if len(patterns) < 2:
        return patterns
    left: list[Pattern] = []
    stack = [patterns]
    while stack:
        some = stack.pop()
        columns = [{code or SOME for code in column} for column in zip(*(pattern.codes for pattern in some), strict=True)]
        differing = [slot for slot, column in enumerate(columns) if len(column) > 1]
        if len(differing) < 2:
            left += some
        elif _is_crowd(some, columns, differing):
            left.append(_merged(some, differing))
        else:
            slot = min(differing, key=lambda slot: len(columns[slot]))
            parts: defaultdict[int, list[Pattern]] = defaultdict(list)
            for pattern in some:
                parts[pattern.codes[slot] or SOME].append(pattern)
            stack += parts.values()
    return _merged_pairwise(left)


def _is_crowd(patterns: list[Pattern], columns: list[set[int]], differing: list[int]) -> bool:
    """Say whether all differing places vary at once: random names side by side."""
    said = len(columns) - len(differing)
    enough = max(_CROWD, _CROWD_SHARE * len(patterns))
    return said >= max(1, _SAID_SHARE * len(columns)) and all(len(columns[slot]) >= enough for slot in differing)


def _merged_pairwise(patterns: list[Pattern]) -> list[Pattern]:
    """Merge patterns that are the same but for one place, as long as that place varies."""
    changed = len(patterns) > 1
    while changed:
        changed = False
        sums = {pattern: _sum(pattern) for pattern in patterns}
        for slot in range(len(patterns[0].codes) - 1, -1, -1):
            alike: defaultdict[int, list[Pattern]] = defaultdict(list)
            for pattern in patterns:
                alike[sums[pattern] - hash((slot, pattern.codes[slot] or SOME))].append(pattern)
            if len(alike) == len(patterns):
                continue
            patterns = []
            for some in alike.values():
                open_ones = [pattern for pattern in some if pattern.codes[slot] >= 0]
                if len(open_ones) > 1 and _varies(open_ones, slot):
                    patterns += [pattern for pattern in some if pattern.codes[slot] < 0]
                    merged = _merged(open_ones, [slot])
                    sums[merged] = _sum(merged)
                    patterns.append(merged)
                    changed = True
                else:
                    patterns += some
    return patterns


def _sum(pattern: Pattern) -> int:
    """Return a sum over the places of a pattern, from which one can be taken away."""
    return sum(hash((place, code or SOME)) for place, code in enumerate(pattern.codes))


def _varies(patterns: list[Pattern], slot: int) -> bool:
    """Say whether a place varies in patterns that are the same everywhere else."""
    codes = {pattern.codes[slot] or SOME for pattern in patterns}
    rest = patterns[0].codes
    said = sum(code not in (ANY, SOME) for place, code in enumerate(rest) if place != slot)
    if said < (2 if slot == 0 else 1):
        return False
    if SOME in codes:
        return True
    if slot == 0:
        enough = _FIRST_WORDS
    elif rest[slot - 1] in _ANNOUNCING and all(pattern.kinds[slot] != GIVEN for pattern in patterns):
        enough = _NAMED_WORDS
    else:
        enough = _WORDS
    return len(codes) >= enough


def _merged(patterns: list[Pattern], slots: list[int]) -> Pattern:
    """Make the oldest pattern take the others in; `slots` are the places that vary."""
    oldest = min(patterns, key=lambda pattern: pattern.number)
    for pattern in patterns:
        if pattern is oldest:
            continue
        pattern.parent = oldest
        for slot, value in enumerate(pattern.values):
            if pattern.varied[slot] or value != oldest.values[slot]:
                oldest.varied[slot] = True
            if pattern.codes[slot] == ANY:
                oldest.codes[slot] = ANY
    for slot in slots:
        if any(pattern.codes[slot] != SOME for pattern in patterns):
            oldest.codes[slot] = ANY
    oldest.wild = sum(code == ANY for code in oldest.codes)
    return oldest


def _is_value(text: str) -> bool:
    """Say whether a name is a value even when seen once: a dotted name of three parts or more."""
    return text.count(".") >= 2 and " " not in text
