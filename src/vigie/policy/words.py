"""Words of a shell line as they will be after expansion, as far as that can be known.

A `Word` holds its `shape`: the text, with `UNKNOWN` wherever only the host can say what stands there. `expand` makes words
of syntax nodes; `walk.py` calls it.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple, Protocol

from tree_sitter import Node

from vigie.policy.escapes import decode_escapes, unescape

UNKNOWN = "\x00"
NO_TAINT: frozenset[str] = frozenset()
_PLAIN = re.compile(r"[A-Za-z0-9_./:=@%+,#^-]+\Z")
_GLOB = frozenset("*?[")
_BRACES = re.compile(r"\{[^{}]*(?:,|\.\.)[^{}]*\}")
_MANY = 64
_PLACE = 0xF0000  # a private plane: stands for a piece while braces are opened
_PLACES = re.compile("([\U000f0000-\U000fffff])")
_SECRET_NAME = re.compile(r"PASS(WORD|WD|PHRASE)?$|PASSW|SECRET|TOKEN|API_?KEY|PRIVATE_?KEY|CREDENTIAL", re.IGNORECASE)
# Values that no line can change before its first assignment, and that are used to hide a space or a slash.
_KNOWN = {"IFS": " \t\n"}
_DIGITS = frozenset("?$#!")
# What a shell sets itself: never the path of somebody's secret.
_OWN = frozenset(
    [
        "PWD",
        "OLDPWD",
        "USER",
        "LOGNAME",
        "HOSTNAME",
        "HOSTTYPE",
        "OSTYPE",
        "MACHTYPE",
        "LANG",
        "LC_ALL",
        "TERM",
        "RANDOM",
        "SECONDS",
        "LINENO",
        "UID",
        "EUID",
        "PPID",
        "SHELL",
        "BASH",
        "BASHPID",
        "BASH_VERSION",
        "EPOCHSECONDS",
        "COLUMNS",
        "LINES",
        "-",
        "_",
    ]
)
_MAKERS = re.compile(r"(?<![\w/.-])(?:[gmn]?awk|sed|rev|tr|cut|printf|echo|xxd|od|fold|paste|column|fmt|bc|dc|expr|jq)(?![\w.-])")
# The taint of what was set before the line: anything may stand there.
OUTSIDE = "outside"


class Word(NamedTuple):
    """One word after expansion.

    `glob`: it holds a pattern that the host expands; `splits`: an unquoted unknown may become several words or none;
    `quoted`: some of it was quoted; `named`: an unknown part is a name or number that a program listed, never an option.
    """

    shape: str
    taint: frozenset[str] = NO_TAINT
    glob: bool = False
    splits: bool = False
    quoted: bool = False
    named: bool = False

    @property
    def value(self) -> str | None:
        """Return the text when all of it is known."""
        return None if UNKNOWN in self.shape else self.shape

    @property
    def emptied(self) -> str:
        """Return the text if every unknown turned out to be empty."""
        return self.shape.replace(UNKNOWN, "")

    @property
    def shown(self) -> str:
        """Return the text for people: `…` stands for what is unknown."""
        return self.shape.replace(UNKNOWN, "…")

    @property
    def maybe_option(self) -> bool:
        """Say whether the unknown part may turn out to be an option."""
        return not self.named and (self.splits or self.shape.startswith(UNKNOWN))


class Flow(NamedTuple):
    """What runs through a pipe or out of a substitution: the text when known, its taints, and what its lines are like."""

    text: str | None = None
    taint: frozenset[str] = NO_TAINT
    like: tuple[Word, ...] = ()


class Scope(Protocol):
    """What expansion asks of the walk."""

    @property
    def variables(self) -> dict[str, Word]:
        """Return the constants assigned so far."""
        ...

    def substitute(self, node: Node) -> Flow:
        """Walk a substitution and say what comes out."""
        ...

    def text(self, node: Node) -> str:
        """Return the source text of a node."""
        ...

    def between(self, start: int, end: int) -> str:
        """Return the source text between two bytes."""
        ...


class _Piece(NamedTuple):
    """A part of a word: `kind` is `bare` (as typed), `quoted`, `expanded` (unquoted result, subject to splitting) or `named`."""

    text: str
    kind: str
    taint: frozenset[str] = NO_TAINT


def expand(node: Node, scope: Scope) -> list[Word]:
    """Return the words that a node becomes: one as a rule, several after brace expansion or splitting, none when it vanishes."""
    if node.type == "word" or node.type == "number":
        text = scope.text(node)
        if _PLAIN.match(text):
            return [Word(text)]
    elif node.type == "raw_string":
        return [Word(scope.text(node)[1:-1], quoted=True)]
    return _compose(list(_pieces(node, scope, quoted=False)))


def expand_one(node: Node, scope: Scope) -> Word:
    """Return the single word of a place where the shell neither splits nor expands patterns: an assignment's value."""
    pieces = list(_pieces(node, scope, quoted=False))
    taint = NO_TAINT.union(*(piece.taint for piece in pieces)) if pieces else NO_TAINT
    return Word("".join(piece.text for piece in pieces), taint, quoted=True)


