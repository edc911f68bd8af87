"""Tools of administration whose verbs stand where others have options: services, network, firewall, kernel settings."""

import re
from collections.abc import Callable
from itertools import pairwise

from vigie.policy import verbs
from vigie.policy.call import Call
from vigie.policy.models import Model
from vigie.policy.programs import Reading, read_arguments
from vigie.policy.words import UNKNOWN, Word

_SERVICE_VERBS = {
    "start": "start",
    "restart": "restart",
    "try-restart": "restart",
    "condrestart": "restart",
    "reload": "reload",
    "force-reload": "reload",
    "reload-or-restart": "reload",
    "stop": "stop",
}
_LOOKS = ("status", "configtest", "check", "testconfig")
_IP_SHOWS = re.compile(r"(s|sh|sho|show|l|ls|lst|list|get|status|g)\Z")
_IP_OBJECTS = re.compile(
    r"(a|ad|add|addr|address|r|ro|rou|rout|route|l|li|lin|link|n|ne|nei|neigh|neighbour|neighbor|ru|rule|m|maddr|mroute|tu|tunnel|netns|netconf|ntable|tcp_metrics|token|tap|vrf|qdisc|class|filter|chain|action|d|dev|device|c|con|connection|g|general|radio|networking)\Z"
)
_WAY_IN_PORT = re.compile(r"(22|ssh|2222)(/tcp)?\Z")
_ADDRESS = re.compile(r"[0-9a-fA-F.:]+(/\d{1,3})?\Z")


def _service(call: Call, model: Model) -> None:
    reading = read_arguments(call, model)
    if reading is None or (not reading.operands and reading.has("--status-all")):
        return
    operands = reading.operands
    action = operands[1].shape if len(operands) > 1 and "/" not in operands[0].shape else ""
    if action in _LOOKS:
        return
    if action in _SERVICE_VERBS:
        verbs.service(call, operands[:1], _SERVICE_VERBS[action])
    else:
        call.danger("unknown-command", call.shown, "unknown_command")


def _nginx(call: Call, model: Model) -> None:
    reading = Reading(call, model)
    reading.take(call.args)
    if reading.only_asks:
        if reading.has("-g"):
            call.danger("exec-opaque", call.shown, "opaque")
        return
    if reading.has("-g"):
        call.danger("exec-opaque", call.shown, "opaque")
        return
    signals = [word.shape for word in reading.values_of("-s")]
    if not signals:
        verbs.service(call, (Word("nginx"),), "start")
    elif signals[0] in ("reload", "reopen", "stop", "quit"):
        verbs.service(call, (Word("nginx"),), "stop" if signals[0] in ("stop", "quit") else "reload")
    else:
        call.danger("unknown-command", call.shown, "unknown_command")


def _pg_ctl(call: Call, model: Model) -> None:
    reading = read_arguments(call, model)
    if reading is None:
        return
    words = {word.shape for word in reading.operands}
    action = next((word for word in ("start", "stop", "restart", "reload") if word in words), None)
    if "status" in words:
        return
    if action is not None and not words & {"promote", "kill", "initdb", "init", "register"}:
        verbs.service(call, (Word("postgresql"),), action)
    else:
        call.danger("unknown-command", call.shown, "unknown_command")


def _ip(call: Call, model: Model) -> None:
    """ip, tc, nmcli: an object, then a verb; without a verb they show."""
    reading = read_arguments(call, model)
    if reading is None:
        return
    operands = [word.shape for word in reading.operands]
    if not operands:
        return
    known = _IP_OBJECTS.match(operands[0]) is not None
    verb = operands[1] if len(operands) > 1 else "show"
    if not (known and (_IP_SHOWS.match(verb) or (operands[0].startswith("n") and operands[1:2] == ["status"]))):
        call.danger("network", call.shown, "way_in")


def _iptables(call: Call, model: Model) -> None:
    words = [word.shape for word in call.args]
    if any(UNKNOWN in word for word in words):
        call.danger("firewall", call.shown, "firewall")
        return
    acts = [
        word
        for word in words
        if re.match(
            r"-(A|I|D|F|X|P|N|R|Z|E)\Z|--(append|insert|delete|flush|delete-chain|policy|new-chain|replace|zero|rename-chain|modprobe)",
            word,
        )
    ]
    lists = [word for word in words if re.match(r"-[nvx]*[LSC][nvx]*\Z|--(list|list-rules|check|version|help)\Z|-[Vh]\Z", word)]
    if lists and not acts:
        return
    if len(acts) == 1 and acts[0] in ("-A", "-I", "-D", "--append", "--insert", "--delete") and _one_address(words):
        call.change("firewall", call.shown, "one_address")
    elif len(acts) == 1 and acts[0] in ("-A", "-I", "--append", "--insert") and "ACCEPT" in words and _names_port(words):
        call.change("firewall", call.shown, "undo_known")
    else:
        call.danger("firewall", call.shown, "firewall")


