"""`/etc/hosts` and `/etc/resolv.conf`."""

from collections.abc import Iterator

from vigie.reasoning.parsers.parser import Output, Parser, Seen
from vigie.reasoning.sections import sections


class Names(Parser):
    """Reads how names are turned into addresses here."""

    name = "names"

    def parse(self, output: Output) -> Iterator[Seen]:
        """Yield the entries of the hosts file and the resolver."""
        files = sections(output.text)
        done: set[str] = set()
        for line in files.get("/etc/hosts", "").splitlines():
            words = line.partition("#")[0].split()
            for name in words[1:]:
                if name not in done:
                    done.add(name)
                    yield Seen(f"name:{name}", "host.name_entry", {"address": words[0]}, line)
        lines = [line.split() for line in files.get("/etc/resolv.conf", "").splitlines()]
        servers = [words[1] for words in lines if words[:1] == ["nameserver"] and len(words) > 1]
        search = [word for words in lines if words[:1] in (["search"], ["domain"]) for word in words[1:]]
        if "/etc/resolv.conf" in files:
            yield Seen(
                "host", "host.resolver", {"servers": list(servers), "search": list(search)}, "; ".join(map(" ".join, lines))
            )
