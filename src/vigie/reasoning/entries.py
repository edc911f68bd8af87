"""Which facts a baseline keeps, by kind, and what may differ without being a change."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from vigie.domain.fact import Fact, Value
from vigie.reasoning import objects
from vigie.reasoning.settings import is_settings, settings
from vigie.reasoning.tellings import listed

# What an application is made of; anything else in its folders may be its data, and data changes.
_PROGRAM = re.compile(
    r"\.(py|pyi|js|mjs|cjs|ts|jsx|tsx|php|rb|pl|pm|sh|bash|lua|go|java|jar|war|so|conf|ini|cfg|cnf|env|service|timer|socket|target|toml|"
    r"yaml|yml|properties|sql|html?|css|tmpl|j2|erb|twig|crt|pem|cer|key|pub|rules|list|sources|repo|lock)$|(^|/)(Procfile|Dockerfile|"
    r"Makefile|Gemfile|VERSION|\.env[^/]*|run|finish|crontab)$"
)
_SETTLED = re.compile(r"(^|/)(etc|conf|config|conf\.d|cron\.d|cron|systemd|bin|sbin|init\.d|sites-enabled|sites-available)(/|$)")
# That data is gone is told once it has lain still for this long; that it is other than it was, once for this long.
_SETTLED_AFTER = timedelta(hours=1)
_STILL_AFTER = timedelta(days=1)
_LATENCY_TIMES, _LATENCY_MIN_S = 5.0, 0.2
_SETTING_MAX = 500
GONE_WITH_THEIR_SOURCE = frozenset({"setting", "mode", "flags", "acl"})
_BRIEF = 12
_ANSWERED = 200
_TITLE = re.compile(r"<(title|h1)\b[^>]*>(.*?)</\1>", re.IGNORECASE | re.DOTALL)
_SERVER_ERROR = 500
_REFUSED = frozenset({401, 403, 404, 410})


@dataclass(frozen=True, slots=True)
class Recorded:
    """One thing as it is now; `at`: since when, where that is known; `data`: it may well come and go."""

    kind: str
    path: str
    value: Value
    at: datetime | None = None
    data: bool = False


def recorded(
    facts: Sequence[Fact], bodies: Mapping[str, bytes], taken_at: datetime, *, fresh: bool = False
) -> Iterator[Recorded]:
    """Yield what of the facts belongs into a baseline, each (kind, path) once.

    Args:
        facts: what was read.
        bodies: contents of files by path, for their settings.
        taken_at: when the baseline was taken, for telling what had settled by then.
        fresh: the facts are read to be compared; whatever was not recorded then is left to `diff`.
    """
    done: set[tuple[str, str]] = set()
    for item in _all(facts, bodies, taken_at, fresh):
        if (item.kind, item.path) not in done:
            done.add((item.kind, item.path))
            yield item


def looked_at(facts: Sequence[Fact]) -> frozenset[str]:
    """Return the kinds that the facts could show: those whose probe was read."""
    ran = {fact.subject.removeprefix("probe:") for fact in facts if fact.name == "probe.ran"}
    kinds = {kind for probe in ran for kind in _SHOWN_BY.get(probe, ())}
    return frozenset(kinds)


def differs(kind: str, before: Value, after: Value) -> bool:
    """Say whether a difference is one that somebody should know of."""
    if kind == "latency":
        slow, usual = _number(after), _number(before)
        return slow > _LATENCY_TIMES * usual and slow > usual + _LATENCY_MIN_S
    if kind == "endpoint":
        return _goodness(before) != _goodness(after)
    if kind == "file" and isinstance(before, dict) and isinstance(after, dict):
        return bool(before.get("sha256")) and bool(after.get("sha256")) and before.get("sha256") != after.get("sha256")
    if kind == "service":
        return _steady(before) != _steady(after)
    if kind == "object":
        return objects.differs(before, after)
    if kind == "page":
        return bool(before) and bool(after) and before != after
    if kind in {"firewall", "route"}:
        return False  # it is there or not; where it stands is only kept for putting it back
    return before != after


def source_of(kind: str, path: str) -> str:
    """Return the file that an entry was read from: that of a setting stands before the `#`."""
    return path.partition("#")[0] if kind == "setting" else path


def shown(kind: str, value: Value) -> Value:
    """Return a value as a person reads it in a change."""
    if not isinstance(value, dict):
        return value
    if kind == "file":
        return str(value.get("sha256") or "")[:_BRIEF]
    if kind == "index":
        return value.get("sql") or ", ".join(str(column) for column in listed(value.get("columns")))
    if kind in {"setting", "object"}:
        return value.get("value")
    if kind in {"firewall", "route"}:
        return value.get("spec") or value.get("text")
    return value


def _all(facts: Sequence[Fact], bodies: Mapping[str, bytes], taken_at: datetime, fresh: bool) -> Iterator[Recorded]:
    files: dict[str, datetime | None] = {}
    for fact in facts:
        if fact.name == "file.state" and isinstance(fact.value, dict):
            path, at = fact.subject.removeprefix("file:"), _instant(fact.value.get("at"))
            stays = _is_made_to_stay(path, fact.value)
            if not (stays or fresh or _lies_still(at, taken_at, _SETTLED_AFTER)):
                continue
            still = stays or fresh or _lies_still(at, taken_at, _STILL_AFTER)
            if still:
                files[path] = at
            for item in _file(path, fact.value, still=still):
                yield item if stays else replace(item, data=True)
        elif fact.name == "cron.entry":
            continue
        else:
            yield from _KEPT.get(fact.name, _nothing)(fact)
    yield from _crontabs(facts)
    for path, body in bodies.items():
        if path in files and is_settings(path):
            yield from _settings(path, body, files[path])


def _is_made_to_stay(path: str, value: Mapping[str, Value]) -> bool:
    """Say whether a file is a program or its configuration, rather than data that comes and goes."""
    if value.get("kind") in {"link", "folder"} or _PROGRAM.search(path) or _SETTLED.search(path):
        return True
    return int(str(value.get("mode", "0")), 8) & 0o111 != 0


def _lies_still(at: datetime | None, taken_at: datetime, for_long: timedelta) -> bool:
    return at is not None and at <= taken_at - for_long


def _file(path: str, value: Mapping[str, Value], *, still: bool) -> Iterator[Recorded]:
    at, changed = _instant(value.get("at")), value.get("changed")
    since = datetime.fromtimestamp(float(changed), UTC) if isinstance(changed, int | float) else None
    if value.get("kind") == "link":
        yield Recorded("link", path, value.get("target"), at)
        return
    if value.get("kind") == "folder":
        yield Recorded("folder", path, {name: value.get(name) for name in ("mode", "owner", "group")})
    else:
        kept = {name: value.get(name) for name in ("sha256", "bytes", "mode", "owner", "group")}
        yield Recorded("file", path, kept if still else {**kept, "sha256": ""}, at)
    yield Recorded("mode", path, f"{value.get('mode')} {value.get('owner')}:{value.get('group')}", since)
    if value.get("flags"):
        yield Recorded("flags", path, value.get("flags"), since)
    if value.get("acl"):
        yield Recorded("acl", path, value.get("acl"), since)


def _settings(path: str, body: bytes, at: datetime | None) -> Iterator[Recorded]:
    for setting in settings(body.decode("utf-8", "replace"), path):
        place = ".".join(part for part in (setting.section, setting.key) if part)
        value: Value = {
            "key": setting.key,
            "section": setting.section,
            "value": setting.value[:_SETTING_MAX],
            "secret": setting.secret,
        }
        yield Recorded("setting", f"{path}#{place}", value, at)


def _crontabs(facts: Sequence[Fact]) -> Iterator[Recorded]:
    tabs: dict[str, list[Value]] = {}
    for fact in facts:
        if fact.name == "cron.entry" and isinstance(fact.value, dict):
            line = " ".join(str(fact.value.get(part, "")) for part in ("schedule", "user", "command"))
            tabs.setdefault(fact.subject.removeprefix("file:"), []).append(" ".join(line.split()))
    for path, lines in tabs.items():
        yield Recorded("cron", path, sorted(lines, key=str))


def _nothing(_fact: Fact) -> Iterator[Recorded]:
    return iter(())


def _one(kind: str, value: Callable[[Fact], Value]) -> Callable[[Fact], Iterator[Recorded]]:
    def kept(fact: Fact) -> Iterator[Recorded]:
        yield Recorded(kind, fact.subject.partition(":")[2] or fact.subject, value(fact))

    return kept


def _fields(*names: str) -> Callable[[Fact], Value]:
    return lambda fact: {name: fact.value.get(name) for name in names} if isinstance(fact.value, dict) else None


def _field(name: str) -> Callable[[Fact], Value]:
    return lambda fact: fact.value.get(name) if isinstance(fact.value, dict) else None


def _keyed(kind: str) -> Callable[[Fact], Iterator[Recorded]]:
    def kept(fact: Fact) -> Iterator[Recorded]:
        if isinstance(fact.value, dict):
            yield Recorded(
                kind, f"{fact.subject.partition(':')[2] or fact.subject}#{fact.value.get('key')}", fact.value.get("value")
            )

    return kept


def _by_text(kind: str) -> Callable[[Fact], Iterator[Recorded]]:
    def kept(fact: Fact) -> Iterator[Recorded]:
        # That a chain lets everything through is told by nothing where no rule was ever set, and by a line where one was.
        if isinstance(fact.value, dict) and not str(fact.value.get("text")).endswith(" policy ACCEPT"):
            yield Recorded(kind, str(fact.value.get("text")), fact.value)

    return kept


def _page(fact: Fact) -> Iterator[Recorded]:
    """What a page says that it is: its title, else its first heading, without numbers that come and go."""
    if isinstance(fact.value, dict) and fact.value.get("status") == _ANSWERED:
        found = _TITLE.search(str(fact.value.get("body") or ""))
        if found is not None:
            words = re.sub(r"<[^>]*>|\d+", " ", found.group(2))
            yield Recorded("page", fact.subject.partition(":")[2], " ".join(words.split())[:_SETTING_MAX])


def _shaping(fact: Fact) -> Iterator[Recorded]:
    """What slows a link down on purpose; the queues that every link has are no such thing."""
    if isinstance(fact.value, dict) and fact.value.get("slows"):
        yield Recorded("shaping", f"{fact.subject.partition(':')[2]}#{fact.value.get('parent')}", fact.value.get("text"))


def _mount(fact: Fact) -> Value:
    value = fact.value if isinstance(fact.value, dict) else {}
    return f"{value.get('source')} {value.get('type')} {'ro' if value.get('read_only') else 'rw'}"


def _owner(fact: Fact) -> Value:
    return str(fact.value) if fact.value is not None else ""


def _objects(fact: Fact) -> Iterator[Recorded]:
    if isinstance(fact.value, dict):
        yield Recorded("object", f"{fact.subject}#{objects.place(fact.value)}", {**fact.value})


_KEPT: Mapping[str, Callable[[Fact], Iterator[Recorded]]] = {
    "service.state": _one("service", _field("state")),
    "port.owner": _one("socket", _owner),
    "disk.state": _one("mount", _mount),
    "host.name_entry": _one("name", _field("address")),
    "user.state": _one("user", _fields("uid", "gid", "home", "shell")),
    "package.state": _one("package", lambda fact: fact.value),
    "certificate.state": _one("certificate", _field("expires_at")),
    "index.state": _one("index", _fields("table", "columns", "unique", "sql")),
    "table.state": _one("table", _field("columns")),
    "endpoint.status": _one("endpoint", lambda fact: fact.value),
    "endpoint.answer": _page,
    # The best of several: a busy moment slows some of them, a fault all.
    "endpoint.latency": _one("latency", _field("best_s")),
    "database.setting": _keyed("database_setting"),
    "object.state": _objects,
    "host.sysctl": _keyed("sysctl"),
    "host.route": _by_text("route"),
    "firewall.rule": _by_text("firewall"),
    "link.state": _one("interface", _fields("up", "addresses")),
    "link.shaping": _shaping,
    "group.limit": _keyed("limit"),
    "account.state": _one("account", _fields("locked", "expires", "shell")),
}
_SHOWN_BY: Mapping[str, tuple[str, ...]] = {
    "files.state": ("file", "mode", "link", "folder", "flags", "acl"),
    "files.contents": ("setting",),
    "services": ("service",),
    "ports": ("socket",),
    "mounts": ("mount",),
    "host.names": ("name",),
    "users": ("user",),
    "packages": ("package",),
    "certificates": ("certificate",),
    "sqlite.schema": ("index", "table"),
    "postgres.indexes": ("index",),
    "postgres.tables": ("table",),
    "postgres.settings": ("database_setting",),
    "postgres.objects": ("object",),
    "postgres.server_objects": ("object",),
    "redis.settings": ("object",),
    "endpoint.check": ("endpoint", "page"),
    "endpoint.latency": ("latency",),
    "endpoint.pages": ("latency",),
    "host.sysctl": ("sysctl",),
    "network.routes": ("route",),
    "firewall": ("firewall",),
    "network.links": ("interface",),
    "network.shaping": ("shaping",),
    "groups": ("limit",),
    "accounts": ("account",),
    "cron": ("cron",),
}


def _goodness(status: Value) -> str:
    code = status if isinstance(status, int) else 0
    if not code:
        return "none"
    return "failed" if code >= _SERVER_ERROR else "refused" if code in _REFUSED else "answered"


def _steady(state: Value) -> Value:
    return "running" if state in {"running", "starting"} else state


def _number(value: Value) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


def _instant(value: Value) -> datetime | None:
    try:
        return datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
