"""How loud a line is, from the many words that logs have for it."""

import re

from vigie.domain.finding import Level

_WORDS: dict[str, Level] = {
    **dict.fromkeys(("trace", "debug", "dbg", "verbose", "fine", "finer", "finest", "d"), Level.DEBUG),
    **dict.fromkeys(("debug1", "debug2", "debug3", "debug4", "debug5"), Level.DEBUG),
    **dict.fromkeys(
        ("info", "information", "informational", "notice", "log", "inf", "i", "n", "ok", "statement", "detail", "hint"),
        Level.INFO,
    ),
    **dict.fromkeys(("warn", "warning", "wrn", "w"), Level.WARNING),
    **dict.fromkeys(("err", "error", "severe", "eror", "e", "erreur", "failure", "fail"), Level.ERROR),
    **dict.fromkeys(("crit", "critical", "fatal", "alert", "emerg", "emergency", "panic", "c", "f", "ftl"), Level.CRITICAL),
}
# Syslog's severities, 0 to 7.
_SEVERITIES = (Level.CRITICAL, Level.CRITICAL, Level.CRITICAL, Level.ERROR, Level.WARNING, Level.INFO, Level.INFO, Level.DEBUG)
_TOKEN = re.compile(
    r"[\[<(|]?\s*\b(TRACE|DEBUG|DBG|VERBOSE|INFO|INFORMATION|NOTICE|LOG"
    r"|WARN|WARNING|ERR|ERROR|SEVERE|CRIT|CRITICAL|FATAL|ALERT|EMERG|PANIC|ERREUR)\b\s*[\]>)|:]?"
)
_BRACKETED = re.compile(
    r"[\[<(](trace|debug|info|notice|warn|warning|err|error|crit|critical|fatal|alert|emerg|panic)[\]>)]", re.IGNORECASE
)
# What only something that went wrong says, when a line carries no level of its own.
_CRITICAL_SIGNS = re.compile(
    r"\b(out of memory|oom-kill|kernel panic|segfault|core dumped|no space left on device|read-only file system|panic:)",
    re.IGNORECASE,
)
_ERROR_SIGNS = re.compile(
    r"\btraceback \(most recent call last\)|\b(unhandled|uncaught|exception|fatal|[a-z]*error:"
    r"|error(?!s?\b\s*[:=]?\s*(?:0|none|null|false)\b)|failed|failure"
    r"|erreur|échec|cannot|could not|unable to|refused|denied|aborted|crashed)\b"
    r"|\b\w+(?:Error|Exception)\b",
    re.IGNORECASE,
)
_NO_ERROR = re.compile(
    r"\b(no|0|zero|without|sans|aucune?)\s+(errors?|failures?|erreurs?)\b|\berrors?[=:]\s*0\b|error[_.]log\b|error page",
    re.IGNORECASE,
)
_NEAR = 96


def of_word(word: object) -> Level | None:
    """Return the level of a word or of a number (syslog's 0 to 7, or the 10 to 60 of loggers that write JSON)."""
    if isinstance(word, bool) or word is None:
        return None
    text = str(word).strip().lower()
    if text.isdecimal() and len(text) < 4:  # three digits hold every scale
        return _of_number(int(text))
    return _WORDS.get(text)


def of_severity(severity: int) -> Level:
    """Return the level of a severity of syslog."""
    return _SEVERITIES[severity & 7]


def of_text(text: str) -> tuple[Level, int] | None:
    """Return the level that stands near the beginning of a text, and where its word ends."""
    found = _TOKEN.search(text, 0, _NEAR) or _BRACKETED.search(text, 0, _NEAR)
    return (_WORDS[found[1].lower()], found.end()) if found else None


def guessed(text: str) -> Level:
    """Return the level of a line that carries none, from what it says."""
    if _CRITICAL_SIGNS.search(text):
        return Level.CRITICAL
    if _ERROR_SIGNS.search(text) and not _NO_ERROR.search(text):
        return Level.ERROR
    return Level.INFO


def _of_number(number: int) -> Level:
    if number <= 7:  # syslog's scale
        return _SEVERITIES[number]
    steps = ((30, Level.DEBUG), (40, Level.INFO), (50, Level.WARNING), (60, Level.ERROR))
    return next((level for top, level in steps if number < top), Level.CRITICAL)
