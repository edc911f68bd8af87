"""Commands that make, move, copy, remove files or change who may use them."""

import re
from collections.abc import Callable, Sequence

from vigie.policy import verbs
from vigie.policy.call import Call
from vigie.policy.models import Model
from vigie.policy.paths import PathKind, is_secret, is_tree, kind_of, normal
from vigie.policy.programs import Reading, read_arguments
from vigie.policy.words import UNKNOWN, Word
from vigie.policy.writes import is_free_name, remove, touches_everything, write

_RECURSIVE = frozenset(("-r", "-R", "--recursive", "-a", "--archive"))
_OCTAL = re.compile(r"[0-7]{1,5}\Z")
_SYMBOLIC = re.compile(r"[ugoa]*[-+=][rwxXst]*(,[ugoa]*[-+=][rwxXst]*)*\Z")
_OPENS = re.compile(r"(\A|,)[ug]*[oa][ugoa]*[+=][rxXst]*w")
_SETS_ID = re.compile(r"[+=][rwxX]*s")
_GUARDED = (PathKind.ACCOUNTS, PathKind.WAY_IN, PathKind.SYSTEM, PathKind.DEVICE, PathKind.KERNEL)
_GROUP_OTHER = 0o077
_OTHER_WRITE = 0o002


def _rm(call: Call, model: Model) -> None:
    reading = read_arguments(call, model)
    if reading is None:
        return
    recursive = reading.has(*_RECURSIVE)
    for word in reading.operands:
        remove(call, word, recursive=recursive)


def _chmod(call: Call, model: Model) -> None:
    # A mode such as `-w` or `-x` looks like an option.
    words = list(call.args)
    modes = [word for word in words if re.fullmatch(r"-[rwxXst]+", word.shape)]
    rest = [word for word in words if word not in modes]
    reading = Reading(call, model)
    reading.take(rest)
    if reading.only_asks:
        return
    operands = reading.operands
    mode = modes[0] if modes else operands[0] if operands and "--reference" not in reading.seen else None
    paths = operands if modes or mode is None else operands[1:]
    recursive = reading.has(*_RECURSIVE)
    for word in paths:
        _mode(call, mode, word, recursive=recursive)


def _mode(call: Call, mode: Word | None, word: Word, *, recursive: bool) -> None:
    shown = f"{word.shown}, {mode.shown if mode else '?'}"
    path = call.path(word)
    kind = kind_of(path, is_pattern=word.glob)
    if recursive:
        _everywhere(call, "mode", shown, word)
    elif mode is None or mode.value is None:
        call.danger("mode", shown, "unresolved")
    elif _sets_id(mode.shape):
        call.danger("privilege", shown, "setuid")
    elif _opens(mode.shape):
        call.danger("mode", shown, "opens_mode")
    elif kind in _GUARDED or (is_secret(path) and _shows(mode.shape)) or touches_everything(call, word):
        call.danger("mode", shown, "guarded")
    else:
        call.change("mode", shown, "mode")


def _everywhere(call: Call, kind: str, shown: str, word: Word) -> None:
    if touches_everything(call, word):
        call.forbid(kind, f"{shown}, recursive", "wipe")
    else:
        call.danger(kind, f"{shown}, recursive", "recursive")


def _sets_id(mode: str) -> bool:
    return (int(mode, 8) & 0o6000 != 0) if _OCTAL.match(mode) else _SETS_ID.search(mode) is not None


def _opens(mode: str) -> bool:
    if _OCTAL.match(mode):
        return int(mode, 8) & _OTHER_WRITE != 0
    return _SYMBOLIC.match(mode) is None or _OPENS.search(mode) is not None


def _shows(mode: str) -> bool:
    """Say whether a mode lets others than the owner in."""
    return int(mode, 8) & _GROUP_OTHER != 0 if _OCTAL.match(mode) else re.search(r"(\A|[goa])[ugoa]*[+=]", mode) is not None


def _chown(call: Call, model: Model) -> None:
    reading = read_arguments(call, model)
    if reading is None:
        return
    paths = reading.operands if "--reference" in reading.seen else reading.operands[1:]
    owner = reading.operands[0].shown if reading.operands else "?"
    for word in paths:
        shown = f"{word.shown}, {owner}"
        if reading.has(*_RECURSIVE):
            _everywhere(call, "owner", shown, word)
        elif (
            _ROOTS.match(reading.operands[0].shape)
            or kind_of(call.path(word), is_pattern=word.glob) in _GUARDED
            or word.value is None
            or UNKNOWN in owner
        ):
            call.danger("owner", shown, "guarded")
        else:
            call.change("owner", shown, "mode")


# An owner or group whose rights are those of root.
_ROOTS = re.compile(r"(root|0)(:|\Z)|[^:]*:(sudo|wheel|docker|lxd|disk|shadow)\Z|(sudo|wheel|docker|lxd|disk|shadow)\Z")


def _targets(reading: Reading) -> tuple[list[Word], Word | None]:
    """Return sources and target of cp, mv, ln, install; `-t` names the target first."""
    named = reading.values_of("-t", "--target-directory")
    target = Word(named[0].shape.rstrip("/") + "/", named[0].taint, named[0].glob) if named else None
    operands = list(reading.operands)
    if target is None and len(operands) > 1:
        target = operands.pop()
    return operands, target


