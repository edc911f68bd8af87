"""Secrets hidden in whole answers, once more on their way out; they were already hidden before anything was stored."""

from collections.abc import Callable, Mapping
from typing import Any


def redacted(value: Any) -> Any:
    """Return the value with every string in it redacted."""
    from vigie.policy.redaction import redact

    return _each_string(value, redact)


def _each_string(value: Any, change: Callable[[str], str]) -> Any:
    match value:
        case str():
            return change(value)
        case Mapping():
            return {name: _each_string(each, change) for name, each in value.items()}
        case list() | tuple():
            return [_each_string(each, change) for each in value]
        case _:
            return value
