"""The flags that every command takes anywhere: `--json`, `--csv`, `--lang`; pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from vigie.domain.errors import BadUsage
from vigie.i18n import LANGUAGES, Language

Format = Literal["human", "json", "csv"]


@dataclass(frozen=True, slots=True)
class Flags:
    """What the flags said, and the words that remain for the command.

    `wrong` is an error of the flags themselves, kept until it can be told in the form and language that the others ask for.
    """

    words: tuple[str, ...]
    format: Format
    language: Language
    wrong: BadUsage | None = None


def split(arguments: Sequence[str], default: Language) -> Flags:
    """Take the flags out of the arguments; after `--` nothing is a flag."""
    words: list[str] = []
    formats: list[Format] = []
    language, wrong = default, None
    rest = list(arguments)
    while rest:
        word = rest.pop(0)
        if word == "--":
            words += [word, *rest]
            break
        if word in ("--json", "--csv"):
            formats.append("json" if word == "--json" else "csv")
        elif word == "--lang" or word.startswith("--lang="):
            _, has_value, value = word.partition("=")
            if not has_value and rest and not rest[0].startswith("-"):
                value = rest.pop(0)
            named = _language(value)
            language, wrong = named or language, wrong if named else BadUsage("cli.unknown_language", given=value)
        else:
            words.append(word)
    if unreadable := [word for word in words if not word.isascii() and _is_broken(word)]:
        wrong = wrong or BadUsage("cli.not_utf8", word=unreadable[0].encode("utf-8", "replace").decode())
    if len(set(formats)) > 1:
        wrong = wrong or BadUsage("cli.two_formats")
    return Flags(tuple(words), formats[0] if formats else "human", language, wrong)


def _is_broken(word: str) -> bool:
    """Say whether a word came in bytes that are no UTF-8: it can neither be stored nor shown."""
    try:
        word.encode()
    except UnicodeEncodeError:
        return True
    return False


def _language(value: str) -> Language | None:
    head = value.lower().replace("-", "_").partition(".")[0].partition("_")[0]
    return next((language for language in LANGUAGES if language == head), None)
