"""Which hosts a request names: one, several, all of a kind, all but some, or one that does not exist."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from vigie.reasoning.commands.lexicon import Lexicon, distance
from vigie.reasoning.commands.request import Inventory
from vigie.reasoning.commands.text import Token, plain, words

_ON = frozenset({"on", "sur", "at", "onto", "host", "hote", "chez"})
_GROUP_BEFORE = frozenset({"group", "groupe", "tag", "tagged", "on", "sur"})
_FROM = frozenset({"from", "depuis"})
_ARTICLES = words("the le la les l du de des d of my mon ma notre our a un une for pour both deux et and")
_MACHINES = words("server servers machine machines box boxes host hosts vm vms vps serveur serveurs hote hotes node noeud")
_MANY = words("servers machines boxes hosts vms serveurs hotes becanes nodes noeuds instances")
_ALL = words("all every each tous toutes chaque both ensemble toute tout entire whole")
_EVERYWHERE = frozenset({"everywhere", "partout", "fleet", "parc", "flotte"})
_BUT = frozenset({"except", "sauf", "hormis", "excepte", "excluding", "minus"})
_BUT_PAIRS = frozenset({("a", "part"), ("but", "not"), ("mais", "pas"), ("pas", "sur"), ("not", "on")})
_WHOLE_HOST = frozenset({"reboot", "restart", "ping", "uptime", "power_off", "failing", "traceroute", "running"})
# What a machine has: "ip addresses of mail" is about the machine of that name.
_HOST_FACTS = frozenset({"ip", "uptime", "load", "memory", "cpu", "swap", "kernel", "os", "hostname", "disk", "timezone"})
_OF = frozenset({"of", "de", "du", "d", "for", "pour"})
_HOST_LIKE = re.compile(r"(?:srv|server|serveur|host|vps|vm|node|web|db|sql|bdd|mail|proxy|lb|gw|ns)-?\d{1,3}")
_NAME_LIKE = re.compile(r"(?=.*[a-z])[a-z][a-z-]*\d{1,3}")


@dataclass(frozen=True, slots=True)
class Mention:
    """A host in the words: its place among the tokens and the word before it that says how it is meant."""

    host: str
    place: int
    end: int
    before: str


@dataclass(frozen=True, slots=True)
class Targets:
    """`names` in the order of the words; `mentions` where they stand; `unknown` looks like a host and is none."""

    names: tuple[str, ...] = ()
    mentions: tuple[Mention, ...] = ()
    everything: bool = False
    unknown: str | None = None
    taken: frozenset[int] = field(default_factory=frozenset)


def targets_of(tokens: Sequence[Token], inventory: Inventory, lexicon: Lexicon) -> Targets:
    """Return the hosts that the tokens name."""
    hosts = inventory.hosts
    spoken = {plain(name): name for name in hosts}
    mentions = _mentions(tokens, spoken, lexicon)
    taken = {at for each in mentions for at in range(each.place, each.end)}
    groups, group_taken = _groups(tokens, inventory, taken)
    taken |= group_taken
    is_all = _names_all(tokens, taken)
    excluded = _excluded(tokens, mentions)
    named = [each.host for each in mentions if each.host not in excluded]
    names = [*hosts] if is_all is not None and not named and not groups else [*named, *groups]
    if excluded and not named:
        names = [*(groups or hosts)]
    if is_all is not None and (not named or excluded):
        taken |= is_all
    if excluded:
        taken |= {place for place, token in enumerate(tokens) if token.norm in _BUT}
    kept = tuple(dict.fromkeys(name for name in names if name not in excluded))
    unknown = None if kept else _unknown(tokens, lexicon, spoken)
    return Targets(kept, tuple(mentions), bool(is_all is not None and not named), unknown, frozenset(taken))


def _mentions(tokens: Sequence[Token], spoken: dict[str, str], lexicon: Lexicon) -> list[Mention]:
    found: list[Mention] = []
    place = 0
    while place < len(tokens):
        hit = _host_at(tokens, place, spoken)
        if hit is None:
            place += 1
            continue
        host, end = hit
        before = _before(tokens, place)
        mention = Mention(host, place, end, before)
        if not _is_common(host, lexicon) or _is_meant(tokens, place, end, before, found, lexicon):
            found.append(mention)
        place = end
    return found


def _host_at(tokens: Sequence[Token], place: int, spoken: dict[str, str]) -> tuple[str, int] | None:
    """Return the host that begins here, spelt with hyphens, blanks or a slip of the keys."""
    if tokens[place].kind not in ("word", "name", "quoted", "domain", "number"):
        return None
    norm = tokens[place].norm
    if norm in spoken:
        return spoken[norm], place + 1
    joined = norm
    for end in range(place + 2, min(place + 4, len(tokens) + 1)):
        joined += tokens[end - 1].norm
        match = next((host for said, host in spoken.items() if re.sub(r"[-_.]", "", said) == joined), None)
        if match is not None and tokens[end - 1].kind in ("word", "name", "number"):
            return match, end
    bare = re.sub(r"[-_.]", "", norm)
    near = [host for said, host in spoken.items() if re.sub(r"[-_.]", "", said) == bare]
    if not near and len(norm) >= 4 and any(letter.isdigit() for letter in norm):
        near = [host for said, host in spoken.items() if _digits(said) == _digits(norm) and distance(said, norm, 1) == 1]
    return (near[0], place + 1) if len(near) == 1 else None


def _digits(word: str) -> str:
    return "".join(letter for letter in word if letter.isdigit())


def _is_common(host: str, lexicon: Lexicon) -> bool:
    return bool(lexicon.ideas_of(plain(host)))


def _is_meant(tokens: Sequence[Token], place: int, end: int, before: str, found: list[Mention], lexicon: Lexicon) -> bool:
    """Say whether a host whose name is an everyday word (mail, backup) is meant, not the thing."""
    after = tokens[end].norm if end < len(tokens) else ""
    if before in _ON | _FROM | _BUT or after in _MACHINES:
        return True
    if place and tokens[place - 1].norm in _MACHINES and tokens[place - 1].norm not in _MANY:
        return True
    if found and all(each.norm in _ARTICLES or each.kind == "break" for each in tokens[found[-1].end : place]):
        return True
    said = lexicon.spans(tokens[max(0, place - 2) : place])
    verb = said[-1].ideas if said else frozenset()
    if tokens[place - 1].norm in _OF and any(span.ideas & _HOST_FACTS for span in said):
        return end == len(tokens) or tokens[end].kind == "break"
    return bool(_WHOLE_HOST & verb) and (end == len(tokens) or tokens[end].kind == "break")


def _before(tokens: Sequence[Token], place: int) -> str:
    at = place - 1
    while at >= 0 and (tokens[at].norm in _ARTICLES or tokens[at].norm in _MACHINES) and tokens[at].norm not in ("for", "pour"):
        at -= 1
    return tokens[at].norm if at >= 0 else ""


def _groups(tokens: Sequence[Token], inventory: Inventory, taken: set[int]) -> tuple[list[str], set[int]]:
    """Return the hosts that a word of their names stands for: the web servers, les deux db."""
    found: list[str] = []
    used: set[int] = set()
    for place, token in enumerate(tokens):
        if place in taken or token.kind not in ("word", "name"):
            continue
        stem = token.norm.rstrip("*").rstrip("-")
        around = {each.norm for each in tokens[max(0, place - 2) : place + 2]}
        is_several = token.norm.endswith("*") or bool(around & _MANY) or bool(around & {"both", "deux"})
        is_group = bool({each.norm for each in tokens[max(0, place - 1) : place]} & _GROUP_BEFORE)
        declared = next((hosts for name, hosts in inventory.groups.items() if token.norm in (plain(name), f"{plain(name)}s")), ())
        family = [name for name in inventory.hosts if stem in _parts(name) or stem.rstrip("s") in _parts(name)]
        if declared and (is_several or is_group):
            found += declared
            used.add(place)
            continue
        if is_several and family and len(stem) > 1:
            found += family
            used |= {at for at in range(max(0, place - 2), min(len(tokens), place + 2)) if tokens[at].norm in _MANY | _ALL}
            used.add(place)
    return found, used


def _parts(name: str) -> set[str]:
    return {part for part in re.split(r"[^a-z]+", plain(name)) if part}


def _names_all(tokens: Sequence[Token], taken: set[int]) -> set[int] | None:
    """Return the tokens that mean every host, None when none do."""
    for place, token in enumerate(tokens):
        if token.norm in _EVERYWHERE:
            return {place}
        if token.norm in _ALL and place not in taken:
            for end in range(place + 1, min(place + 5, len(tokens))):
                if tokens[end].norm in _MANY or (tokens[end].norm in _MACHINES and token.norm in ("every", "each", "chaque")):
                    return set(range(place, end + 1))
                if tokens[end].norm not in _ARTICLES and tokens[end].norm not in (
                    "nos",
                    "mes",
                    "ces",
                    "these",
                    "your",
                    "vos",
                    "single",
                ):
                    break
    return None


def _excluded(tokens: Sequence[Token], mentions: Sequence[Mention]) -> set[str]:
    at = next((place for place, token in enumerate(tokens) if token.norm in _BUT), None)
    if at is None:
        pairs = ((n, (tokens[n].norm, tokens[n + 1].norm)) for n in range(len(tokens) - 1))
        at = next((n for n, pair in pairs if pair in _BUT_PAIRS), None)
    return set() if at is None else {each.host for each in mentions if each.place > at}


def _unknown(tokens: Sequence[Token], lexicon: Lexicon, spoken: dict[str, str]) -> str | None:
    """Return a word that stands where a host stands and looks like one, but is none."""
    for place, token in enumerate(tokens):
        if token.kind not in ("word", "name") or not _NAME_LIKE.fullmatch(token.norm) or lexicon.ideas_of(token.norm):
            continue
        looks_alike = any(_parts(name) & _parts(token.norm) for name in spoken.values())
        is_of = place and tokens[place - 1].norm in _OF and _HOST_LIKE.fullmatch(token.norm)
        if (place and tokens[place - 1].norm in _ON) or is_of or looks_alike:
            return token.raw
    return None
