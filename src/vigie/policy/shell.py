"""What a shell line may do: walk to every command in it, judge each by its program's model, keep the strictest.

Whatever is not understood is dangerous. `walk.py` walks, `effects.py` holds the answer's shape, `gate.py` acts on it.
"""

import re
import unicodedata

from vigie.policy.call import EMPTY
from vigie.policy.effects import DANGEROUS, FORBIDDEN, Effect, Judgement, judgement
from vigie.policy.walk import DEPTH_MAX, LENGTH_MAX, State, TooMuchError, Walk
from vigie.policy.words import NO_TAINT, Flow

__all__ = ["DEPTH_MAX", "LENGTH_MAX", "Judgement", "classify"]

# Control characters, blanks that are not seen, and marks that change the direction of text.
_HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U000e0000-\U000e0fff\U000f0000-\U0010ffff]"
)
# What, together on one line, makes a shell that another machine speaks to.
_REVERSE_SHELLS = ({"socket", "interpreter"}, {"fifo", "interpreter", "raw-network"})
# The grammar reads a word continued on the next line as two; to the shell it is one.
_JOINED_WORD = re.compile(r"[^\s\\]\\\n\S")


def classify(line: str, *, stdin: bytes | None = None) -> Judgement:
    """Judge a shell line; `stdin` is what it will be fed, when that is known.

    Never raises: a line that cannot be read is dangerous.
    """
    found: list[Effect] = []
    refusal = _unreadable(line)
    if refusal:
        return judgement(line, [Effect("unreadable", "", DANGEROUS, refusal)])
    state = State(found)
    try:
        Walk(state, {}, None).line(unicodedata.normalize("NFC", line) if not line.isascii() else line, _fed(stdin))
    except (TooMuchError, RecursionError):
        found.append(Effect("unreadable", "", DANGEROUS, "too_large"))
    if any(flags <= state.flags for flags in _REVERSE_SHELLS):
        found.append(Effect("reverse-shell", "", FORBIDDEN, "reverse_shell"))
    return judgement(line, found)


def _unreadable(line: str) -> str | None:
    if len(line) > LENGTH_MAX:
        return "too_large"
    if _HIDDEN.search(line):
        return "hidden_characters"
    if "\\\n" in line and _JOINED_WORD.search(line):
        return "parse_error"
    if "@P}" in line:  # what stands there is expanded as a prompt is, commands in it too
        return "parse_error"
    return None


def _fed(stdin: bytes | None) -> Flow:
    if not stdin:
        return EMPTY
    try:
        return Flow(stdin.decode())
    except UnicodeDecodeError:
        return Flow(None, NO_TAINT)
