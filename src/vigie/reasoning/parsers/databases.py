"""`ss -Hlxp` or the list of socket folders: which PostgreSQL servers can be spoken to on this host."""

import re
from collections.abc import Iterator

from vigie.domain.fact import Value
from vigie.reasoning.parsers.parser import Output, Parser, Seen

_SOCKET = re.compile(r"(?P<folder>/\S*)/\.s\.PGSQL\.(?P<port>\d+)(?=\s|$)")


class Databases(Parser):
    """Finds sockets named `.s.PGSQL.PORT`."""

    name = "databases"

    def parse(self, output: Output) -> Iterator[Seen]:
        """Yield `database.server`; its subject is what `psql` takes to reach it."""
        done: set[str] = set()
        for line in output.text.splitlines():
            match = _SOCKET.search(line)
            if match is None:
                continue
            connection = f"host={match['folder']} port={match['port']} dbname=postgres"
            pid = re.search(r"pid=(\d+)", line)
            ours = not output.focus or any(match["folder"].startswith(folder) for folder in output.focus)
            if ours and connection not in done:
                done.add(connection)
                value: Value = {
                    "engine": "postgres",
                    "port": int(match["port"]),
                    "socket": match["folder"],
                    "pid": int(pid.group(1)) if pid else None,
                }
                yield Seen(f"database:{connection}", "database.server", value, line.strip())
