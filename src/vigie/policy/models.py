"""Program models: how each program reads its arguments and what they do, as data in `knowledge/programs/NAME.yaml`.

A model is loaded when its program is first met. `programs.py` judges commands by them. Folders of the user may add programs that
are not known here; they never replace one.
"""

import re
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cache, cached_property
from pathlib import Path
from typing import TypeAlias, cast

import yaml

from vigie import safe_yaml
from vigie.domain.action import EffectClass
from vigie.domain.errors import BadUsage
from vigie.policy.verbs import VERBS, Verb

FOLDER = Path(__file__).parent.parent / "knowledge" / "programs"
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+-]*\Z")
_KEYS = frozenset(
    [
        "about",
        "any_option",
        "values",
        "glued",
        "options",
        "harmless",
        "asks",
        "simulates",
        "single_dash",
        "first_operand_ends",
        "operands",
        "none",
        "always",
        "commands",
        "other_commands",
        "bare",
        "grammar",
        "same_as",
        "stands_for",
        "versions",
        "examples",
    ]
)
_ON_VALUES = frozenset(
    VERBS[verb] for verb in ("read", "secret-if", "overwrite", "append", "archive", "new", "truncate", "shell", "environment")
)
# What an option does that is no worse than an operand, which may be anything too.
_MILD = frozenset(VERBS[verb] for verb in ("look", "read", "lists", "versioned", "text", "unbounded", "taints", "passes"))
_VERSIONED = re.compile(r"([A-Za-z][A-Za-z+_-]*?)-?\d+(\.\d+)*\Z")
Rule: TypeAlias = tuple[Verb, str]
_Tree: TypeAlias = dict[str, object]


@dataclass(frozen=True)
class Operands:
    """Verbs for operands by place; `rest` takes what `first` and `last` leave."""

    rest: tuple[Rule, ...] = ()
    first: tuple[Rule, ...] | None = None
    second: tuple[Rule, ...] | None = None
    last: tuple[Rule, ...] | None = None


@dataclass(frozen=True)
class Model:
    """How one program, or one of its sub-commands, is understood."""

    any_option: bool = False
    single_dash: bool = False
    first_operand_ends: bool = False
    values: frozenset[str] = frozenset()
    glued: frozenset[str] = frozenset()
    harmless: frozenset[str] = frozenset()
    asks: frozenset[str] = frozenset()
    simulates: frozenset[str] = frozenset()
    options: dict[str, tuple[Rule, ...]] = field(default_factory=dict)
    operands: Operands = field(default_factory=Operands)
    none: tuple[Rule, ...] = ()
    always: tuple[Rule, ...] = ()
    commands: "dict[str, Model]" = field(default_factory=dict)
    other_commands: tuple[Rule, ...] | None = None
    bare: tuple[Rule, ...] = ()
    grammar: str | None = None
    stands_for: tuple[str, ...] = ()
    versions: bool = False
    helps: bool = False

    @cached_property
    def can_harm(self) -> bool:
        """Say whether some option of it does more than its operands say."""
        return not self.any_option or any(verb not in _MILD for rules in self.options.values() for verb, _ in rules)

    def command(self, name: str) -> "Model | None":
        """Return the model of a sub-command: by its name, else by the first pattern that it fits."""
        found = self.commands.get(name)
        if found is None:
            found = next(
                (model for pattern, model in self.commands.items() if "*" in pattern and fnmatchcase(name, pattern)), None
            )
        return found


_learned: dict[str, Path] = {}


def names() -> frozenset[str]:
    """Return the programs that have a model."""
    return _released() | _learned.keys()


def learn(folder: Path) -> tuple[str, ...]:
    """Add the user's own models, one `NAME.yaml` a program, and return their names.

    Raises:
        BadUsage: one is broken, is for a program that is known already, or has no examples of both kinds.
    """
    found = sorted(folder.glob("*.yaml")) if folder.is_dir() else []
    for path in found:
        reason = _refusal(path)
        if reason:
            raise BadUsage("policy.model", file=str(path), reason=reason)
        _learned[path.stem] = path
    model_of.cache_clear()
    return tuple(path.stem for path in found)


def forget() -> None:
    """Take back what was learned."""
    _learned.clear()
    model_of.cache_clear()


def _refusal(path: Path) -> str | None:
    if path.stem in _released():
        return "the release knows this program"
    try:
        tree = _read(path)
        _model(path.stem, tree, Model())
        levels = {EffectClass(level) for level, _ in examples_of(tree)}
    except (ValueError, TypeError, AttributeError, OSError, yaml.YAMLError) as error:
        return " ".join(str(error).split())
    if EffectClass.SAFE_READ not in levels or len(levels) < 2:
        return "examples must show both what is safe-read and what is not"
    return None