def _cp(call: Call, model: Model) -> None:
    reading = read_arguments(call, model)
    if reading is None:
        return
    sources, target = _targets(reading)
    verbs.read(call, sources, "")
    if target is not None:
        _link(call, sources, target)
    _place(call, sources, target, reading)


def _mv(call: Call, model: Model) -> None:
    reading = read_arguments(call, model)
    if reading is None:
        return
    sources, target = _targets(reading)
    for word in sources:
        _taken_away(call, word)
    if target is not None and call.path(target) == "/dev/null":
        call.danger("delete", " ".join(word.shown for word in sources), "deletes")
        return
    _place(call, sources, target, reading)


def _taken_away(call: Call, word: Word) -> None:
    path = call.path(word)
    kind = kind_of(path, is_pattern=word.glob)
    if is_tree(path):
        call.forbid("move", word.shown, "wipe")
    elif kind is PathKind.ACCOUNTS:
        call.forbid("move", word.shown, "accounts")
    elif kind is PathKind.TRACES:
        call.forbid("move", word.shown, "traces")
    elif kind in _GUARDED or kind is PathKind.PERSISTENCE:
        call.danger("move", word.shown, "system")
    else:
        call.change("move", word.shown, "undo_known")


def _place(call: Call, sources: Sequence[Word], target: Word | None, reading: Reading) -> None:
    if target is None:
        return
    backups = reading.values_of("--backup")
    keeps = (
        reading.has("-n", "--no-clobber", "-b", "--backup")
        and not any(word.shape in ("none", "off") for word in backups)
        and not reading.has("-f", "--force")
    )
    if keeps or _beside(sources, target):
        write(call, target, "new")
    elif target.shape.endswith("/") and not is_free_name(target):
        # Into a folder: what stands there under the same name is overwritten.
        names = [source.shape.rstrip("/").rpartition("/")[2] for source in sources] or [UNKNOWN]
        for name in names:
            write(call, Word(target.shape + name, target.taint, target.glob or "*" in name), "overwrite")
    else:
        write(call, target, "overwrite")


def _beside(sources: Sequence[Word], target: Word) -> bool:
    """Say whether a copy is made beside its source, under the same name with something added: `x` to `x.bak`."""
    if len(sources) != 1 or not sources[0].shape:
        return False
    return is_free_name(target) and not is_free_name(sources[0])


def _ln(call: Call, model: Model) -> None:
    reading = read_arguments(call, model)
    if reading is None:
        return
    sources, target = _targets(reading)
    forced = reading.has("-f", "--force")
    if target is None:
        target = Word(_last(sources[0]) or UNKNOWN, sources[0].taint) if sources else Word(UNKNOWN)
        verbs.new(call, [target], "")
        _link(call, sources, target)
        return
    _link(call, sources, target)
    for word in sources:
        path = call.path(word)
        if is_secret(path, is_pattern=word.glob) and kind_of(path) is not PathKind.OTHER:
            call.danger("read-secret", word.shown, "secret")
    write(call, target, "overwrite" if forced else "new")


def _link(call: Call, sources: Sequence[Word], target: Word) -> None:
    """Remember where a link or a copy leads: what is read by it is what it leads to."""
    link = call.path(target)
    folder = link.rpartition("/")[0]
    for word in sources:
        leads_to = normal(word.shape, folder or call.runner.cwd)
        call.runner.links |= {link: leads_to, f"{link}/{_last(word)}": leads_to}


def _last(word: Word) -> str:
    return word.shape.rstrip("/").rpartition("/")[2]


def _install(call: Call, model: Model) -> None:
    reading = read_arguments(call, model)
    if reading is None:
        return
    for rules_mode in [
        value
        for value in reading.values_of("-m", "--mode")
        if value.value is None or _sets_id(value.shape) or _opens(value.shape)
    ]:
        call.danger("mode", rules_mode.shown, "opens_mode")
    if reading.has("-d", "--directory"):
        verbs.new(call, reading.operands, "")
        return
    sources, target = _targets(reading)
    verbs.read(call, sources, "")
    _place(call, sources, target, reading)


def _dd(call: Call, model: Model) -> None:
    for word in call.args:
        name, _, value = word.shape.partition("=")
        path = Word(value, word.taint, word.glob)
        if name == "of":
            write(call, path, "overwrite")
        elif name == "if":
            _dd_input(call, path)
        elif name.startswith("--") and name in model.asks:
            return
        elif UNKNOWN in name or name not in model.harmless:
            call.danger("unknown-option", word.shown, "unknown_option")


def _dd_input(call: Call, word: Word) -> None:
    path = normal(word.shape, call.runner.cwd)
    verbs.read(call, (word,), "")
    if kind_of(path) is PathKind.DEVICE:
        call.danger("read-secret", word.shown, "raw_disk")
        call.taint |= {"secret"}


GRAMMARS: dict[str, Callable[[Call, Model], None]] = {
    "rm": _rm,
    "chmod": _chmod,
    "chown": _chown,
    "cp": _cp,
    "mv": _mv,
    "ln": _ln,
    "install": _install,
    "dd": _dd,
}
