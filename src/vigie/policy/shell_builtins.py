"""The shell's own commands, and the variables that steer what other programs do."""

import re
from collections.abc import Callable
from itertools import pairwise

from vigie.policy import verbs
from vigie.policy.call import Call
from vigie.policy.escapes import decode_escapes
from vigie.policy.paths import STDIN, normal
from vigie.policy.words import UNKNOWN, Flow, Word

_STEERS = re.compile(
    r"(LD_\w+|DYLD_\w+|PATH|BASH_ENV|ENV|PROMPT_COMMAND|PS[0124]|SHELLOPTS|BASHOPTS|BASH_FUNC.*|CDPATH|GLOBIGNORE|SHELL|HOME|XDG_CONFIG_HOME|EDITOR|VISUAL|BROWSER|PAGER|MANPAGER|LESS|LESSOPEN|LESSCLOSE|SYSTEMD_EDITOR|SYSTEMD_LESS"
    r"|SUDO_\w+|GIT_\w+|SSH_ASKPASS|SSH_\w+_COMMAND|PYTHON\w+|PERL5\w*|PERL\w*|RUBY\w+|GEM_\w+|NODE_\w+|JAVA_TOOL_OPTIONS|_JAVA_OPTIONS|JDK_JAVA_OPTIONS|PHPRC|PHP_INI_SCAN_DIR|LUA_\w+|AWKPATH|AWKLIBPATH|TAR_OPTIONS|GZIP|XZ_OPT"
    r"|RSYNC_RSH|CVS_RSH|GCONV_PATH|LOCPATH|NLSPATH|TERMINFO\w*|OPENSSL_CONF|CURL_HOME|WGETRC|DOCKER_\w+|KUBECONFIG|MAKEFLAGS|MALLOC_\w+|GLIBC_TUNABLES|PSQLRC|PGSERVICEFILE|PGSYSCONFDIR|MYSQL_HOME|http_proxy|https_proxy|ALL_PROXY|HTTPS?_PROXY|GREP_OPTIONS|INPUTRC|HISTFILE|HISTSIZE|HISTFILESIZE)\Z"
)
_PLAIN_VALUES = {"", "cat", "less", "more", "/bin/cat", "/usr/bin/cat", "/bin/sh", "/bin/bash", "0", "1", "never"}
_PATH_FOLDER = re.compile(r"(/usr(/local)?)?/s?bin\Z")
_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=")
HISTORY = re.compile(r"HIST\w+\Z")


def steers(name: str, value: Word) -> bool:
    """Say whether setting a variable can change what other programs do."""
    if UNKNOWN in name:
        return True
    if not _STEERS.match(name):
        return False
    if name == "PATH":
        return not all(_PATH_FOLDER.match(folder) for folder in value.shape.split(":"))
    if HISTORY.match(name):
        return True
    return value.shape not in _PLAIN_VALUES or (name in ("LD_PRELOAD", "SHELL", "HOME") and value.shape != "")


# A subscript is computed wherever a name or a number is wanted, and commands in it are run.
SUBSCRIPT = re.compile(r"\[[^\]]*(\$\(|`)")


def _nothing(call: Call) -> None:
    call.text = ""
    _subscripts(call)


def _subscripts(call: Call) -> None:
    if any(SUBSCRIPT.search(word.shape) for word in call.args):
        call.danger("exec-opaque", call.shown, "opaque")


def _words(call: Call) -> None:
    verbs.text(call, call.args, "")
    _subscripts(call)


def _cd(call: Call) -> None:
    target = next((word for word in call.args if not word.shape.startswith("-")), None)
    call.text = ""
    if target is None:
        call.runner.cwd = None if call.args else "~"
    elif UNKNOWN in target.shape or target.glob:
        call.runner.cwd = normal(target.shape) if target.shape.startswith("/") else None
    else:
        path = normal(target.shape, call.runner.cwd)
        call.runner.cwd = path if path.startswith(("/", "~")) else None


def _echo(call: Call) -> None:
    verbs.text(call, call.args, "")
    words = list(call.args)
    escapes = newline = False
    while words and re.fullmatch(r"-[neE]+", words[0].shape):
        escapes |= "e" in words[0].shape
        newline |= "n" in words[0].shape
        words.pop(0)
    _print(call, " ".join(word.shape for word in words) + ("" if newline else "\n"), escapes=escapes)


