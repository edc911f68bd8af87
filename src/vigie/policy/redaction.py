"""Takes secrets out of text before it is stored, shown or given to a model.

A secret becomes `[redacted]`; what is around it stays, so that the text can still be understood. Redacting twice changes nothing.
"""

import re
from collections.abc import Callable, Iterator
from functools import lru_cache

MARK = "[redacted]"
_SHORT = 512
# What a secret's name ends in, whatever stands before: DB_PASSWORD, app.secret-key, AWS_SECRET_ACCESS_KEY.
_NAME = (
    r"(?:[\w.\-]{0,128}(?:passw(?:or)?d|passphrase|passwd|pwd|secret|api[_\-]?key|apikey|access[_\-]?key"
    r"|secret[_\-]?key|private[_\-]?key|encryption[_\-]?key|signing[_\-]?key|auth[_\-]?token|token|credentials?"
    r"|mot[ _\-]?de[ _\-]?passe"
    r"|requirepass|masterauth|client[_\-]?secret|webhook[_\-]?secret|session[_\-]?key|shared[_\-]?key|account[_\-]?key"
    r"|storage[_\-]?key|connection[_\-]?string|sasl_passwd|bind_?pw|rootpw|pgpassword|mysql_pwd)"
    r"(?:[_\-](?:base|hash|value|b64|base64|pem))?)"
)
_VALUE = r"(?:\[redacted\]|\"(?:[^\"\\\n]|\\.){1,2048}\"|'(?:[^'\\\n]|\\.){1,2048}'|[^\s\"',;&)}\]]{1,2048})"
# Values that are no secret: switched-off settings, places of other values, what is already hidden.
_HARMLESS = re.compile(
    r"[\"']?(?:\[redacted\]|\*+|x{3,}|<[^>]*>|\$\{?\w+\}?|\$\(.*|%\w+%|\{\{.*|true|false|yes|no|on|off|null|none|nil|undefined|md5|sha\d+|scram-sha-256|peer|trust|ident|required|optional|invalid|expired|missing|empty|incorrect|wrong|failed|failure|not|is|was|for|the|file|sufficient|requisite|include|pam_\S+|\d{1,3}|)[\"']?\Z",
    re.IGNORECASE,
)

# A word in each name that a secret may have, where `re` takes letters for others; and how far before it the name may begin.
_CORE = re.compile(r"pass|pwd|secret|key|token|credential|masterauth|bind_?pw|rootpw|string")
_ALIKE = str.maketrans("\u017f\u0131\u0130", "sii")
_HEAD_MOST = 200
_ASKED = re.compile(r"mot[ _\-]?de[ _\-]?\Z", re.IGNORECASE)

_FOLDER = re.compile(r"(?:old)?pwd\W", re.IGNORECASE)


class _Shape:
    """One shape of secret: a cheap word that must be there, and a pattern whose groups `keep` around the secret."""

    def __init__(
        self, words: tuple[str, ...], pattern: str, replace: str | Callable[[re.Match[str]], str], flags: int = 0
    ) -> None:
        self.words = words
        self.pattern = re.compile(pattern, flags)
        self.replace = replace

    def is_told_by(self, lower: str) -> bool:
        """Say whether a text in small letters holds one of the words."""
        for word in self.words:  # noqa: SIM110  # a loop costs half of what `any` does, and this runs for each value that is read
            if word in lower:
                return True
        return False

    def sub(self, text: str) -> str:
        """Return the text without such secrets."""
        return self.pattern.sub(self.replace, text)


class _Named(_Shape):
    """A shape that begins with a secret's name: tried only where such a name may begin, not at every word of a long text."""

    def sub(self, text: str) -> str:
        """Return the text without such secrets."""
        parts: list[str] = []
        done = 0
        for start in _beginnings(text):
            found = self.pattern.match(text, start) if start >= done else None
            if found is not None:
                parts += (text[done:start], self.instead(found))
                done = found.end()
        return "".join((*parts, text[done:])) if parts else text

    def instead(self, found: re.Match[str]) -> str:
        """Return what is shown in the place of one."""
        return self.replace(found) if callable(self.replace) else found.expand(self.replace)


