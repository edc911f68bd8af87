"""What a person reads, in their language: one folder a language, one file an area, the same keys in each.

`text("fr", "case.states.open")` finds `states.open` in `i18n/fr/case.yaml`: the key's first word names the file.
"""

import errno
import functools
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from vigie import safe_yaml

Language = Literal["en", "fr"]
LANGUAGES: tuple[Language, ...] = ("en", "fr")
_HERE = Path(__file__).parent


def text(language: Language, key: str, /, **values: object) -> str:
    """Return the sentence of `key`, its `{slots}` filled.

    Values are put in as they are and never read as a format themselves.

    Raises:
        KeyError: the catalogue has no such key, or a slot has no value.
    """
    area, _, rest = key.partition(".")
    return area_of(language, area)[rest].format_map(dict(values))


def decimal(language: Language, written: str) -> str:
    """Return a number with the decimal mark of the language."""
    return written.replace(".", ",") if language == "fr" else written


def percent(language: Language, share: float) -> str:
    """Write a share of one as a percentage."""
    whole = round(100 * share)
    return f"{whole}\u202f%" if language == "fr" else f"{whole}%"


def system(language: Language, said: str) -> str:
    """Return what the operating system said in the reader's language; it speaks English. Anything else stays as it is.

    Known are the catalogue `system`: what the errors of `errno` are called, and a few answers of our own below the layers
    that know a reader.
    """
    found = _ERRNO.match(said)
    name = errno.errorcode.get(int(found[1]), "") if found else _system_names().get(said, "")
    return area_of(language, "system").get(name, said)


_ERRNO = re.compile(r"\[Errno (\d+)\] ")


@functools.cache
def _system_names() -> Mapping[str, str]:
    ours = {sentence: name for name, sentence in area_of("en", "system").items()}
    return {os.strerror(number): name for number, name in errno.errorcode.items()} | ours


def has(key: str) -> bool:
    """Say whether the catalogues know `key`."""
    area, _, rest = key.partition(".")
    return (_HERE / "en" / f"{area}.yaml").exists() and rest in area_of("en", area)


@functools.cache
def area_of(language: Language, area: str) -> Mapping[str, str]:
    """Return one file of a language, nested keys joined by dots.

    Raises:
        KeyError: there is no such area.
    """
    path = _HERE / language / f"{area}.yaml"
    if not path.exists():
        raise KeyError(f"{area!r} is no area of the {language} catalogue")
    return _flat(safe_yaml.parse(path.read_text(encoding="utf-8")) or {})


def areas(language: Language) -> list[str]:
    """Return the names of a language's files."""
    return sorted(path.stem for path in (_HERE / language).glob("*.yaml"))


def language_of(name: str | None, default: Language = "en") -> Language:
    """Read a language from `fr`, `fr_FR.UTF-8`, `en-GB`…; anything else is the default."""
    head = (name or "").lower().replace("-", "_").partition("_")[0].partition(".")[0]
    return head if head in LANGUAGES else default


def _flat(tree: Mapping[str, object], prefix: str = "") -> dict[str, str]:
    flat: dict[str, str] = {}
    for name, value in tree.items():
        key = f"{prefix}{name}"
        if isinstance(value, Mapping):
            flat.update(_flat(value, f"{key}."))
        else:
            flat[key] = str(value).rstrip("\n")
    return flat
