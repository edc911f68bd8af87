"""Backslashes as a shell takes them: outside and inside quotes, in `$'…'`, in `printf` and `echo -e`."""

import re


def unescape(text: str, *, quoted: bool) -> str:
    """Return text without the backslashes that protect a character."""
    if quoted:
        return re.sub(r"\\([\\\"$`\n])", lambda found: "" if found[1] == "\n" else found[1], text)
    return re.sub(r"\\(.)", r"\1", text)


_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "e": "\x1b", "E": "\x1b", "f": "\f", "v": "\v"}
_ESCAPE = re.compile(r"\\(?:x([0-9A-Fa-f]{1,2})|u([0-9A-Fa-f]{1,4})|U([0-9A-Fa-f]{1,8})|0?([0-7]{1,3})|c(.)|(.))", re.DOTALL)


def decode_escapes(text: str) -> str:
    r"""Return the text of `$'…'`, or of `printf` and `echo -e`: `\x72` is `r`."""

    def decoded(found: re.Match[str]) -> str:
        hexadecimal = found[1] or found[2] or found[3]
        if hexadecimal:
            code = int(hexadecimal, 16)
            return chr(code) if 0 < code < 0x110000 else ""
        if found[4]:
            code = int(found[4], 8) & 0xFF
            return chr(code) if code else ""
        if found[5]:
            return chr(ord(found[5]) & 0x1F or 1)
        return _ESCAPES.get(found[6], found[6])

    return _ESCAPE.sub(decoded, text)
