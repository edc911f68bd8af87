"""Clients of databases: the SQL they are given, on the line, on standard input or in a file."""

from collections.abc import Callable, Sequence

from vigie.policy import redis, sql, verbs
from vigie.policy.call import Call
from vigie.policy.programs import Model, read_arguments
from vigie.policy.words import Word


def _psql(call: Call, model: Model) -> None:
    reading = read_arguments(call, model)
    if reading is None:
        return
    texts = reading.values_of("-c", "--command")
    _texts(call, texts, "postgres", elsewhere=reading.has("-f", "--file", "-l", "--list"))


def _mysql(call: Call, model: Model) -> None:
    reading = read_arguments(call, model)
    if reading is None:
        return
    _texts(call, reading.values_of("-e", "--execute"), "mysql", elsewhere=False)


def _sqlite(call: Call, model: Model) -> None:
    reading = read_arguments(call, model)
    if reading is None:
        return
    verbs.read(call, reading.operands[:1], "")
    _texts(call, [*reading.values_of("-cmd"), *reading.operands[1:]], "sqlite", elsewhere=False)


def _texts(call: Call, texts: Sequence[Word], dialect: str, *, elsewhere: bool) -> None:
    for word in texts:
        sql.judge(call, word, dialect)
    if not texts and not elsewhere:
        verbs.sql_stdin(call, (), dialect)


def _redis(call: Call, model: Model) -> None:
    reading = read_arguments(call, model)
    if reading is None:
        return
    if reading.has("--scan", "--bigkeys", "--memkeys", "--hotkeys", "--stat", "--latency", "--latency-history", "--latency-dist"):
        return
    redis.judge(call, reading.operands)


GRAMMARS: dict[str, Callable[[Call, Model], None]] = {"psql": _psql, "mysql": _mysql, "sqlite": _sqlite, "redis": _redis}
