"""What the words of a line tell: how bad it is, what sort of trouble, and whether it speaks of a change or of an end."""

import re
from enum import IntEnum

from vigie.domain.finding import Level


class Badness(IntEnum):
    """How much a line tells of trouble; `MURMUR` is a word of trouble under a level that denies it."""

    NONE = 0
    MURMUR = 1
    WARNING = 2
    ERROR = 3
    CRITICAL = 4
    DECISIVE = 5


# Trouble of one's own: nobody else need be named for it.
OWN = frozenset(("memory", "disk", "crash", "corrupt", "lock", "exhausted", "certificate", "setting", "code"))
# Trouble that is somebody else's, or lies on the way there.
OTHERS = frozenset(("refused", "timeout", "unreachable", "unavailable"))
# What a machine in order never says, however loud the level.
DECISIVE = frozenset(("memory", "disk", "crash", "corrupt"))

_TROUBLE = re.compile(
    "|".join(
        f"(?P<{name}>{pattern})"
        for name, pattern in {
            "memory": r"out[ _-]?of[ _-]?memory|\boom[- _]?kill|\boomkilled|cannot allocate memory|heap space|allocation failed"
            r"|gc overhead limit|memory (?:limit )?exhausted|killed process",
            "disk": r"no space left|disk (?:is )?full|read-only file ?system|i/o error|\bbad sector|\bENOSPC\b|quota exceeded"
            r"|(?:file ?system|volume|partition) (?:is )?(?:full|read-only)|input/output error|medium error",
            "crash": r"segfault|segmentation fault|core dumped|kernel panic|\bpanic\b(?!_)|\bsig(?:segv|kill|abrt|bus)\b"
            r"|crash(?:ed|loop)|exited (?:unexpectedly|with (?:code|status) (?!0\b)\d+)|terminated by signal"
            r"|fatal exception|unrecoverable",
            "corrupt": r"corrupt(?:ed|ion)?\b|checksum (?:mismatch|failed|error)|invalid page|torn page|split[- ]brain",
            "lock": r"deadlock|lock (?:wait )?timeout|could not obtain lock|lock contention|waiting for \w+lock",
            "exhausted": r"exhaust(?:ed|ion)|too many (?:open files|connections|clients|requests)|\bEMFILE\b"
            r"|(?:pool|queue|buffer|table|disk|heap|backlog) (?:is |size )?(?:full|overflow)|limit (?:reached|exceeded)"
            r"|max(?:imum)? [\w ]{0,24}(?:reached|exceeded)|no (?:free|available|idle) \w+|slots are reserved"
            r"|backpressure|throttl(?:ed|ing)|rate limited|starv(?:ed|ation)|resource temporarily unavailable",
            "certificate": r"certificate (?:has |is )?(?:expired|invalid|not yet valid|verify failed)|x509:"
            r"|tls handshake (?:failed|error)"
            r"|ssl (?:error|handshake)",
            "setting": r"(?:invalid|unknown|missing|bad|malformed|unsupported) (?:config\w*|setting|option|parameter"
            r"|environment)"
            r"|misconfigur|not configured|parse error in|failed to (?:load|parse) config",
            "code": r"null ?pointer|nil pointer|undefined is not|keyerror|typeerror|attributeerror|valueerror|indexerror"
            r"|classnotfound|nosuchmethod|assertion ?(?:error|failed)|index out of (?:range|bounds)|unhandled exception"
            r"|(?:relation|column|table|function|collection|queue|topic|key) \S+ does not exist|syntax error"
            r"|no such (?:column|table)",
            "refused": r"refused|\bECONNREFUSED\b|reset by peer|\bECONNRESET\b|broken pipe|\bEPIPE\b"
            r"|connection (?:was )?(?:reset|closed|lost|aborted|dropped)"
            r"|lost connection|server has gone away|disconnected|connection (?:attempt )?failed|unexpected eof|premature",
            "timeout": r"time[d]?[- ]?out|\bETIMEDOUT\b|deadline exceeded|no (?:response|answer|reply|heartbeat)"
            r"|did not (?:respond|answer)|expired before",
            "unreachable": r"unreachable|no route to host|\bEHOSTUNREACH\b|unknown host|name (?:or service not known"
            r"|resolution)|\bENOTFOUND\b"
            r"|no such host|could not resolve|cannot resolve|nxdomain|servfail|cannot (?:reach|connect)|(?:unable"
            r"|failed|could not) (?:to )?(?:connect|reach|contact)",
            "unavailable": r"unavailable|bad gateway|circuit[ -]?breaker|not ready|no (?:healthy|live) (?:upstream"
            r"|backend|host)s?"
            r"|marked (?:as )?(?:down|dead|unhealthy)|unhealthy|health ?check failed|is down\b|fail(?:ing)? ?over"
            r"|removed from (?:pool|rotation)",
            "failed": r"\bfail(?:ed|ure|ing|s)?\b|\berrors?\b(?!\s*[=:]?\s*(?:0|none|null|false)\b)|exception"
            r"|abort(?:ed|ing)|cannot|could not"
            r"|unable to|denied|rejected|\binvalid\b|fatal|\bdropp(?:ed|ing)\b|gave up|giving up|lost|missed|\bstuck\b"
            r"|stalled|hung\b|echec|échec|erreur",
            "slow": r"\bslow\b|lagging|falling behind|latency|overload|degraded|retry|retries|high (?:memory|cpu|load|usage)"
            r"|took too long|gc pause|backlog|pressure|delayed",
        }.items()
    ),
    re.IGNORECASE,
)
_DENIED = re.compile(
    r"\b(?:no|0|zero|without|sans|aucune?)[ =]+(?:\w+ )?(?:errors?|failures?|erreurs?|timeouts?|retries|deadlocks?|problems?)\b"
    r"|\b(?:errors?|fail(?:ed|ures?)|timeouts?|retries|dropped|lost|missed|rejected)[\"']?\s*[=:]\s*[\"']?0\b"
    r"|[\w/]*error[_.]log\b|error page"
    r"|\b(?:[\w-]*timeout|retries|deadline|latency|max_\w+)[\"']?\s*[=:]\s*[\"']?\d[\d.]*\s*(?:ms|s|m|min)?\b"
    r"|\b0 (?:failed|lost|dropped|rejected|missed)|\bsucceeded\b.{0,24}\bretry|\bon-?error\b|error[- _]?(?:rate|handler"
    r"|code|count)s?[=: ]+0\b",
    re.IGNORECASE,
)
_CHANGE = re.compile(
    r"\bdeploy(?:ed|ing|ment)?\b|\broll(?:ed|ing)?[ -]?(?:out|back)\b|\brelease[ds]?\b (?!lock)|\bupgrad(?:e|ed|ing)\b"
    r"|\bmigrat(?:ion|ed|ing)\b"
    r"|\bconfig\w*\b.{0,24}\b(?:re-?load(?:ed|ing)?|chang(?:e|ed)|updat(?:e|ed)|appl(?:y|ied))\b"
    r"|\b(?:re-?load(?:ed|ing)|chang(?:ed|ing)|updat(?:ed|ing)|appl(?:ied|ying))\b.{0,24}\b(?:config\w*|settings?)\b"
    r"|\bfeature[ -]flag\b|\btoggled\b"
    r"|\b(?:switched|changed|set|raised|lowered|reduced|increased) \S+ (?:\S+ )?(?:from|to)\b|\b(?:rotated"
    r"|renewed) (?:the )?(?:secret|key|credential|password|certificate)s?"
    r"|\b(?:starting|started|booting|launched)\b.{0,40}\b(?:version|v\d+[.]\d+|build)\b|\bnew version\b"
    r"|\bversion \S+ (?:->|to|→)",
    re.IGNORECASE,
)
_RECOVERY = re.compile(
    r"\brecover(?:ed|y complete)|\brestored\b|\breconnected\b|back (?:to normal|online|up)\b|healthy again|\bresumed\b"
    r"|\bresolved\b"
    r"|re-?established|caught up|circuit[ -]?breaker\b.{0,32}\bclosed",
    re.IGNORECASE,
)
_STATUS = re.compile(
    r"(?:\bstatus(?:_?code)?|\bcode|\breturned|\bresponded(?: with)?|\bresponse|\bHTTP(?:/[\d.]+)?"
    r"|\banswered)[\"']?\s{0,2}[=: ]\s{0,2}[\"']?(5\d\d)\b"
    r"|\" (5\d\d) |->? ?(5\d\d)\b|\b(?:GET|POST|PUT|DELETE|PATCH|HEAD|OPTIONS)\s+\S+\s+(?:HTTP/[\d.]+\s+)?[\"-]?\s?(5\d\d)\b"
    r"|\b(?:got|gave|with|gives)\s+(?:an?\s+)?(5\d\d)\b",
    re.IGNORECASE,
)
_OF_LEVEL = {
    Level.DEBUG: Badness.NONE,
    Level.INFO: Badness.NONE,
    Level.WARNING: Badness.WARNING,
    Level.ERROR: Badness.ERROR,
    Level.CRITICAL: Badness.CRITICAL,
}


