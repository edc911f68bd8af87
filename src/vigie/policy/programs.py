"""Program models: how each program reads its arguments and what they do, as data in `knowledge/programs/NAME.yaml`.

A model is loaded when its program is first met. A word that a model does not know makes the command dangerous.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cache, cached_property
from pathlib import Path
from typing import TypeAlias, cast

import yaml

from vigie.policy.call import Call
from vigie.policy.verbs import VERBS, Verb
from vigie.policy.words import UNKNOWN, Word

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
# The programs whose arguments are a language of their own; filled by `grammars/`.
GRAMMARS: "dict[str, Callable[[Call, Model], None]]" = {}
_ON_VALUES = frozenset(
    VERBS[verb] for verb in ("read", "overwrite", "append", "archive", "new", "truncate", "shell", "environment")
)
# What an option does that is no worse than an operand, which may be anything too.
_MILD = frozenset(VERBS[verb] for verb in ("look", "read", "text", "unbounded", "taints"))
# What is run, however little the command does otherwise.
_RUNS = frozenset(VERBS[verb] for verb in ("opaque", "shell", "run"))
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


@cache
def names() -> frozenset[str]:
    """Return the programs that have a model."""
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
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return cast("_Tree", yaml.load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"), Loader=loader))  # noqa: S506  # both are safe loaders


def judge(call: Call, model: Model, words: Sequence[Word]) -> None:
    """Note the effects of a command as its model tells them."""
    if model.stands_for:
        VERBS["run"](call, [*map(Word, model.stands_for), *words], "")
        return
    if model.grammar is not None:
        inner = call if words is call.args else Call(call.runner, call.name, words, call.stdin)
        GRAMMARS[model.grammar](inner, model)
        call.taint |= inner.taint
        return
    judge_plainly(call, model, words)


def judge_plainly(call: Call, model: Model, words: Sequence[Word]) -> None:
    """Note the effects of a command by its options, operands and sub-commands alone."""
    reading = Reading(call, model)
    reading.take(words)
    if not reading.act():
        return
    if model.commands or model.other_commands is not None:
        _command(call, model, reading.operands)
    elif reading.operands:
        _operands(call, model.operands, reading.operands)
    else:
        _apply(call, model.none, ())


def read_arguments(call: Call, model: Model) -> "Reading | None":
    """Sort a command's arguments and note what its options do; None when it only asks for help."""
    reading = Reading(call, model)
    reading.take(call.args)
    return reading if reading.act() else None


