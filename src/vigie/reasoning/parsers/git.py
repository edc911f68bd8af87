"""`git log -1` with our format, then `git status --porcelain`: which revision a folder holds, and what was changed by hand."""

from collections.abc import Iterator

from vigie.domain.fact import Value
from vigie.reasoning.parsers.parser import Output, Parser, Seen

_CHANGED_MAX = 50


class Git(Parser):
    """Reads a working copy."""

    name = "git"

    def parse(self, output: Output) -> Iterator[Seen]:
        """Yield `code.revision`."""
        first, _, rest = output.text.partition("\n")
        words = first.split(" ", 2)
        if len(words) < 3:
            return
        changed: list[Value] = [*[line[3:] for line in rest.splitlines() if len(line) > 3][:_CHANGED_MAX]]
        value: Value = {"revision": words[0], "at": words[1].replace("+00:00", "Z"), "subject": words[2], "changed": changed}
        yield Seen(f"folder:{output.slots.get('folder', '')}", "code.revision", value, first)
