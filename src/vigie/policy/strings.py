"""Text inside code that may be handed to a shell: only what is never allowed counts, for the code is opaque as it is."""

import re
from collections.abc import Iterator

from vigie.policy.call import EMPTY, Call

_LITERAL = re.compile(r"\"((?:[^\"\\]|\\.)*)\"|'((?:[^'\\]|\\.)*)'|`([^`]*)`", re.DOTALL)
_MANY = 16


def judge(call: Call, code: str) -> None:
    """Judge each string of a program as a shell line, and strings of a list as one; keep what is forbidden."""
    for text in _lines(code):
        call.runner.try_shell(text, EMPTY)


def _lines(code: str) -> Iterator[str]:
    found = [one or two or three for one, two, three in _LITERAL.findall(code)][:_MANY]
    for text in found:
        if " " in text:
            yield text.replace('\\"', '"').replace("\\'", "'")
    if len(found) > 1:
        yield " ".join(found)
