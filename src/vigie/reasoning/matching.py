"""Patterns against facts, with variables: the only place that knows what a pattern means.

`facts.py` keeps the facts that are searched here; `diagnosis.py`, `planning.py` and `verification.py` ask.
"""

import functools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from vigie.domain.fact import Fact, Value
from vigie.knowledge.models import Condition, Pattern
from vigie.reasoning.facts import Facts
from vigie.reasoning.times import ALWAYS, Times

Bindings = Mapping[str, str]

_VARIABLE = re.compile(r"\{([a-z_][a-z0-9_]*)\}")


@dataclass(frozen=True, slots=True)
class Match:
    """A fact that a pattern found, and all variables known after it."""

    fact: Fact
    bindings: dict[str, str]


def find(pattern: Pattern, facts: Facts, bindings: Bindings, *, times: Times = ALWAYS) -> Iterator[Match]:
    """Yield the facts that `pattern` finds, oldest known first.

    Args:
        pattern: what is looked for; its variables that are in `bindings` must agree with them.
        facts: where it is looked for.
        bindings: variables known so far.
        times: now and when the trouble began, for `recent` patterns.
    """
    for fact in _named(pattern, facts, bindings):
        bound = _subject_bindings(pattern.subject, fact.subject, bindings)
        taken = _taken(pattern, fact.value, bound) if bound is not None else None
        if taken is not None and (not pattern.recent or times.recent(fact)):
            yield Match(fact, taken)


def first(pattern: Pattern, facts: Facts, bindings: Bindings, *, times: Times = ALWAYS) -> Match | None:
    """Return what `pattern` finds first, None when there is nothing."""
    return next(find(pattern, facts, bindings, times=times), None)


def holds(condition: Condition, value: Value, bindings: Bindings, *, present: bool = True) -> Bindings | None:
    """Return the variables known after `condition` was found true of `value`; None when it is not true.

    `present` says whether the field was there at all. What is given back is `bindings` itself where nothing was added.
    """
    there = present and value is not None
    if condition.exists is not None and condition.exists != there:
        return None
    if not there:
        return bindings if _asks_only_existence(condition) else None
    known = _equal(condition, value, bindings)
    if known is None or not _within(condition, value) or not _spells(condition, value, known):
        return None
    return known


def field_of(value: Value, name: str) -> tuple[bool, Value]:
    """Return whether `value` has the field `name` and what it holds; `.` is the value itself, `a.b` goes down."""
    if name == ".":
        return True, value
    found: Value = value
    for part in name.split("."):
        if isinstance(found, dict) and part in found:
            found = found[part]
        elif isinstance(found, list) and part.isdigit() and int(part) < len(found):
            found = found[int(part)]
        else:
            return False, None
    return True, found


def fill(template: str, bindings: Bindings) -> str | None:
    """Replace each `{variable}`; None when one is not known."""
    if any(name not in bindings for name in _VARIABLE.findall(template)):
        return None
    return _VARIABLE.sub(lambda found: bindings[found.group(1)], template)


