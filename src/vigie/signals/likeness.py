"""How much alike wordings are: by their words, their order, the letters in them, and what they are about, in French and English.

Words weigh as much as they are rare among all wordings, and vectors are held against each other by their cosine (Salton and
Buckley 1988); pieces of words bear with forms and slips; ideas (`ideas.py`) join words of both languages. No model.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Sequence
from functools import lru_cache
from itertools import pairwise
from math import log, sqrt

from vigie.signals.ideas import FUNCTION_WORDS, ideas_of

# How much each way of looking counts, where both wordings show something to it.
_WEIGHTS = {"word": 0.35, "pair": 0.1, "piece": 0.2, "idea": 0.35}
# What two wordings of different troubles reach by chance stays below.  tests/unit/signals/test_likeness.py
ALIKE = 0.28
# What says nothing in most ways of looking is like nothing.
_SHARE_MIN = 0.5
_PIECE = 3
_LONGEST = 400
_MASK = "<*>"
_WORD = re.compile(r"<\*>|[^\W\d_]{2,}")
_HUMPS = re.compile(r"(?<=[a-z])(?=[A-Z])")


class Wordings:
    """Wordings that can be asked which of them are like another."""

    def __init__(self, texts: Sequence[str]) -> None:
        self.texts = texts
        self._held: dict[str, dict[str, list[int]]] = {}
        self._lengths: dict[str, list[float]] = {}
        known = [_features(text) for text in texts]
        for way in _WEIGHTS:
            held: defaultdict[str, list[int]] = defaultdict(list)
            for place, features in enumerate(known):
                for each in features[way]:
                    held[each].append(place)
            self._held[way] = dict(held)
            self._lengths[way] = [self._length(way, features[way]) for features in known]

    def nearest(self, said: str, *, limit: int, least: float = ALIKE) -> list[tuple[int, float]]:
        """Return which wordings are like what was said, by their place, and how much (0..1), the most alike first."""
        own = _features(said)
        scores: defaultdict[int, float] = defaultdict(float)
        for way, weight in _WEIGHTS.items():
            common: defaultdict[int, float] = defaultdict(float)
            for each in own[way]:
                for place in self._held[way].get(each, ()):
                    common[place] += self._rare(way, each) ** 2
            length = self._length(way, own[way])
            for place, both in common.items():
                scores[place] += weight * both / (length * self._lengths[way][place])
        found = [
            (place, 1.0 if self.texts[place] == said else round(score / self._share(own, place), 3))
            for place, score in scores.items()
        ]
        return sorted([each for each in found if each[1] >= least], key=lambda each: -each[1])[:limit]

    def _share(self, own: dict[str, frozenset[str]], place: int) -> float:
        return max(_SHARE_MIN, sum(weight for way, weight in _WEIGHTS.items() if own[way] and self._lengths[way][place]))

    def _rare(self, way: str, feature: str) -> float:
        return log(1 + (len(self.texts) + 1) / max(1, len(self._held[way].get(feature, ()))))

    def _length(self, way: str, features: Collection[str]) -> float:
        return sqrt(sum(self._rare(way, each) ** 2 for each in features))


@lru_cache(maxsize=4)
def wordings(texts: tuple[str, ...]) -> Wordings:
    """Return wordings ready to be asked; they are made ready anew only when they have changed."""
    return Wordings(texts)


@lru_cache(maxsize=20_000)
def _features(text: str) -> dict[str, frozenset[str]]:
    tokens = _WORD.findall(_folded(_HUMPS.sub(" ", text[:_LONGEST])))
    words = [token for token in tokens if token != _MASK]
    telling = [word for word in words if word not in FUNCTION_WORDS]
    ended = [f"^{word}$" for word in telling]
    return {
        "word": frozenset(telling),
        "pair": frozenset(" ".join(both) for both in pairwise(token for token in tokens if token not in FUNCTION_WORDS)),
        "piece": frozenset(word[at : at + _PIECE] for word in ended for at in range(len(word) - _PIECE + 1)),
        "idea": frozenset(ideas_of(words)),
    }


def _folded(text: str) -> str:
    """Return a text in small letters, without accents."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in apart if not unicodedata.combining(letter))
