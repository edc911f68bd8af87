"""How packets go, by option `what`: routes (`ip route`), firewall (`iptables -S`, `nft list ruleset`), sysctls, counters."""

import re
from collections.abc import Iterator

from vigie.domain.fact import Value
from vigie.reasoning.parsers.parser import Output, Parser, Seen
from vigie.reasoning.sections import sections

_VERDICT = re.compile(r"\b(DROP|REJECT|ACCEPT|drop|reject|accept)\b")
_PORT = re.compile(r"--dports? (\d+)|\bdport (\d+)")


class Network(Parser):
    """Reads how packets go."""

    name = "network"

    def parse(self, output: Output) -> Iterator[Seen]:
        """Yield what the option `what` asks for."""
        readers = {"routes": _routes, "firewall": _firewall, "counters": _counters, "sysctl": _sysctl}
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


def _firewall(text: str) -> Iterator[Seen]:
    engine = "nftables" if re.search(r"^table ", text, re.MULTILINE) else "iptables"
    rules = [line.strip() for line in text.splitlines() if _VERDICT.search(line) and not line.startswith("#")]
    blocks = [rule for rule in rules if re.search(r"drop|reject", rule, re.IGNORECASE)]
    yield Seen("host", "host.firewall", {"active": bool(blocks), "engine": engine, "rules": len(rules)}, "\n".join(blocks[:5]))
    for rule in rules:
        verdict, port = _VERDICT.search(rule), _PORT.search(rule)
        number = int(next(group for group in port.groups() if group)) if port else None
        value: Value = {"text": rule, "verdict": verdict.group(1).lower() if verdict else "other", "port": number}
        yield Seen("host", "firewall.rule", value, rule)


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