def trouble(message: str) -> frozenset[str]:
    """Return the sorts of trouble that a message speaks of."""
    cleared = _DENIED.sub(" ", message)
    sorts = {found.lastgroup or "" for found in _TROUBLE.finditer(cleared)}
    if failed_status(message):
        sorts.add("unavailable")
    return frozenset(sorts)


def failed_status(message: str) -> bool:
    """Say whether a message tells of an answer with a status of 500 or more."""
    return "5" in message and _STATUS.search(message) is not None


def badness(level: Level | None, sorts: frozenset[str]) -> Badness:
    """Return how bad a line is, from the level that it states, if any, and what it speaks of."""
    stated = _OF_LEVEL[level] if level is not None else None
    if sorts & DECISIVE and (stated is None or stated >= Badness.WARNING or sorts & DECISIVE - {"crash"}):
        return Badness.DECISIVE
    if stated is None:
        if sorts & (OWN | OTHERS | {"failed"}):
            return Badness.ERROR
        return Badness.MURMUR if sorts else Badness.NONE
    if stated is Badness.NONE and sorts - {"slow"}:
        return Badness.ERROR if level is Level.INFO and "unavailable" in sorts and "failed" not in sorts else Badness.MURMUR
    return stated


def is_change(message: str) -> bool:
    """Say whether a message tells of something that was changed: a release, a setting, a version."""
    return _CHANGE.search(message) is not None


def is_recovery(message: str) -> bool:
    """Say whether a message tells that a trouble is over."""
    return _RECOVERY.search(message) is not None