def _beginnings(text: str) -> Iterator[int]:
    """Yield the places where a secret's name may begin, each once, in order."""
    last = -1
    for core in _CORE.finditer(_small(text)):
        at = _head_of(text, core.start())
        asked = _ASKED.search(text, max(0, core.start() - 9), core.start())
        first = min(at, _head_of(text, asked.start())) if asked is not None else at
        for start in range(max(first, last + 1), core.start() + 1):
            before = text[start - 1] if start else " "
            if not (before.isalnum() or before in "_$"):
                yield start
        last = max(last, core.start())


def _small(text: str) -> str:
    """Return a text in small letters, as long as it was."""
    lower = text.lower()
    return (lower if len(lower) == len(text) else "".join(one.lower()[0] for one in text)).translate(_ALIKE)


def _head_of(text: str, end: int) -> int:
    """Return where the letters, digits, dots and dashes before a place begin."""
    start = end
    while start > 0 and end - start < _HEAD_MOST and (text[start - 1].isalnum() or text[start - 1] in "_.-"):
        start -= 1
    return start


def redact(text: str) -> str:
    """Return the text with every known shape of secret replaced."""
    return _known(text) if len(text) <= _SHORT else _redacted(text)


@lru_cache(maxsize=32768)
def _known(text: str) -> str:
    """Remember short texts: the same names and lines come again and again."""
    return _redacted(text)


def _redacted(text: str) -> str:
    lower = text.lower()
    for shape in _SHAPES:
        if shape.is_told_by(lower):
            text = shape.sub(text)
    return text


def _named(found: re.Match[str]) -> str:
    value = found["value"]
    if value[0] == "/" and _FOLDER.match(found["head"]):
        return found[0]
    if _HARMLESS.match(value) or (value[0] in "\"'" and _HARMLESS.match(value[1:-1])):
        return found[0]
    if value[0] in "\"'" and value[-1] == value[0]:
        return f"{found['head']}{value[0]}{MARK}{value[0]}"
    return f"{found['head']}{MARK}"


def _escaped(found: re.Match[str]) -> str:
    return found[0] if _HARMLESS.match(found["value"]) else f'{found["head"]}{MARK}\\"'


def _header(found: re.Match[str]) -> str:
    return found[0] if MARK in found["value"] else f"{found['head']}{MARK}"