def _one_address(words: list[str]) -> bool:
    """Say whether a rule is about one address only."""
    pairs = pairwise(words)
    return any(option in ("-s", "--source", "--src") and _ADDRESS.match(value) and _narrow(value) for option, value in pairs)


def _names_port(words: list[str]) -> bool:
    return any(option in ("--dport", "--dports", "--destination-port") for option in words)


def _nft_add(call: Call, model: Model) -> None:
    """Nft add: a rule that blocks must be about one address."""
    text = " ".join(word.shape for word in call.args)
    blocks = re.search(r"\b(drop|reject|queue|jump|goto|redirect|dnat|policy)\b", text)
    from_one = re.search(r"\bsaddr\s+([0-9a-fA-F.:]+(/\d{1,3})?)(\s|\Z)", text)
    if UNKNOWN in text or (blocks and not (from_one and _narrow(from_one[1]))):
        call.danger("firewall", call.shown, "firewall")
    else:
        call.change("firewall", call.shown, "one_address" if blocks else "undo_known")


def _narrow(address: str) -> bool:
    host, slash, bits = address.partition("/")
    return host not in ("0.0.0.0", "::", "127.0.0.1", "::1") and (not slash or int(bits) >= 24)  # noqa: S104  # a /24 is still one neighbourhood


def _ufw(call: Call, model: Model) -> None:
    words = [word.shape for word in call.args]
    while words and words[0] in ("--force", "insert", "prepend", "1", "route", "delete"):
        if words[0] == "delete" and "from" not in words:
            break
        words.pop(0)
    verb = words[0] if words else ""
    rest = words[1:]
    if verb in ("status", "version", "show", "--version", "--help", "--dry-run", "app"):
        return
    from_one = (
        "from" in rest
        and len(rest) > rest.index("from") + 1
        and _ADDRESS.match(rest[rest.index("from") + 1]) is not None
        and _narrow(rest[rest.index("from") + 1])
    )
    if verb == "allow" and rest:
        call.change("firewall", call.shown, "undo_known")
    elif verb in ("deny", "reject", "limit") and from_one and not any(_WAY_IN_PORT.match(word) for word in rest):
        call.change("firewall", call.shown, "one_address")
    elif verb == "reload":
        call.change("firewall", call.shown, "undo_known")
    else:
        call.danger("firewall", call.shown, "firewall")


_FIREWALLD_ASKS = re.compile(r"--(list|get|query|info|state|version|help|check-config|path)(-|=|\Z)")
_FIREWALLD_FRAME = re.compile(r"--(permanent|zone|quiet|timeout|policy|ipset)(=|\Z)|-q\Z")
_FIREWALLD_ADDS = re.compile(r"--(add-(port|service|forward-port|masquerade|rich-rule|entry)|reload|runtime-to-permanent)(=|\Z)")


def _firewalld(call: Call, model: Model) -> None:
    """firewall-cmd: options that ask, that add, or anything else."""
    words = [word.shape for word in call.args]
    acts = [word for word in words if word.startswith("-") and not _FIREWALLD_FRAME.match(word)]
    if acts and all(_FIREWALLD_ASKS.match(word) for word in acts):
        return
    text = " ".join(words)
    blocks = re.search(r"\b(drop|reject)\b", text)
    from_one = re.search(r"source address=['\"]?([0-9a-fA-F.:/]+)", text)
    if acts and all(_FIREWALLD_ADDS.match(word) for word in acts) and UNKNOWN not in text:
        if blocks and not (from_one and _narrow(from_one[1])):
            call.danger("firewall", call.shown, "firewall")
        else:
            call.change("firewall", call.shown, "one_address" if blocks else "undo_known")
    else:
        call.danger("firewall", call.shown, "firewall")


def _fail2ban(call: Call, model: Model) -> None:
    words = [word.shape for word in call.args if not word.shape.startswith("-")]
    verb = words[0] if words else ""
    if verb in ("status", "ping", "version", "get", "banned", "echo"):
        return
    if (
        (verb == "set" and len(words) == 4 and words[2] in ("banip", "unbanip") and _ADDRESS.match(words[3]))
        or (  # set JAIL banip ADDRESS
            verb == "unban"
            and len(words) > 1
            and "--all" not in {word.shape for word in call.args}
            and all(_ADDRESS.match(word) for word in words[1:])
        )
    ):
        call.change("firewall", call.shown, "one_address")
    elif verb in ("reload", "restart", "start"):
        verbs.service(call, (Word("fail2ban"),), "reload")
    else:
        call.danger("firewall", call.shown, "firewall")


