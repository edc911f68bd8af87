"""The verbs that program models are written in: each turns words of a command into effects.

A model in `knowledge/programs/` says `operands: read` or `-o --output: overwrite`; `programs.py` looks the verb up here.
"""

import re
from collections.abc import Callable, Sequence
from fnmatch import fnmatchcase

from vigie.policy import redis, sql
from vigie.policy.call import FOREIGN, Call
from vigie.policy.paths import PathKind, followed, is_secret, kind_of, may_be_secret, normal
from vigie.policy.words import NO_TAINT, OUTSIDE, UNKNOWN, Word
from vigie.policy.writes import remove, write

Verb = Callable[[Call, Sequence[Word], str], None]

_WAY_IN = re.compile(
    r"(ssh|sshd|dropbear|networking|network|NetworkManager|systemd-networkd|systemd-resolved|wpa_supplicant|ifup|netplan|connman|dhcpcd|tailscaled|wireguard|wg-quick|openvpn"
    r"|ufw|nftables|iptables|netfilter-persistent|firewalld|fail2ban|auditd|dbus|dbus-broker|systemd-logind|systemd-journald|systemd-udevd|polkit|getty|serial-getty|network-online|sockets|basic|multi-user|sysinit)"
    r"(@[^ ]*)?(\.(service|socket|target))?\Z"
)
_POWER_UNIT = re.compile(
    r"(reboot|poweroff|halt|kexec|shutdown|rescue|emergency|final|exit|suspend|hibernate|sleep)(\.target|\.service)?\Z"
)


def look(call: Call, words: Sequence[Word], arg: str) -> None:
    """Read about things, not their content."""


def read(call: Call, words: Sequence[Word], arg: str) -> None:
    """Read the content of files."""
    for word in words:
        path = followed(normal(word.shape, call.runner.cwd), call.runner.links)
        emptied = normal(word.emptied, call.runner.cwd) if UNKNOWN in word.shape else path
        if (
            is_secret(path, is_pattern=word.glob)
            or path in call.runner.secrets_at
            or is_secret(emptied)
            or "secret-path" in word.taint
            or (OUTSIDE in word.taint and may_be_secret(word.shape))
        ):
            call.danger("read-secret", word.shown, "secret")
            call.taint |= {"secret"}


def lists(call: Call, words: Sequence[Word], arg: str) -> None:
    """Print names of files: whoever reads what is named reads a secret, if one is named."""
    if any(is_secret(call.path(word), is_pattern=word.glob) for word in words):
        call.taint |= {"secret-path"}


def secret_if(call: Call, words: Sequence[Word], arg: str) -> None:
    """Show a secret if a word fits the pattern."""
    if any(re.search(arg, word.shape) for word in words):
        secret(call, (), "environment")


def danger_if(call: Call, words: Sequence[Word], arg: str) -> None:
    """Be dangerous if a word fits the pattern, or may."""
    if any(UNKNOWN in word.shape or re.search(arg, word.shape) for word in words):
        call.danger("unknown-option", call.shown, "unknown_option")


def transport(call: Call, words: Sequence[Word], arg: str) -> None:
    """Name places to fetch from: `ext::` and its like run a program."""
    if any("::" in word.shape for word in words):
        opaque(call, words, "")


def versioned(call: Call, words: Sequence[Word], arg: str) -> None:
    """Read files, perhaps of a version: `HEAD:path`."""
    read(call, [word._replace(shape=word.shape.rpartition(":")[2]) for word in words], "")


def text(call: Call, words: Sequence[Word], arg: str) -> None:
    """Take words that are only text; showing a secret variable is showing a secret."""
    if any("secret" in word.taint or "named-secret" in word.taint for word in words):
        call.danger("read-secret", "variable", "secret")


def secret(call: Call, words: Sequence[Word], arg: str) -> None:
    """Show a secret."""
    call.danger("read-secret", arg or call.shown, "secret")
    call.taint |= {"secret"}


def unbounded(call: Call, words: Sequence[Word], arg: str) -> None:
    """Never end by itself."""
    call.safe("unbounded", call.name, "unbounded")


