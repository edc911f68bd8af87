"""Finds the things that a request names: paths, ports, spans of time, services, names that only their neighbours explain."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from vigie.reasoning.commands.text import Token, words


def _table(text: str) -> dict[str, str]:
    """Read `meaning: word word; meaning: word…` as words by themselves."""
    rows = (row.partition(":") for row in text.split(";"))
    return {word: meaning.strip() for meaning, _, said in rows for word in said.split()}


_SIZE_UNITS = _table(
    "k: k ko kb kib; M: m mo mb mib mega megas meg megs megabytes; G: g go gb gib giga gigas gig gigs gigabytes; "
    "T: t to tb tib tera"
)
_TIME_UNITS = _table(
    "second: s sec secs seconde secondes second seconds; minute: min mins mn minute minutes; "
    "hour: h hr hrs heure heures hour hours; "
    "day: j jour jours d day days; week: semaine semaines week weeks; month: mois month months; year: an ans year years"
)
_MINUTES = {"second": 1 / 60, "minute": 1, "hour": 60, "day": 1440, "week": 10_080, "month": 43_200, "year": 525_600}
_NUMBERS = {
    word: int(number)
    for word, number in _table(
        "1: un une one; 2: deux two; 3: trois three; 4: quatre four; 5: cinq five; 6: six; 7: sept seven; "
        "8: huit eight; 9: neuf nine; "
        "10: dix ten; 15: quinze fifteen; 20: vingt twenty; 30: trente thirty; 50: cinquante fifty; 100: cent hundred"
    ).items()
}
# Words that are a span of time by themselves: what journalctl understands, and minutes.
_SPANS = {
    "hier": ("yesterday", 2880), "yesterday": ("yesterday", 2880), "aujourd": ("today", 1440), "today": ("today", 1440),
    "tonight": ("today", 720),
    "midnight": ("today", 720),
    "minuit": ("today", 720), "nuit": ("yesterday", 1440), "night": ("yesterday", 1440), "matin": ("today", 720),
    "morning": ("today", 720), "avant-hier": ("2 days ago", 4320), "overnight": ("yesterday", 1440),
}  # fmt: skip
_PORT_WORDS = frozenset({"port", "ports"})
_PID_WORDS = frozenset({"pid", "process", "processus", "proc", "proces"})
_COUNT_BEFORE = words("top last dernier derniers derniere dernieres premier premiers premieres first latest les the plus")
_COUNT_AFTER = words(
    "lignes ligne lines line dernieres derniers derniere premiers premieres last first plus biggest largest most "
    "entries entrees fichiers files processus process processes requetes queries commits gros replicas copies "
    "instances"
)
_FILE = re.compile(r"\.?[\w*?+-]+(?:\.[\w*?+-]+)+|\*[\w.*-]+|\.\w[\w.-]*|[\w-]+\*")
_DEVICE = re.compile(r"(?:[shv]d[a-z]|xvd[a-z])\d{0,2}|nvme\d+n\d+(?:p\d+)?|mmcblk\d+(?:p\d+)?")
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.@:+-]{0,62}")
# Kinds that only the words around a name tell: the ideas beside which such a name stands.
ANCHORS: Mapping[str, frozenset[str]] = {
    "service": frozenset({"service"}),
    "user": frozenset(
        {"user", "logins", "logged_in", "sudo", "give_sudo", "password", "ssh_key", "shell_history", "lock", "unlock"}
    ),
    "container": frozenset({"container", "docker"}),
    "package": frozenset({"package", "install", "uninstall", "upgrade", "installed", "version"}),
    "database": frozenset({"database", "mysql", "postgres", "mariadb", "backup_do", "restore"}),
    "app": frozenset({"pm2"}),
    "pod": frozenset({"pod"}),
    "deployment": frozenset({"deployment", "scale", "kubernetes"}),
    "namespace": frozenset({"namespace"}),
    "group": frozenset({"group"}),
    "process": frozenset({"process", "kill"}),
    "site": frozenset({"site", "vhost"}),
    "interface": frozenset({"interface"}),
    "hostname": frozenset({"hostname", "name_of"}),
    "text": frozenset({"find_word", "text"}),
    "file": frozenset({"find_word", "file"}),
}
NAMED = frozenset(ANCHORS)
# Kinds whose names are often the names of programs that have ideas of their own.
_ALSO_SERVICES = frozenset(
    {"package", "process", "container", "app", "service", "user", "database", "pod", "deployment", "group"}
)


# Ideas whose words are also given to containers, databases and accounts as names.
_NAMESAKES = words("web app worker clients cache site mail backup queue event data_all git test deploy redis database")
_POSSIBLE = 0.7
_BEFORE_NAMES = words("de d du of for pour is que qu le la l the restart start stop reload status statut etat my notre our")
_OF = words("of for de du d pour called named nomme appele")
_BY_PLACE = ("service", "container", "database", "user", "pod", "group", "deployment", "app", "namespace")


@dataclass(frozen=True, slots=True)
class Thing:
    """Something named. `strength`: 1 where the words say what it is, less where it is only possible. `place`: its first token."""

    kind: str
    value: str
    place: int
    end: int
    strength: float = 1.0


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a token before names are looked for: its ideas, whether a slip was mended, whether it is taken."""

    ideas: frozenset[str]
    guessed: bool = False
    taken: bool = False
    service: str | None = None
    program: bool = False


