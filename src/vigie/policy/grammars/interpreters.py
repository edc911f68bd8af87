"""Shells, interpreters of programming languages, and the ways into another account."""

import re
from collections.abc import Callable

from vigie.policy import strings, verbs
from vigie.policy.call import EMPTY, FOREIGN, Call
from vigie.policy.models import Model
from vigie.policy.paths import STDIN
from vigie.policy.programs import Reading, read_arguments
from vigie.policy.words import Word

_DECODES = re.compile(
    r"b(64|32|16|85)decode|fromhex|unhexlify|a2b_\w+|decode_base64|unpack\s*\(?\s*(['\"][uHm]|u\s*=>)|zlib|codecs\.decode|Buffer\.from|atob|base64_decode|gzinflate|urlopen|requests\.(get|post)|http\.get|https\.get|LWP|fetch\(|Net::HTTP|file_get_contents\s*\(\s*['\"]http"
)
_EXECUTES = re.compile(
    r"\b(exec|eval|system|popen|spawn\w*|check_output|run|call|passthru|shell_exec|execSync|compile|Function|require)\b\s*[\s(`]"
)
_SOCKET = re.compile(
    r"\bsocket\b|IO::Socket|TCPSocket|net['\"]?\)?\.(connect|Socket|createConnection)|fsockopen|use\s+Socket", re.IGNORECASE
)
_SHELLS = re.compile(r"/bin/(ba|da|z|k)?sh|\bpty\.spawn|dup2|child_process|\b(exec|eval|system|qx)\b|proc_open|\bcmd\b")
_WIPES = re.compile(
    r"(rmtree|remove_tree|rm_rf|rm_r|rmSync|rimraf|removedirs)\s*\(?\s*[\[(]?\s*['\"]/(\*|etc|usr|var|bin|lib|boot|home|root)?/?['\"]|['\"\s]rm\s+-\w*[rR]\w*\s+(-\w+\s+)*/(\*|etc|usr|var|bin|lib|boot|home|root)?/?['\"\s]|open\(\s*['\"]/dev/(sd|vd|nvme|xvd|hd)\w+['\"]\s*,\s*['\"][wa]|mkfs\.|/etc/(shadow|sudoers)['\"]\s*,\s*['\"]w"
)


def _sh(call: Call, model: Model) -> None:
    words = list(call.args)
    reading = Reading(call, model)
    reading.take([word for word in words if not re.fullmatch(r"\+[A-Za-z]+", word.shape)])
    if reading.only_asks:
        return
    if reading.has("-c"):
        if not reading.operands:
            call.danger("exec-opaque", call.name, "opaque")
            return
        verbs.shell(call, reading.operands[:1], "", reading.operands[1:])
    elif reading.operands and not reading.has("-s"):
        _script(call, reading)
    else:
        _fed(call)


def _script(call: Call, reading: Reading) -> None:
    script = reading.operands[0]
    if reading.has("-n"):
        verbs.read(call, (script,), "")
    elif script.shape in STDIN:
        _fed(call)
    else:
        foreign = FOREIGN & script.taint
        if foreign:
            call.forbid("exec-opaque", "+".join(sorted(foreign)), "foreign_code")
        else:
            call.danger("exec-opaque", script.shown, "script_file")


def _fed(call: Call) -> None:
    """A shell that reads its commands from standard input."""
    if FOREIGN & call.stdin.taint or not call.stdin.text:
        verbs.opaque_text(call, call.stdin.taint)
    else:
        flow = call.runner.shell(call.stdin.text, EMPTY)
        call.taint |= flow.taint


def _interpreter(call: Call, model: Model) -> None:
    """python, perl, ruby, node, php…: code is opaque; some code is known to be never allowed."""
    reading = read_arguments(call, model)
    if reading is None:
        return
    code = reading.values_of("-c", "-e", "-E", "-r", "-p", "-n", "--eval", "--print", "--run")
    modules = reading.values_of("-m")
    if modules and not code and modules[0].shape in ("json.tool", "tabnanny", "this", "platform", "sysconfig"):
        verbs.read(call, reading.operands[:1], "")
        verbs.overwrite(call, reading.operands[1:2], "")
        return
    if reading.has("-l", "--syntax-check", "--check") and model.harmless & {"-l"} and not code and call.name.startswith("php"):
        verbs.read(call, reading.operands, "")
        return
    if modules and not code and modules[0].shape in ("pip", "venv"):
        verbs.run(call, [Word("pip" if modules[0].shape == "pip" else "virtualenv"), *reading.operands], "")
        return
    text = " ".join(word.shape for word in (*code, *reading.operands)) + (call.stdin.text or "")
    if _SOCKET.search(text) and _SHELLS.search(text):
        call.forbid("reverse-shell", call.name, "reverse_shell")
    elif _DECODES.search(text) and _EXECUTES.search(text):
        call.forbid("exec-opaque", call.name, "foreign_code")
    elif _WIPES.search(text):
        call.forbid("delete", call.name, "wipe")
    elif _EXECUTES.search(text) or "`" in text:
        strings.judge(call, text)
    verbs.opaque(call, call.args, "")


def _su(call: Call, model: Model) -> None:
    """Su and runuser: another account, then a shell or one command."""
    reading = read_arguments(call, model)
    if reading is None:
        return
    texts = reading.values_of("-c", "--command", "--session-command")
    if reading.has("-u", "--user") and not texts:
        verbs.run(call, reading.operands, "")
    elif texts:
        verbs.shell(call, texts[:1], "")
    else:
        _fed(call)


GRAMMARS: dict[str, Callable[[Call, Model], None]] = {"sh": _sh, "interpreter": _interpreter, "su": _su}
