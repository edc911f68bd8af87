"""Our frozen nouns as JSON text, and back; an older document reads with the defaults of the fields it lacks."""

import json
from typing import Any, TypeVar

from pydantic import TypeAdapter

T = TypeVar("T")


def to_text(noun: object) -> str:
    """Write a dataclass as JSON; what is no plain ASCII is escaped, since PostgreSQL takes no NUL in a text."""
    return json.dumps(_adapter_of(type(noun)).dump_python(noun, mode="json"), separators=(",", ":"))


def from_text(kind: type[T], text: str) -> T:
    """Read a dataclass.

    Raises:
        pydantic.ValidationError: the text is no such document.
    """
    noun: T = _adapter_of(kind).validate_python(json.loads(text))
    return noun


_ADAPTERS: dict[type[Any], TypeAdapter[Any]] = {}


def _adapter_of(kind: type[Any]) -> TypeAdapter[Any]:
    if kind not in _ADAPTERS:
        _ADAPTERS[kind] = TypeAdapter(kind)
    return _ADAPTERS[kind]
