"""Splits what `head` prints of several files, each under `==> PATH <==`."""

import re

_HEAD = re.compile(r"^==> (\S+) <==$", re.MULTILINE)


def sections(text: str) -> dict[str, str]:
    """Return the contents by path."""
    parts = _HEAD.split(text)
    return {path: body.strip("\n") for path, body in zip(parts[1::2], parts[2::2], strict=True)}