def passes(call: Call, words: Sequence[Word], arg: str) -> None:
    """Print some of what flows in, line by line: names stay names."""
    if call.stdin.taint == {"names"}:
        call.taint |= {"names"}
    call.like = call.stdin.like


def taints(call: Call, words: Sequence[Word], arg: str) -> None:
    """Mark what the command prints."""
    call.taint |= frozenset(arg.split())


def flag(call: Call, words: Sequence[Word], arg: str) -> None:
    """Remember something of the line as a whole."""
    call.runner.flag(arg)


def change(call: Call, words: Sequence[Word], arg: str) -> None:
    """Do something whose undo is known."""
    kind, _, why = (arg or "change").partition(" ")
    call.change(kind, _shown(words) or call.shown, why or "undo_known")


def danger(call: Call, words: Sequence[Word], arg: str) -> None:
    """Do something by which something can be lost."""
    kind, _, why = (arg or "unknown").partition(" ")
    call.danger(kind, _shown(words) or call.shown, why or "may_lose")


def forbid(call: Call, words: Sequence[Word], arg: str) -> None:
    """Do something that is never allowed."""
    kind, _, why = (arg or "destroy").partition(" ")
    call.forbid(kind, _shown(words) or call.shown, why or "never")


def new(call: Call, words: Sequence[Word], arg: str) -> None:
    """Make something where nothing is; fails or changes nothing when it exists."""
    for word in words:
        write(call, word, "new")


def append(call: Call, words: Sequence[Word], arg: str) -> None:
    """Add to the end of files."""
    for word in words:
        write(call, word, "append")


def overwrite(call: Call, words: Sequence[Word], arg: str) -> None:
    """Replace the content of files, or of what may be there; `-` is what flows out."""
    for word in words:
        if word.shape != "-":
            write(call, word, "overwrite")


def truncate(call: Call, words: Sequence[Word], arg: str) -> None:
    """Cut files."""
    for word in words:
        write(call, word, "truncate")


def archive(call: Call, words: Sequence[Word], arg: str) -> None:
    """Write a new archive; its name is taken to be free unless it is a place of the system. `-` is what flows out."""
    for word in words:
        if word.shape != "-":
            kind = kind_of(call.path(word), is_pattern=word.glob)
            write(call, word, "new" if kind in (PathKind.OTHER, PathKind.SCRATCH, PathKind.SINK) else "overwrite")


def delete(call: Call, words: Sequence[Word], arg: str) -> None:
    """Remove things; `arg` is `recursive` or empty."""
    for word in words:
        remove(call, word, recursive=arg == "recursive")


def run(call: Call, words: Sequence[Word], arg: str) -> None:
    """Run the words as a command; `arg` names the taint its input then has."""
    if words:
        flow = call.runner.run(words, call.stdin)
        call.text = flow.text
        call.like = flow.like
        call.taint |= flow.taint


def shell(call: Call, words: Sequence[Word], arg: str, given: Sequence[Word] = ()) -> None:
    """Run the words, joined, as shell text; `arg` is `same` when the shell is this one, `given` are its `$0`, `$1`…."""
    if not words:
        return
    taint = NO_TAINT.union(*(word.taint for word in words))
    whole = " ".join(word.shape for word in words)
    if UNKNOWN in whole:
        # What is known of the text is still judged: an unknown part cannot make the rest milder.
        call.runner.shell(whole.replace(UNKNOWN, "${_}"), call.stdin, same_shell=arg == "same", given=given)
        opaque_text(call, taint)
        return
    flow = call.runner.shell(whole, call.stdin, same_shell=arg == "same", given=given)
    call.text = flow.text
    call.taint |= flow.taint


def opaque(call: Call, words: Sequence[Word], arg: str) -> None:
    """Run code that cannot be read here."""
    taint = call.stdin.taint
    for word in words:
        taint |= word.taint
    opaque_text(call, taint)


def opaque_text(call: Call, taint: frozenset[str]) -> None:
    """Note that code of this taint is run."""
    call.runner.flag("interpreter")
    foreign = FOREIGN & taint
    if foreign:
        call.forbid("exec-opaque", "+".join(sorted(foreign)), "foreign_code")
    else:
        call.danger("exec-opaque", call.name, "opaque")