def things_of(tokens: Sequence[Token], known: Sequence[Known], is_filler: Callable[[int], bool]) -> list[Thing]:
    """Return everything that the tokens name, surest first within each kind.

    Args:
        tokens: the request.
        known: shape (len(tokens),).
        is_filler: says of a token's place whether it only holds the sentence together.
    """
    found: list[Thing] = []
    for place, token in enumerate(tokens):
        if not known[place].taken:
            found += _literal(token, place)
            found += _numbers(tokens, place)
            found += _spans(token, place)
    found += _names(tokens, known, is_filler)
    paths = [thing for thing in found if thing.kind == "path"]
    found += [replace(thing, kind="path2") for thing in paths[1:]]
    return sorted(found, key=lambda thing: (-thing.strength, thing.place))


def _literal(token: Token, place: int) -> Iterable[Thing]:
    for kind, value, strength in _meanings(token):
        yield Thing(kind, value, place, place + 1, strength)


def _meanings(token: Token) -> Iterable[tuple[str, str, float]]:
    """Yield what a token taken to the letter is: kind, value, strength."""
    raw = token.raw
    match token.kind:
        case "path":
            return [("device" if raw.startswith("/dev/") else "path", raw, 1.0)]
        case "url":
            return [("url", raw, 1.0), ("domain", re.sub(r"^https?://|[/:?#].*$", "", raw), 1.0)]
        case "domain":
            return [("domain", raw, 1.0), ("destination", raw, 1.0), ("url", f"https://{raw}", 0.9)]
        case "ip":
            return [("ip", raw, 1.0), ("destination", raw, 1.0)]
        case "email":
            return [("email", raw, 1.0)]
        case "clock":
            return [("since", raw.replace("h", ":"), 1.0)]
        case "quoted":
            return _quoted(raw)
        case "name" | "word":
            return _worded(token)
    return []


def _quoted(raw: str) -> Iterable[tuple[str, str, float]]:
    yield "text", raw, 1.0
    if _NAME.fullmatch(raw):
        yield from ((kind, raw, 0.8) for kind in NAMED - {"text"})
    if raw.startswith("/") and " " not in raw:
        yield "path", raw, 1.0


