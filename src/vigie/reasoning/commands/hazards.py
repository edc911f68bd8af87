"""Tells what must be refused: an act that does harm, meant to be done, to something that matters.

`knowledge/hazards/` holds the words of acts and things, the intents `refuse.*` say which of them together are refused and what
excuses them. Words are looked at clause by clause, so that a harmless beginning hides no harmful end.
"""

import itertools
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from vigie.knowledge.requests import Concepts, Intent
from vigie.reasoning.commands.lexicon import Lexicon, Span
from vigie.reasoning.commands.mood import asks_first, is_ruled_out, is_told, mood_of
from vigie.reasoning.commands.scoring import Term, compiled
from vigie.reasoning.commands.text import Token, words

_ENDS = re.compile(r"[.;!?:\n]")
_THEN = words("puis then ensuite")
_ARTICLES = words(
    "the a an this that these those our my your its his her their whole entire every all single complete main system on's "
    "le la les l ce cet cette ces tout toute tous toutes tt mon ma mes notre nos ton tes son sa ses un une leur leurs moi nous "
    "main prod production last very old both chaque entierement completement vraiment just of_it me us complet complete 's"
)
_OF = words("of de d du des")
_AT = words("on in from at for to with by into onto sur dans a au aux pour en chez vers depuis par under sous")
_DEFINITE = words("the our its all every les nos ses leurs des tous toutes tt your their any mes")
_QUANTIFIED = words("all every each whole entire tous toutes tout toute tt chaque entire any")
_WHOLLY = words("entier entiere entierement entirely complet complete completement totalement")
_LIMITS = frozenset({"old", "trash", "tmp", "stopped", "unused"})
_LIMITING = words("older old vieux vieilles vieille anciens anciennes except sauf hormis unused demo staging")
_YEAR = re.compile(r"20\d\d")
_SYSTEM = re.compile(
    r"/(?:\*|(?:etc|usr|bin|sbin|lib\w*|boot|dev|var|home|root|proc|sys|opt|srv)/?\*?|var/(?:lib|log)/?\*?|var/lib/[\w-]+/?)?"
)
_SECRET_FILE = re.compile(r"(?:.*/)?(?:\.env(?:\.\w+)?|id_(?:rsa|dsa|ecdsa|ed25519)|g?shadow-?|privkey\.pem|.*\.key)")
_NOT_HEADS = frozenset(
    {"cache", "log", "space", "process", "user", "service", "queue", "image", "package", "config", "use", "load"}
)
_DERIVED = {
    "every_thing": frozenset({"file", "folder", "data", "machine", "part", "mass"}),
    "all_big": frozenset({"big_service", "backup", "database"}),
    "all_logs": frozenset({"log_noun"}),
    "all_processes": frozenset({"process"}),
    "all_users": frozenset({"user"}),
}
DERIVED = frozenset(_DERIVED) | words(
    "whole machine_host system_object system_path resource_object own_mark alone curt asked who_asked universe outside secret"
)
_PLURAL_WILL_DO = frozenset({"all_big"})
_MINE = words("my mon ma mes")
_WHO = words("who qui whose")
_REMOTE = ("s3:", "gs:", "ftp:")
_TERSE = 6
_NOWHERE = -1  # the place of what a clause says as a whole
_CURT = 3
_WHOLE = 2  # cuts of a sentence that has but one part


@dataclass(slots=True)
class _Clause:
    """Part of a request: `ideas` by place, all that `things` name there."""

    tokens: Sequence[Token]
    spans: list[Span]
    hosts: frozenset[int]
    ideas: dict[int, set[str]] = field(default_factory=dict)
    things: dict[int, set[str]] = field(default_factory=dict)

    def said(self) -> frozenset[str]:
        return frozenset(idea for ideas in self.ideas.values() for idea in ideas)


