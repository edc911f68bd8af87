"""`stat -c '%s %Y'` of a file twice, with a pause between: how fast it grows."""

import re
from collections.abc import Iterator

from vigie.reasoning.parsers.parser import Output, Parser, Seen


class Growth(Parser):
    """Reads two sizes; the option `window_s` is the pause between them."""

    name = "growth"

    def parse(self, output: Output) -> Iterator[Seen]:
        """Yield `log.growth`."""
        sizes = [int(size) for size in re.findall(r"^(\d+) \d+", output.text, re.MULTILINE)]
        window_s = float(str(output.options.get("window_s", 1)))
        if len(sizes) == 2:
            value = {"bytes": sizes[1], "bytes_per_s": round((sizes[1] - sizes[0]) / window_s, 1), "window_s": window_s}
            yield Seen(
                f"log:{output.slots.get('log', '')}", "log.growth", dict(value), f"{sizes[0]} → {sizes[1]} bytes in {window_s} s"
            )