def _printf(call: Call) -> None:
    verbs.text(call, call.args, "")
    words = [word.shape for word in call.args if word.shape != "--"]
    if not words or words[0] == "-v":
        if len(words) > 1:
            _subscripts(call)
            call.runner.assign(words[1], Word(UNKNOWN, call.taint), for_one=False)
        return
    pattern, values = words[0], words[1:]
    specs = re.findall(r"%[-+ 0#]*\d*(?:\.\d+)?([a-zA-Z%])", pattern)
    simple = [spec for spec in specs if spec != "%"]
    if any(spec not in "sdbq" for spec in simple):
        return
    rounds = max(1, -(-len(values) // len(simple))) if simple else 1
    feed = iter(values)
    out = "".join(
        re.sub(r"%[-+ 0#]*\d*(?:\.\d+)?([a-zA-Z%])", lambda spec: "%" if spec[1] == "%" else next(feed, ""), pattern)
        for _ in range(min(rounds, 64))
    )
    _print(call, out, escapes=True)


def _print(call: Call, text: str, *, escapes: bool) -> None:
    if escapes and re.search(r"\\(x|u|U|0|[1-7])", text):
        call.taint |= {"decoded"}
    if escapes:
        text = decode_escapes(text)
    if UNKNOWN not in text:
        call.text = text


def _read(call: Call) -> None:
    call.text = ""
    _subscripts(call)
    for word in call.args:
        if word.value and not word.shape.startswith("-"):
            value = Word(UNKNOWN, call.stdin.taint, named=call.stdin.taint == {"names"})
            call.runner.assign(word.value, value, for_one=False)


def _mapfile(call: Call) -> None:
    """mapfile: lines into an array; -C names a command for each of them."""
    words = list(call.args)
    for option, value in pairwise(words):
        if option.shape == "-C":
            verbs.shell(call, (Word(f"{value.shape} {UNKNOWN}", value.taint),), "same")
    _read(call)


def _hash(call: Call) -> None:
    if any(word.shape.startswith("-p") for word in call.args):
        call.danger("exec-opaque", call.shown, "alias")


def _which(call: Call) -> None:
    verbs.text(call, call.args, "")
    call.taint |= {"names"}


def _run(call: Call) -> None:
    words = list(call.args)
    while words and words[0].shape.startswith("-"):
        option = words.pop(0).shape
        if "v" in option or "V" in option:
            call.taint |= {"names"}
            return
        if option == "-a" and words:
            words.pop(0)
    verbs.run(call, words, "")


def _eval(call: Call) -> None:
    verbs.shell(call, [word for word in call.args if word.shape != "--"], "same")


def _source(call: Call) -> None:
    words = call.args[:1]
    if words and words[0].shape in STDIN and call.stdin.taint & {"network", "decoded"}:
        call.forbid("exec-opaque", "+".join(sorted(call.stdin.taint & {"network", "decoded"})), "foreign_code")
    elif words and words[0].taint & {"network", "decoded"}:
        call.forbid("exec-opaque", "+".join(sorted(words[0].taint & {"network", "decoded"})), "foreign_code")
    else:
        call.danger("exec-opaque", words[0].shown if words else call.name, "script_file")


def _trap(call: Call) -> None:
    words = [word for word in call.args if not word.shape.startswith("-")]
    if len(words) > 1:
        verbs.shell(call, words[:1], "same")


def _alias(call: Call) -> None:
    if any("=" in word.shape or word.value is None for word in call.args):
        call.danger("exec-opaque", call.shown, "alias")


def _history(call: Call) -> None:
    if any(re.match(r"-\w*[cdawr]", word.shape) for word in call.args):
        call.forbid("delete", "history", "traces")
    elif call.args and not all(word.shape.isdigit() for word in call.args):
        call.danger("unknown-option", call.shown, "unknown_option")
    else:
        verbs.secret(call, (), "history")


def _set(call: Call) -> None:
    """Alone it shows every variable and function."""
    if not call.args:
        verbs.secret(call, (), "environment")
    if any(word.shape == "history" for word in call.args):
        call.danger("environment", call.shown, "steers")
    call.text = None if not call.args else ""


def _coproc(call: Call) -> None:
    verbs.run(call, call.args, "")
    call.danger("exec-opaque", call.shown, "opaque")


def _ulimit(call: Call) -> None:
    """A limit of this shell dies with it."""


def _time(call: Call) -> None:
    words = list(call.args)
    while words and words[0].shape.startswith("-"):
        option = words.pop(0).shape
        if option in ("-o", "-f", "--output", "--format") and words:
            value = words.pop(0)
            verbs.overwrite(call, (value,) if option in ("-o", "--output") else (), "")
    while words and _ASSIGNMENT.match(words[0].shape):
        name, _, text = words[0].shape.partition("=")
        call.runner.assign(name, Word(text, words[0].taint), for_one=len(words) > 1)
        words.pop(0)
    verbs.run(call, words, "")


def _exec(call: Call) -> None:
    call.runner.flag("interpreter")
    _run(call)


Builtin = Callable[[Call], None]
BUILTINS: dict[str, Builtin] = {
    **dict.fromkeys(
        (
            ":",
            "true",
            "false",
            "exit",
            "return",
            "break",
            "continue",
            "shift",
            "wait",
            "getopts",
            "let",
            "unset",
            "local",
            "shopt",
            "umask",
            "disown",
            "times",
        ),
        _nothing,
    ),
    **dict.fromkeys(("pwd", "type", "jobs", "compgen", "fg", "bg", "dirs", "help", "test", "["), _words),
    **dict.fromkeys(("cd", "pushd", "popd", "chdir"), _cd),
    "echo": _echo,
    "printf": _printf,
    "which": _which,
    "hash": _hash,
    "read": _read,
    **dict.fromkeys(("mapfile", "readarray"), _mapfile),
    **dict.fromkeys(("command", "builtin"), _run),
    "exec": _exec,
    "eval": _eval,
    "source": _source,
    ".": _source,
    "trap": _trap,
    "alias": _alias,
    "unalias": _nothing,
    "history": _history,
    "coproc": _coproc,
    "ulimit": _ulimit,
    "set": _set,
    "time": _time,
}

__all__ = ["BUILTINS", "Flow", "steers"]