class Reading:
    """Arguments sorted into options, with what they do, and operands."""

    def __init__(self, call: Call, model: Model) -> None:
        self.call = call
        self.model = model
        self.actions: list[tuple[tuple[Rule, ...], Sequence[Word]]] = []
        self.operands: list[Word] = []
        self.only_asks = False
        self.seen: set[str] = set()
        self.given: list[tuple[str, Word]] = []
        self._is_first = False
        self._ends_at_operand = model.first_operand_ends or bool(model.commands) or model.other_commands is not None

    def take(self, words: Sequence[Word]) -> None:
        """Sort the words."""
        index = 0
        while index < len(words):
            word = words[index]
            shape = word.shape
            if shape == "--":
                self.operands.extend(words[index + 1 :])
                return
            if len(shape) > 1 and shape[0] == "-":
                self._is_first = index == 0
                index += self._option(word, words[index + 1] if index + 1 < len(words) else None)
                continue
            if word.maybe_option and self.model.can_harm:
                self.call.danger("unresolved", word.shown, "unresolved_option")
            if self._ends_at_operand:
                self.operands.extend(words[index:])
                return
            self.operands.append(word)
            index += 1

    def values_of(self, *names: str) -> list[Word]:
        """Return the values given to some options, in order."""
        return [value for name, value in self.given if name in names]

    def has(self, *names: str) -> bool:
        """Say whether one of some options was given."""
        return not self.seen.isdisjoint(names)

    def act(self) -> bool:
        """Note what the options do; False when the command only asks, and does nothing but run what they name."""
        for rules, value in self.actions:
            _apply(self.call, tuple(rule for rule in rules if _is_run(rule)) if self.only_asks else rules, value)
        if self.only_asks:
            return False
        _apply(self.call, self.model.always, ())
        return True

    def _option(self, word: Word, following: Word | None) -> int:
        """Take one word of options; return how many words it used up."""
        name, equals, value = word.shape.partition("=")
        if UNKNOWN in name and self.model.can_harm:
            self.call.danger("unresolved", word.shown, "unresolved_option")
            return 1
        whole = (
            name.startswith("--") or self.model.single_dash or word.shape in self.model.options or word.shape in self.model.values
        )
        if not whole:
            return self._cluster(word, following)
        attached = Word(value, word.taint, word.glob, word.splits) if equals else None
        used = [self._named(one, attached, following) for one in self._meant(name)]
        return max(used)

    def _meant(self, name: str) -> list[str]:
        """Return the options that an abbreviation can mean; itself when it is none."""
        model = self.model
        if (
            name in model.options
            or name in model.values
            or name in model.harmless
            or name in model.asks
            or name in model.simulates
            or not name.startswith("--")
        ):
            return [name]
        known = [*model.options, *model.values, *model.harmless, *model.asks, *model.simulates]
        return [option for option in dict.fromkeys(known) if option.startswith(name)] or [name]

    def _named(self, name: str, attached: Word | None, following: Word | None) -> int:
        takes = name in self.model.values
        value = attached if attached is not None else following if takes else None
        self._meet(name, value)
        return 2 if takes and attached is None and following is not None else 1

    def _cluster(self, word: Word, following: Word | None) -> int:
        shape = word.shape
        for place in range(1, len(shape)):
            name = "-" + shape[place]
            rest = shape[place + 1 :]
            if name in self.model.values:
                if rest:
                    self._meet(name, Word(rest, word.taint, word.glob, word.splits))
                    return 1
                self._meet(name, following)
                return 2 if following is not None else 1
            if name in self.model.glued:
                self._meet(name, Word(rest, word.taint, word.glob, word.splits) if rest else None)
                return 1
            if not shape[place].isdigit():
                self._meet(name, None)
        if self.model.any_option and "/" in shape:
            self._content(Word(shape[2:], word.taint, word.glob, word.splits))
        return 1

    def _meet(self, name: str, value: Word | None) -> None:
        model = self.model
        self.seen.add(name)
        if value is not None:
            self.given.append((name, value))
        if name in model.asks or name in model.simulates or (name in ("--help", "-help") and self._is_first and model.helps):
            self.only_asks = True
            return
        rules = model.options.get(name)
        if rules is not None:
            self.actions.append((rules, (value,) if value is not None else ()))
        elif name in model.values or name in model.harmless or name in model.glued:
            return
        elif not model.any_option:
            self.call.danger("unknown-option", f"{self.call.name} {name}", "unknown_option")
        elif value is not None:
            self._content(value)

    def _content(self, value: Word) -> None:
        # An option that the model does not list may name a file whose content is shown.
        for verb, _ in self.model.operands.rest:
            if verb is VERBS["read"]:
                verb(self.call, (value,), "")


def _command(call: Call, model: Model, operands: Sequence[Word]) -> None:
    if not operands:
        _apply(call, model.bare, ())
        return
    name = operands[0].value
    child = model.command(name) if name is not None else None
    if child is not None:
        judge(call, child, operands[1:])
    elif name is None:
        call.danger("unresolved", operands[0].shown, "unresolved")
    elif model.other_commands is not None:
        _apply(call, model.other_commands, operands)
    else:
        call.danger("unknown-command", f"{call.name} {name}", "unknown_command")


def _operands(call: Call, roles: Operands, operands: Sequence[Word]) -> None:
    rest = list(operands)
    if roles.first is not None and rest:
        _apply(call, roles.first, (rest.pop(0),))
    if roles.second is not None and rest:
        _apply(call, roles.second, (rest.pop(0),))
    if roles.last is not None and rest:
        _apply(call, roles.last, (rest.pop(),))
    if rest:
        _apply(call, roles.rest, rest)


def _is_run(rule: Rule) -> bool:
    verb, arg = rule
    return verb in _RUNS or arg.startswith("exec-opaque")


def _apply(call: Call, rules: tuple[Rule, ...], words: Sequence[Word]) -> None:
    for verb, arg in rules:
        verb(call, words, arg)


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
