"""Who takes what others need in a database: connections, locks, numbers."""

import posixpath
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import PurePosixPath

from vigie.domain.fact import Fact, Value
from vigie.reasoning.derived import made
from vigie.reasoning.facts import Facts
from vigie.reasoning.house import House, tail, text_of, value_of
from vigie.reasoning.times import Times

_CROWDED = 0.85
_MOST_OF_THEM = 0.5
_DEEP_ENOUGH = 3
_SAFE = re.compile(r"[A-Za-z0-9_.:@ -]{0,63}")
_PLAIN_NAME = re.compile(r"[a-z_][a-z0-9_$]*(\.[a-z_][a-z0-9_$]*)?")
_TAKEN = re.compile(r"unique constraint \"?(?P<name>[A-Za-z_][\w$]*)")
_NEXT = re.compile(r"nextval\('\"?(?P<name>[A-Za-z_][\w$.]*)\"?'")

_LONG_IDLE_S, _LONG_ACTIVE_S = 20.0, 60.0
_GAVE_UP = re.compile(r"lock timeout|lock wait timeout|could not obtain lock|LockNotAvailable", re.IGNORECASE)


def crowds(facts: Facts, house: House, _times: Times) -> Iterator[Fact]:
    """Yield `database.crowd`: who holds most of the connections of a server that has hardly one left."""
    for full in facts.named("database.connections"):
        ratio = value_of(full, "ratio")
        if not isinstance(ratio, int | float) or ratio < _CROWDED:
            continue
        groups: dict[tuple[str, str], list[Fact]] = defaultdict(list)
        for session in facts.about("database.session", full.subject):
            groups[(text_of(session, "user"), text_of(session, "application"))].append(session)
        total = sum(map(len, groups.values()))
        for (user, application), sessions in groups.items():
            if len(sessions) <= total * _MOST_OF_THEM or not _SAFE.fullmatch(user) or not _SAFE.fullmatch(application):
                continue
            idle = [one for one in sessions if text_of(one, "state").startswith("idle")]
            in_transaction = [one for one in idle if text_of(one, "state") != "idle"]
            value: dict[str, Value] = {
                "user": user,
                "application": application or "—",
                "count": len(sessions),
                "idle": len(idle),
                "idle_in_transaction": len(in_transaction),
                **_client(sessions, facts, house),
                "end": _end_of(user, application),
            }
            yield made("database.crowd", full.subject, value, (full, *sessions[:4]))


def _client(sessions: list[Fact], facts: Facts, house: House) -> dict[str, Value]:
    """Return the process at the other end of them, where it is the same one and can be seen."""
    ports = {value_of(session, "port") for session in sessions}
    ends = [fact for fact in facts.named("port.client") if value_of(fact, "client_port") in ports]
    pids = {value_of(fact, "pid") for fact in ends}
    if len(pids) != 1 or not ends:
        return {}
    owner = house.service_of(value_of(ends[0], "pid"))
    known: dict[str, Value] = {"pid": value_of(ends[0], "pid"), "process": value_of(ends[0], "process")}
    return known if owner is None else {**known, "service": tail(owner)}


def _end_of(user: str, application: str) -> str:
    mine = f"usename = '{user}' AND application_name = '{application}'"
    idle = "state LIKE 'idle%' AND state_change < now() - interval '5 seconds'"
    sessions = f"pg_stat_activity WHERE {mine} AND {idle} AND pid <> pg_backend_pid()"
    return f"SELECT count(pg_terminate_backend(pid)) FROM {sessions}"  # noqa: S608  # names of a plain alphabet only


def awaited(facts: Facts, house: House, times: Times) -> Iterator[Fact]:
    """Yield `lock.awaited` for each SQLite database whose users complain: a lock that nobody waits for harms nobody."""
    errors = [fact for fact in facts.named("log.error") if text_of(fact, "kind") == "locked" and times.recent(fact)]
    for database in facts.named("database.open") if errors else ():
        path = tail(database)
        for error in errors:
            if _speaks_of(error, path) or _is_of(error, database, facts, house):
                yield made("lock.awaited", database.subject, {"log": tail(error)}, (database, error))
                break