def join(words: list[Word]) -> Word:
    """Return one word that stands for any of several, as a loop's variable does: their common beginning is known."""
    if not words:
        return Word(UNKNOWN)
    shapes = {word.shape for word in words}
    taint = NO_TAINT.union(*(word.taint for word in words))
    glob = any(word.glob for word in words)
    if len(shapes) == 1 and not glob:
        return Word(words[0].shape, taint, named=words[0].named)
    named = all(word.named for word in words)
    first, last = min(shapes), max(shapes)
    same = 0
    while same < min(len(first), len(last)) and first[same] == last[same] and first[same] not in _GLOB:
        same += 1
    return Word(first[:same] + UNKNOWN, taint, named=named)


def _pieces(node: Node, scope: Scope, *, quoted: bool) -> Iterator[_Piece]:
    kind = node.type
    reader = _READERS.get(kind)
    if reader is not None:
        yield from reader(node, scope, quoted)
    elif kind in ("concatenation", "string", "translated_string", "brace_expression", "command_name", "heredoc_body"):
        yield from _composite(node, scope, quoted=quoted or kind in ("string", "translated_string", "heredoc_body"))
    else:
        taint = NO_TAINT
        for inner in node.children:
            for piece in _pieces(inner, scope, quoted=True):
                taint |= piece.taint
        yield _Piece(UNKNOWN, "quoted" if quoted else "expanded", taint)


def _composite(node: Node, scope: Scope, *, quoted: bool) -> Iterator[_Piece]:
    # The grammar gives no node to blanks between two expansions of a string: what lies between children is text.
    at = node.start_byte
    literal = "quoted" if quoted else "bare"
    for child in node.children:
        if child.start_byte > at:
            yield _Piece(unescape(scope.between(at, child.start_byte), quoted=quoted), literal)
        at = child.end_byte
        if child.is_named:
            yield from _pieces(child, scope, quoted=quoted)
        elif child.type not in ('"', "$") or (child.type == "$" and quoted):
            yield _Piece(scope.text(child), literal)
    if node.type == "heredoc_body" and node.end_byte > at:
        yield _Piece(unescape(scope.between(at, node.end_byte), quoted=True), literal)


def _literal(node: Node, scope: Scope, quoted: bool) -> Iterator[_Piece]:
    text = scope.text(node)
    if "\\" not in text:
        yield _Piece(text, "quoted" if quoted else "bare")
        return
    if quoted:
        yield _Piece(unescape(text, quoted=True), "quoted")
        return
    at = 0
    for found in re.finditer(r"\\(\n?)(.?)", text, re.DOTALL):
        if found.start() > at:
            yield _Piece(text[at : found.start()], "bare")
        if not found[1]:
            yield _Piece(found[2], "quoted")
        elif found[2]:
            yield _Piece(found[2], "bare")
        at = found.end()
    if at < len(text):
        yield _Piece(text[at:], "bare")