class Hazards:
    """The words and the rules of what is refused, compiled once."""

    def __init__(self, own: Iterable[Concepts], rules: Iterable[Intent], lexicon: Lexicon) -> None:
        files = list(own)
        self._acts = frozenset(idea for file in files if file.name == "acts" for idea in file.concepts)
        self._own = Lexicon(files)
        self._lexicon = lexicon
        rules = tuple(rules)
        self._excuses = _LIMITS.union(*(rule.excused for rule in rules))
        self._rules = [(rule, [compiled(pattern) for pattern in rule.patterns]) for rule in rules]

    def of(self, tokens: Sequence[Token], hosts: Iterable[int], things: Mapping[int, set[str]]) -> Intent | None:
        """Return the rule that refuses a request, None when nothing does.

        Args:
            tokens: the request.
            hosts: places of tokens that name hosts.
            things: kinds of what is named, by place.
        """
        named = frozenset(hosts)
        return next((rule for start, end in _clauses(tokens) if (rule := self._refused(tokens, start, end, named, things))), None)

    def _refused(
        self, tokens: Sequence[Token], start: int, end: int, hosts: frozenset[int], things: Mapping[int, set[str]]
    ) -> Intent | None:
        clause = self._heard(
            tokens[start:end],
            frozenset(place - start for place in hosts if start <= place < end),
            {place - start: kinds for place, kinds in things.items() if start <= place < end},
        )
        said = clause.said() | {kind for kinds in clause.things.values() for kind in kinds}
        return next(
            (
                rule
                for rule, patterns in self._rules
                if not said & frozenset(rule.excused) and any(_holds(terms, clause) for terms in patterns)
            ),
            None,
        )

    def _heard(self, tokens: Sequence[Token], hosts: frozenset[int], things: dict[int, set[str]]) -> _Clause:
        spans = self._lexicon.spans(tokens)
        own = self._own.every(tokens)
        clause = _Clause(tokens, [*spans, *own], hosts, things=things)
        known = {span.start for span in own}
        for span in spans:
            # A word of ours is no slip of the keys, and a slip excuses nothing.
            if not (span.guessed and span.start in known):
                ideas = span.ideas - self._excuses if span.guessed else span.ideas
                clause.ideas.setdefault(span.start, set()).update(ideas)
        for span in own:
            acts = span.ideas & self._acts
            if acts and (is_told(tokens, span) or is_ruled_out(tokens, span, spans)):
                clause.ideas.setdefault(span.start, set()).update(span.ideas - acts)
            else:
                clause.ideas.setdefault(span.start, set()).update(span.ideas)
        _derive(clause, self._acts)
        for span in own:
            for place in range(span.start + 1, span.end):
                clause.ideas.get(place, set()).discard("guard")
        if _is_asked(tokens, spans):
            clause.ideas.setdefault(_NOWHERE, set()).add("asked")
        return clause


def _clauses(tokens: Sequence[Token]) -> Iterable[tuple[int, int]]:
    """Yield the sentences, and the parts of those that tell what to do one after the other."""
    start = 0
    for place, token in enumerate(tokens):
        if token.kind == "break" and _ENDS.match(token.raw):
            # What ends in a question mark is heard with it.
            yield from _parts(tokens, start, place + (token.raw == "?"))
            start = place + 1
    yield from _parts(tokens, start, len(tokens))


def _parts(tokens: Sequence[Token], start: int, end: int) -> Iterable[tuple[int, int]]:
    cuts = [start, *(place + 1 for place in range(start, end) if tokens[place].norm in _THEN), end]
    if end > start:
        yield start, end
    if len(cuts) > _WHOLE:
        yield from ((begin, stop) for begin, stop in itertools.pairwise(cuts) if stop > begin)


def _is_asked(tokens: Sequence[Token], spans: Sequence[Span]) -> bool:
    """Say whether a clause only asks for a fact: by its mark, its first word or its word order."""
    asks = tokens[-1].raw == "?" or asks_first(tokens) or any("ask_if" in span.ideas for span in spans)
    return asks and mood_of(tokens, spans).question


def _holds(terms: Sequence[Term], clause: _Clause) -> bool:
    """Say whether every term stands somewhere in the clause, each at a place of its own."""
    used: set[int] = set()
    for term in terms:
        places = [
            place
            for place in {*clause.ideas, *clause.things}
            if term.ideas & clause.ideas.get(place, set()) or term.kinds & clause.things.get(place, set())
        ]
        if term.never:
            if places:
                return False
            continue
        free = [place for place in places if place not in used]
        if not free:
            return False
        used.add(min(free))
    return True


def _derive(clause: _Clause, acts: frozenset[str]) -> None:
    """Add what only the words around a thing tell: that it is acted on, that it is all there is of its kind."""
    limited = _is_limited(clause)
    for place in range(len(clause.tokens)):
        ideas = clause.ideas.setdefault(place, set())
        ideas |= _of_path(clause, place, acts)
        if _is_object(clause, place, acts):
            ideas |= _as_object(ideas, limited=limited, is_host=place in clause.hosts)
        for name, nouns in _DERIVED.items():
            if ideas & nouns and not limited and _is_all(clause, place, plural=name in _PLURAL_WILL_DO):
                ideas |= {name} | ({"whole"} if name == "every_thing" else set())
        if not limited and ("universe" in ideas or _stands_alone(clause, place)):
            ideas |= {"universe", "whole"}
        ideas |= _marks(clause.tokens[place].norm, place, clause.things.get(place, set()))
    if "secret" in clause.said() and len(clause.tokens) <= _TERSE and not clause.said() & acts:
        clause.ideas.setdefault(_NOWHERE, set()).add("alone")
    if len(clause.tokens) <= _CURT:
        clause.ideas.setdefault(_NOWHERE, set()).add("curt")


