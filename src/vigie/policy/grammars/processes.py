"""Signals to processes."""

import re
from collections.abc import Callable

from vigie.policy.call import Call
from vigie.policy.models import Model
from vigie.policy.programs import read_arguments
from vigie.policy.words import Word

_SIGNAL = re.compile(r"-(SIG)?([A-Z]+\d*(\+\d+)?|\d{1,2})\Z")
_INIT = re.compile(r"(init|systemd|runit|runsvdir|s6-svscan|tini|dumb-init|\.\*|\.|\^|\*)\Z")


def _kill(call: Call, model: Model) -> None:
    words = list(call.args)
    if words and words[0].shape in ("-l", "-L", "--list", "--table", "--help", "--version"):
        return
    signal, targets = _split(words)
    if signal == "0":
        return
    for word in targets:
        if word.shape in ("1", "-1", "0001", "01"):
            call.forbid("process-kill", word.shown, "kills_all")
        else:
            call.danger("process-kill", word.shown, "kills")
    if not targets:
        call.danger("process-kill", call.shown, "kills")


def _split(words: list[Word]) -> tuple[str, list[Word]]:
    signal = "TERM"
    if words and words[0].shape in ("-s", "-n", "--signal") and len(words) > 1:
        signal, words = words[1].shape, words[2:]
    elif words and words[0].shape.startswith("--signal="):
        signal, words = words[0].shape[9:], words[1:]
    elif words and _SIGNAL.match(words[0].shape) and (len(words) > 1 or words[0].shape != "-1"):
        signal, words = words[0].shape[1:], words[1:]
    return signal, [word for word in words if word.shape != "--"]


def _pkill(call: Call, model: Model) -> None:
    """pkill, killall, skill: by name."""
    signals = [word for word in call.args if _SIGNAL.match(word.shape) and not re.match(r"-[A-Z]\Z", word.shape)]
    signal = signals[0].shape[1:] if signals else "TERM"
    rest = [word for word in call.args if word not in signals]
    inner = Call(call.runner, call.name, rest, call.stdin)
    reading = read_arguments(inner, model)
    if reading is None:
        return
    signal = next((word.shape for word in reading.values_of("-s", "--signal")), signal)
    if signal == "0":
        return
    if any(_INIT.match(word.shape.strip("^$")) for word in reading.operands):
        call.forbid("process-kill", " ".join(word.shown for word in reading.operands), "kills_all")
    else:
        call.danger("process-kill", call.shown, "kills")


GRAMMARS: dict[str, Callable[[Call, Model], None]] = {"kill": _kill, "pkill": _pkill}