def network(call: Call, words: Sequence[Word], arg: str) -> None:
    """Ask something of another machine; `arg` `send`: data goes with it."""
    what = _shown(words) or call.name
    if "secret" in call.taint:
        call.forbid("network-out", what, "secret_out")
    elif arg == "send" or any("named-secret" in word.taint for word in words):
        call.danger("network-out", what, "data_out")
    else:
        call.safe("network-out", what)
    call.taint |= {"network"}


def sends(call: Call, words: Sequence[Word], arg: str) -> None:
    """Send what flows in to another machine; an empty line or nothing is no data."""
    if call.stdin.text is None or len(call.stdin.text) > _GREETING:
        network(call, words, "send")


def send_file(call: Call, words: Sequence[Word], arg: str) -> None:
    """Send a file's content to another machine."""
    read(call, words, "")
    network(call, words, "send")


def service(call: Call, words: Sequence[Word], arg: str) -> None:
    """Act on services: `arg` is the action."""
    what = f"{_shown(words)}, {arg}" if words else arg
    if arg in ("enable", "start") and any("/" in word.shape for word in words) and call.name == "systemctl":
        call.danger("persistence", what, "persistence")
    elif any(_POWER_UNIT.match(word.shape) for word in words):
        call.danger("power", what, "power")
    elif arg in ("stop", "disable", "mask") and (arg == "mask" or any(_cuts(word) for word in words)):
        call.danger("service", what, "way_in" if arg != "mask" else "mask")
    else:
        call.change("service", what, "service")


def sql_text(call: Call, words: Sequence[Word], arg: str) -> None:
    """Run SQL; `arg` names the dialect."""
    for word in words:
        sql.judge(call, word, arg)


def sql_stdin(call: Call, words: Sequence[Word], arg: str) -> None:
    """Run the SQL of standard input."""
    if call.stdin.text:
        sql.judge(call, Word(call.stdin.text, call.stdin.taint), arg)
    else:
        call.danger("sql", call.name, "sql_unknown")


def redis_words(call: Call, words: Sequence[Word], arg: str) -> None:
    """Run one command of Redis."""
    redis.judge(call, words)


def environment(call: Call, words: Sequence[Word], arg: str) -> None:
    """Set variables for what follows."""
    for word in words:
        name, _, value = word.shape.partition("=")
        call.runner.assign(name, Word(value, word.taint), for_one=True)


def _shown(words: Sequence[Word]) -> str:
    return " ".join(word.shown for word in words[:8])


def _cuts(word: Word) -> bool:
    """Say whether a unit is, or may be, the way in to the host."""
    pattern = word.shape.replace(UNKNOWN, "*")
    return _WAY_IN.match(word.shape) is not None or (
        not _GLOB.isdisjoint(pattern) and any(fnmatchcase(name, pattern) for name in _WAYS_IN)
    )


_GLOB = frozenset("*?[")
_GREETING = 80  # bytes: `QUIT`, `GET / HTTP/1.0` and their like
# Stand-ins for what a pattern of units can take in.
_WAYS_IN = (
    "ssh",
    "sshd",
    "ssh.service",
    "sshd.service",
    "ssh.socket",
    "networking",
    "network",
    "NetworkManager",
    "systemd-networkd",
    "systemd-logind",
    "dbus",
    "ufw",
    "firewalld",
)

VERBS: dict[str, Verb] = {
    "look": look,
    "read": read,
    "lists": lists,
    "secret-if": secret_if,
    "danger-if": danger_if,
    "transport": transport,
    "versioned": versioned,
    "text": text,
    "secret": secret,
    "unbounded": unbounded,
    "taints": taints,
    "passes": passes,
    "flag": flag,
    "change": change,
    "danger": danger,
    "forbid": forbid,
    "new": new,
    "append": append,
    "overwrite": overwrite,
    "truncate": truncate,
    "archive": archive,
    "delete": delete,
    "run": run,
    "shell": shell,
    "opaque": opaque,
    "network": network,
    "send-file": send_file,
    "sends": sends,
    "service": service,
    "sql": sql_text,
    "sql-stdin": sql_stdin,
    "redis": redis_words,
    "environment": environment,
}
