"""A command judged by the model of its program: arguments sorted into options and operands, then each told what it does.

A word that a model does not know makes the command dangerous. `models.py` reads the models.
"""

from collections.abc import Callable, Sequence

from vigie.policy.call import Call
from vigie.policy.models import Model, Operands, Rule
from vigie.policy.verbs import VERBS
from vigie.policy.words import UNKNOWN, Word

# The programs whose arguments are a language of their own; filled by `grammars/`.
GRAMMARS: "dict[str, Callable[[Call, Model], None]]" = {}
# What is run, however little the command does otherwise.
_RUNS = frozenset(VERBS[verb] for verb in ("opaque", "shell", "run"))


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
