"""What a program says of its own configuration when it is only asked to check it (`-t`)."""

import re
from collections.abc import Iterator

from vigie.domain.fact import Value
from vigie.reasoning.parsers.parser import Output, Parser, Seen

_NGINX = re.compile(r"\[(?:emerg|alert|crit|error)\] (?P<text>.+?) in (?P<path>/[^\s:]+):(?P<line>\d+)")
_SSHD = re.compile(r"^(?P<path>/[^\s:]+):? line (?P<line>\d+): (?P<text>.+)$", re.MULTILINE)
_NOT_OURS = re.compile(r"permission denied|operation not permitted|are you root", re.IGNORECASE)


class ConfigCheck(Parser):
    """Reads where a configuration is refused; what only our own rights refuse says nothing."""

    name = "config_check"

    def parse(self, output: Output) -> Iterator[Seen]:
        """Yield `config.refused`, or `config.accepted`."""
        said = f"{output.stderr}\n{output.text}"
        subject = f"service:{output.slots.get('service', '')}"
        match = _NGINX.search(said) or _SSHD.search(said)
        if match is not None:
            value: Value = {"path": match["path"], "line": int(match["line"]), "text": match["text"][:300]}
            yield Seen(subject, "config.refused", value, match.group(0))
        elif output.rc == 0 and not _NOT_OURS.search(said):
            yield Seen(subject, "config.accepted", True, said.strip()[:200])