def examples_of(tree: _Tree) -> list[tuple[str, str]]:
    """Return the examples of a model: class and line."""
    listed = _mapping(tree, "examples")
    return [(str(level), str(line)) for level, lines in listed.items() if isinstance(lines, list) for line in lines]


@cache
def _released() -> frozenset[str]:
    return frozenset(path.stem for path in FOLDER.glob("*.yaml"))


@cache
def model_of(name: str) -> Model | None:
    """Return the model of a program, None when there is none.

    Raises:
        ValueError: the model's file is not well formed.
    """
    tree = tree_of(name)
    if tree is None:
        return _versioned(name)
    other = tree.get("same_as")
    return model_of(str(other)) if other else _model(name, tree, Model())


def _versioned(name: str) -> Model | None:
    """Return the model of `php` for `php8.2`, where it says that its name may carry a version."""
    found = _VERSIONED.match(name)
    model = model_of(found[1]) if found else None
    return model if model is not None and model.versions else None


def tree_of(name: str) -> _Tree | None:
    """Return the file of a program as it is written."""
    if not _NAME.match(name) or name not in names():
        return None
    return _read(_learned.get(name, FOLDER / f"{name}.yaml"))


def _read(path: Path) -> _Tree:
    return cast("_Tree", safe_yaml.parse(path.read_text(encoding="utf-8")))


def _model(name: str, tree: _Tree, above: Model) -> Model:
    unknown = set(tree) - _KEYS
    if unknown:
        raise ValueError(f"the model of {name!r} has unknown keys: {sorted(unknown)}")
    options = {option: _rules(name, verbs) for options, verbs in _mapping(tree, "options").items() for option in options.split()}
    own = Model(
        any_option=bool(tree.get("any_option", False)),
        single_dash=bool(tree.get("single_dash", above.single_dash)),
        first_operand_ends=bool(tree.get("first_operand_ends", False)),
        values=_set(tree, "values") | above.values,
        glued=_set(tree, "glued") | above.glued,
        harmless=_set(tree, "harmless") | above.harmless,
        asks=_set(tree, "asks"),
        simulates=_set(tree, "simulates") | above.simulates,
        options={**above.options, **options},
        operands=_places(name, tree.get("operands")),
        none=_rules(name, tree.get("none")),
        always=_rules(name, tree.get("always")),
        other_commands=_rules(name, tree["other_commands"]) if "other_commands" in tree else None,
        bare=_rules(name, tree.get("bare")),
        grammar=str(tree["grammar"]) if "grammar" in tree else None,
        stands_for=tuple(str(tree.get("stands_for") or "").split()),
        versions=bool(tree.get("versions", False)),
        helps=above.helps or "--help" in _set(tree, "asks"),
    )
    for option, rules in options.items():
        if option not in own.values | own.glued and any(verb in _ON_VALUES for verb, _ in rules):
            raise ValueError(f"the model of {name!r} gives {option!r} a verb that needs a value, but no value")
    for words, inner in _mapping(tree, "commands").items():
        child = _model(name, cast("_Tree", inner), own) if isinstance(inner, dict) else _simple(name, inner, own)
        own.commands.update(dict.fromkeys(words.split(), child))
    return own


def _simple(name: str, verbs: object, above: Model) -> Model:
    """Return the model of a sub-command that is told in one verb: every option of it is taken as part of that verb."""
    rules = _rules(name, verbs)
    return Model(
        any_option=True,
        single_dash=above.single_dash,
        values=above.values,
        glued=above.glued,
        simulates=above.simulates,
        options=above.options,
        operands=Operands(rest=rules),
        none=rules,
        helps=above.helps,
    )


def _places(name: str, tree: object) -> Operands:
    if isinstance(tree, dict):
        return Operands(
            _rules(name, tree.get("rest")),
            *(_rules(name, tree[place]) if place in tree else None for place in ("first", "second", "last")),
        )
    return Operands(rest=_rules(name, tree))


def _rules(name: str, verbs: object) -> tuple[Rule, ...]:
    listed = [] if verbs is None else verbs if isinstance(verbs, list) else [verbs]
    rules = []
    for text in listed:
        verb, _, arg = str(text).partition(" ")
        if verb not in VERBS:
            raise ValueError(f"the model of {name!r} uses {verb!r}, which is no verb")
        rules.append((VERBS[verb], arg))
    return tuple(rules)


def _set(tree: _Tree, key: str) -> frozenset[str]:
    return frozenset(str(tree.get(key) or "").split())


def _mapping(tree: _Tree, key: str) -> _Tree:
    return cast("_Tree", tree.get(key) or {})
