"""How packets go, by option `what`: routes (`ip route`), links (`ip -o addr`), shaping (`tc qdisc`), sysctls, counters."""

import re
from collections.abc import Iterator

from vigie.domain.fact import Value
from vigie.reasoning.parsers.parser import Output, Parser, Seen
from vigie.reasoning.sections import sections

_LINK = re.compile(r"\d+: (?P<name>[^:\s]+):?\s+(?P<rest>.*)")
_QUEUE = re.compile(r"qdisc (?P<kind>\S+) \S+ dev (?P<link>\S+) (?P<parent>root|parent \S+|ingress \S+|clsact \S*)(?P<rest>.*)")
_SLOWING = frozenset(("tbf", "netem", "htb", "hfsc", "cbq", "cake", "plug"))


class Network(Parser):
    """Reads how packets go."""

    name = "network"

    def parse(self, output: Output) -> Iterator[Seen]:
        """Yield what the option `what` asks for."""
        readers = {"routes": _routes, "counters": _counters, "sysctl": _sysctl, "links": _links, "shaping": _shaping}
        yield from readers[str(output.options.get("what", "routes"))](output.text)


def _routes(text: str) -> Iterator[Seen]:
    for line in text.splitlines():
        words = line.split()
        if not words:
            continue
        dead = words[0] if words[0] in {"blackhole", "unreachable", "prohibit"} else None
        value: Value = {
            "text": line.strip(),
            "kind": "blackhole" if dead else "default" if words[0] == "default" else "net",
            "via": _after("via", words),
            "device": _after("dev", words),
        }
        yield Seen("host", "host.route", value, line.strip())


def _after(word: str, words: list[str]) -> str | None:
    return words[words.index(word) + 1] if word in words[:-1] else None


def _counters(text: str) -> Iterator[Seen]:
    values: dict[str, int] = {}
    for body in sections(text).values():
        lines = body.splitlines()
        for names, numbers in zip(lines[::2], lines[1::2], strict=False):
            values.update(
                {
                    name: int(number)
                    for name, number in zip(names.split()[1:], numbers.split()[1:], strict=False)
                    if number.lstrip("-").isdigit()
                }
            )
    if values:
        value: Value = {
            "retransmits": values.get("RetransSegs", 0),
            "listen_overflows": values.get("ListenOverflows", 0),
            "listen_drops": values.get("ListenDrops", 0),
        }
        yield Seen("host", "network.errors", value, str(value))


def _sysctl(text: str) -> Iterator[Seen]:
    for path, body in sections(text).items():
        key = path.removeprefix("/proc/sys/").replace("/", ".")
        yield Seen("host", "host.sysctl", {"key": key, "value": " ".join(body.split())}, f"{key} = {body.strip()}")


def _links(text: str) -> Iterator[Seen]:
    """Links from `ip -o link` and `ip -o addr`, in one text."""
    up: dict[str, bool] = {}
    addresses: dict[str, list[Value]] = {}
    for line in text.splitlines():
        found = _LINK.match(line)
        if found is None:
            continue
        name, rest = found["name"].partition("@")[0], found["rest"]
        if (flags := re.search(r"<(\S*)>", rest)) is not None:
            up[name] = "UP" in flags.group(1).split(",")
        elif (address := re.search(r"\binet6? (\S+)(?!.*\bdynamic\b)", rest)) is not None and "scope link" not in rest:
            addresses.setdefault(name, []).append(address.group(1))
    for name, is_up in up.items():
        value: Value = {"up": is_up, "addresses": sorted(addresses.get(name, []), key=str)}
        yield Seen(f"link:{name}", "link.state", value, f"{name} {'up' if is_up else 'down'}")


def _shaping(text: str) -> Iterator[Seen]:
    for line in text.splitlines():
        found = _QUEUE.match(line)
        if found is None:
            continue
        rest = found["rest"].strip()
        told = f"{found['kind']} {re.sub(r'refcnt [0-9]+ ?', '', rest)}".strip()
        slows = found["kind"] in _SLOWING or " rate " in f" {rest} "
        value: Value = {"kind": found["kind"], "parent": found["parent"], "text": told, "slows": slows}
        yield Seen(f"link:{found['link']}", "link.shaping", value, line.strip())
