"""Reads a YAML file into a model; whatever is wrong in it is told with its file, line and column."""

from collections.abc import Hashable, Mapping
from pathlib import Path
from typing import TypeVar

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from vigie import i18n, safe_yaml
from vigie.domain.errors import BadUsage
from vigie.i18n import Language

Model = TypeVar("Model", bound=BaseModel)
_VALUES_SHOWN = 60
_LIMITS = {"less_than_equal": "most", "less_than": "less", "greater_than_equal": "least", "greater_than": "more"}
_CONTEXT = {"less_than_equal": "le", "less_than": "lt", "greater_than_equal": "ge", "greater_than": "gt"}


class BrokenYaml(BadUsage):
    """A YAML file that says something else than it should; `line` and `column` count from 1."""

    def __init__(self, path: Path, line: int, column: int, kind: str, **details: str) -> None:
        self._kind = kind
        self._details = details
        super().__init__("yaml.broken", file=str(path), line=line, column=column, expected=self._expected("en"))

    def _expected(self, language: Language) -> str:
        return i18n.text(language, f"yaml.expected.{self._kind}", **self._details)

    def _words(self, language: Language, part: str) -> str:
        values = {**self.values, "expected": self._expected(language)}
        return i18n.text(language, f"yaml.errors.broken.{part}", **values)


class _UniqueKeys(safe_yaml.Loader):  # type: ignore[misc]  # the base is chosen at run time
    """The safe loader, which takes no key twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, object]:
        seen: set[str] = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode):
                if key.value in seen:
                    raise _Twice(key)
                seen.add(key.value)
        made: dict[Hashable, object] = super().construct_mapping(node, deep=deep)
        return made


class _Twice(Exception):  # never leaves this file
    def __init__(self, key: yaml.ScalarNode) -> None:
        self.key = key
        super().__init__(key.value)


def read_yaml(path: Path, model: type[Model]) -> Model:
    """Return what `path` says, as a `model`.

    Raises:
        BadUsage: `yaml.broken` with file, line, column and what was expected; `yaml.unreadable`.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise BadUsage("yaml.missing", file=str(path)) from error
    except UnicodeDecodeError as error:
        before = error.object[: error.start]
        column = error.start - (before.rfind(b"\n") + 1)
        raise BrokenYaml(path, before.count(b"\n") + 1, column + 1, "utf8", byte=f"0x{error.object[error.start]:02x}") from error
    except OSError as error:
        raise BadUsage("yaml.unreadable", file=str(path), reason=error.strerror or str(error)) from error
    return parse_yaml(text, model, path)


def parse_yaml(text: str, model: type[Model], path: Path) -> Model:
    """Return what `text` says, as a `model`; `path` is only told in errors.

    Raises:
        BadUsage: `yaml.broken`, as `read_yaml`.
    """
    try:
        said = yaml.load(text, Loader=_UniqueKeys)  # noqa: S506  # a safe loader
    except _Twice as twice:
        mark = twice.key.start_mark
        raise BrokenYaml(path, mark.line + 1, mark.column + 1, "unique", key=str(twice.key.value)) from twice
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        line, column = _place(error)
        raise BrokenYaml(path, line, column, "syntax", problem=_problem(error)) from error
    if not isinstance(said, Mapping):
        raise BrokenYaml(path, 1, 1, "mapping")
    try:
        return model.model_validate(dict(said))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        line, column = _mark(text, first["loc"])
        kind, details = _wish(first)
        raise BrokenYaml(path, line, column, kind, **details) from error


def _place(error: Exception) -> tuple[int, int]:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    return (mark.line + 1, mark.column + 1) if mark is not None else (1, 1)


def _problem(error: Exception) -> str:
    return str(getattr(error, "problem", None) or error).split("\n", 1)[0]


def _mark(text: str, location: tuple[int | str, ...]) -> tuple[int, int]:
    """Find where in the text the thing at `location` stands; what is missing stands where its parent does."""
    node = yaml.compose(text, Loader=safe_yaml.Loader)
    assert node is not None  # it held a mapping
    mark = node.start_mark
    for part in location:
        if isinstance(node, yaml.MappingNode):
            pair = next(((key, value) for key, value in node.value if key.value == str(part)), None)
            if pair is None:
                break
            key, node = pair
            mark = key.start_mark
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            node = node.value[part]
            mark = node.start_mark
    return mark.line + 1, mark.column + 1


def _wish(error: ErrorDetails) -> tuple[str, dict[str, str]]:
    """Say what the model wanted there: a key of `yaml.expected` and its values."""
    where = ".".join(str(part) for part in error["loc"])
    key = str(error["loc"][-1]) if error["loc"] else ""
    got = repr(error["input"])[:_VALUES_SHOWN]
    kind = error["type"]
    if kind == "missing":
        return "present", {"key": key}
    if kind == "extra_forbidden":
        return "known", {"key": key}
    if kind in ("literal_error", "enum"):
        return "choice", {"key": where, "choices": str(error.get("ctx", {}).get("expected", "")), "got": got}
    if kind == "string_pattern_mismatch":
        return "pattern", {"key": where, "pattern": str(error.get("ctx", {}).get("pattern", "")), "got": got}
    if (limit := _LIMITS.get(kind)) is not None:
        return limit, {"key": where, "limit": str(error.get("ctx", {}).get(_CONTEXT[kind], "")), "got": got}
    wanted = {
        "string_type": "text",
        "bool": "flag",
        "int": "number",
        "float": "number",
        "dict": "map",
        "tuple": "list",
        "list": "list",
    }
    for head, word in wanted.items():
        if kind.startswith(head):
            return word, {"key": where, "got": got}
    return "value", {"key": where or "/", "rule": error["msg"], "got": got}
