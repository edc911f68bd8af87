"""What changed, weighed against what is complained of: how alone a change stands, and whether it could explain the complaint.

A complaint is a claim and no evidence of a fault. Where nobody asked for the very thing that fails, though, a change that stands
alone and speaks of the same thing is what a person would look at first.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import timedelta

from vigie.domain.fact import Fact, Source, Value
from vigie.knowledge.models import Lexicon
from vigie.reasoning.complaint import Complaint, concepts_of, plain_words
from vigie.reasoning.derived import made
from vigie.reasoning.facts import Facts
from vigie.reasoning.house import House, tail, text_of, value_of
from vigie.reasoning.settings import is_settings
from vigie.reasoning.times import Times, instant

BLAMES = "complaint.blames"
# What a fault does, not what somebody did.
_EFFECTS = frozenset(("service", "socket", "endpoint", "page", "latency", "certificate", "timing", "alone"))
# The same act told by another probe: a line of the hosts file, a crontab, a table's column.
_TOLD_BY_A_FILE = frozenset(("name", "cron", "account"))
_ALONE_MOST = 3
# How it hurts where somebody lost a right, or something is not where it was.
_OF_LOSS = frozenset(("denied", "errors", "missing", "wrong", "not_written", "down", "stuck"))
_KINDS_OF_LOSS = frozenset(("mode", "acl", "flags", "folder", "link"))
_WORD_LEAST = 4
_JUST_BEFORE, _SLACK = timedelta(minutes=30), timedelta(minutes=2)


def alone(facts: Facts, _house: House, times: Times) -> Iterator[Fact]:
    """Yield `change.alone` for each change that at most a few others stand beside: `{places}`, how many there are in all."""
    written = {text_of(fact, "key") for fact in facts.named("change.setting")}
    changes = [fact for name in _acts(facts) for fact in facts.named(name) if times.recent(fact)]
    changes = [fact for fact in changes if fact.name != "change.object" or text_of(fact, "key") not in written]
    places = {_place(fact) for fact in changes}
    leads_to = {text_of(fact, "after") for fact in facts.named("change.link")}
    places -= {place for place in places if any(to and place.endswith(f"/{to}") for to in leads_to)}
    if 0 < len(places) <= _ALONE_MOST:
        for fact in changes:
            yield made("change.alone", fact.subject, {"places": len(places)}, (fact,))


def blamed(facts: Facts, complaint: Complaint, lexicons: Mapping[str, Lexicon]) -> Iterator[Fact]:
    """Yield `complaint.blames` for each change that could explain what a person complains of: `{by}`, the ideas in common."""
    if not complaint.ticket or not complaint.symptoms:
        return
    for name in _acts(facts):
        for fact in facts.named(name):
            ideas = _in_common(fact, facts, complaint, lexicons)
            if ideas:
                value: dict[str, Value] = {"by": ", ".join(sorted(ideas)), "kind": name.partition(".")[2]}
                yield Fact(
                    f"blamed-{fact.id}",
                    fact.host,
                    fact.subject,
                    BLAMES,
                    value,
                    fact.at,
                    Source(fact.source.line, fact.source.excerpt),
                )


def beside(facts: Facts, house: House, times: Times) -> Iterator[tuple[str, Fact]]:
    """Yield (service, change): who reads the only thing that was changed, where the trouble elsewhere began just after it."""
    if times.since is None:
        return
    for fact in house.derived.get("change.alone", ()):
        told = (instant(value_of(one, "at")) for name in _acts(facts) for one in facts.about(name, fact.subject))
        at = max((one for one in told if one is not None), default=None)
        if value_of(fact, "places") == 1 and (at is None or -_SLACK <= times.since - at <= _JUST_BEFORE):
            yield from ((text_of(use, "service"), fact) for use in house.used if use.subject == fact.subject)


def _in_common(fact: Fact, facts: Facts, complaint: Complaint, lexicons: Mapping[str, Lexicon]) -> set[str]:
    kind, path = fact.name.partition(".")[2], tail(fact)
    if kind == "file" and value_of(fact, "before") is not None and is_settings(path) and value_of(fact, "after") is not None:
        return set()  # what was changed of its settings is told apart; a comment explains nothing
    said = f"{path} {text_of(fact, 'key')} {text_of(fact, 'section')} {text_of(fact, 'path')}"
    words = plain_words(re.sub(r"[_./-]+|(?<=[a-z])(?=[A-Z])", " ", said))
    common = {word for word in words if len(word) >= _WORD_LEAST and word in complaint.words}
    common |= concepts_of(words, lexicons).keys() & complaint.concepts.keys()
    if kind in _KINDS_OF_LOSS and (kind != "mode" or facts.about("access.narrowed", fact.subject)):
        common |= _OF_LOSS & complaint.concepts.keys()
    return common


def _acts(facts: Facts) -> list[str]:
    return [
        name for name in facts.names() if name.startswith("change.") and name.partition(".")[2] not in _EFFECTS | _TOLD_BY_A_FILE
    ]


def _place(fact: Fact) -> str:
    return tail(fact) if fact.subject.startswith(("file:", "folder:")) else fact.subject