def holders(facts: Facts, _house: House, times: Times) -> Iterator[Fact]:
    """Yield `session.holds`: sessions that keep a transaction open which others wait for, or waited for in vain.

    Programs that wait for a lock only a few seconds are rarely seen waiting; that they gave up is logged, and where one session
    alone is idle in a transaction for long, it is the one.
    """
    gave_up = [fact for fact in facts.named("log.error") if _GAVE_UP.search(text_of(fact, "example")) and times.recent(fact)]
    idle = [fact for fact in facts.named("database.session") if _is_idle(fact) and _seconds(fact) > _LONG_IDLE_S]
    for fact in facts.named("database.session"):
        blocks = value_of(fact, "blocks")
        if isinstance(blocks, int) and blocks > 0 and (_is_idle(fact) or not value_of(fact, "blocked_by")):
            longest_s = _LONG_IDLE_S if _is_idle(fact) else _LONG_ACTIVE_S
            if _seconds(fact) > longest_s:
                yield made("session.holds", fact.subject, {"pid": value_of(fact, "pid"), "how": "waited"}, (fact,))
        elif gave_up and idle == [fact]:
            yield made("session.holds", fact.subject, {"pid": value_of(fact, "pid"), "how": "gave_up"}, (fact, gave_up[0]))


def _is_idle(fact: Fact) -> bool:
    return text_of(fact, "state").startswith("idle in transaction")


def _seconds(fact: Fact) -> float:
    found = value_of(fact, "transaction_s")
    return float(found) if isinstance(found, int | float) else 0.0


def _speaks_of(error: Fact, path: str) -> bool:
    told = " ".join(text_of(error, name) for name in ("message", "example", "trace"))
    return PurePosixPath(path).name in told


def _is_of(error: Fact, database: Fact, facts: Facts, house: House) -> bool:
    """Say whether the log is of a program that has the database open, names it in its settings, or lies in its folder."""
    path, log = tail(database), tail(error)
    pid = value_of(database, "pid")
    owner = house.service_of(pid)
    if pid is not None and any(value_of(fact, "pid") == pid for fact in facts.about("log.open", error.subject)):
        return True
    speakers = {service for service, _ in house.speakers(error)}
    if owner is not None and tail(owner) in speakers:
        return True
    folders = [
        text_of(fact, "folder")
        for fact in facts.named("service.definition")
        if tail(fact) in speakers and text_of(fact, "folder")
    ]
    named = any(path in str(value_of(fact, "value")) for fact in facts.named("file.setting"))
    return named or any(_near(folder, path) for folder in folders) or _near(str(PurePosixPath(log).parent), path)


def _near(folder: str, path: str) -> bool:
    """Say whether two places are of one application: the same first folders, below those that everything shares."""
    if not (folder.startswith("/") and path.startswith("/")):
        return False
    one = PurePosixPath(folder).parts
    shared = len(PurePosixPath(posixpath.commonpath((folder, path))).parts)
    if one[:2] in {("/", "home"), ("/", "var"), ("/", "usr")}:
        return shared > _DEEP_ENOUGH
    return shared >= _DEEP_ENOUGH and one[:2] != ("/", "root")


def counters(facts: Facts, _house: House, times: Times) -> Iterator[Fact]:
    """Yield `sequence.behind` for each counter whose table refuses the numbers that it gives."""
    for error in facts.named("log.error"):
        match = _TAKEN.search(text_of(error, "message")) if times.recent(error) else None
        for index in facts.named("index.state") if match is not None else ():
            database, _, name = tail(index).rpartition("/")
            columns = value_of(index, "columns")
            if match is None or name != match["name"] or not isinstance(columns, list) or len(columns) != 1:
                continue
            table, column = text_of(index, "table"), str(columns[0])
            found = _sequence_of(facts, database, table, column)
            if found is None or not all(_PLAIN_NAME.fullmatch(word) for word in (table, column, found[0])):
                continue
            sequence, place, source = found
            highest = f"(SELECT max({column}) FROM {place})"  # noqa: S608  # plain names only
            now = f"(SELECT last_value FROM {sequence})"  # noqa: S608  # plain names only
            value: dict[str, Value] = {
                "table": table,
                "column": column,
                "sequence": sequence,
                "connection": database,
                "forward": f"SELECT setval('{sequence}', greatest({highest}, {now}))",
            }
            yield made("sequence.behind", f"table:{database}/{table}", value, (error, index, source))


def _sequence_of(facts: Facts, database: str, table: str, column: str) -> tuple[str, str, Fact] | None:
    for fact in facts.about("object.state", f"database:{database}"):
        place = text_of(fact, "scope").removeprefix("TABLE ")
        if text_of(fact, "key") != column or place.rpartition(".")[2] != table or not _PLAIN_NAME.fullmatch(place):
            continue
        if text_of(fact, "what") == "identity":
            return text_of(fact, "value"), place, fact
        match = _NEXT.match(text_of(fact, "value")) if text_of(fact, "what") == "default" else None
        if match is not None:
            return match["name"], place, fact
    return None
