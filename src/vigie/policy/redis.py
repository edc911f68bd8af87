"""What one command of Redis does."""

from collections.abc import Sequence

from vigie.policy.call import Call
from vigie.policy.words import Word

_READS = frozenset(
    [
        "ping",
        "echo",
        "info",
        "get",
        "mget",
        "getrange",
        "substr",
        "strlen",
        "exists",
        "type",
        "ttl",
        "pttl",
        "expiretime",
        "pexpiretime",
        "keys",
        "scan",
        "dbsize",
        "randomkey",
        "dump",
        "object",
        "llen",
        "lrange",
        "lindex",
        "lpos",
        "hget",
        "hmget",
        "hgetall",
        "hkeys",
        "hvals",
        "hlen",
        "hexists",
        "hstrlen",
        "hscan",
        "hrandfield",
        "smembers",
        "scard",
        "sismember",
        "smismember",
        "srandmember",
        "sscan",
        "sinter",
        "sunion",
        "sdiff",
        "zrange",
        "zrangebyscore",
        "zrevrange",
        "zrevrangebyscore",
        "zrangebylex",
        "zscore",
        "zmscore",
        "zcard",
        "zcount",
        "zrank",
        "zrevrank",
        "zscan",
        "xlen",
        "xrange",
        "xrevrange",
        "xinfo",
        "xpending",
        "bitcount",
        "getbit",
        "pfcount",
        "time",
        "lastsave",
        "role",
        "command",
        "lolwut",
        "latency",
        "memory",
        "slowlog",
        "client",
        "config",
        "acl",
        "cluster",
        "module",
        "function",
        "script",
        "pubsub",
        "replicaof",
        "select",
        "auth",
        "quit",
        "wait",
        "geopos",
        "geodist",
        "geosearch",
    ]
)
_ENDLESS = frozenset(("monitor", "subscribe", "psubscribe", "ssubscribe"))
# Of these only the named sub-commands read.
_PARTS = {
    "config": frozenset(("get",)),
    "client": frozenset(("list", "info", "id", "getname", "trackinginfo", "getredir")),
    "slowlog": frozenset(("get", "len", "help")),
    "memory": frozenset(("usage", "stats", "doctor", "malloc-stats", "help")),
    "latency": frozenset(("latest", "history", "doctor", "graph", "histogram", "help")),
    "acl": frozenset(("list", "users", "whoami", "cat", "getuser", "log")),
    "cluster": frozenset(("info", "nodes", "slots", "shards", "myid", "keyslot", "countkeysinslot", "links")),
    "module": frozenset(("list",)),
    "function": frozenset(("list", "stats", "dump")),
    "script": frozenset(("exists",)),
    "command": frozenset(("count", "docs", "info", "list", "getkeys", "")),
    "object": frozenset(("encoding", "freq", "idletime", "refcount", "help")),
    "xinfo": frozenset(("stream", "groups", "consumers", "help")),
    "pubsub": frozenset(("channels", "numsub", "numpat")),
    "replicaof": frozenset(),
}
_SECRETS = ("requirepass", "masterauth", "*", "user", "pass", "auth")


def judge(call: Call, words: Sequence[Word]) -> None:
    """Note what a command of Redis does; no words means that standard input or a person gives the commands."""
    if not words:
        if call.stdin.text:
            for line in call.stdin.text.splitlines():
                _one(call, [Word(part) for part in line.split()])
        else:
            call.danger("sql", call.name, "sql_unknown")
        return
    _one(call, words)


def _one(call: Call, words: Sequence[Word]) -> None:
    if not words:
        return
    verb = (words[0].value or "").lower()
    part = (words[1].value or "?").lower() if len(words) > 1 else ""
    shown = " ".join(word.shown for word in words[:3])
    if verb in _ENDLESS:
        call.safe("unbounded", verb, "unbounded")
    elif verb not in _READS or (verb in _PARTS and part not in _PARTS[verb]):
        call.danger("sql", shown, "sql_write")
    elif verb == "config" and any(mark in word.shape.lower() for word in words[2:] for mark in _SECRETS):
        call.danger("read-secret", shown, "secret")