def _sysctl(call: Call, model: Model) -> None:
    reading = read_arguments(call, model)
    if reading is not None and any("=" in word.shape or word.value is None for word in reading.operands):
        call.danger("kernel", call.shown, "system")


def _prlimit(call: Call, model: Model) -> None:
    words = [word.shape for word in call.args]
    sets = any(re.match(r"--(?!pid|output|raw|noheadings|verbose)\w+=", word) for word in words)
    reading = Reading(call, model)
    reading.take(call.args)
    if sets or reading.operands:
        call.danger("process", call.shown, "may_lose")


# Settings that name no program and no place to fetch from.
_GIT_NAMES = re.compile(
    r"(user\.(name|email|signingkey)|init\.defaultbranch|pull\.(rebase|ff)|push\.(default|autosetupremote)|color\.\w+|core\.(autocrlf|filemode|ignorecase|quotepath)|fetch\.prune|merge\.ff|safe\.directory)\Z",
    re.IGNORECASE,
)
_GIT_REFERENCE = re.compile(
    r"(main|master|develop(ment)?|dev|staging|production|prod|stable|trunk|next|HEAD([~^]\d*)*|v\d+(\.\d+)*([.-]\w+)*|\d+\.\d+(\.\d+)*|(origin|upstream|release|releases|hotfix|feature|bugfix|fix|tags)/[\w./-]+|[0-9a-f]{7,40}|-)\Z"
)


def _git_checkout(call: Call, model: Model) -> None:
    """Git checkout: a branch or version is left again; a path is overwritten."""
    reading = read_arguments(call, model)
    if reading is None:
        return
    starts = reading.has("-b", "--orphan") and not reading.has("-B", "-f", "--force")
    if starts or (len(reading.operands) == 1 and _GIT_REFERENCE.match(reading.operands[0].shape)):
        call.change("git", call.shown)
    elif reading.operands:
        call.danger("git", call.shown, "overwrite")


def _git_reset(call: Call, model: Model) -> None:
    """Git reset: the index, or with --hard the files too."""
    reading = read_arguments(call, model)
    if reading is None:
        return
    if reading.has("--hard", "--merge", "--keep") or any(word.value is None for word in reading.operands):
        call.danger("git", call.shown, "overwrite")
    else:
        call.change("git", call.shown)


def _shows_one(call: Call, model: Model) -> None:
    """Taskset and chrt: with -p and a process alone they show; with -p and a value they change; else they run a command."""
    reading = read_arguments(call, model)
    if reading is None:
        return
    if not reading.has("-p", "--pid"):
        verbs.run(call, reading.operands[1:], "")
    elif len(reading.operands) > 1:
        call.change("priority", call.shown)


def _parted(call: Call, model: Model) -> None:
    """parted: prints, or changes."""
    reading = read_arguments(call, model)
    if reading is None:
        return
    words = [word.shape for word in reading.operands[1:]]
    plain = re.compile(r"print|free|all|devices|unit|[kMGT]?i?B|s|%|align-check|\d+|opt|min|quit\Z")
    if (
        not words
        or not all(plain.fullmatch(word) for word in words)
        or "print" not in words + ["print"] * ("align-check" in words)
    ):
        call.forbid("disk", call.shown, "disk")


def _git_config(call: Call, model: Model) -> None:
    """Git config: one name is read, a name and a value are set; a setting may name a program."""
    reading = read_arguments(call, model)
    if reading is None:
        return
    asks = reading.has("--get", "--get-all", "--get-regexp", "--get-urlmatch", "-l", "--list") or (
        reading.operands and reading.operands[0].shape in ("list", "get")
    )
    if asks or len(reading.operands) < 2:
        return
    if _GIT_NAMES.match(reading.operands[0].shape):
        call.change("git", call.shown)
    else:
        call.danger("git", call.shown, "steers")


def _ps(call: Call, model: Model) -> None:
    """ps: the letter e without a dash shows the environment of processes."""
    reading = read_arguments(call, model)
    if reading is not None and any(re.fullmatch(r"[a-zA-Z]*e[a-zA-Z]*", word.shape) for word in reading.operands):
        verbs.secret(call, (), "environment")


GRAMMARS: dict[str, Callable[[Call, Model], None]] = {
    "service": _service,
    "nginx": _nginx,
    "pg_ctl": _pg_ctl,
    "ip": _ip,
    "iptables": _iptables,
    "ufw": _ufw,
    "nft-add": _nft_add,
    "firewalld": _firewalld,
    "fail2ban": _fail2ban,
    "sysctl": _sysctl,
    "prlimit": _prlimit,
    "git-config": _git_config,
    "git-checkout": _git_checkout,
    "git-reset": _git_reset,
    "shows-one": _shows_one,
    "parted": _parted,
    "ps": _ps,
}
