"""What it means to write to, replace or remove a path: the border between a change that can be taken back and a loss."""

import re

from vigie.domain.action import EffectClass
from vigie.policy.call import Call
from vigie.policy.effects import DANGEROUS, FORBIDDEN, REVERSIBLE
from vigie.policy.paths import PathKind, is_system_tree, kind_of, normal
from vigie.policy.words import UNKNOWN, Word

# Names by which people say "a copy kept aside"; nobody keeps anything else under them.
_ASIDE = re.compile(
    r".*[._~-](bak|backup|orig|original|old|save|saved|copy|before|prev|previous|disabled|off|[0-9]{6,}([T_-]?[0-9]+)*|[0-9]{4}-[0-9]{2}-[0-9]{2}([T_-]?[0-9]+)*)([._-]\w{0,16})?"
    r"(\.(gz|tgz|tar|zip|xz|zst|sql|dump|conf|cfg|yml|yaml|json|txt|log))*|.*~",
    re.IGNORECASE,
)
# What a write in each mode means where something may already stand.
_LOSING = ("overwrite", "truncate")


def write(call: Call, word: Word, mode: str) -> None:
    """Note what writing to a path means. `mode` is `new`, `append`, `overwrite` or `truncate`."""
    path = call.path(word)
    kind = kind_of(path, is_pattern=word.glob)
    if kind is PathKind.SINK:
        return
    if "secret" in call.taint:
        call.runner.secrets_at.add(path)
    level, why = _level(kind, path, word, mode)
    call.note("write", word.shown if mode == "new" else f"{word.shown}, {mode}", level, why)


def is_free_name(word: Word) -> bool:
    """Say whether a target is a name kept for copies, so that nothing stands there that could be lost."""
    name = word.shape.rstrip("/").rpartition("/")[2]
    return "date" in word.taint or _ASIDE.fullmatch(name.replace(UNKNOWN, "")) is not None


def remove(call: Call, word: Word, *, recursive: bool) -> None:
    """Note what removing a path means."""
    path = call.path(word)
    kind = kind_of(path, is_pattern=word.glob)
    what = f"{word.shown}, recursive" if recursive else word.shown
    if recursive and is_system_tree(path):
        call.forbid("delete", what, "wipe")
    elif recursive and UNKNOWN in word.shape and _becomes_root(call, word):
        call.forbid("delete", what, "empty_wipe")
    elif kind is PathKind.ACCOUNTS:
        call.forbid("delete", what, "accounts")
    elif kind is PathKind.TRACES:
        call.forbid("delete", what, "traces")
    else:
        call.danger("delete", what, "deletes")


def touches_everything(call: Call, word: Word) -> bool:
    """Say whether a recursive change of this path takes the system in, perhaps because a variable is empty."""
    return is_system_tree(call.path(word)) or (UNKNOWN in word.shape and _becomes_root(call, word))


def _becomes_root(call: Call, word: Word) -> bool:
    emptied = word.emptied
    return bool(emptied) and normal(emptied, call.runner.cwd).rstrip("/*.") == "" and emptied.startswith("/")


def _level(kind: PathKind, path: str, word: Word, mode: str) -> tuple[EffectClass, str]:
    losing = mode in _LOSING
    match kind:
        case PathKind.DEVICE:
            return FORBIDDEN, "disk"
        case PathKind.ACCOUNTS:
            return (FORBIDDEN if losing else DANGEROUS), "accounts"
        case PathKind.TRACES if losing:
            return FORBIDDEN, "traces"
        case PathKind.KERNEL | PathKind.SYSTEM:
            return DANGEROUS, "system"
        case PathKind.WAY_IN:
            return DANGEROUS, "way_in_file"
        case PathKind.PERSISTENCE:
            return DANGEROUS, "persistence"
        case PathKind.SETTINGS if mode == "append" and path.count("/") < 3:  # directly in /etc: the system's own
            return DANGEROUS, "system"
        case PathKind.SCRATCH if mode != "truncate":
            return REVERSIBLE, "scratch"
        case _:
            return _plain_level(word, mode)


def _plain_level(word: Word, mode: str) -> tuple[EffectClass, str]:
    if mode in ("new", "append"):
        if word.shape.startswith(UNKNOWN):
            return DANGEROUS, "unknown_path"
        return REVERSIBLE, "new" if mode == "new" else "append"
    if mode == "overwrite" and is_free_name(word):
        return REVERSIBLE, "aside"
    return DANGEROUS, "overwrite"
