"""In which language a request is answered: the session's, else the browser's."""

from fastapi import Request

from vigie import i18n
from vigie.i18n import LANGUAGES, Language


def language_of(request: Request) -> Language:
    """Return the language for the reader of this request."""
    chosen = getattr(request.state, "language", None)
    return chosen if chosen in LANGUAGES else accepted(request.headers.get("accept-language", ""))


def accepted(header: str) -> Language:
    """Return the first of our languages that an Accept-Language header ranks highest; English when it names none."""
    ranked = sorted(enumerate(header.split(",")[:20]), key=lambda each: (-_weight(each[1]), each[0]))
    for _, part in ranked:
        head = part.partition(";")[0].strip().lower()
        if head and i18n.language_of(head) == i18n.language_of(head, "fr"):
            return i18n.language_of(head)
    return "en"


def _weight(part: str) -> float:
    _, _, weight = part.partition("q=")
    try:
        return float(weight) if weight else 1.0
    except ValueError:
        return 0.0
