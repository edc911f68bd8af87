"""Programs that run another one: what they are given first, then the command."""

import re
from collections.abc import Callable

from vigie.policy import verbs
from vigie.policy.call import Call
from vigie.policy.models import Model
from vigie.policy.programs import Reading, read_arguments
from vigie.policy.words import UNKNOWN, Word
from vigie.policy.writes import write

_ASSIGNMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\+?=")


def _env(call: Call, model: Model) -> None:
    """Env and sudo: assignments, then a command; env without one shows every variable."""
    reading = Reading(call, model)
    reading.take(call.args)
    if not reading.act():
        return
    words = list(reading.operands)
    while words and (
        _ASSIGNMENT.match(words[0].shape) or (UNKNOWN in words[0].shape.partition("=")[0] and "=" in words[0].shape)
    ):
        verbs.environment(call, (words.pop(0),), "")
    folders = reading.values_of("-C", "-D", "--chdir")
    before = call.runner.cwd
    if folders:
        call.runner.cwd = call.path(folders[-1])
    _env_run(call, reading, words)
    call.runner.cwd = before


def _env_run(call: Call, reading: Reading, words: list[Word]) -> None:
    texts = reading.values_of("-S", "--split-string")
    if texts:
        verbs.shell(call, [texts[0], *words], "")
    elif words:
        verbs.run(call, words, "")
    elif call.name == "env":
        verbs.secret(call, (), "environment")
    elif not reading.has("-l", "--list", "-v", "--validate", "-k", "-K", "--reset-timestamp", "--remove-timestamp"):
        call.danger("exec-opaque", call.shown, "opaque")


def _watch(call: Call, model: Model) -> None:
    """watch: a command again and again, as shell text unless -x is given."""
    reading = Reading(call, model)
    reading.take(call.args)
    if not reading.act():
        return
    call.safe("unbounded", call.name, "unbounded")
    if reading.has("-x", "--exec"):
        verbs.run(call, reading.operands, "")
    else:
        verbs.shell(call, reading.operands, "")


def _printenv(call: Call, model: Model) -> None:
    """printenv: all variables, or some by name."""
    names = [word for word in call.args if not word.shape.startswith("-")]
    plain = re.compile(
        r"(PATH|HOME|USER|LOGNAME|LANG|LC_\w+|SHELL|TERM|PWD|OLDPWD|HOSTNAME|TZ|EDITOR|PAGER|MAIL|SHLVL|DISPLAY|XDG_\w+|NODE_ENV|RAILS_ENV|APP_ENV)\Z"
    )
    if not names or not all(plain.match(word.shape) for word in names):
        verbs.secret(call, (), "environment")


def _mount(call: Call, model: Model) -> None:
    """mount: without operands it lists."""
    reading = Reading(call, model)
    reading.take(call.args)
    if reading.act() and (reading.operands or reading.has("-a", "--all", "-o", "--options", "--bind", "--move")):
        call.danger("disk", call.shown, "mounts")


def _date(call: Call, model: Model) -> None:
    """date: shows, or sets."""
    reading = Reading(call, model)
    reading.take(call.args)
    if not reading.act():
        return
    if reading.operands and not any(re.search(r"[\s\x00]|%[cnt]", word.shape) for word in reading.operands):
        call.taint |= {"date"}
    if any(not word.shape.startswith("+") for word in reading.operands):
        call.danger("clock", call.shown, "clock")


def _remote(call: Call, model: Model) -> None:
    """ssh: a command on another machine; what comes back is from the network."""
    reading = Reading(call, model)
    reading.take(call.args)
    if not reading.act():
        return
    if "secret" in call.taint:
        call.forbid("network-out", call.shown, "secret_out")
    else:
        call.danger("network-out", call.shown, "other_machine")
    words: list[Word] = reading.operands[1:]
    if words:
        verbs.shell(call, words, "")
    call.taint |= {"network"}


def _cat(call: Call, model: Model) -> None:
    """cat: shows files, or passes on what flows in."""
    reading = read_arguments(call, model)
    if reading is None:
        return
    files = [word for word in reading.operands if word.shape != "-"]
    verbs.read(call, files, "")
    if not files:
        call.text = call.stdin.text


def _tee(call: Call, model: Model) -> None:
    """tee: passes on what flows in, and writes it."""
    reading = read_arguments(call, model)
    if reading is None:
        return
    call.text = call.stdin.text
    for word in reading.operands:
        if "stream" not in word.taint:
            write(call, word, "append" if reading.has("-a", "--append") else "overwrite")


def _mknod(call: Call, model: Model) -> None:
    """mknod: a pipe, or a device."""
    reading = read_arguments(call, model)
    if reading is None:
        return
    if len(reading.operands) == 2 and reading.operands[1].shape == "p":
        call.runner.flag("fifo")
        write(call, reading.operands[0], "new")
    else:
        call.danger("disk", call.shown)


GRAMMARS: dict[str, Callable[[Call, Model], None]] = {
    "env": _env,
    "watch": _watch,
    "printenv": _printenv,
    "mount": _mount,
    "date": _date,
    "ssh": _remote,
    "cat": _cat,
    "tee": _tee,
    "mknod": _mknod,
}