def _raw(node: Node, scope: Scope, quoted: bool) -> Iterator[_Piece]:
    yield _Piece(scope.text(node) if quoted else scope.text(node)[1:-1], "quoted")


def _ansi(node: Node, scope: Scope, quoted: bool) -> Iterator[_Piece]:
    yield _Piece(scope.text(node) if quoted else decode_escapes(scope.text(node)[2:-1]), "quoted")


def _variable(node: Node, scope: Scope, quoted: bool) -> Iterator[_Piece]:
    name = node.children[-1]
    before = scope.between(node.start_byte, name.start_byte)
    blank = before[: len(before) - len(before.lstrip())]
    if blank:  # the grammar counts the blanks before an expansion inside a string as its own
        yield _Piece(blank, "quoted")
    yield _named(scope.text(name), scope, quoted=quoted)


def _named(name: str, scope: Scope, *, quoted: bool) -> _Piece:
    kind = "quoted" if quoted else "expanded"
    word = scope.variables.get(name)
    if word is not None:
        return _Piece(word.shape, "named" if word.named else kind, word.taint)
    if name in _KNOWN:
        return _Piece(_KNOWN[name], kind)
    if name == "HOME":
        return _Piece("~", kind)
    if name in _DIGITS:
        return _Piece("1" + UNKNOWN, "quoted")  # a number, which is neither empty nor an option
    taint = frozenset(("named-secret",)) if _SECRET_NAME.search(name) else NO_TAINT
    return _Piece(UNKNOWN, kind, taint if name in _OWN else taint | {OUTSIDE})


def _parameter(node: Node, scope: Scope, quoted: bool) -> Iterator[_Piece]:
    """`${NAME}` is known when the name is; `${NAME:-word}` when the name is or its absence is certain; all else is unknown."""
    inner = node.children[1:-1]
    if len(inner) == 1 and inner[0].type in ("variable_name", "special_variable_name"):
        yield _named(scope.text(inner[0]), scope, quoted=quoted)
        return
    taint = NO_TAINT
    default = ""
    for child in inner:
        if child.is_named and child.type not in ("variable_name", "subscript", "special_variable_name"):
            word = expand_one(child, scope)
            taint |= word.taint
            default += word.shape
        elif child.type == "variable_name":
            taint |= _named(scope.text(child), scope, quoted=quoted).taint
    if len(inner) > 1 and inner[1].type in (":-", "-", ":=", "="):
        # If the variable is empty the default stands there: keep it in the emptied reading.
        yield _Piece(UNKNOWN + default, "quoted" if quoted else "expanded", taint)
    else:
        yield _Piece(UNKNOWN, "quoted" if quoted else "expanded", taint)


def _substitution(node: Node, scope: Scope, quoted: bool) -> Iterator[_Piece]:
    flow = scope.substitute(node)
    kind = "quoted" if quoted else "expanded"
    text = UNKNOWN if flow.text is None else flow.text.rstrip("\n")
    if flow.text is None and flow.taint == {"date"}:
        kind = "quoted"  # a date without blanks is one word
        text = "2" + UNKNOWN
    elif flow.text is None and flow.taint == {"names"}:
        kind = "named"
    # Text that tools were made to compute may be any text, the path of a secret too.
    is_made = flow.text is None and not flow.like and _MAKERS.search(scope.text(node)) is not None
    yield _Piece(text, kind, flow.taint | {OUTSIDE} if is_made else flow.taint)


def _process(node: Node, scope: Scope, quoted: bool) -> Iterator[_Piece]:
    flow = scope.substitute(node)
    yield _Piece("/dev/fd/" + UNKNOWN, "quoted", flow.taint | {"stream"})


