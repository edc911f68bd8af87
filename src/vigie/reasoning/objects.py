"""What a server was told and can be told again: settings, rights, limits. Which of it explains what programs complain of.

An `object.state` carries `make`, what puts it so, and `unmake`, what makes it as if nobody had ever set it; a change of it can
so be taken back whatever it is. Something is blamed when it was changed since the host was well or is hostile in itself, and
what is logged is what such a thing brings about.
"""

import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from vigie.domain.fact import Fact, Value
from vigie.reasoning.derived import made
from vigie.reasoning.facts import Facts
from vigie.reasoning.house import House, tail, text_of, value_of
from vigie.reasoning.times import Times

_SHORT_MS = 1000
_NEVER_SO_DEAR = 40.0
_SPAN = re.compile(r"(\d+)\s*(ms|s|min)?")
_TIMES_MS = {None: 1, "ms": 1, "s": 1000, "min": 60_000}
_OF_ROLE = re.compile(r"ROLE (?P<role>[^ ]+)(?: IN DATABASE (?P<database>\S+))?|DATABASE (?P<only>\S+)")
_RIGHTS = frozenset({"grant", "member"})
_SLOWNESS = ("log.slow_query", "log.slow_request", "change.latency")
_SETTINGS = frozenset({"setting", "option"})


@dataclass(frozen=True, slots=True)
class Effect:
    """What such an object brings about: `key` and `what` say which, `says` what is logged then; empty: only slowness.

    `hostile` tells of a value alone that it would do that; None: only its being another than before can. `failure` is the word
    of the label.
    """

    failure: str
    key: re.Pattern[str]
    says: re.Pattern[str] | None
    what: frozenset[str]
    hostile: Callable[[str], bool] | None


def _is_on(value: str) -> bool:
    return value.lower() in {"on", "true", "yes", "1", "t"}


def _is_off(value: str) -> bool:
    return value.lower() in {"off", "false", "no", "0", "f"}


def _is_short(value: str) -> bool:
    match = _SPAN.fullmatch(value.strip())
    return match is not None and 0 < int(match[1]) * _TIMES_MS[match[2]] < _SHORT_MS


def _is_absurd(value: str) -> bool:
    """A cost that makes the planner avoid an index at any price; the usual ones are below five."""
    return re.fullmatch(r"\d{2,}(\.\d+)?", value) is not None and float(value) >= _NEVER_SO_DEAR


def _is_zero(value: str) -> bool:
    return value == "0"


def _effect(
    failure: str, key: str, says: str = "", *, what: frozenset[str] = _SETTINGS, hostile: Callable[[str], bool] | None = None
) -> Effect:
    return Effect(failure, re.compile(key), re.compile(says, re.IGNORECASE) if says else None, what, hostile)


# What servers of several makers call these things, and what programs log then; first match wins.
_EFFECTS: tuple[Effect, ...] = (
    _effect("read_only", r"(transaction|super|innodb|^)_?read_only$", r"read.only transaction|read.only option", hostile=_is_on),
    _effect("read_only", r"^(replicaof|slaveof)$", r"READONLY|read only replica"),
    _effect("replicas", r"^min-(replicas|slaves)-to-write$", r"NOREPLICAS"),
    _effect("memory_limit", r"^maxmemory(-policy)?$", r"OOM command not allowed|maxmemory|out of memory storing object"),
    _effect("persistence", r"^(dir|dbfilename|appenddirname)$", r"MISCONF|unable to persist|bgsave|opening the temp RDB"),
    _effect(
        "timeout",
        r"^statement_timeout$|^max_(execution|statement)_time$",
        r"statement timeout|execution time exceeded|max_statement_time",
        hostile=_is_short,
    ),
    _effect("timeout", r"^lock_timeout$|^innodb_lock_wait_timeout$", r"lock (wait )?timeout", hostile=_is_short),
    _effect(
        "timeout",
        r"^(idle_in_transaction_session_timeout|idle_session_timeout|wait_timeout|interactive_timeout|timeout)$",
        r"idle.in.transaction timeout|idle.session timeout|server has gone away|connection (was |unexpectedly )?(closed|reset)",
        hostile=_is_short,
    ),
    _effect(
        "connection_limit",
        r"^(max_connections|maxclients|max_user_connections|superuser_reserved_connections)$",
        r"too many (connections|clients)|remaining connection slots|max number of clients",
    ),
    _effect(
        "connection_limit",
        r"^connection_limit$",
        r"too many connections for (role|database)",
        what=frozenset({"limit"}),
        hostile=_is_zero,
    ),
    _effect("login", r"", r"is not permitted to log in", what=frozenset({"login"}), hostile=_is_off),
    _effect("expired", r"", r"password authentication failed|password has expired", what=frozenset({"expiry"})),
    _effect("closed", r"", r"not currently accepting connections", what=frozenset({"open"}), hostile=_is_off),
    _effect("grant", r"", r"permission denied for|command denied to user|NOPERM", what=_RIGHTS, hostile=bool),
    _effect("search_path", r"^search_path$", r"(relation|schema) \S+ does not exist|UndefinedTable"),
    _effect("default", r"", r"violates not-null constraint|null value in column", what=frozenset({"default"})),
    _effect("sequence", r"", r"reached maximum value of sequence", what=frozenset({"sequence"})),
    _effect("password", r"^requirepass$", r"NOAUTH|WRONGPASS|without any password configured|invalid password"),
    _effect("planner", r"^enable_\w+$", hostile=_is_off),
    _effect("planner", r"^((random|seq)_page|cpu_(index_)?tuple|cpu_operator)_cost$", hostile=_is_absurd),
    _effect(
        "planner",
        r"_cost$|_collapse_limit$|^(work_mem|effective_cache_size|jit|default_statistics_target|innodb_buffer_pool_size)$",
    ),
    _effect("autovacuum", r"^autovacuum", hostile=_is_off),
)


