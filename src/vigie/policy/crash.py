"""Named points at which a process kills itself when asked to, so that chaos tests can cut a case anywhere."""

import os
import re
import signal
from dataclasses import dataclass

_WORDS = re.compile(r"([a-z][a-z_]*)(?::([1-9][0-9]*))?")


@dataclass(slots=True)
class _Armed:
    name: str
    left: int


_armed: _Armed | None = None


def arm(at: str | None) -> None:
    """Choose where this process dies: `after_intent`, or `after_intent:2` for its second passage; None for nowhere.

    Raises:
        ValueError: `at` is neither.
    """
    global _armed  # noqa: PLW0603  # one process dies once
    if at is None:
        _armed = None
        return
    match = _WORDS.fullmatch(at)
    if match is None:
        raise ValueError(f"{at!r} is no crash point: NAME or NAME:PASSAGE")
    _armed = _Armed(match[1], int(match[2] or 1))


def crash_point(name: str) -> None:
    """Die here, at once and without any clean-up, when this is where we were told to; else nothing."""
    if _armed is None or _armed.name != name:
        return
    _armed.left -= 1
    if _armed.left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