def _arithmetic(node: Node, scope: Scope, quoted: bool) -> Iterator[_Piece]:
    taint = NO_TAINT
    for child in node.children:
        if child.is_named:
            taint |= expand_one(child, scope).taint
    yield _Piece("1" + UNKNOWN, "quoted", taint)


_READERS = {
    "word": _literal,
    "number": _literal,
    "string_content": _literal,
    "heredoc_content": _literal,
    "variable_name": _literal,
    "extglob_pattern": _literal,
    "regex": _literal,
    "test_operator": _literal,
    "raw_string": _raw,
    "ansi_c_string": _ansi,
    "simple_expansion": _variable,
    "expansion": _parameter,
    "command_substitution": _substitution,
    "process_substitution": _process,
    "arithmetic_expansion": _arithmetic,
}


def _compose(pieces: list[_Piece]) -> list[Word]:
    if any(piece.kind == "bare" and "{" in piece.text for piece in pieces):
        alternatives = _braces(pieces)
        if alternatives is None:
            return [Word(UNKNOWN, NO_TAINT.union(*(piece.taint for piece in pieces)), splits=True)]
        return [word for alternative in alternatives for word in _fields(alternative)]
    return _fields(pieces)


def _fields(pieces: list[_Piece]) -> list[Word]:
    """Return the words that pieces become when unquoted blanks split them."""
    fields: list[Word] = []
    text, glob, splits, quoted, begun = "", False, False, False, False
    taint = NO_TAINT
    for index, piece in enumerate(pieces):
        taint |= piece.taint
        if piece.kind == "expanded":
            parts = re.split(r"[ \t\n]+", piece.text)
            splits |= UNKNOWN in piece.text
            for part in parts[:-1]:
                if text or part or begun:
                    fields.append(Word(text + part, taint, glob, splits, quoted))
                text, begun, quoted = "", False, False
            text += parts[-1]
        else:
            begun = begun or piece.kind == "quoted" or bool(piece.text)
            text += piece.text if index or piece.kind != "bare" else _home(piece.text)
            quoted |= piece.kind == "quoted"
        if piece.kind != "quoted" and not _GLOB.isdisjoint(piece.text):
            glob = True
    if text or begun:
        named = pieces[0].kind == "named" and not splits
        fields.append(Word(text, taint, glob, splits, quoted, named))
    return fields


def _braces(pieces: list[_Piece]) -> list[list[_Piece]] | None:
    """Return the pieces of each alternative of `{a,b}`, None when there are too many; what is quoted or expanded stays whole."""
    text = "".join(piece.text if piece.kind == "bare" else chr(_PLACE + index) for index, piece in enumerate(pieces))
    words = [text]
    while any(_BRACES.search(word) for word in words):
        words = [done for word in words for done in _brace(word)]
        if len(words) > _MANY:
            return None
    return [_put_back(word, pieces) for word in words if word]


def _put_back(word: str, pieces: list[_Piece]) -> list[_Piece]:
    found: list[_Piece] = []
    for part in _PLACES.split(word):
        if part:
            place = ord(part) - _PLACE if _PLACES.fullmatch(part) else None
            found.append(_Piece(part, "bare") if place is None else pieces[place])
    return found


def _brace(word: str) -> list[str]:
    found = _BRACES.search(word)
    if found is None:
        return [word]
    inner = found[0][1:-1]
    span = re.fullmatch(r"(-?\d{1,6})\.\.(-?\d{1,6})", inner)
    if span and "," not in inner:
        first, last = int(span[1]), int(span[2])
        step = 1 if first <= last else -1
        choices = [str(number) for number in range(first, last + step, step)][: _MANY + 1]
    elif "," in inner:
        choices = inner.split(",")
    else:
        choices = [UNKNOWN]
    return [word[: found.start()] + choice + word[found.end() :] for choice in choices]


def _home(text: str) -> str:
    return "/root" + text[5:] if text.startswith("~root") and text[5:6] in ("", "/") else text
