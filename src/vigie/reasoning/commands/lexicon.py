"""Finds ideas in words: phrases before words, stems, and the slips of the keys that lead to a known word."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from vigie.i18n import Language
from vigie.knowledge.requests import Concepts
from vigie.reasoning.commands.text import Token, tokens_of

_TYPO_FROM = 5
_TWO_TYPOS_FROM = 9
# Of the stems that a word begins with, those almost as long as the longest count too: bloqu*, bloque*.
_NEAR_STEMS = 3
_ENDING_MAX = 5
# Phrases of these ideas leave their words the ideas they have by themselves.
_OVERLAID = frozenset({"everything", "error_log", "access_log"})
_ELIDED = frozenset({"l", "d", "s"})
# What adverbs end in: they are ordinary words, never names.
_ADVERB = re.compile(r"[a-z]{2,}(?:ement|amment|emment|iment)|[a-z]{4,}ly")
# Words that tell nothing: a slip of the keys is never mended to one of them.
_ORDINARY = "common"
_SIMPLE = re.compile(r"[a-z0-9 ]+\*?(?: [a-z0-9]+\*?)*")


@dataclass(frozen=True, slots=True)
class Span:
    """What one or more tokens say: `ideas` are the concepts, `guessed` where a slip of the keys was mended."""

    start: int
    end: int
    ideas: frozenset[str]
    guessed: bool = False


class Lexicon:
    """The words of both languages, ready to be looked up."""

    def __init__(self, concepts: Iterable[Concepts]) -> None:
        self.weights: dict[str, float] = {}
        self._spoken: dict[str, set[Language]] = defaultdict(set)
        self._phrases: dict[tuple[str, ...], set[str]] = defaultdict(set)
        self._heads: dict[str, list[tuple[str, ...]]] = defaultdict(list)
        self._stem_heads: list[tuple[str, tuple[str, ...]]] = []
        self._words: dict[str, set[str]] = defaultdict(set)
        self._stems: dict[str, set[str]] = defaultdict(set)
        for file in concepts:
            self.weights.update(file.weights)
            for name, words in file.concepts.items():
                for language, group in words.items():
                    for said in group:
                        self._add(name, said, language)
        self._near = _Slips((), ())

    def ready(self) -> None:
        """Learn the slips of the keys, once all words are in."""
        words = (word for word, ideas in self._words.items() if ideas != {_ORDINARY})
        self._near = _Slips(words, self._stems)

    def _add(self, name: str, said: str, language: Language | None = None) -> None:
        words = _pattern(said)
        if language is not None:
            for word in words:
                self._spoken[word].add(language)
        if len(words) == 1:
            (self._stems[words[0][:-1]] if said.endswith("*") else self._words[said]).add(name)
            return
        if words not in self._phrases:
            if words[0].endswith("*"):
                self._stem_heads.append((words[0][:-1], words))
            else:
                self._heads[words[0]].append(words)
        self._phrases[words].add(name)

    def add(self, name: str, words: Iterable[str]) -> None:
        """Add an idea whose words are the same in every language: the names of programs."""
        for said in words:
            self._add(name, said)

    def leaning(self, tokens: Iterable[Token]) -> dict[Language, float]:
        """Return how much the words speak for each language."""
        leaning: dict[Language, float] = {"en": 0.0, "fr": 0.0}
        for token in tokens:
            near = (
                "" if token.kind != "word" else token.norm if self.ideas_of(token.norm) else self._near.nearest(token.norm) or ""
            )
            spoken = self._spoken.get(near) or self._spoken.get(self._stem_of(near) + "*", set())
            for language in spoken if len(spoken) == 1 else ():
                leaning[language] += 1.0
            if token.kind == "word" and token.raw.lower() != token.norm and token.raw.lower().isalpha():
                leaning["fr"] += 1.0
        return leaning

    def weight(self, idea: str) -> float:
        """Return how much an idea tells."""
        return self.weights.get(idea, 1.0)

    def spans(self, tokens: Sequence[Token]) -> list[Span]:
        """Return what the tokens say, longest phrases first; tokens that say nothing are not in it."""
        found: list[Span] = []
        place = 0
        while place < len(tokens):
            span = self._phrase_at(tokens, place) or self._word_at(tokens[place], place)
            if span is not None and span.end - span.start > 1 and self._is_eclipsed(tokens, span):
                span = self._word_at(tokens[place], place)
            if span is None:
                place += 1
                continue
            found.append(span)
            place = span.end
        return found

    def every(self, tokens: Sequence[Token]) -> list[Span]:
        """Return all that the tokens may say, to the letter: each phrase and each word of it, over one another."""
        found = []
        for place, token in enumerate(tokens):
            ideas = self.ideas_of(token.norm) if token.kind in ("word", "name") else frozenset(self._words.get(token.norm, ()))
            if ideas:
                found.append(Span(place, place + 1, ideas))
            said = self._phrases_at(tokens, place)
            found += [Span(place, place + len(words), frozenset(self._phrases[words])) for words in said]
        return found

    def ideas_of(self, word: str) -> frozenset[str]:
        """Return the ideas that a word itself says, spelt right."""
        ideas = set(self._words.get(word, ()))
        for ending in ("s", "x", "es"):
            if not ideas and word.endswith(ending) and len(word) > len(ending) + 2:
                ideas |= self._words.get(word[: -len(ending)], set())
        longest = len(self._stem_of(word))
        for size in range(longest, max(longest - _NEAR_STEMS, 1), -1):
            ideas |= self._stems.get(word[:size], set())
        return frozenset(ideas)

    def _stem_of(self, word: str) -> str:
        return next((stem for size in range(len(word), 1, -1) if (stem := word[:size]) in self._stems), "")

    def _phrase_at(self, tokens: Sequence[Token], place: int) -> Span | None:
        fitting = self._phrases_at(tokens, place)
        if not fitting:
            return None
        longest = max(len(words) for words in fitting)
        best = next(words for words in fitting if len(words) == longest)
        ideas = {idea for words in fitting if len(words) == longest for idea in self._phrases[words]}
        if ideas & _OVERLAID:
            ideas = ideas.union(*(self.ideas_of(tokens[place + n].norm) for n in range(len(best))))
        return Span(place, place + len(best), frozenset(ideas))

    def _phrases_at(self, tokens: Sequence[Token], place: int) -> list[tuple[str, ...]]:
        head = tokens[place].norm
        candidates = [*self._heads.get(head, ()), *(words for stem, words in self._stem_heads if head.startswith(stem))]
        return [
            words
            for words in candidates
            if place + len(words) <= len(tokens) and all(_same(word, tokens[place + n].norm) for n, word in enumerate(words))
        ]

    def _is_eclipsed(self, tokens: Sequence[Token], span: Span) -> bool:
        """Say whether an article's phrase hides one of the noun that is as long: l'historique, historique bash."""
        after = self._phrase_at(tokens, span.start + 1) if tokens[span.start].norm in _ELIDED else None
        return after is not None and after.end > span.end

    def _word_at(self, token: Token, place: int) -> Span | None:
        if token.kind != "word":
            # What is taken to the letter is only an idea when it is one to the letter.
            return Span(place, place + 1, frozenset(exact)) if (exact := self._words.get(token.norm)) else None
        ideas = self.ideas_of(token.norm)
        if ideas:
            return Span(place, place + 1, ideas)
        if _ADVERB.fullmatch(token.norm):
            return Span(place, place + 1, frozenset({_ORDINARY}))
        near = self._near.nearest(token.norm)
        if near is None:
            return None
        return Span(place, place + 1, frozenset(self._words.get(near, set()) | self._stems.get(near, set())), guessed=True)


def _pattern(said: str) -> tuple[str, ...]:
    """Return the words of an entry as the tokens of a request would be."""
    if _SIMPLE.fullmatch(said):
        return tuple(said.split())
    made: list[str] = []
    for word in said.split():
        ending = "*" if word.endswith("*") else ""
        made += [token.norm for token in tokens_of(word.removesuffix("*"))]
        if ending and made:
            made[-1] += ending
    return tuple(made)


def _same(pattern: str, word: str) -> bool:
    if pattern.endswith("*"):
        return word.startswith(pattern[:-1])
    return word == pattern or (len(pattern) > 3 and word in (pattern + "s", pattern + "x"))


class _Slips:
    """Finds the known word that a slip of the keys made unreadable (deletions of both sides meet: Garbe's symmetric deletes)."""

    def __init__(self, words: Iterable[str], stems: Iterable[str]) -> None:
        self._stems = frozenset(stems)
        self._by_deletion: dict[str, list[str]] = defaultdict(list)
        every = {*words, *self._stems}
        self._longest = max(map(len, every), default=0)
        for word in every:
            if len(word) >= _TYPO_FROM - 1 and word.isalpha():
                for key in _deletions(word):
                    self._by_deletion[key].append(word)

    def nearest(self, word: str) -> str | None:
        """Return the known word or stem one slip away, two for long words; None when there is none."""
        # A head: what is left of the word without an ending.
        shortest = max(_TYPO_FROM - 1, len(word) - _ENDING_MAX)
        if len(word) < _TYPO_FROM or not word.isalpha() or shortest > self._longest + 1:
            return None
        ranks = [
            (rank, known)
            for size in range(len(word), shortest - 1, -1)
            for key in _deletions(word[:size])
            for known in self._by_deletion.get(key, ())
            if (rank := self._rank(word, word[:size], known)) is not None
        ]
        return min(ranks)[1] if ranks else None

    def _rank(self, word: str, head: str, known: str) -> tuple[int, int] | None:
        """Return how far a word is from a known one (slips, then letters left over); None when too far."""
        tail = len(word) - len(head)
        if known[0] != word[0] and known[:2] != word[1::-1]:
            return None
        is_plural = tail == 0 or (tail == 1 and word[-1] in "sx")
        too_long = tail > _ENDING_MAX if known in self._stems else not is_plural
        if too_long or (len(known) < _TYPO_FROM and (tail > 0 or len(head) < _TYPO_FROM)):
            return None
        slips = distance(head, known, 2)
        allowed = 2 if min(len(known), len(head)) >= _TWO_TYPOS_FROM else 1
        return (slips, tail) if slips <= allowed else None


def _deletions(word: str) -> set[str]:
    return {word} | {word[:n] + word[n + 1 :] for n in range(len(word))}


def distance(left: str, right: str, most: int) -> int:
    """Return the number of letters added, dropped, replaced or swapped with their neighbour; `most` + 1 when it is more."""
    if abs(len(left) - len(right)) > most:
        return most + 1
    before: list[int] = []
    row = list(range(len(right) + 1))
    for i, one in enumerate(left, 1):
        older, before, row = before, row, [i]
        for j, other in enumerate(right, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (one != other))
            if i > 1 and j > 1 and one == right[j - 2] and left[i - 2] == other:
                cost = min(cost, older[j - 2] + 1)
            row.append(cost)
        if min(row) > most:
            return most + 1
    return min(row[-1], most + 1)
