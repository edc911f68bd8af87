"""Reads a script as it is sent to a host: some go on from another one, whose definitions they use."""

import re
from pathlib import Path

_GOES_ON = re.compile(rb"^# Goes on from ([a-z_]+)\.py\.$", re.MULTILINE)
_STARTS = b'\nif __name__ == "__main__":'


def source(path: Path) -> bytes:
    """Return the bytes of a script, with those of the one that it goes on from before them.

    Raises:
        OSError: one of them cannot be read.
    """
    own = path.read_bytes()
    match = _GOES_ON.search(own)
    if match is None:
        return own
    begun = path.with_name(f"{match[1].decode()}.py").read_bytes()
    return begun.partition(_STARTS)[0] + b"\n\n" + own
