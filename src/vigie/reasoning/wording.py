"""Puts values of a host into sentences without letting them become anything but values."""

import re
from collections.abc import Mapping

from vigie import i18n
from vigie.i18n import Language
from vigie.knowledge.models import Both

LANGUAGES: tuple[Language, ...] = ("en", "fr")
_SLOT = re.compile(r"\{([a-z_][a-z0-9_]*)\}")
_LONGEST = 160


def shown(value: str) -> str:
    """Return a value as inline code: one line, no way out of it, not too long."""
    plain = " ".join(value.replace("`", "'").split())
    if len(plain) > _LONGEST:
        plain = f"{plain[: _LONGEST - 1]}…"
    return f"`{plain}`" if plain else "`—`"


def said(text: Both, language: Language, values: Mapping[str, str]) -> str:
    """Return a sentence of knowledge with its slots filled; what is not known is an ellipsis."""
    template = text.fr if language == "fr" else text.en
    filled = _SLOT.sub(lambda found: shown(values[found.group(1)]) if found.group(1) in values else "…", template)
    return filled.strip()


def sentence(text: str) -> str:
    """Return a text as a sentence: with its capital and its full stop."""
    stripped = text.strip().rstrip(".")
    return f"{stripped[:1].upper()}{stripped[1:]}." if stripped else ""


def percent(share: float, language: Language) -> str:
    """Write a probability."""
    return i18n.percent(language, share)
