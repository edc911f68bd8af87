"""Reads the settings of a configuration file, exactly as the script that reads them on a host: it is the same code."""

import importlib
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting. `value` is a mark where `secret`: equal marks, equal values."""

    section: str
    key: str
    value: str
    line: int
    secret: bool


def settings(text: str, path: str) -> Iterator[Setting]:
    """Yield the settings of a file's text, in its order; a key that stands twice in a section is told apart by `#2`."""
    script = importlib.import_module("vigie.knowledge.scripts.settings_of")  # untyped: it must run on old Pythons
    for section, key, value, line, secret in script.parse(text, path):
        yield Setting(str(section), str(key), str(value), int(line), bool(secret))


def is_settings(path: str) -> bool:
    """Say whether a file's name is that of a configuration file."""
    script = importlib.import_module("vigie.knowledge.scripts.settings_of")
    return bool(script.is_settings(path))
