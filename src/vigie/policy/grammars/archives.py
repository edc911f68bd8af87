"""tar: makes, lists or unpacks."""

import re
from collections.abc import Callable

from vigie.policy import verbs
from vigie.policy.call import Call
from vigie.policy.models import Model
from vigie.policy.paths import PathKind, kind_of, normal
from vigie.policy.programs import Reading, read_arguments
from vigie.policy.words import Word
from vigie.policy.writes import write

_MODES = {"c": "create", "x": "extract", "t": "list", "r": "append", "u": "append", "A": "append", "d": "compare"}
_LONG = {
    "--create": "c",
    "--extract": "x",
    "--get": "x",
    "--list": "t",
    "--append": "r",
    "--update": "u",
    "--concatenate": "A",
    "--diff": "d",
    "--compare": "d",
    "--delete": "delete",
}


def _tar(call: Call, model: Model) -> None:
    words = list(call.args)
    if words and re.fullmatch(r"[a-zA-Z]+", words[0].shape):
        words = [*_dashed(words[0].shape, words[1:])]
    reading = Reading(call, model)
    reading.take(words)
    if not reading.act():
        return
    mode = next(
        (letter for letter in _MODES if reading.has("-" + letter)),
        next((letter for name, letter in _LONG.items() if reading.has(name)), None),
    )
    archives = reading.values_of("-f", "--file")
    match mode:
        case "c":
            folder = reading.values_of("-C", "--directory")
            inside = (
                [word._replace(shape=normal(word.shape, call.path(folder[-1]))) for word in reading.operands] if folder else []
            )
            verbs.read(call, [*reading.operands, *inside], "")
            verbs.archive(call, [word for word in archives if word.shape != "-"], "")
        case "t" | "d":
            verbs.read(call, archives, "")
        case "x":
            _extract(call, reading)
        case "r" | "u" | "A":
            verbs.append(call, archives, "")
        case _:
            call.danger("unknown-option", call.shown, "unknown_option")


def _dashed(letters: str, rest: list[Word]) -> list[Word]:
    """Turn `czf a.tgz dir` into `-c -z -f a.tgz dir`: the old style gives values after all letters, in their order."""
    out: list[Word] = []
    for letter in letters:
        out.append(Word("-" + letter))
        if letter in "fCbXTgKVFINHL" and rest:
            out.append(rest.pop(0))
    return [*out, *rest]


def _extract(call: Call, reading: Reading) -> None:
    if reading.has("-O", "--to-stdout"):
        return
    folders = reading.values_of("-C", "--directory", "--one-top-level")
    target = folders[-1] if folders else Word(call.runner.cwd or ".")
    if reading.has("-P", "--absolute-names"):
        call.danger("write", "/, overwrite", "overwrite")
        return
    path = normal(target.shape, call.runner.cwd)
    keeps = reading.has("-k", "--keep-old-files", "--skip-old-files")
    kind = kind_of(path)
    if (
        kind in (PathKind.OTHER, PathKind.SCRATCH)
        and (keeps or kind is PathKind.SCRATCH)
        and target.value is not None
        and path != "/"
    ):
        call.change("write", target.shown, "new")
    else:
        call.danger("write", f"{target.shown}, overwrite", "overwrite")


def _compress(call: Call, model: Model) -> None:
    """Gzip and its like: a file becomes another one, or flows out with -c."""
    reading = read_arguments(call, model)
    if reading is None:
        return
    verbs.read(call, reading.operands, "")
    call.taint |= {"decoded"}
    if reading.has("-c", "--stdout") or not reading.operands:
        return
    if reading.has("-f", "--force", "-r", "--recursive"):
        call.danger("write", call.shown, "overwrite")
        return
    for word in reading.operands:
        write(call, Word(word.shape + ".new", word.taint, word.glob), "new")


GRAMMARS: dict[str, Callable[[Call, Model], None]] = {"tar": _tar, "compress": _compress}