def place(value: Mapping[str, Value]) -> str:
    """Return what tells an object from the others of its server."""
    return " ".join(str(value.get(name) or "") for name in ("what", "scope", "key"))


def differs(before: Value, after: Value) -> bool:
    """Say whether something was lost or set otherwise; a right that came is no loss."""
    if not isinstance(before, dict) or not isinstance(after, dict):
        return before != after
    if before.get("what") in _RIGHTS:
        return bool(_parts(before) - _parts(after))
    return before.get("value") != after.get("value")


def told(before: Value, after: Value) -> dict[str, Value]:
    """Return the fields of a change: what it is, `restore` to put it back, `undo` to take that back, its present value."""
    former, present = _mapping(before), _mapping(after)
    known = former or present
    named: dict[str, Value] = {name: known.get(name) for name in ("what", "key", "scope", "engine", "restart")}
    return {
        **named,
        "restore": former.get("make") or present.get("unmake") or "",
        "undo": _undo(known, former, present),
        "wrong": str(present.get("value") or ""),
    }


def _undo(known: Mapping[str, Value], former: Mapping[str, Value], present: Mapping[str, Value]) -> str:
    """Return what makes it again as it is now; a right is not taken back by granting fewer."""
    again = str(present.get("make") or former.get("unmake") or "")
    role = str(known.get("scope")).removeprefix("ROLE ")
    if known.get("what") == "grant":
        return f"REVOKE ALL ON {known.get('key')} FROM {role}" + (f"; {again}" if present else "")
    return f"REVOKE {known.get('key')} FROM {role}" if known.get("what") == "member" else again


def blamed(facts: Facts, _house: House, times: Times) -> Iterator[Fact]:
    """Yield `object.blamed` for what explains what is logged, the changed ones first.

    Things of one server that would bring about the same are blamed, and put back, together.
    """
    together: dict[tuple[str, str], list[tuple[dict[str, Value], list[Fact]]]] = defaultdict(list)
    for subject, value, sources in _each(facts, times):
        together[(subject, str(value["failure"]))].append((value, sources))
    for (subject, _), found in together.items():
        same = [one for one in found if one[0]["how"] == found[0][0]["how"]]
        value = {**same[0][0], **_all_of([one for one, _ in same])}
        yield made("object.blamed", subject, value, [fact for _, sources in same for fact in sources])


def _all_of(values: list[dict[str, Value]]) -> dict[str, Value]:
    """Return what puts all of them back: as one list of commands, or as statements that may stand in one transaction."""
    first = values[0]
    if first["engine"] == "redis":
        lists = {name: [json.loads(str(value[name])) for value in values if value[name]] for name in ("restore", "undo")}
        return {name: json.dumps(commands) for name, commands in lists.items()}
    joined = values if first["scope"] != "SYSTEM" else values[:1]
    alike = [value for value in joined if value["scope"] != "SYSTEM" and value["then"] == first["then"]] or joined
    return {name: "; ".join(str(value[name]) for value in alike if value[name]) for name in ("restore", "undo")}


