"""Who and where: the users, networks, countries and places that a line names, and what the line says without them."""

import re
from functools import lru_cache

from vigie.domain.finding import Event
from vigie.signals.templates import masked, shape_of

_NAME = r"[A-Za-z_][\w.@\\-]{0,63}"
_BY_NAME = re.compile(
    rf"\b(?:user(?:name|_name)?|login|account|acct|uid|utilisateur|compte)\b\s*[=:]?\s*[\"'«(]?\s*(?P<a>{_NAME})(?=[\s\"'»),;(]|$)"
    rf"|\b(?:for|by|pour|par)\s+(?:(?:invalid\s+)?user\s+)?(?P<b>{_NAME})\s+(?:from|on|at|via|depuis|sur)\b",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"(?<![\w.:])(\d{1,3}\.\d{1,3})\.\d{1,3}\.\d{1,3}(?![\w.]*\w)")
_LONG_ADDRESS = re.compile(
    r"(?<![\w.:])([0-9a-f]{1,4}:[0-9a-f]{1,4}):[0-9a-f:]*:[0-9a-f:]*[0-9a-f]{1,4}(?![\w.:])", re.IGNORECASE
)
_FOLDER = re.compile(r"(?<![\w/.:])(/[\w.@+-]+(?:/[\w.@+-]+)?)")
# Words that stand where a name would.
_OTHER_WORDS = """
is was has had not and or the a an from for with by to in on at id name agent accounts users logged login logout failed unknown
invalid none null nil true false est et ou le la les un une de des du pas inconnu session sessions group account password input
request data all any each this that agents info level error
"""
_NO_NAMES = frozenset(_OTHER_WORDS.split())
_USER_FIELDS = ("user", "username", "user_name", "user.name", "login", "account", "acct", "actor", "principal", "remote_user")
_ADDRESS_FIELDS = (
    "ip",
    "client_ip",
    "clientip",
    "remote_addr",
    "remote_ip",
    "src_ip",
    "source_ip",
    "src",
    "peer",
    "rhost",
    "client",
)
_COUNTRY_FIELDS = ("country", "country_code", "country_name", "geo.country", "geoip.country", "pays")
_PATH_FIELDS = ("path", "file", "filename", "exe", "directory")
_FIELDS_OF = {"user": _USER_FIELDS, "country": _COUNTRY_FIELDS, "address": _ADDRESS_FIELDS, "path": _PATH_FIELDS}
_FIELDS = frozenset(name for names in _FIELDS_OF.values() for name in names)
_LONGEST = 1000
_VALUE_MAX = 64

# Kind → the values of it.
Named = dict[str, str]


def named(event: Event) -> tuple[Named, str]:
    """Return what a line names, the first of each kind (`user`, `address`, `country`, `path`), and what it says around them."""
    message = event.message[:_LONGEST]
    found: Named = {}
    if not event.fields.keys().isdisjoint(_FIELDS):
        for kind, names in _FIELDS_OF.items():
            _note(found, kind, next((event.fields[name] for name in names if event.fields.get(name)), "")[:_VALUE_MAX])
    for match in _BY_NAME.finditer(message):
        name = (match["a"] or match["b"]).rstrip(".")
        if name.lower() not in _NO_NAMES:
            found.setdefault("user", name)
            message = message.replace(name, "<user>")
            break
    for kind in ("address", "path"):
        if kind not in found:
            _note(found, kind, message)
    return found, f"{event.fields.get('logger', '')}: {_shape(shape_of(message))}" if found else ""


def _note(found: Named, kind: str, text: str) -> None:
    value = _network(text) if kind == "address" else _folder(text) if kind == "path" else text
    if value and value != "-":
        found[kind] = value


@lru_cache(maxsize=4096)
def _shape(rough: str) -> str:
    return masked(rough)


def _network(text: str) -> str | None:
    """Return the network of the first address: about as much of it as belongs to one provider in one country."""
    found = _ADDRESS.search(text)
    if found:
        return f"{found[1]}.*.*"
    found = _LONG_ADDRESS.search(text)
    return f"{found[1].lower()}:…" if found else None


def _folder(text: str) -> str | None:
    """Return the first two parts of the first path, digits left out."""
    found = _FOLDER.search(text)
    return re.sub(r"\d+", "0", found[1]) if found else None
