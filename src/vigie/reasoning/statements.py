"""Reads SQL as it stands in logs: which statement, of which table, searched by which columns. It guesses; it never runs any."""

import hashlib
import re
from dataclasses import dataclass

_STATEMENT = re.compile(
    r"\b(?:SELECT\b.{1,4000}?\bFROM\b|UPDATE\s+\S+\s+SET\b|DELETE\s+FROM\b|INSERT\s+INTO\b|WITH\s+\w+.{0,200}?\bAS\s*\().*",
    re.IGNORECASE | re.DOTALL,
)
_TAIL = re.compile(
    r"""\s*(?:[|;]?\s+[\w.]+=\S.*            # params=… duration=…
        |\[(?:params|parameters|args)\b.*     # [params: …]
        |\s\(?\d+(?:\.\d+)?\s?(?:ms|s|sec|seconds|us|µs)\)?\s*$
        |\s--\s.*)$""",
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)
_LITERALS = (
    (re.compile(r"'(?:[^']|'')*'"), "?"),
    (re.compile(r"\$\d+|:\w+|@\w+|%\(\w+\)s|%s"), "?"),
    (re.compile(r"(?<![\w.\"])-?\d+(?:\.\d+)?\b"), "?"),
    (re.compile(r"\(\s*\?(?:\s*,\s*\?)+\s*\)"), "(?)"),
)
_NAME = r"[\"`\[]?[A-Za-z_][\w$]*[\"`\]]?(?:\.[\"`\[]?[A-Za-z_][\w$]*[\"`\]]?)?"
_AFTER = "WHERE|JOIN|LEFT|RIGHT|INNER|OUTER|CROSS|ON|SET|ORDER|GROUP|LIMIT|USING|HAVING|UNION|VALUES|NATURAL"
_SOURCE = re.compile(
    rf"\b(?:FROM|JOIN|UPDATE|INTO)\s+({_NAME})(?:\s+(?:AS\s+)?(?!(?:{_AFTER})\b)([A-Za-z_]\w*))?",
    re.IGNORECASE,
)
_COMPARED = re.compile(rf"({_NAME})\s*(?:=|<>|!=|<=|>=|<|>|\bLIKE\b|\bIN\b|\bBETWEEN\b|\bIS\b)", re.IGNORECASE)
_JOINED = re.compile(rf"=\s*({_NAME})", re.IGNORECASE)
_ORDERED = re.compile(
    r"\b(?:ORDER|GROUP)\s+BY\s+(.+?)(?:\bLIMIT\b|\bOFFSET\b|\bHAVING\b|\bORDER\b|\bFOR\b|$)", re.IGNORECASE | re.DOTALL
)
_END = r"(?=\b(?:ORDER\s+BY|GROUP\s+BY|LIMIT|HAVING|UNION|RETURNING)\b|$)"
_WHERE = re.compile(rf"\bWHERE\b(.+?){_END}", re.IGNORECASE | re.DOTALL)
_ON = re.compile(r"\bON\b(.+?)(?=\b(?:WHERE|JOIN|LEFT|INNER|CROSS|ORDER\s+BY|GROUP\s+BY|LIMIT)\b|$)", re.IGNORECASE | re.DOTALL)
_WORDS = frozenset(
    [
        "and",
        "or",
        "not",
        "null",
        "true",
        "false",
        "like",
        "in",
        "is",
        "between",
        "exists",
        "select",
        "from",
        "where",
        "case",
        "when",
        "then",
        "else",
        "end",
        "asc",
        "desc",
    ]
)
_STATEMENT_MAX = 2000


@dataclass(frozen=True, slots=True)
class Statement:
    """`text` as written, `hash` of it without its literals; `columns` are those of `table` that it searches and then sorts by."""

    text: str
    hash: str
    table: str | None
    columns: tuple[str, ...]
    tables: tuple[str, ...]

    @property
    def is_select(self) -> bool:
        """Say whether it only reads."""
        return self.text.lstrip().lower().startswith(("select", "with"))


def found_in(text: str) -> Statement | None:
    """Return the statement that a text holds, None when it holds none."""
    match = _STATEMENT.search(text)
    if match is None:
        return None
    body = _cut(text, match)
    return of(body) if body else None


def of(text: str) -> Statement:
    """Read a statement."""
    body = " ".join(text.split())[:_STATEMENT_MAX].rstrip("; ")
    plain = normal(body)
    sources = [(_bare(found[0]), found[1] or _bare(found[0])) for found in _SOURCE.findall(body)]
    tables = tuple(dict.fromkeys(name for name, _ in sources))
    searched = _columns(body, {alias.lower(): name for name, alias in sources}, tables)
    table = searched[0][0] if searched else (tables[0] if tables else None)
    columns = tuple(dict.fromkeys(column for owner, column in searched if owner == table))
    return Statement(body, hash_of(plain), table, columns, tables)


def normal(statement: str) -> str:
    """Return a statement in lower case with single spaces and `?` for each literal."""
    plain = statement
    for pattern, mark in _LITERALS:
        plain = pattern.sub(mark, plain)
    return " ".join(plain.lower().split()).rstrip("; ")


def hash_of(plain: str) -> str:
    """Return the short name of a statement that is already `normal`."""
    return hashlib.sha256(plain.encode("utf-8", "replace")).hexdigest()[:12]


def _cut(text: str, match: re.Match[str]) -> str:
    """Take a statement out of its line: up to the quote that opened before it, or to what no SQL goes on with."""
    body = match.group(0)
    before = text[: match.start()].rstrip()
    quote = before[-1:] if before[-1:] in {'"', "`"} or (before[-1:] == "'" and body.rstrip().endswith("'")) else ""
    if quote:
        end = body.rfind(quote)
        return body[:end].strip() if end > 0 else body.strip()
    cut = _TAIL.sub("", body)
    return cut.strip() or body.strip()


def _bare(name: str) -> str:
    return name.rpartition(".")[2].strip('"`[]') if "." in name else name.strip('"`[]')


def _columns(body: str, aliases: dict[str, str], tables: tuple[str, ...]) -> list[tuple[str, str]]:
    searched: list[str] = []
    for part in (*_WHERE.findall(body), *_ON.findall(body)):
        searched += _COMPARED.findall(part)
        searched += [name for name in _JOINED.findall(part) if "." in name]
    ordered = [word.strip().split()[0] for part in _ORDERED.findall(body) for word in part.split(",") if word.strip()]
    names = [name for name in [*searched, *ordered] if re.fullmatch(_NAME, name)]
    found: list[tuple[str, str]] = []
    for name in names:
        owner, _, column = name.replace('"', "").replace("`", "").rpartition(".")
        if column.lower() in _WORDS or not tables:
            continue
        table = aliases.get(owner.lower(), owner) if owner else tables[0]
        found.append((table, column))
    return found