def _each(facts: Facts, times: Times) -> Iterator[tuple[str, dict[str, Value], list[Fact]]]:
    """Yield each object that is to blame, by itself, with the facts that say so."""
    logged = [fact for fact in facts.named("log.error") if times.recent(fact)]
    slow = [fact for name in _SLOWNESS for fact in facts.named(name) if times.recent(fact)]
    changed = facts.named("change.object")
    done = {(fact.subject, place(_mapping(fact.value))) for fact in changed}
    for fact in changed:
        if value_of(fact, "what") not in _RIGHTS or value_of(fact, "before") is not None:
            yield from _blamed(fact, "changed", _mapping(fact.value), logged, slow)
    for fact in facts.named("object.state"):
        value = _mapping(fact.value)
        if (fact.subject, place(value)) in done:
            continue
        filed = value.get("filed")
        if filed is not None and filed != value.get("value"):
            former: Value = {**value, "make": value.get("refile")}
            yield from _blamed(fact, "drifted", {**value, **told(former, fact.value)}, logged, slow)
        elif value.get("unmake"):
            yield from _blamed(fact, "hostile", {**value, **told(None, fact.value)}, logged, slow)


def _blamed(
    fact: Fact, how: str, state: Mapping[str, Value], logged: list[Fact], slow: list[Fact]
) -> Iterator[tuple[str, dict[str, Value], list[Fact]]]:
    effect = next((one for one in _EFFECTS if state.get("what") in one.what and one.key.search(str(state.get("key")))), None)
    if effect is None or not state.get("restore"):
        return
    if how == "hostile" and (effect.hostile is None or not effect.hostile(str(state.get("value")))):
        return
    if effect.says is None:
        shown = [query for query in slow if _is_of(query, str(state.get("scope")))]
    else:
        shown = [error for error in logged if _concerns(error, effect.says, state)]
    if not shown:
        return
    names = ("what", "key", "scope", "engine", "restart", "undo", "restore", "wrong")
    value: dict[str, Value] = {
        **{name: state.get(name) for name in names},
        "failure": effect.failure,
        "role": "cache" if state.get("engine") == "redis" else "db",
        "thing": "config" if state.get("what") in _SETTINGS else "auth",
        "how": how,
        "says": text_of(shown[0], "message") or text_of(shown[0], "statement") or tail(shown[0]),
        "log": tail(shown[0]),
        "then": _then(str(state.get("what")), str(state.get("scope"))),
    }
    yield fact.subject, value, [fact, *shown[:3]]


def _concerns(error: Fact, says: re.Pattern[str], state: Mapping[str, Value]) -> bool:
    """Say whether a complaint is of this kind and, where it names what it is about, about this object."""
    text = " ".join(text_of(error, name) for name in ("message", "example"))
    if not says.search(text):
        return False
    if state.get("what") == "grant":
        thing = re.split(r"[ .]", str(state.get("key")))[-1]
        return re.search(rf"\b{re.escape(thing)}\b", text) is not None
    named = re.search(r"(?:role|database|user) \"([^\"]+)\"", text)
    mine = _OF_ROLE.fullmatch(str(state.get("scope")))
    return named is None or mine is None or named[1] in {mine["role"], mine["database"], mine["only"]}


def _is_of(query: Fact, scope: str) -> bool:
    """Say whether what is slow may be so for what was told of a table, or of everything."""
    kind, _, table = scope.partition(" ")
    return kind != "TABLE" or text_of(query, "table").rpartition(".")[2] == table.rpartition(".")[2]


def _then(what: str, scope: str) -> str:
    """Return what makes it felt: settings are read again, idle sessions with the old ones end, or a table is tidied."""
    mine = _OF_ROLE.fullmatch(scope)
    if what == "option":
        return f"VACUUM (ANALYZE) {scope.removeprefix('TABLE ')}"
    if mine is None:
        return "SELECT pg_reload_conf()"
    ends = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE state = 'idle' AND pid <> pg_backend_pid()"
    owners = (("usename", mine["role"]), ("datname", mine["database"] or mine["only"]))
    return ends + "".join(f" AND quote_ident({column}) = '{name}'" for column, name in owners if name and "'" not in name)


def _parts(value: Mapping[str, Value]) -> frozenset[str]:
    return frozenset(str(value.get("value") or "").split(", "))


def _mapping(value: Value) -> Mapping[str, Value]:
    return value if isinstance(value, dict) else {}
