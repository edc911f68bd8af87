"""Words of a ticket and signs of the machines, understood as a claim: where it hurts, how, and which things are named.

A claim makes some causes likelier to look at. It is never evidence of a fault, and never an order: text that tells what to do
is just words.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from vigie.domain.finding import Finding
from vigie.i18n import Language
from vigie.knowledge import library
from vigie.knowledge.models import Lexicon

EntityKind = Literal["url", "path", "host", "port", "address"]

_LONGEST = 20_000
_WORD = re.compile(r"[^\W_]+")
_TYPO_FROM = 5
_STEM_FROM = 4
_LANGUAGES: tuple[Language, Language] = ("en", "fr")
_ENTITIES: tuple[tuple[EntityKind, re.Pattern[str]], ...] = (
    ("url", re.compile(r"https?://[^\s<>\"'«»]+[^\s<>\"'«».,;:!?)\]]")),
    ("address", re.compile(r"(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?![\w.])")),
    ("path", re.compile(r"(?<![\w/:.])/(?:[\w.@+-]+/?)+")),
    ("port", re.compile(r"\bport\s+(\d{2,5})\b|(?<=[\w\]]):(\d{2,5})\b", re.IGNORECASE)),
    ("host", re.compile(r"\b(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}\b", re.IGNORECASE)),
)


@dataclass(frozen=True, slots=True)
class Entity:
    """A thing that the words name."""

    kind: EntityKind
    text: str


@dataclass(frozen=True, slots=True)
class Complaint:
    """What is claimed. `concepts` are ideas by strength 0..1, `areas` those of them that say where, `symptoms` how it hurts."""

    language: Language = "en"
    areas: dict[str, float] = field(default_factory=dict)
    symptoms: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    concepts: dict[str, float] = field(default_factory=dict)
    entities: tuple[Entity, ...] = ()
    findings: tuple[Finding, ...] = ()
    ticket: bool = False


def understand(
    ticket: str | None,
    findings: Sequence[Finding] = (),
    language_hint: Language | None = None,
    *,
    lexicons: Mapping[str, Lexicon] | None = None,
) -> Complaint:
    """Return what a ticket and the findings of the detectors claim.

    Args:
        ticket: a person's words, any language and length; only the first 20,000 characters count.
        findings: what the detectors saw; their excerpts are words too, weaker than a person's.
        language_hint: the language when the words do not tell.
        lexicons: the words of both languages by idea; the released ones when not given.
    """
    known = library.load().lexicons if lexicons is None else lexicons
    text = (ticket or "")[:_LONGEST]
    words = plain_words(text)
    language = language_of(words, known, language_hint)
    concepts = _concepts(words, known, 1.0)
    for finding in findings:
        for concept, strength in _concepts(plain_words(finding.excerpt), known, 0.5).items():
            concepts[concept] = max(concepts.get(concept, 0.0), strength)
    return Complaint(
        language=language,
        areas=_of(known, "areas", concepts),
        symptoms=tuple(sorted(_of(known, "symptoms", concepts))),
        words=tuple(dict.fromkeys(word for word in words if not _is_function_word(word, known))),
        concepts=concepts,
        entities=entities_of(text),
        findings=tuple(findings),
        ticket=bool(text.strip()),
    )


def concepts_of(words: Sequence[str], lexicons: Mapping[str, Lexicon]) -> dict[str, float]:
    """Return the ideas that plain words speak of, by strength."""
    return _concepts(words, lexicons, 1.0)


def plain_words(text: str) -> list[str]:
    """Split into words, lower case, without accents; elided articles come off (l'index → l, index)."""
    folded = unicodedata.normalize("NFKD", text.casefold())
    return _WORD.findall("".join(letter for letter in folded if not unicodedata.combining(letter)))


def language_of(words: Iterable[str], lexicons: Mapping[str, Lexicon], hint: Language | None = None) -> Language:
    """Tell French from English by the words that hold sentences together; the hint breaks a tie."""
    lexicon = lexicons.get("languages")
    counts = dict.fromkeys(_LANGUAGES, 0)
    if lexicon is not None:
        held = {language: _vocabulary(lexicon, language) for language in _LANGUAGES}
        for word in words:
            for language in _LANGUAGES:
                counts[language] += word in held[language]
    if counts["en"] == counts["fr"]:
        return hint or "en"
    return "fr" if counts["fr"] > counts["en"] else "en"


def entities_of(text: str) -> tuple[Entity, ...]:
    """Return the addresses, paths, ports and hosts that a text names, each once, in order."""
    found: dict[Entity, int] = {}
    taken: list[tuple[int, int]] = []
    for kind, expression in _ENTITIES:
        for match in expression.finditer(text):
            if any(start <= match.start() < end for start, end in taken):
                continue
            if kind != "port":
                taken.append(match.span())
            words = next((group for group in match.groups() if group), match.group(0))
            found.setdefault(Entity(kind, words), match.start())
    return tuple(sorted(found, key=lambda entity: found[entity]))


def distance_is_one(left: str, right: str) -> bool:
    """Say whether one letter added, dropped, replaced or swapped with its neighbour makes one of the other."""
    if abs(len(left) - len(right)) > 1 or left == right:
        return False
    start = 0
    while start < min(len(left), len(right)) and left[start] == right[start]:
        start += 1
    one, two = left[start:], right[start:]
    if len(one) == len(two):
        return one[1:] == two[1:] or (one[:2] == two[:2][::-1] and one[2:] == two[2:])
    return one[1:] == two or one == two[1:]


def _concepts(words: Sequence[str], lexicons: Mapping[str, Lexicon], strength: float) -> dict[str, float]:
    text = f" {' '.join(words)} "
    found: dict[str, float] = {}
    for name, lexicon in lexicons.items():
        if name == "languages":
            continue
        for concept, stems in lexicon.concepts.items():
            said = max((_said(stem, words, text) for group in stems.values() for stem in group), default=0.0)
            if said > 0.0:
                found[concept] = max(found.get(concept, 0.0), strength * said)
    return found


def _said(stem: str, words: Sequence[str], text: str) -> float:
    """Return 1 for the stem itself, less for what looks like a slip of the keys."""
    if " " in stem:
        return 1.0 if f" {stem}" in text else 0.0
    if len(stem) < _STEM_FROM:
        return 1.0 if stem in words else 0.0
    if any(word.startswith(stem) for word in words):
        return 1.0
    if len(stem) < _TYPO_FROM:
        return 0.0
    return 0.8 if any(_slipped(word, stem) for word in words if len(word) >= _TYPO_FROM) else 0.0


def _slipped(word: str, stem: str) -> bool:
    if word[0] != stem[0]:
        return False
    return any(distance_is_one(word[: len(stem) + extra], stem) for extra in (-1, 0, 1))


def _of(lexicons: Mapping[str, Lexicon], name: str, concepts: Mapping[str, float]) -> dict[str, float]:
    lexicon = lexicons.get(name)
    if lexicon is None:
        return {}
    return {concept: strength for concept, strength in concepts.items() if concept in lexicon.concepts}


def _is_function_word(word: str, lexicons: Mapping[str, Lexicon]) -> bool:
    lexicon = lexicons.get("languages")
    return lexicon is not None and any(word in _vocabulary(lexicon, language) for language in _LANGUAGES)


def _vocabulary(lexicon: Lexicon, language: Language) -> frozenset[str]:
    return frozenset(word for stems in lexicon.concepts.values() for word in stems.get(language, ()))