_SHAPES: tuple[_Shape, ...] = (
    _Shape(
        ("private key",),
        r"-----BEGIN ((?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?)-----(?!\s*\[redacted\]).*?(?:-----END \1-----|\Z)",
        lambda found: f"-----BEGIN {found[1]}-----{MARK}-----END {found[1]}-----",
        re.DOTALL,
    ),
    _Shape(("putty-user-key-file",), r"(Private-Lines: \d+\n)(?!\[redacted\])[A-Za-z0-9+/=\n]+", rf"\1{MARK}\n"),
    # scheme://user:password@host; a password may hold anything but a slash or a blank.
    _Shape(
        ("://",),
        r"(?P<head>\b[a-z][a-z0-9+.\-]{1,30}://[^\s:/@\"'<>]{0,256}:)(?P<value>[^\s\"'<>/]{1,512})(?=@[\w\[.\-])",
        _header,
        re.IGNORECASE,
    ),
    _Shape(("://",), r"(\bhttps?://)(?!\[redacted\])[A-Za-z0-9_\-]{20,}(?=@)", rf"\1{MARK}", re.IGNORECASE),
    _Shape(
        ("authorization",),
        r"(?P<head>(?:proxy-)?authorization[\"']?\s*[:=]\s*[\"']?(?:(?:basic|bearer|digest|token|negotiate|apikey|aws4-hmac-sha256)\s+)?)(?P<value>(?!\[redacted\])[^\s\"'][^\"'\n\r]{3,})",
        _header,
        re.IGNORECASE,
    ),
    _Shape(("bearer ",), r"(?P<head>\bbearer\s+)(?P<value>(?!\[redacted\])[A-Za-z0-9_\-.~+/]{12,}=*)", _header, re.IGNORECASE),
    _Shape(
        ("x-api-key", "x-auth", "x-vault", "x-gitlab", "api-key"),
        r"(?P<head>\b(?:x-[\w\-]*(?:key|token|secret|auth)|api-key)[\"']?\s*:\s*[\"']?)(?P<value>(?!\[redacted\])[^\s\"',;]{4,})",
        _header,
        re.IGNORECASE,
    ),
    _Shape(
        ("cookie",),
        r"(?P<head>\b(?:set-)?cookie[\"']?\s*:\s*[\"']?)(?P<value>(?!\[redacted\])[^\n\r\"']{4,})",
        _header,
        re.IGNORECASE,
    ),
    # Tokens that say themselves what they are.
    _Shape(("akia", "asia", "aroa", "aida", "agpa", "anpa"), r"\b(?:AKIA|ASIA|AROA|AIDA|AGPA|ANPA)[A-Z0-9]{16}\b", MARK),
    _Shape(("gh", "github_pat"), r"\b(?:gh[pousr]_[A-Za-z0-9]{20,255}|github_pat_[A-Za-z0-9_]{20,255})\b", MARK),
    _Shape(("gl",), r"\bgl(?:pat|dt|rt|cbt|ptt|ft|soat|agent)-[A-Za-z0-9_\-]{16,}", MARK),
    _Shape(
        ("xox", "xapp-", "hooks.slack.com"),
        r"\b(?:xox[abeoprs]|xapp)-[A-Za-z0-9\-]{10,}|(?<=hooks\.slack\.com/services/)(?!\[redacted\])[A-Za-z0-9/]{10,}",
        MARK,
    ),
    _Shape(("discord",), r"(?<=/api/webhooks/)\d{10,}/[A-Za-z0-9_\-]{20,}", MARK),
    _Shape(("sk_", "rk_", "pk_", "whsec_"), r"\b(?:[srp]k_(?:live|test)_[A-Za-z0-9]{10,}|whsec_[A-Za-z0-9+/=]{16,})", MARK),
    _Shape(("sk-",), r"\bsk-(?:[a-z]+-)*[A-Za-z0-9_\-]{20,}", MARK),
    _Shape(
        ("aiza", "ya29.", "gocspx-"), r"\bAIza[A-Za-z0-9_\-]{35}|\bya29\.[A-Za-z0-9_\-]{20,}|\bGOCSPX-[A-Za-z0-9_\-]{20,}", MARK
    ),
    _Shape(("eyj",), r"\beyJ[A-Za-z0-9_\-]{8,}\.[A-Za-z0-9_\-]{8,}(?:\.[A-Za-z0-9_\-]*)*", MARK),
    _Shape(
        (
            "npm_",
            "pypi-",
            "dop_v1_",
            "hf_",
            "shpat_",
            "nrak-",
            "sg.",
            "key-",
            "dckr_pat_",
            "glc_",
            "hvs.",
            "hvb.",
            "s.",
            "tskey-",
            "lin_api_",
            "figd_",
            "pscale_",
            "doo_v1_",
            "age-secret-key-",
        ),
        r"\b(?:npm_[A-Za-z0-9]{30,}|pypi-[A-Za-z0-9_\-]{30,}|do[opr]_v1_[a-f0-9]{40,}|hf_[A-Za-z0-9]{30,}|shp(?:at|ca|pa|ss)_[a-fA-F0-9]{30,}|NRAK-[A-Z0-9]{20,}|SG\.[A-Za-z0-9_\-]{16,}\.[A-Za-z0-9_\-]{16,}|key-[a-f0-9]{32}"
        r"|dckr_pat_[A-Za-z0-9_\-]{20,}|glc_[A-Za-z0-9+/=]{32,}|hv[sb]\.[A-Za-z0-9_\-]{20,}|tskey-[A-Za-z0-9\-]{16,}|lin_api_[A-Za-z0-9]{32,}|figd_[A-Za-z0-9_\-]{32,}|pscale_\w+_[A-Za-z0-9_\-]{32,}|AGE-SECRET-KEY-1[A-Z0-9]{50,})",
        MARK,
    ),
    _Shape(("bot", "telegram"), r"(?<=bot)\d{8,10}:[A-Za-z0-9_\-]{35}\b|\b\d{8,10}:AA[A-Za-z0-9_\-]{33}\b", MARK),
    _Shape(
        ("accountkey=", "sharedaccesskey=", "sig="),
        r"(?P<head>\b(?:AccountKey|SharedAccessKey|SharedAccessSignature|sig)=)(?P<value>(?!\[redacted\])[^\s;&\"']{8,})",
        _header,
        re.IGNORECASE,
    ),
    # Hashes of passwords, as /etc/shadow and database catalogues hold them.
    _Shape(("$",), r"\$(?:1|2[abxy]?|5|6|7|y|gy|apr1|argon2(?:id|i|d)|pbkdf2-sha\d+|scrypt)\$[A-Za-z0-9./$,=+\-]{8,}", MARK),
    _Shape(("scram-sha-256$",), r"SCRAM-SHA-256\$\d+:[A-Za-z0-9+/=]+\$[A-Za-z0-9+/=:]+", MARK),
    # name = value, name: value, "name": "value", <name>value</name>, name value where the name can mean nothing else.
    _Named(
        ("pass", "pwd", "secret", "key", "token", "credential", "masterauth", "bindpw", "bind_pw", "rootpw", "connection"),
        rf"(?P<head>(?<![\w$]){_NAME}\\\"\s*:\s*\\\")(?P<value>[^\"\\]{{1,512}})\\\"",
        _escaped,
        re.IGNORECASE,
    ),
    _Named(
        ("pass", "pwd", "secret", "key", "token", "credential", "masterauth", "bindpw", "bind_pw", "rootpw", "connection"),
        rf"(?P<head>(?<![\w$])(?<!unexpected ){_NAME}[\"']?\]?\s{{0,8}}(?::|=>|:=|=)\s{{0,8}})(?P<value>{_VALUE})",
        _named,
        re.IGNORECASE,
    ),
    _Shape(
        ("pass", "secret", "key", "token"),
        rf"(?P<head><(?P<tag>{_NAME})>)(?P<value>[^<\n]{{1,512}})(?=</)",
        _named,
        re.IGNORECASE,
    ),
    _Shape(
        ("requirepass", "masterauth", "identified by", "machine ", "password"),
        r"(?P<head>^\s*(?:requirepass|masterauth)\s+|\bCONFIG\s+SET\s+(?:requirepass|masterauth)\s+|\bIDENTIFIED\s+(?:WITH\s+\S+\s+)?BY\s+(?:PASSWORD\s+)?|\bmachine\s+\S+\s+login\s+\S+\s+password\s+|\b(?:WITH|ROLE\s+\S+|USER\s+\S+)\s+(?:ENCRYPTED\s+)?PASSWORD\s+)"
        rf"(?P<value>{_VALUE})",
        _named,
        re.IGNORECASE | re.MULTILINE,
    ),
    # Options of commands.
    _Shape(
        ("--",),
        rf"(?P<head>(?<!\S)--(?:[\w\-]{{0,64}}(?:password|passwd|passphrase|secret|token|api-?key|access-key"
        r"|secret-key|pass))[ =])"
        rf"(?P<value>{_VALUE})",
        _named,
        re.IGNORECASE,
    ),
    _Shape(
        ("mysql", "mariadb", "mysqldump", "mysqladmin"),
        r"(?P<head>\b(?:mysql|mariadb|mysqldump|mysqladmin|mariadb-dump)\b[^\n|;]{0,400}?\s-p)(?P<value>(?!\[redacted\])[^\s\-][^\s]*)",
        _header,
    ),
    _Shape(
        ("redis-cli", "sshpass", "smbclient", "ldap", "docker login", "htpasswd"),
        r"(?P<head>\b(?:redis-cli\b[^\n|;]{0,400}?\s-a|sshpass\s+-p|ldap\w+\b[^\n|;]{0,400}?\s-w"
        r"|docker\s+login\b[^\n|;]{0,400}?\s-p|htpasswd\b[^\n|;]{0,400}?\s-\w*b\w*\s+\S+\s+\S+)\s*)"
        r"(?P<value>(?!\[redacted\])[^\s]+)",
        _header,
    ),
    _Shape(
        ("curl", "wget", "http"),
        r"(?P<head>\bcurl\b[^\n|;]{0,400}?\s(?:-u|--user|--proxy-user|-U)[ =]?[\"']?[^\s:\"']+:)"
        r"(?P<value>(?!\[redacted\])[^\s\"']+)",
        _header,
    ),
    _Shape(("passin", "passout"), r"(?P<head>-pass(?:in|out)?\s+pass:)(?P<value>(?!\[redacted\])\S+)", _header),
    # A password file of PostgreSQL: host:port:database:user:password.
    _Shape(
        (":",),
        r"(?P<head>^(?:[\w.*\-]+|\[[^\]]+\]):(?:\d{2,5}|\*):[\w*\-]+:[\w*\-]+:)(?P<value>(?!\[redacted\])[^\s:]+)$",
        _header,
        re.MULTILINE,
    ),
)
