"""curl and wget: reading over the network, unless data goes out or a file is written."""

import re
from collections.abc import Callable

from vigie.policy import verbs
from vigie.policy.call import Call
from vigie.policy.models import Model
from vigie.policy.programs import read_arguments
from vigie.policy.words import Word
from vigie.policy.writes import touches_everything, write

_READING_METHODS = ("GET", "HEAD", "OPTIONS", "TRACE")
_DATA = (
    "-d",
    "--data",
    "--data-ascii",
    "--data-binary",
    "--data-raw",
    "--data-urlencode",
    "-F",
    "--form",
    "--form-string",
    "--json",
    "-T",
    "--upload-file",
    "--post-data",
    "--post-file",
    "--body-data",
    "--body-file",
)
_FILES = ("-T", "--upload-file", "--post-file", "--body-file")


def _curl(call: Call, model: Model) -> None:
    reading = read_arguments(call, model)
    if reading is None:
        return
    call.taint |= {"network"}
    for word in reading.values_of(*_DATA):
        at = word.shape.find("@")
        if at >= 0 and not word.shape.startswith("http"):
            verbs.read(call, (Word(re.split(r"[;,]", word.shape[at + 1 :])[0], word.taint, word.glob),), "")
    verbs.read(call, reading.values_of(*_FILES), "")
    methods = [word.shape.upper() for word in reading.values_of("-X", "--request", "--method")]
    gets = reading.has("-G", "--get") or (methods and methods[-1] in _READING_METHODS)
    sends = reading.has(*_DATA) and not (gets and not reading.has(*_FILES))
    writes = any(method not in _READING_METHODS for method in methods)
    targets = [*reading.operands, *reading.values_of("--url")]
    verbs.network(call, targets, "send" if sends or writes else "")
    for word in targets:
        _target(call, word)
    if reading.has("-O", "--remote-name", "--remote-name-all") and not reading.has("-I", "--head"):
        folder = reading.values_of("--output-dir")
        write(call, Word((folder[0].shape.rstrip("/") + "/" if folder else "") + "downloaded"), "new")


def _target(call: Call, word: Word) -> None:
    """A URL of another scheme reads files of the host or speaks another protocol."""
    scheme, colon, rest = word.shape.partition("://")
    if not colon:
        return
    if scheme.lower() == "file":
        verbs.read(call, (Word(rest, word.taint),), "")
        call.taint -= {"network"}
    elif scheme.lower() not in ("http", "https", "ftp", "ftps"):
        call.danger("network-out", word.shown, "data_out")


def _wget(call: Call, model: Model) -> None:
    reading = read_arguments(call, model)
    if reading is None:
        return
    call.taint |= {"network"}
    verbs.read(call, reading.values_of(*_FILES), "")
    methods = [word.shape.upper() for word in reading.values_of("--method")]
    sends = reading.has(*_DATA) or any(method not in _READING_METHODS for method in methods)
    verbs.network(call, reading.operands, "send" if sends else "")
    for word in reading.operands:
        _target(call, word)
    outputs = reading.values_of("-O", "--output-document")
    for word in outputs:
        if word.shape != "-":
            write(call, word, "overwrite")
    if not outputs and not reading.has("--spider"):
        folder = reading.values_of("-P", "--directory-prefix")
        write(call, Word((folder[0].shape.rstrip("/") + "/" if folder else "") + "downloaded"), "new")


def _httpie(call: Call, model: Model) -> None:
    """HTTPie: a method, an address, and items; items alone make it a POST."""
    reading = read_arguments(call, model)
    if reading is None:
        return
    call.taint |= {"network"}
    words = list(reading.operands)
    method = words.pop(0).shape if words and re.fullmatch(r"[A-Z]+", words[0].shape) else ""
    items = [word for word in words[1:] if re.search(r"(?<!=)=(?!=)|@", word.shape)]
    for word in items:
        verbs.read(call, (Word(word.shape.rpartition("@")[2], word.taint, word.glob),), "")
    sends = method not in ("", *_READING_METHODS) or (bool(items) and method not in _READING_METHODS)
    verbs.network(call, words[:1], "send" if sends else "")


