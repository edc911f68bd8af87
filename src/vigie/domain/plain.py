"""What a host said, as text that can be shown: no escape sequences, no control characters, nothing that reorders a line."""

import re
import unicodedata

# ECMA-48: strings (OSC, DCS…) with their end, control sequences, and two-character escapes.
_ESCAPES = re.compile(r"\x1b[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)?|(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?|\x1b[ -/]*[0-~]?")
_KEPT = frozenset("\n\t")
_CONTROLS = {code: None for code in (*range(32), 127) if chr(code) not in _KEPT}


def plain(said: bytes) -> str:
    """Return the words; bytes that are no UTF-8 are replaced."""
    text = _ESCAPES.sub("", said.decode("utf-8", "replace").replace("\r\n", "\n"))
    if text.isascii():
        return text.translate(_CONTROLS)
    return "".join(each for each in text if each in _KEPT or unicodedata.category(each) not in ("Cc", "Cf"))
