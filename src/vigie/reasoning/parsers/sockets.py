"""The ports that are listened on, from our script (JSON lines) or from `ss -Hltnp`."""

import re
from collections.abc import Iterator

from vigie.domain.fact import Value
from vigie.reasoning.parsers.parser import Output, Parser, Seen, rows

_SS = re.compile(r"^(?:tcp\s+)?LISTEN\s+(?P<queue>\d+)\s+(?P<backlog>\d+)\s+(?P<address>\S+):(?P<port>\d+)\s+\S+\s*(?P<rest>.*)$")
_USER = re.compile(r'users:\(\("(?P<name>[^"]*)",pid=(?P<pid>\d+)')
# What speaks another protocol than HTTP; asking it for a page would only frighten it.
_OTHER_PORTS = frozenset(
    [
        9042,
        11211,
        27017,
        61616,
        21,
        22,
        23,
        25,
        53,
        110,
        111,
        143,
        389,
        465,
        587,
        636,
        873,
        993,
        995,
        1433,
        1521,
        2049,
        3306,
        5432,
        5433,
        5672,
        6379,
        6380,
    ]
)
_OTHER_PROGRAMS = re.compile(
    r"^(postgres|postmaster|mysqld|mariadbd|redis-server|valkey-server|memcached|mongod|sshd|dropbear|master|exim4?|dovecot|named|dnsmasq|"
    r"systemd-resolve|rpcbind|beam\.smp|epmd|slapd|smbd|cupsd|chronyd|ntpd|vsftpd|proftpd|rsync|Xvfb|Xorg|vncserver)"
)
_SECURE_PORTS = frozenset({443, 8443, 9443})
_ANY = {"0.0.0.0", "*", "::", "[::]"}  # noqa: S104  # as the kernel writes "all addresses"


class Sockets(Parser):
    """Reads who listens where."""

    name = "sockets"

    def parse(self, output: Output) -> Iterator[Seen]:
        """Yield each port once; where a program listens on several addresses, the widest counts."""
        found: dict[int, tuple[dict[str, Value], str]] = {}
        for port, value, line in [*_scripted(output.text), *_listed(output.text)]:
            known = found.get(port)
            if known is None or (str(value["address"]) in _ANY and str(known[0]["address"]) not in _ANY):
                found[port] = ({**value, "url": url_of(port, value)}, line)
        for port, (value, line) in sorted(found.items()):
            yield Seen(f"port:{port}", "port.listening", value, line)
            yield Seen(f"port:{port}", "port.owner", value["process"], line)


def url_of(port: int, value: dict[str, Value]) -> str | None:
    """Return where to ask for a page, None where something else than HTTP is spoken."""
    if port in _OTHER_PORTS or _OTHER_PROGRAMS.match(str(value.get("process") or "")):
        return None
    address = str(value["address"]).strip("[]").partition("%")[0]
    host = "127.0.0.1" if address in _ANY or address.startswith("127.") else address
    host = "[::1]" if host == "::1" else f"[{host}]" if ":" in host else host
    return f"{'https' if port in _SECURE_PORTS else 'http'}://{host}:{port}/"


def _scripted(text: str) -> Iterator[tuple[int, dict[str, Value], str]]:
    for row in rows(text):
        port = row.pop("port", None)
        if isinstance(port, int) and {"address", "process", "pid"} <= set(row):
            backlog = row.get("backlog")
            owner = f"{row['process']} (pid {row['pid']})" if row["process"] else "an owner that we may not see"
            yield port, {**row, "backlog": backlog}, f"{row['address']}:{port} listened on by {owner}"


def _listed(text: str) -> Iterator[tuple[int, dict[str, Value], str]]:
    for line in text.splitlines():
        match = _SS.match(line)
        if match is None:
            continue
        user = _USER.search(match["rest"])
        value: dict[str, Value] = {
            "address": match["address"].strip("[]"),
            "protocol": "tcp",
            "pid": int(user["pid"]) if user else None,
            "process": user["name"] if user else None,
            "command": "",
            "queue": int(match["queue"]),
            "backlog": int(match["backlog"]),
        }
        yield int(match["port"]), value, " ".join(line.split())
