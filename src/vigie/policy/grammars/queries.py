"""Clients of databases: the SQL they are given, on the line, on standard input or in a file."""

import re
from collections.abc import Callable, Sequence

from vigie.policy import redis, sql, verbs
from vigie.policy.call import Call
from vigie.policy.models import Model
from vigie.policy.programs import read_arguments
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


_JS_READS = re.compile(
    r"(find|findOne|count|countDocuments|estimatedDocumentCount|distinct|stats|getIndexes|explain|aggregate|"
    r"serverStatus|currentOp|limit|sort|skip|project|pretty|toArray|hint|status|conf|printReplicationInfo|"
    r"printSecondaryReplicationInfo|isMaster|hello|getCollection|getCollectionNames|getCollectionInfos|getMongo|"
    r"getName|getSiblingDB|version|dataSize|totalSize|storageSize|totalIndexSize|buildInfo|hostInfo|ping|"
    r"getProfilingStatus|length|forEach|map|keys|match)\Z"
)
_JS_PLAIN = re.compile(r"(ObjectId|ISODate|print|printjson|tojson|Date|NumberLong|NumberInt|ping)\Z")


def _mongo(call: Call, model: Model) -> None:
    """Mongosh: JavaScript that only asks, or anything else."""
    reading = read_arguments(call, model)
    if reading is None:
        return
    texts = reading.values_of("--eval")
    scripts = [word for word in reading.operands if word.shape.endswith(".js")] + reading.values_of("-f", "--file")
    if not texts or scripts or not all(_js_only_asks(word) for word in texts):
        verbs.opaque(call, call.args, "")


def _js_only_asks(word: Word) -> bool:
    text = word.value
    if text is None or re.search(
        r"=>|\bfunction\b|\beval\b|\$(where|out|merge|function|accumulator)\b|\bload\b|\[[^\]\d]|require|import|process|`|[^=!<>]=(?!=)|\\",
        text,
    ):
        return False
    methods = re.findall(r"\.\s*(\w+)\s*\(", text)
    plain = re.findall(r"(?<![\w.])(\w+)\s*\(", text)
    admin = re.findall(r"adminCommand\(\s*\{?\s*['\"]?(\w+)", text)
    allowed = ("adminCommand",) if admin and all(_JS_READS.match(name) for name in admin) else ()
    return all(_JS_READS.match(name) or name in allowed for name in methods) and all(_JS_PLAIN.match(name) for name in plain)


_REMOTE_TABLES = re.compile(
    r"\b(file|url|remote\w*|s3\w*|executable|mysql|postgresql|hdfs|input|jdbc|odbc|mongodb|redis|sqlite)\s*\(", re.IGNORECASE
)


def _clickhouse(call: Call, model: Model) -> None:
    reading = read_arguments(call, model)
    if reading is None:
        return
    texts = reading.values_of("-q", "--query")
    if any(_REMOTE_TABLES.search(word.shape) for word in texts):
        call.danger("sql", call.shown, "sql_write")
    _texts(call, texts, "mysql", elsewhere=False)


def _influx(call: Call, model: Model) -> None:
    reading = read_arguments(call, model)
    if reading is None:
        return
    _texts(call, reading.values_of("-execute"), "postgres", elsewhere=False)


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


GRAMMARS: dict[str, Callable[[Call, Model], None]] = {
    "psql": _psql,
    "mysql": _mysql,
    "sqlite": _sqlite,
    "redis": _redis,
    "mongo": _mongo,
    "clickhouse": _clickhouse,
    "influx": _influx,
}
