"""How a change is told: the subject of its fact, and what the fact says beside before and after."""

import math
import re
from collections.abc import Callable, Mapping

from vigie.domain.baseline import Change
from vigie.domain.fact import Value
from vigie.reasoning import objects

_CREATES = re.compile(r"^\s*CREATE (?:UNIQUE )?INDEX ", re.IGNORECASE)


def told(change: Change) -> tuple[str, dict[str, Value]]:
    """Return a change's subject and the fields that its fact has beside before and after."""
    return _TOLD.get(change.kind, _plain)(change)


def _plain(change: Change) -> tuple[str, dict[str, Value]]:
    return f"{_SUBJECTS.get(change.kind, change.kind)}:{change.path}", {}


_SUBJECTS = {"socket": "port", "mount": "disk", "endpoint": "url", "latency": "url", "page": "url"} | dict.fromkeys(
    ("mode", "link", "cron", "certificate", "flags", "acl"), "file"
)


def _told_file(change: Change) -> tuple[str, dict[str, Value]]:
    before, after = (value.get("sha256") if isinstance(value, dict) else None for value in (change.before, change.after))
    name = change.path.rpartition("/")[2]
    suffix = f".{name.rpartition('.')[2]}" if "." in name else ""
    told_of: dict[str, Value] = {"path": change.path, "sha256_before": before, "sha256_after": after, "suffix": suffix}
    if isinstance(change.after, dict) and change.after.get("reworded"):
        told_of["reworded"] = True
    return f"file:{change.path}", {**told_of, **_access(change.before)}


def _access(value: Value) -> dict[str, Value]:
    """Return who might do what with a file or folder that was there."""
    if not isinstance(value, dict) or not value.get("mode"):
        return {}
    return {"mode_before": value.get("mode"), "owner_before": f"{value.get('owner')}:{value.get('group')}"}


def _told_setting(change: Change) -> tuple[str, dict[str, Value]]:
    known = next((value for value in (change.before, change.after) if isinstance(value, dict)), {})
    path = change.path.partition("#")[0]
    return f"file:{path}", {"key": known.get("key"), "section": known.get("section"), "secret": known.get("secret"), "path": path}


def _told_mode(change: Change) -> tuple[str, dict[str, Value]]:
    mode_before, _, owner_before = str(change.before or "").partition(" ")
    mode_after, _, owner_after = str(change.after or "").partition(" ")
    told_of: dict[str, Value] = {
        "mode_before": mode_before,
        "owner_before": owner_before,
        "mode_after": mode_after,
        "owner_after": owner_after,
        "path": change.path,
    }
    return f"file:{change.path}", told_of


def _told_rule(change: Change) -> tuple[str, dict[str, Value]]:
    known = next((value for value in (change.before, change.after) if isinstance(value, dict)), {})
    return "host", {"text": change.path, **{"how" if name == "kind" else name: value for name, value in known.items()}}


# What limits of the kernel are about; the others by the last word of their name.
_LIMITS: Mapping[str, str] = {"ip_local_port_range": "ports", "somaxconn": "backlog", "tcp_max_syn_backlog": "backlog"}


def _told_sysctl(change: Change) -> tuple[str, dict[str, Value]]:
    key = change.path.partition("#")[2]
    name = key.rpartition(".")[2]
    return "host", {"key": key, "thing": _LIMITS.get(name, name), "area": "network" if key.startswith("net.") else "host"}


def _told_account(change: Change) -> tuple[str, dict[str, Value]]:
    sides = [value if isinstance(value, dict) else {} for value in (change.before, change.after)]
    told_of: dict[str, Value] = {"user": change.path}
    for name in ("locked", "expires", "shell"):
        before, after = (side.get(name) for side in sides)
        if before != after:
            told_of |= {"what": name, "former": before, "present": after}
    return f"user:{change.path}", told_of


def _told_limit(change: Change) -> tuple[str, dict[str, Value]]:
    folder, _, key = change.path.partition("#")
    what = key.partition(".")[0]
    before, after = (_amount(value) for value in (change.before, change.after))
    told_of: dict[str, Value] = {"key": key, "folder": folder, "what": what, "file": f"{folder}/{key}", "lowered": after < before}
    return f"group:{folder}", told_of


def _amount(value: Value) -> float:
    """Return a limit as a number; none at all is the highest."""
    words = str(value or "").split()
    return float(words[0]) if words and words[0].isdigit() else math.inf


def _told_interface(change: Change) -> tuple[str, dict[str, Value]]:
    before, after = (value if isinstance(value, dict) else {} for value in (change.before, change.after))
    lost = [str(one) for one in listed(before.get("addresses")) if one not in listed(after.get("addresses"))]
    fell = before.get("up") is True and after.get("up") is False
    return f"link:{change.path}", {"link": change.path, "lost": lost[0] if lost else None, "fell": fell}


def _told_index(change: Change) -> tuple[str, dict[str, Value]]:
    known = next((value for value in (change.before, change.after) if isinstance(value, dict)), {})
    database, _, index = change.path.rpartition("/")
    columns = [str(column) for column in listed(known.get("columns"))]
    told_of: dict[str, Value] = {
        "database": database,
        "index": index,
        "table": known.get("table"),
        "columns": [*columns],
        "columns_text": ", ".join(columns),
        "unique": known.get("unique"),
        "sql": known.get("sql"),
        "sql_online": _online(known.get("sql")) if "dbname=" in database else None,
    }
    return f"index:{change.path}", told_of


def _online(sql: Value) -> Value:
    """Return the statement that makes an index while others write."""
    return _CREATES.sub(r"\g<0>CONCURRENTLY ", str(sql), count=1) if sql else None


def _told_table(change: Change) -> tuple[str, dict[str, Value]]:
    database, _, table = change.path.rpartition("/")
    return f"table:{change.path}", {"database": database, "table": table}


def _named(subject: str, field: str) -> Callable[[Change], tuple[str, dict[str, Value]]]:
    return lambda change: (f"{subject}:{change.path}", {field: change.path})


def _told_key(subject: str) -> Callable[[Change], tuple[str, dict[str, Value]]]:
    def told_of(change: Change) -> tuple[str, dict[str, Value]]:
        owner, _, key = change.path.rpartition("#")
        return (f"{subject}:{owner}" if subject else owner), {"key": key}

    return told_of


_TOLD: Mapping[str, Callable[[Change], tuple[str, dict[str, Value]]]] = {
    "file": _told_file,
    "setting": _told_setting,
    "mode": _told_mode,
    "index": _told_index,
    "table": _told_table,
    "link": _named("file", "path"),
    "folder": lambda change: (f"folder:{change.path}", {"folder": change.path, **_access(change.before)}),
    "flags": _named("file", "path"),
    "acl": _named("file", "path"),
    "cron": _named("file", "path"),
    "certificate": _named("file", "path"),
    "service": _named("service", "service"),
    "account": _told_account,
    "limit": _told_limit,
    "shaping": lambda change: (f"link:{change.path.partition('#')[0]}", {"link": change.path.partition("#")[0]}),
    "interface": _told_interface,
    "socket": _named("port", "port"),
    "mount": _named("disk", "mount"),
    "endpoint": _named("url", "url"),
    "latency": _named("url", "url"),
    "page": _named("url", "url"),
    "database_setting": _told_key("database"),
    "object": lambda change: (change.path.partition("#")[0], objects.told(change.before, change.after)),
    "sysctl": _told_sysctl,
    "route": _told_rule,
    "firewall": _told_rule,
}


def listed(value: Value) -> list[Value]:
    """Return a list, empty where the value is none."""
    return value if isinstance(value, list) else []
