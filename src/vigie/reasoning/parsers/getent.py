"""`getent`: users (option `what: users`) or the addresses of a name."""

from collections.abc import Iterator

from vigie.domain.fact import Value
from vigie.reasoning.parsers.parser import Output, Parser, Seen

_NO_LOGIN = ("nologin", "false", "sync", "halt", "shutdown")


class Getent(Parser):
    """Reads the name services."""

    name = "getent"

    def parse(self, output: Output) -> Iterator[Seen]:
        """Yield users, or one `name.address`."""
        if output.options.get("what") == "users":
            yield from _users(output.text)
            return
        addresses = list(dict.fromkeys(line.split()[0] for line in output.text.splitlines() if line.split()))
        name = output.slots.get("name", "")
        value: Value = {"addresses": list(addresses), "seconds": round(output.seconds, 3), "ok": bool(addresses)}
        yield Seen(f"name:{name}", "name.address", value, output.text.strip() or f"no address for {name}")


def _users(text: str) -> Iterator[Seen]:
    for line in text.splitlines():
        parts = line.split(":")
        if len(parts) == 7 and parts[2].isdigit() and parts[3].isdigit():
            value: Value = {
                "uid": int(parts[2]),
                "gid": int(parts[3]),
                "home": parts[5],
                "shell": parts[6],
                "login": not parts[6].endswith(_NO_LOGIN),
            }
            yield Seen(f"user:{parts[0]}", "user.state", value, line)
