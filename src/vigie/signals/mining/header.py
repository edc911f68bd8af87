"""Takes the header of each line away before its message is mined: a regular expression of the person's own."""

import re

MESSAGE_GROUPS = ("message", "content", "Content")


class Header:
    """Where the message of a line begins.

    The message is the group called `message` (or `content`), else the first group, else what follows the match. A line that does
    not match is its own message.

    Raises:
        re.error: the expression is none.
    """

    def __init__(self, expression: str) -> None:
        self._search = re.compile(expression.encode()).search
        pattern = re.compile(expression)
        named = next((name for name in MESSAGE_GROUPS if name in pattern.groupindex), None)
        self._group: int | None = pattern.groupindex[named] if named else (1 if pattern.groups else None)

    def message(self, line: bytes) -> bytes:
        """Return what a line says after its header."""
        found = self._search(line)
        if found is None:
            return line
        if self._group is None:
            return line[found.end() :]
        return found[self._group] or b""
