"""What is installed, and what starts by itself."""

import re
from collections.abc import Callable

from vigie.policy import verbs
from vigie.policy.call import Call
from vigie.policy.models import Model
from vigie.policy.paths import PathKind, kind_of
from vigie.policy.programs import read_arguments
from vigie.policy.words import UNKNOWN, Word

# A name that a registry knows, perhaps with a version; not a path, an address or a file.
_REGISTERED = re.compile(r"(@[\w.-]+/)?[\w.-]*\w(\[[\w,-]*\])?(([@=<>~!^]+|@)[\w.,=<>~!^*-]+)?\Z")
_FILE = re.compile(r".*\.(whl|tgz|tar\.\w+|zip|egg|gem)\Z")
_STARTS = {
    "on": "enable",
    "defaults": "enable",
    "enable": "enable",
    "reset": "enable",
    "off": "disable",
    "disable": "disable",
    "remove": "disable",
}


def _packages(call: Call, model: Model) -> None:
    """pip, npm, gem: packages by name; what comes from elsewhere is code."""
    reading = read_arguments(call, model)
    if reading is None:
        return
    if any("://" in word.shape for word in reading.values_of("-r", "--requirement", "-c", "--constraint")):
        verbs.opaque(call, (), "")
    for word in reading.operands:
        if word.value is None or not _REGISTERED.match(word.shape) or _FILE.match(word.shape) or word.shape in (".", ".."):
            verbs.opaque(call, (word,), "")
        else:
            call.change("package", word.shown)
    if not reading.operands:
        call.change("package", call.shown)


def _apt(call: Call, model: Model) -> None:
    """apt: a name with a minus behind it is removed."""
    reading = read_arguments(call, model)
    if reading is None:
        return
    for word in reading.operands:
        if word.shape.endswith("-") or (word.value is None and word.taint != {"names"}):
            call.danger("package", word.shown, "packages")
        elif "/" in word.shape and word.taint:
            verbs.opaque(call, (word,), "")
        else:
            call.change("package", word.shown)
    if not reading.operands:
        call.change("package", call.shown)


def _starts(call: Call, model: Model) -> None:
    """Chkconfig and update-rc.d: a service, then whether it starts by itself."""
    reading = read_arguments(call, model)
    if reading is None:
        return
    words = reading.operands
    action = _STARTS.get(words[1].shape) if len(words) > 1 else None
    if action is not None:
        verbs.service(call, words[:1], action)
    elif len(words) > 1:
        call.danger("service", call.shown)


def _squid(call: Call, model: Model) -> None:
    reading = read_arguments(call, model)
    if reading is None:
        return
    signals = [word.shape for word in reading.values_of("-k")]
    if signals and signals[0] in ("check", "parse"):
        return
    if signals and signals[0] in ("reconfigure", "rotate", "restart"):
        verbs.service(call, (Word("squid"),), "reload")
    else:
        call.danger("service", call.shown)


def _restore(call: Call, model: Model) -> None:
    """Restic restore: into a folder of its own, or over what is there."""
    reading = read_arguments(call, model)
    if reading is None:
        return
    targets = reading.values_of("-t", "--target")
    free = bool(targets) and all(
        UNKNOWN not in word.shape and kind_of(call.path(word)) in (PathKind.SCRATCH, PathKind.OTHER) and call.path(word) != "/"
        for word in targets
    )
    if free:
        call.change("write", targets[0].shown, "new")
    else:
        call.danger("write", call.shown, "overwrite")


GRAMMARS: dict[str, Callable[[Call, Model], None]] = {
    "packages": _packages,
    "apt": _apt,
    "chkconfig": _starts,
    "squid": _squid,
    "restore": _restore,
}
