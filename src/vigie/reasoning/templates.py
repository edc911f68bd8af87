"""Fills the line templates of knowledge: every slot typed, checked and quoted, so that a value never becomes a second word.

`{slot}` is one word (or a part of one), `{slot*}` one word for each of several values (in one text: one a line), `{{` and `}}`
are braces themselves. A line `@verb {service}` is the line that the host's service manager has for that verb.
"""

import math
import re
import shlex
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from urllib.parse import urlsplit

from vigie.domain.errors import Permanent
from vigie.knowledge.detection import Found
from vigie.knowledge.models import SlotType

_SLOT = re.compile(r"\{\{|\}\}|\{([a-z_][a-z0-9_]*)(\*?)\}|[{}]")
_OPTION = re.compile(r"\[\?(.*?)\?\]")
_VERB = re.compile(r"^@([a-z_]+)(?:\s+(.*))?$", re.DOTALL)
_LENGTH_MAX = {"sql": 8192, "text": 4096, "path": 4096, "url": 2048}
_SHOWN = 80
_ENDS_OPTIONS = re.compile(r"(^|\s)--\s")
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.@:+-]{0,254}")
_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_$]{0,62}(\.[A-Za-z_][A-Za-z0-9_$]{0,62})?")
_OWNER = re.compile(r"[a-z_0-9][a-z0-9_.-]{0,31}\$?(:[a-z_0-9][a-z0-9_.-]{0,31}\$?)?")
_PORT_MAX = 65_535
_PID_MAX = 4_194_304


def fill(
    template: str, slots: Mapping[str, str | Sequence[str]], types: Mapping[str, SlotType], manager: Found | None = None
) -> str:
    """Return the line of `template` with its slots' values, each quoted for the shell.

    Raises:
        Permanent: `knowledge.slot_missing`, `knowledge.slot_wrong`, `knowledge.no_manager`, `knowledge.verb_unknown`.
        ValueError: the template itself is wrong (a slot inside quotes, a lonely brace).
    """
    verb = _VERB.match(template)
    if verb is not None:
        return _spoken(verb.group(1), verb.group(2) or "", slots, types, manager)
    made: list[str] = []
    place = 0
    for match in _SLOT.finditer(template):
        made.append(template[place : match.start()])
        place = match.end()
        if match.group(1) is None:
            made.append(_brace(match.group(0), template))
        else:
            _refuse_quotes("".join(made), template)
            made.append(_words(match, template, slots, types))
    made.append(template[place:])
    return "".join(made)


def slots_of(template: str) -> set[str]:
    """Return the names of the slots that a template uses."""
    return {match.group(1) for match in _SLOT.finditer(template) if match.group(1) is not None}


def check(name: str, kind: SlotType, value: str) -> str:
    """Return `value` as it goes into a line.

    Raises:
        Permanent: `knowledge.slot_wrong`: it is not of that kind, or holds what no line may hold.
    """
    clean = " ".join(value.split()) if kind == "sql" else value
    if len(clean) > _LENGTH_MAX.get(kind, 255) or not clean or _hidden(clean) or not _KINDS[kind](clean):
        raise Permanent("knowledge.slot_wrong", slot=name, kind=kind, value=repr(value[:_SHOWN]))
    return clean


def _words(match: re.Match[str], template: str, slots: Mapping[str, str | Sequence[str]], types: Mapping[str, SlotType]) -> str:
    name, several = match.group(1), bool(match.group(2))
    if name not in slots:
        raise Permanent("knowledge.slot_missing", slot=name, line=template)
    given = slots[name]
    values = list(given) if not isinstance(given, str) else given.split("\n") if several else [given]
    if not several and len(values) != 1:
        raise Permanent("knowledge.slot_wrong", slot=name, kind="one value", value=repr(values)[:_SHOWN])
    kind = types.get(name, "text")
    before = template[: match.start()]
    opens_word = not before or before[-1].isspace()
    words = []
    for value in values:
        clean = check(name, kind, value)
        if clean.startswith("-") and opens_word and not _ENDS_OPTIONS.search(before):
            raise Permanent("knowledge.slot_wrong", slot=name, kind=kind, value=repr(value[:_SHOWN]))
        words.append(shlex.quote(clean))
    return " ".join(words)


def _spoken(
    verb: str, arguments: str, slots: Mapping[str, str | Sequence[str]], types: Mapping[str, SlotType], manager: Found | None
) -> str:
    if manager is None:
        raise Permanent("knowledge.no_manager", verb=verb)
    line = manager.manager.verbs.get(verb)
    if line is None:
        raise Permanent("knowledge.verb_unknown", verb=verb, manager=manager.manager.name)
    own: dict[str, str | Sequence[str]] = {**manager.manager.slots, **manager.slots}
    kinds: dict[str, SlotType] = {**manager.manager.types, "service": "name"}
    match = _SLOT.fullmatch(arguments.strip()) if arguments.strip() else None
    if match is not None and match.group(1) is not None:
        name = match.group(1)
        if name not in slots:
            raise Permanent("knowledge.slot_missing", slot=name, line=f"@{verb} {arguments}")
        own["service"] = slots[name]
    elif arguments.strip():
        own["service"] = arguments.strip()
    return fill(_with_options(line, own), own, kinds)


def _with_options(line: str, slots: Mapping[str, object]) -> str:
    """Keep the parts `[?…?]` whose slots all have a value."""
    return _OPTION.sub(lambda match: match.group(1) if slots_of(match.group(1)) <= set(slots) else "", line)


def _brace(text: str, template: str) -> str:
    if len(text) == 1:
        raise ValueError(f"a lonely {text!r} in the template {template!r}")
    return text[0]


def _refuse_quotes(before: str, template: str) -> None:
    """A slot inside quotes would be quoted twice, and so not at all."""
    try:
        shlex.split(before, posix=True)
    except ValueError as error:
        raise ValueError(f"a slot stands inside quotes or after a backslash in the template {template!r}") from error


def _hidden(value: str) -> bool:
    """Say whether a value holds what a reader would not see: controls, direction marks, zero-width characters, bad UTF-8."""
    return any(unicodedata.category(character) in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"} for character in value)


def _is_path(value: str) -> bool:
    return value.startswith("/") and ".." not in value.split("/")


def _is_url(value: str) -> bool:
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError:
        return False
    plain = not any(character.isspace() or character in '"<>\\^`{|}' for character in value)
    return plain and parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.username is None and port != 0


def _is_number(value: str) -> bool:
    try:
        return math.isfinite(float(value)) and value.isascii()
    except ValueError:
        return False


def _between(least: int, most: int) -> Callable[[str], bool]:
    return lambda value: value.isascii() and value.isdigit() and least <= int(value) <= most


_KINDS: Mapping[str, Callable[[str], bool]] = {
    "name": lambda value: _NAME.fullmatch(value) is not None and ".." not in value,
    "path": _is_path,
    "port": _between(1, _PORT_MAX),
    "pid": _between(2, _PID_MAX),
    "url": _is_url,
    "number": _is_number,
    "identifier": lambda value: _IDENTIFIER.fullmatch(value) is not None,
    "sql": lambda value: "\\" not in value,
    "text": lambda value: True,
    "artefact": lambda value: re.fullmatch(r"[0-9a-f]{64}", value) is not None,
    "mode": lambda value: re.fullmatch(r"[0-7]{3,4}", value) is not None,
    "owner": lambda value: _OWNER.fullmatch(value) is not None,
}