def words_of(value: Value) -> str:
    """Write a value as a variable holds it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, list):
        return ", ".join(words_of(item) for item in value)
    return str(value)


def variables(pattern: Pattern) -> set[str]:
    """Return the variables that a match of `pattern` binds."""
    names = set(pattern.take)
    names.update(_VARIABLE.findall(pattern.subject or ""))
    for condition in pattern.value.values():
        if isinstance(condition.equals, str) and (whole := _VARIABLE.fullmatch(condition.equals)):
            names.add(whole.group(1))
    return names - {"_"}


def mentions(pattern: Pattern) -> set[str]:
    """Return all variables that a pattern speaks of, those that it only compares with included."""
    texts = [pattern.subject or ""]
    for condition in pattern.value.values():
        texts += [
            text for text in (condition.equals, condition.differs, condition.matches, condition.contains) if isinstance(text, str)
        ]
        texts += [text for text in condition.one_of if isinstance(text, str)]
    return {name for text in texts for name in _VARIABLE.findall(text)} | set(pattern.take)


def _named(pattern: Pattern, facts: Facts, bindings: Bindings) -> tuple[Fact, ...]:
    if pattern.subject is not None:
        subject = fill(pattern.subject, bindings)
        if subject is not None:
            return facts.about(pattern.fact, subject)
    return facts.named(pattern.fact)


def _subject_bindings(template: str | None, subject: str, bindings: Bindings) -> Bindings | None:
    if template is None:
        return bindings
    found = _subject_expression(template).fullmatch(subject)
    if found is None:
        return None
    known = dict(bindings)
    for name, text in found.groupdict().items():
        if known.setdefault(name, text) != text:
            return None
    return known


@functools.lru_cache(maxsize=4096)
def _subject_expression(template: str) -> re.Pattern[str]:
    written: list[str] = []
    seen: set[str] = set()
    for index, part in enumerate(_VARIABLE.split(template)):
        if index % 2 == 0:
            written.append(re.escape(part))
        elif part == "_":
            written.append(".+")
        elif part in seen:
            written.append(f"(?P={part})")
        else:
            seen.add(part)
            written.append(f"(?P<{part}>.+)")
    return re.compile("".join(written), re.DOTALL)


def _taken(pattern: Pattern, value: Value, bindings: Bindings) -> dict[str, str] | None:
    known = bindings
    for name, condition in pattern.value.items():
        there, found = field_of(value, name)
        after = holds(condition, found, known, present=there)
        if after is None:
            return None
        known = after
    taken = dict(known)
    for variable, name in pattern.take.items():
        there, found = field_of(value, name)
        if not there or found is None:
            return None
        if taken.setdefault(variable, words_of(found)) != words_of(found):
            return None
    return taken


def _asks_only_existence(condition: Condition) -> bool:
    return condition.exists is not None and condition == Condition(exists=condition.exists)


def _equal(condition: Condition, value: Value, bindings: Bindings) -> Bindings | None:
    known = bindings
    if condition.equals is not None:
        whole = _VARIABLE.fullmatch(condition.equals) if isinstance(condition.equals, str) else None
        if whole is not None and whole.group(1) not in known:
            known = {**known, whole.group(1): words_of(value)}
        elif not _same(condition.equals, value, known):
            return None
    if condition.one_of and not any(_same(one, value, known) for one in condition.one_of):
        return None
    if condition.differs is not None and _same(condition.differs, value, known):
        return None
    return known


def _same(wanted: bool | int | float | str, value: Value, bindings: Bindings) -> bool:
    if isinstance(wanted, bool) or isinstance(value, bool):
        return wanted is value
    if isinstance(wanted, str):
        filled = fill(wanted, bindings)
        return filled is not None and filled == words_of(value)
    return isinstance(value, int | float) and float(value) == float(wanted)


def _within(condition: Condition, value: Value) -> bool:
    if condition.above is None and condition.below is None:
        return True
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return (condition.above is None or value > condition.above) and (condition.below is None or value < condition.below)


def _spells(condition: Condition, value: Value, bindings: Bindings) -> bool:
    if condition.matches is not None:
        expression = _expression(condition.matches, bindings)
        if expression is None or not expression.search(words_of(value)):
            return False
    if condition.contains is not None:
        wanted = fill(condition.contains, bindings)
        if wanted is None:
            return False
        if isinstance(value, list):
            return any(words_of(item) == wanted for item in value)
        return wanted in words_of(value)
    return True


def _expression(template: str, bindings: Bindings) -> re.Pattern[str] | None:
    names = _VARIABLE.findall(template)
    if any(name not in bindings for name in names):
        return None
    return _compiled(_VARIABLE.sub(lambda found: re.escape(bindings[found.group(1)]), template))


@functools.lru_cache(maxsize=4096)
def _compiled(expression: str) -> re.Pattern[str]:
    return re.compile(expression)