def _worded(token: Token) -> Iterable[tuple[str, str, float]]:
    raw = token.raw
    if token.norm in ("utc", "gmt") or re.fullmatch(r"[A-Za-z]+/[A-Za-z_/+0-9-]+", raw):
        yield "zone", raw if "/" in raw else raw.upper(), 1.0
    if _DEVICE.fullmatch(raw):
        yield "device", f"/dev/{raw}", 1.0
    if token.kind == "name" and _FILE.fullmatch(raw):
        yield "file", raw, 1.0
    if (address := re.fullmatch(r"([\w.-]+):(\d{2,5})", raw)) is not None:
        yield from (("url", f"http://{raw}", 1.0), ("destination", address[1], 1.0), ("port", address[2], 1.0))


def _numbers(tokens: Sequence[Token], place: int) -> Iterable[Thing]:
    token = tokens[place]
    number = float(token.raw.replace(",", ".")) if token.kind == "number" else _NUMBERS.get(token.norm)
    if number is None:
        return
    after = tokens[place + 1].norm if place + 1 < len(tokens) else ""
    before = [each.norm for each in tokens[max(0, place - 3) : place]]
    whole = str(int(number))
    if after in _TIME_UNITS:
        yield from _time(number, _TIME_UNITS[after], place)
        return
    if token.kind != "number":
        return
    if after in _SIZE_UNITS:
        unit = _SIZE_UNITS[after]
        amount, unit = (number * 1024, "G") if unit == "T" else (number, unit)
        yield Thing("size", f"{int(amount)}{unit}", place, place + 2)
        return
    if _is_percent(tokens, place, after):
        yield Thing("percent", whole, place, place + 1)
        return
    last = before[-1] if before else ""
    if last in _PORT_WORDS or (before[-2:-1] and before[-2] in _PORT_WORDS):
        yield Thing("port", whole, place, place + 1)
    elif last in _PID_WORDS or (before[-2:-1] and before[-2] in _PID_WORDS):
        yield Thing("pid", whole, place, place + 1)
    elif last in _COUNT_BEFORE or after in _COUNT_AFTER:
        yield Thing("count", whole, place, place + 1)
    else:
        yield from _bare(whole, int(number), place)


def _bare(whole: str, number: int, place: int) -> Iterable[Thing]:
    if re.fullmatch(r"0?[0-7]{3}", whole):
        yield Thing("mode", whole, place, place + 1, 0.7)
    if 1 <= number <= 65_535:
        yield Thing("port", whole, place, place + 1, 0.8)
    if 1 <= number <= 4_194_304:
        yield Thing("pid", whole, place, place + 1, 0.75)
    if 1 <= number <= 10_000:
        yield Thing("count", whole, place, place + 1, 0.6)


def _is_percent(tokens: Sequence[Token], place: int, after: str) -> bool:
    return after in ("%", "percent", "pourcent", "pourcents", "pct") or (
        after == "pour" and any(token.norm == "cent" for token in tokens[place + 2 : place + 3])
    )


def _time(number: float, unit: str, place: int) -> Iterable[Thing]:
    count = max(1, round(number))
    minutes = max(1, round(number * _MINUTES[unit]))
    end = place + 2
    yield Thing("since", f"{count} {unit}{'s' if count > 1 else ''} ago", place, end)
    yield Thing("minutes", str(minutes), place, end)
    yield Thing("days", str(max(1, round(minutes / 1440))), place, end)
    yield Thing("duration", f"{minutes}m", place, end)
    yield Thing("age", f"{max(1, round(minutes / 1440))}d", place, end)


def _spans(token: Token, place: int) -> Iterable[Thing]:
    if token.norm in _SPANS:
        since, minutes = _SPANS[token.norm]
        yield Thing("since", since, place, place + 1)
        yield Thing("minutes", str(minutes), place, place + 1)
        yield Thing("duration", f"{minutes}m", place, place + 1)
    elif token.norm in _TIME_UNITS and len(token.norm) > 3:
        # "the last hour", "cette semaine"
        unit = _TIME_UNITS[token.norm]
        for thing in _time(1, unit, place):
            yield Thing(thing.kind, thing.value, place, place + 1, 0.9)