def _as_object(ideas: set[str], *, limited: bool, is_host: bool) -> set[str]:
    """Return what a thing is besides when it is what is acted on."""
    found = {"resource_object"} if "resource" in ideas else set()
    if is_host or "machine" in ideas:
        found |= {"machine_host", "whole"}
    return found | ({"whole"} if "part" in ideas and not limited else set())


def _marks(norm: str, place: int, kinds: set[str]) -> set[str]:
    """Return what a word shows by itself: who is asked for, whose it is, where it goes."""
    found = {"own_mark"} if norm in _MINE or "ip" in kinds else set()
    if place <= 1 and norm in _WHO:
        found.add("who_asked")
    return found | ({"outside"} if kinds & {"email", "url"} or norm.startswith(_REMOTE) else set())


def _of_path(clause: _Clause, place: int, acts: frozenset[str]) -> set[str]:
    token = clause.tokens[place]
    if _SECRET_FILE.fullmatch(token.norm) and token.kind in ("path", "name", "quoted"):
        return {"secret"}
    if token.kind == "path" and _SYSTEM.fullmatch(token.norm):
        return {"system_path", "system_object"} if _is_object(clause, place, acts) else {"system_path"}
    return set()


def _is_limited(clause: _Clause) -> bool:
    """Say whether only part of what is named is meant: what is old, what is below a folder."""
    if any(ideas & _LIMITS for ideas in clause.ideas.values()) or any(
        token.norm in _LIMITING or _YEAR.fullmatch(token.norm) for token in clause.tokens
    ):
        return True
    if any(kinds & {"days", "age", "file"} for kinds in clause.things.values()):
        return True
    return any(token.kind == "path" and not _SYSTEM.fullmatch(token.norm) for token in clause.tokens)


def _is_object(clause: _Clause, place: int, acts: frozenset[str]) -> bool:
    """Say whether a noun is what is acted on, not where it is done nor what another noun is of."""
    after = clause.ideas.get(place + 1, set()) if place + 1 < len(clause.tokens) else set()
    if after & _NOT_HEADS and clause.tokens[place + 1].norm not in _OF | _AT:
        return False
    at = place - 1
    while at >= 0 and clause.tokens[at].norm in _ARTICLES and not _covers(clause, at, acts):
        at -= 1
    if at < 0:
        return True
    norm = clause.tokens[at].norm
    if _covers(clause, at, acts):
        return True
    if norm in _AT:
        return False
    if norm in _OF:
        governor = at - 1
        while governor >= 0 and clause.tokens[governor].norm in _ARTICLES:
            governor -= 1
        return governor >= 0 and (_covers(clause, governor, acts) or bool(clause.ideas.get(governor, set()) & {"mass", "part"}))
    return not clause.ideas.get(at, set()) & _NOT_HEADS


def _covers(clause: _Clause, place: int, acts: frozenset[str]) -> bool:
    """Say whether a place is part of an act: the `of` of "get rid of"."""
    return any(
        span.start <= place < span.end and span.ideas & acts & clause.ideas.get(span.start, set()) for span in clause.spans
    )


def _is_all(clause: _Clause, place: int, *, plural: bool) -> bool:
    """Say whether all of a kind is meant: all the files, every database, les sauvegardes, le disque entier."""
    norms = [token.norm for token in clause.tokens]
    before = norms[max(0, place - 4) : place]
    cut = max((n for n, norm in enumerate(before) if norm in _AT), default=-1)
    before = before[cut + 1 :]
    if _QUANTIFIED & set(before) or _WHOLLY & set(norms[place + 1 : place + 2]):
        return True
    return plural and norms[place].endswith("s") and bool(_DEFINITE & set(before))


def _stands_alone(clause: _Clause, place: int) -> bool:
    """Say whether "tout" is the object itself: supprime tout, tout effacer; not tout ça, tout le dossier."""
    if clause.tokens[place].norm not in ("tout", "everything"):
        return False
    after = clause.tokens[place + 1] if place + 1 < len(clause.tokens) else None
    return (
        after is None
        or after.kind == "break"
        or after.norm in _AT | words("et and puis qui ce")
        or place + 2 == len(clause.tokens)
    )
