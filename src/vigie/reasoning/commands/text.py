"""Splits a request into tokens: words without accents, and what is taken to the letter (paths, addresses, numbers)."""

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

Kind = Literal["word", "number", "path", "url", "email", "ip", "domain", "name", "quoted", "flag", "clock", "break"]


def words(text: str) -> frozenset[str]:
    """Return the words of a text as a set."""
    return frozenset(text.split())


_ANY = re.IGNORECASE
_CONTRACTIONS = (
    (re.compile(r"\bcan'?t\b", _ANY), "can not"),
    (re.compile(r"\bwon'?t\b", _ANY), "will not"),
    (re.compile(r"\b(do|does|did|is|are|was|were|has|have|had|should|would|could|must|need)n'?t\b", _ANY), r"\1 not"),
    (re.compile(r"\b(what|who|where|when|how|why|that|there|it|he|she)'s\b", _ANY), r"\1 is"),
    (re.compile(r"\b(what|who|where|when|how)'re\b", _ANY), r"\1 are"),
    (re.compile(r"\b(i|you|we|they)'(?:d|ll|ve|re|m)\b", _ANY), r"\1 would"),
    (re.compile(r"\blet's\b", _ANY), "let us"),
)
_PIECES = re.compile(
    r"""
    (?P<url>https?://[^\s<>"'«»]+)
  | (?P<email>[\w.+-]+@[\w-]+(?:\.[\w-]+)+)
  | (?P<quoted>"[^"\n]{1,200}"|«[^»\n]{1,200}»|`[^`\n]{1,400}`|“[^”\n]{1,200}”|(?<![\w'])'[^'\n]{1,200}'(?!\w))
  | (?P<path>(?<![\w.~/])(?:~[\w-]*|\.{1,2})?/(?:[^\s,;:!?"'«»()<>|&`$\\]*[\w/*}\]+~-])?(?![^\s,;:!?.)"'»]))
  | (?P<ip>(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?:/\d{1,2})?(?![\w.]*\w))
  | (?P<clock>(?<![\w.:])(?:[01]?\d|2[0-3])(?::[0-5]\d(?::[0-5]\d)?|h[0-5]\d)(?!\w)|(?<![\w.-])20\d\d-\d\d-\d\d(?!\w))
  | (?P<number>(?<![\w.])\d+(?:[.,]\d+)?
      (?=(?:[kmgtKMGT]?[oObB]|[kmgtKMGT]|[%smhdj]|min|mn|ms|sec|h\d\d|am|pm|e|eme|er|st|nd|rd|th)?(?![\w.-]*\w)))
  | (?P<flag>(?<!\S)--?[A-Za-z][\w-]*)
  | (?P<word>[.*]?\w(?:[\w.@+:*/-]*[\w*+])?)
  | (?P<break>[.,;:!?()\n|&%])
    """,
    re.VERBOSE,
)
_DOMAIN = re.compile(r"(?:[a-z0-9_](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,24}", re.IGNORECASE)
_IPV6 = re.compile(r"(?=(?:.*:){2})[0-9a-f:]{3,39}", re.IGNORECASE)
# Endings of internet names; any other dotted word is a file, a version or somebody's account.
_TOP_LEVEL = words(
    "com org net fr io dev eu de uk be ch ca us info biz app co me tv local lan internal intranet home test example "
    "exemple invalid shop site online tech cloud store agency paris bzh es it nl pt pl se no fi dk at cz ru cn jp "
    "in br au nz za mx ar ie lu gov edu mil int xyz ai gg pro mobi travel coop blog news art design studio "
    "solutions services systems software digital media group company email network host website space live life "
    "world global today top click link page wiki bank legal tel"
)
_ZONE = re.compile(
    r"(?:Africa|America|Antarctica|Asia|Atlantic|Australia|Europe|Indian|Pacific|Etc)/[A-Za-z_+0-9/-]+", re.IGNORECASE
)
_TAILS = words("moi toi tu vous nous le la les lui leur il elle ils elles on je ce ci t y en un")
_APART = 6
# Verbs whose other half may stand behind what they act on.
_SEPARABLE = (
    (
        words("bring take turn shut switch spin fire power boot tear back roll blow throw wipe"),
        re.compile("up|down|off|back|away|out"),
    ),
    (
        words("mets met mettre mettez remets remet remettre remettez"),
        re.compile("a (?:zero|jour|plat)|en (?:route|marche|place|prod)"),
    ),
)
_NAME_LIKE = re.compile(r"[\d._@:/*+-]")


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of a request: `raw` as written, `norm` lower case without accents, `place` its first character."""

    raw: str
    norm: str
    kind: Kind
    place: int

    @property
    def literal(self) -> bool:
        """Say whether it is taken to the letter rather than read as a word."""
        return self.kind not in ("word", "break")


def joined(tokens: list[Token]) -> list[Token]:
    """Return the tokens with each particle beside its verb: bring redis back up → bring back up redis."""
    place = 0
    while place < len(tokens):
        particles = next((other for verbs, other in _SEPARABLE if tokens[place].norm in verbs), None)
        found = _particle(tokens, place, particles) if particles is not None else None
        if found is not None:
            start, end = found
            tokens = [*tokens[: place + 1], *tokens[start:end], *tokens[place + 1 : start], *tokens[end:]]
        place += 1
    return tokens


def _particle(tokens: list[Token], verb: int, particles: re.Pattern[str]) -> tuple[int, int] | None:
    """Return where the other half of a verb stands apart from it, as its first token and the one after its last."""
    for start in range(verb + 1, min(verb + _APART, len(tokens))):
        if tokens[start].kind == "break":
            return None
        size = next((n for n in (2, 1) if particles.fullmatch(" ".join(each.norm for each in tokens[start : start + n]))), 0)
        if size:
            end = start + size
            while end < len(tokens) and particles.fullmatch(tokens[end].norm):
                end += 1
            return (start, end) if start > verb + 1 else None
    return None


def plain(text: str) -> str:
    """Return a text in lower case, without accents and with straight apostrophes."""
    folded = unicodedata.normalize("NFKD", text.replace("’", "'").replace("œ", "oe").casefold())
    return "".join(letter for letter in folded if not unicodedata.combining(letter))


def tokens_of(text: str, known: frozenset[str] = frozenset()) -> list[Token]:
    """Split a request; `known` are names (hosts, units) that hyphens do not split."""
    straight = text.replace("’", "'").replace("ʼ", "'")
    for pattern, spoken in _CONTRACTIONS:
        straight = pattern.sub(spoken, straight)
    found: list[Token] = []
    place = 0
    while place < len(straight):
        match = _PIECES.match(straight, place)
        if match is None:
            place += 1
            continue
        if _possessive(straight, match):
            found += _pieces(match, known)
            found.append(Token("'s", "'s", "word", match.end()))
            place = match.end() + 2
            continue
        found += _pieces(match, known)
        place = match.end()
    return found


def _possessive(text: str, match: re.Match[str]) -> bool:
    end = match.end()
    return match.lastgroup == "word" and text[end : end + 2].lower() == "'s" and not text[end + 2 : end + 3].isalnum()


def _pieces(match: re.Match[str], known: frozenset[str]) -> list[Token]:
    kind, raw, place = match.lastgroup, match.group(0), match.start()
    if kind == "quoted":
        inner = raw[1:-1].strip()
        return [Token(inner, plain(inner), "quoted", place)] if inner else []
    if kind == "url":
        raw = raw.rstrip(".,;:!?)")
        return [Token(raw, plain(raw), "url", place)]
    if kind != "word":
        return [Token(raw, plain(raw), kind, place)]  # type: ignore[arg-type]  # the groups are named after the kinds
    return _words(raw, place, known)


def _words(raw: str, place: int, known: frozenset[str]) -> list[Token]:
    norm = plain(raw)
    if norm in known:
        return [Token(raw, norm, "name" if _NAME_LIKE.search(norm) else "word", place)]
    if norm.endswith((":", "/")):
        return _words(raw[:-1], place, known)
    if _IPV6.fullmatch(norm):
        return [Token(raw, norm, "ip", place)]
    if _DOMAIN.fullmatch(norm) and norm.rpartition(".")[2] in _TOP_LEVEL:
        return [Token(raw, norm, "domain", place)]
    if _ZONE.fullmatch(raw):
        return [Token(raw, norm, "name", place)]
    if "-" in norm and (split := _split_tail(raw, place, known)):
        return split
    if "/" in norm and not re.search(r"[\d._@]", norm):
        # either/or, CPU/RAM
        made, at = [], place
        for part in raw.split("/"):
            made += _words(part, at, known) if part else []
            at += len(part) + 1
        return made
    kind: Kind = "name" if _NAME_LIKE.search(norm.strip(".")) or norm.startswith(".") else "word"
    return [Token(raw, norm, kind, place)]


def _split_tail(raw: str, place: int, known: frozenset[str]) -> list[Token]:
    """Split `montre-moi`, `y a-t-il`, `peux-tu` at their hyphens; names keep theirs."""
    head, _, tail = raw.rpartition("-")
    if plain(tail) not in _TAILS or not head:
        return []
    return [*_words(head, place, known), Token(tail, plain(tail), "word", place + len(head) + 1)]