def _names(tokens: Sequence[Token], known: Sequence[Known], is_filler: Callable[[int], bool]) -> Iterable[Thing]:
    for place, token in enumerate(tokens):
        if not _may_be_name(token, known[place], is_filler(place)):
            continue
        if _has_sense(known[place]):
            yield from _by_place(tokens, known, place, is_filler)
            if known[place].program:
                yield Thing("package", token.raw, place, place + 1, 0.9)
                yield Thing("process", token.raw, place, place + 1, 0.9)
            continue
        near = _near(tokens, known, place, is_filler)
        for kind, anchors in ANCHORS.items():
            strength = _strength(
                kind, anchors, known[place], near, follows_by=place > 0 and tokens[place - 1].norm in ("by", "par")
            )
            if kind == "service" and strength < _POSSIBLE and not _stands_as_name(tokens, place):
                continue
            if strength > 0.0:
                yield Thing(kind, _value(kind, token, known[place]), place, place + 1, strength)


def _may_be_name(token: Token, known: Known, filler: bool) -> bool:
    is_name = known.service is not None or _NAME.fullmatch(token.raw) is not None
    return not (known.taken or filler) and token.kind in ("word", "name") and is_name


def _stands_as_name(tokens: Sequence[Token], place: int) -> bool:
    """Say whether an unknown word stands where a service's name does: it looks like a name, or follows what leads to one."""
    before = tokens[place - 1].norm if place else ""
    return tokens[place].kind == "name" or place == 0 or before in _BEFORE_NAMES


def _has_sense(known: Known) -> bool:
    """Say whether a word means something by itself, so that only its place can make it a name."""
    return bool(known.ideas) and not known.guessed and known.service is None and "root" not in known.ideas


def _by_place(tokens: Sequence[Token], known: Sequence[Known], place: int, is_filler: Callable[[int], bool]) -> Iterable[Thing]:
    """Yield a word of sense as a name where it stands by what leads to a name of its kind: la base clients, deploy's crontab."""
    before, after = _near(tokens, known, place, is_filler)
    neighbours = before | (after if place + 1 < len(known) else frozenset())
    is_of = place > 0 and tokens[place - 1].norm in _OF
    for kind in _BY_PLACE:
        led = kind in neighbours or (is_of and any(ANCHORS[kind] & each.ideas for each in known))
        led = led or (kind == "user" and ("cron" in neighbours or ("group" in before and "group" not in known[place - 1].ideas)))
        if led and known[place].ideas & _NAMESAKES and kind not in known[place].ideas:
            yield Thing(kind, tokens[place].raw, place, place + 1, 0.85)


def _strength(
    kind: str, anchors: frozenset[str], known: Known, near: tuple[frozenset[str], frozenset[str]], *, follows_by: bool
) -> float:
    before, after = near
    if known.ideas & anchors:
        return 0.0  # the noun of its kind itself
    if known.service is not None and kind == "service":
        return 1.0
    if known.service is not None and kind not in _ALSO_SERVICES:
        return 0.0
    if kind == "user" and follows_by:
        return 1.0
    plain = 0.55 if known.guessed or known.service is not None else 0.6
    if anchors & before:
        return 0.75 if known.guessed else 1.0
    if anchors & after:
        return 0.7 if known.guessed else 0.9
    return plain


def _near(
    tokens: Sequence[Token], known: Sequence[Known], place: int, is_filler: Callable[[int], bool]
) -> tuple[frozenset[str], frozenset[str]]:
    """Return the ideas of the nearest telling words on either side."""

    def look(step: int) -> frozenset[str]:
        at = place + step
        for _ in range(4):
            if not 0 <= at < len(tokens) or tokens[at].kind == "break":
                return frozenset()
            if not is_filler(at):
                return known[at].ideas
            at += step
        return frozenset()

    return look(-1), look(1)


def _value(kind: str, token: Token, known: Known) -> str:
    if kind == "service" and known.service is not None:
        return known.service
    if kind == "user":
        return token.norm if token.raw.istitle() else token.raw
    return token.raw
