"""`redis-cli INFO`: how a Redis server stands."""

import re
from collections.abc import Iterator

from vigie.domain.fact import Value
from vigie.reasoning.parsers.parser import Output, Parser, Seen, whole

# It answers, and wants a password.
_ASKS_WHO = re.compile(r"\(?(error\) )?(NOAUTH|NOPERM|WRONGPASS)")


class Redis(Parser):
    """Reads the sections of INFO."""

    name = "redis"

    def parse(self, output: Output) -> Iterator[Seen]:
        """Yield `cache.state`."""
        said = dict(re.findall(r"^([a-z_0-9]+):(.*?)\r?$", output.text, re.MULTILINE))
        error = None if said else (output.text.strip() or output.stderr.strip())[:200]
        value: Value = {
            "up": said.get("loading", "0") == "0" if said else bool(_ASKS_WHO.match(error or "")),
            "error": error,
            "version": said.get("redis_version", ""),
            "used_bytes": whole(said.get("used_memory")),
            "limit_bytes": whole(said.get("maxmemory")),
            "policy": said.get("maxmemory_policy", ""),
            "evicted": whole(said.get("evicted_keys")),
            "save_ok": said.get("rdb_last_bgsave_status", "ok") == "ok" and said.get("aof_last_write_status", "ok") == "ok",
            "clients": whole(said.get("connected_clients")),
            "role": said.get("role", ""),
            "read_only": said.get("role") == "slave",
        }
        yield Seen(f"port:{output.slots.get('port', '')}", "cache.state", value, error or str(value))