# Words by which a server on this machine is asked how it is.
_ASKS = re.compile(
    r"(show|stats?|version|help|info|ping|ruok|mntr|srvr|isro|status|list|quit|dbsize)\b[ \w.:-]*\Z", re.IGNORECASE
)


def _only_asks(text: str | None) -> bool:
    lines = [line.strip() for line in (text or "").splitlines() if line.strip()]
    return bool(lines) and all(_ASKS.match(line) for line in lines)


def _netcat(call: Call, model: Model) -> None:
    reading = read_arguments(call, model)
    if reading is None:
        return
    call.taint |= {"network"}
    call.runner.flag("raw-network")
    if any(word.shape in ("localhost", "127.0.0.1", "::1") for word in reading.operands[:1]) and _only_asks(call.stdin.text):
        call.safe("network-out", call.shown)
    elif reading.has("-l", "--listen"):
        call.danger("network-out", call.shown, "listens")
    elif reading.has("-z"):
        call.safe("network-out", call.shown)
    elif "secret" in call.taint:
        call.forbid("network-out", call.shown, "secret_out")
    else:
        call.danger("network-out", call.shown, "data_out")


_IS_LOCAL = re.compile(r"(stdio|-|unix(-connect|-client)?:[\w./-]+|/[\w./-]+)\Z", re.IGNORECASE)


def _socat(call: Call, model: Model) -> None:
    text = " ".join(word.shape for word in call.args).upper()
    if re.search(r"\b(EXEC|SYSTEM|SHELL):", text) and re.search(r"\b(TCP\d?|UDP\d?|OPENSSL|SCTP|SSL)", text):
        call.forbid("reverse-shell", call.shown, "reverse_shell")
    elif "secret" in call.taint:
        call.forbid("network-out", call.shown, "secret_out")
    elif all(_IS_LOCAL.match(word.shape) for word in call.args) and _only_asks(call.stdin.text):
        call.safe("network-out", call.shown)
    else:
        call.runner.flag("raw-network")
        call.danger("network-out", call.shown, "data_out")
        call.taint |= {"network"}


def _copy_out(call: Call, model: Model) -> None:
    """Scp and rsync: to or from another machine, or within this one."""
    reading = read_arguments(call, model)
    if reading is None:
        return
    remote = re.compile(r"(\w+://|[\w.@-]*\[?[\w.-]+\]?:)")
    operands = reading.operands
    sources, target = operands[:-1], operands[-1] if operands else None
    verbs.read(call, [word for word in sources if not remote.match(word.shape)], "")
    deletes = [name for name in reading.seen if name.startswith(("--del", "--remove-source"))]
    if deletes and not reading.has("-n", "--dry-run"):
        call.danger("delete", target.shown if target else call.shown, "deletes")
    if target is None:
        return
    trial = reading.has("-n", "--dry-run", "--list-only")
    if trial and not reading.has("-e", "--rsh", "--rsync-path"):
        verbs.network(call, (target,), "")
    elif remote.match(target.shape) or target.value is None:
        verbs.network(call, (target,), "send")
    elif any(remote.match(word.shape) for word in sources):
        call.danger("network-in", " ".join(word.shown for word in operands), "fetched_files")
    elif deletes and touches_everything(call, target):
        call.forbid("delete", target.shown, "wipe")
    else:
        write(call, target, "new" if reading.has("--ignore-existing") else "overwrite")


GRAMMARS: dict[str, Callable[[Call, Model], None]] = {
    "curl": _curl,
    "wget": _wget,
    "httpie": _httpie,
    "netcat": _netcat,
    "socat": _socat,
    "copy-out": _copy_out,
}
