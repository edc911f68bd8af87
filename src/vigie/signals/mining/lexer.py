"""Cuts a message into what is said and what varies, byte by byte, and gives it a key.

A token is a kind, a first and a last position. Slots are the tokens that can vary; the rest is the frame. See `words.py`.
"""

from typing import Any

from vigie.signals.mining.words import (
    CLOSED,
    CODED,
    DIGIT,
    FRAME,
    HARD,
    HEX,
    LETTER,
    MASK,
    NAME,
    NUMBERED,
    PRIME,
    SEED,
    SOME,
    SPACE,
    TEXT_MAX,
    TOKENS_MAX,
    VARIABLE,
    WORD,
    code_of,
    code_without_digits,
    is_one_of,
    put,
    word,
)

_QUOTED_MAX = 200


def hex_pairs_end(buf: Any, start: int, end: int, cls: Any) -> int:
    """Return where an address like 00:1b:44:11:3a:b7 ends, `start` when there is none."""
    i = start
    colons = 0
    last = start
    while i < end and (cls[buf[i]] & HEX or buf[i] == 58):
        if buf[i] == 58:
            if i - last > 4:
                return start
            colons += 1
            last = i + 1
        i += 1
    if colons >= 4 and i - last <= 4 and (i == end or not cls[buf[i]] & LETTER):
        return i
    return start


def quote_end(buf: Any, start: int, end: int, cls: Any) -> int:
    """Return the position of the quote that closes the one at `start`, -1 when it closes nothing."""
    quote = buf[start]
    if start and cls[buf[start - 1]] & (LETTER | DIGIT):
        return -1
    i = start + 1
    stop = min(end, start + _QUOTED_MAX)
    while i < stop and buf[i] != quote:
        i += 1
    if i >= stop or i == start + 1 or (i + 1 < end and cls[buf[i + 1]] & (LETTER | DIGIT)):
        return -1
    return i


def is_empty_value(buf: Any, at: int, start: int, end: int, cls: Any) -> bool:
    """Return whether nothing stands where a value would: after `=`, or within brackets that call nothing."""
    c = buf[at]
    following = buf[at + 1] if at + 1 < end else 32
    if c == 61:
        return (
            at > start
            and cls[buf[at - 1]] & (LETTER | DIGIT) != 0
            and (
                cls[following] & SPACE != 0
                or following == 44
                or following == 59
                or following == 41
                or following == 93
                or following == 125
            )
        )
    if (c == 40 and following == 41) or (c == 91 and following == 93) or (c == 123 and following == 125):
        return at == start or cls[buf[at - 1]] & (LETTER | DIGIT) == 0
    return False


def has_port(buf: Any, at: int, end: int, cls: Any) -> bool:
    """Return whether a colon and at least two digits stand at a position."""
    return at + 2 < end and buf[at] == 58 and cls[buf[at + 1]] & cls[buf[at + 2]] & DIGIT != 0


def quoted(buf: Any, i: int, close: int, cls: Any, n: int, kinds: Any, starts: Any, ends: Any) -> int:
    """Put the tokens of a quoted text: one slot, whatever is in it."""
    n = put(n, FRAME, i, i + 1, kinds, starts, ends)
    simple = True
    for j in range(i + 1, close):
        if cls[buf[j]] & (SPACE | HARD):
            simple = False
            break
    was = n
    if simple:
        n = word(buf, i + 1, close, cls, n, kinds, starts, ends, False)
    if not simple or n != was + 1 or kinds[was] == FRAME:
        n = put(was, NAME, i + 1, close, kinds, starts, ends)
    elif kinds[was] == WORD:
        kinds[was] = NAME
    return put(n, FRAME, close, close + 1, kinds, starts, ends)


def url_end(buf: Any, i: int, end: int, cls: Any) -> int:
    """Return where what follows `://` ends."""
    while i < end:
        c = buf[i]
        if cls[c] & SPACE or c == 34 or c == 39 or c == 60 or c == 62 or c == 41 or c == 93 or c == 44:
            break
        i += 1
    return i


def word_end(buf: Any, i: int, end: int, cls: Any) -> int:
    """Return where a word that begins at `i` ends: at a space, a hard separator, a run of dots, a slash between numbers."""
    j = i + 1
    slash = -1
    digits = cls[buf[i]] & DIGIT != 0
    dots = buf[i] == 46
    while j < end and not cls[buf[j]] & (SPACE | HARD):
        c = buf[j]
        if c == 46:
            if buf[j - 1] == 46 or (j + 1 < end and buf[j + 1] == 46):
                break
            dots = True
        elif c == 47:
            slash = j if slash < 0 and j > i else end
        elif cls[c] & DIGIT:
            digits = True
        j += 1
    if i < slash < j and digits and not dots and buf[i] != 47:
        return slash
    return j


def separator(buf: Any, i: int, start: int, stop: int, cls: Any, n: int, kinds: Any, starts: Any, ends: Any) -> tuple[int, int]:
    """Put the tokens that begin with a hard separator; return where they end, and how many tokens there are."""
    c = buf[i]
    close = quote_end(buf, i, stop, cls) if c == 34 or c == 39 or c == 96 else -1
    if close >= 0:
        return close + 1, quoted(buf, i, close, cls, n, kinds, starts, ends)
    n = put(n, FRAME, i, i + 1, kinds, starts, ends)
    if is_empty_value(buf, i, start, stop, cls):
        n = put(n, NAME, i + 1, i + 1, kinds, starts, ends)
    i += 1
    if c == 58 and i + 2 < stop and buf[i] == 47 and buf[i + 1] == 47:
        n = put(n, FRAME, i, i + 2, kinds, starts, ends)
        i += 2
        j = url_end(buf, i, stop, cls)
        if j > i:
            n = put(n, VARIABLE, i, j, kinds, starts, ends)
            i = j
    return i, n


def is_named_port(was: int, n: int, kinds: Any) -> bool:
    """Say whether the tokens from `was` on may name a host before its port."""
    if n == was + 1:
        return kinds[was] == NAME or kinds[was] == NUMBERED or kinds[was] == CODED
    return n == was + 2 and kinds[was] == WORD and kinds[was + 1] == VARIABLE


def run_of(buf: Any, i: int, start: int, stop: int, cls: Any, n: int, kinds: Any, starts: Any, ends: Any) -> tuple[int, int]:
    """Put the tokens of a run without spaces and hard separators; return where it ends, and how many tokens there are."""
    if buf[i] == 46 and i + 1 < stop and buf[i + 1] == 46:
        j = i + 1
        while j < stop and buf[j] == 46:
            j += 1
        return j, put(n, FRAME, i, j, kinds, starts, ends)
    if cls[buf[i]] & HEX and (i == start or not cls[buf[i - 1]] & (LETTER | DIGIT)):
        j = hex_pairs_end(buf, i, stop, cls)
        if j > i:
            return j, put(n, VARIABLE, i, j, kinds, starts, ends)
    j = word_end(buf, i, stop, cls)
    was = n
    n = word(buf, i, j, cls, n, kinds, starts, ends, i > start and buf[i - 1] == 61)
    if has_port(buf, j, stop, cls) and is_named_port(was, n, kinds):
        kinds[was] = VARIABLE
    return j, n


def lex(buf: Any, start: int, end: int, cls: Any, dates: Any, kinds: Any, starts: Any, ends: Any) -> int:
    """Put the tokens of buf[start:end] and return how many there are; what is beyond the limits is one variable at the end."""
    n = 0
    i = start
    stop = min(end, start + TEXT_MAX)
    while i < stop and n < TOKENS_MAX - 8:
        k = cls[buf[i]]
        if k & SPACE:
            j = i + 1
            while j < stop and cls[buf[j]] & SPACE:
                j += 1
            if n and j < stop:
                n = put(n, FRAME, i, j, kinds, starts, ends)
            i = j
        elif k & HARD:
            i, n = separator(buf, i, start, stop, cls, n, kinds, starts, ends)
        else:
            i, n = run_of(buf, i, start, stop, cls, n, kinds, starts, ends)
    if i < end and n:
        n = put(n, VARIABLE, i, end, kinds, starts, ends)
    return squeeze(buf, n, cls, dates, kinds, starts, ends)


def joins(byte: int) -> bool:
    """Return whether two variables with this between them are one."""
    return byte == 32 or byte == 9 or byte == 46 or byte == 58 or byte == 44 or byte == 47 or byte == 95 or byte == 45


def squeeze(buf: Any, n: int, cls: Any, dates: Any, kinds: Any, starts: Any, ends: Any) -> int:
    """Make dates variables, and neighbouring variables one; return how many tokens are left."""
    for i in range(n - 3, -1, -1):
        if (
            kinds[i] == WORD
            and ends[i] - starts[i] == 3
            and kinds[i + 2] == VARIABLE
            and kinds[i + 1] == FRAME
            and cls[buf[starts[i + 1]]] & SPACE
            and is_one_of(code_of(buf, starts[i], ends[i]), dates)
        ):
            kinds[i] = VARIABLE
    m = 0
    for i in range(n):
        if kinds[i] == VARIABLE and m:
            if kinds[m - 1] == VARIABLE:
                ends[m - 1] = ends[i]
                continue
            if m > 1 and kinds[m - 2] == VARIABLE and kinds[m - 1] == FRAME:
                c = buf[starts[m - 1]]
                if (ends[m - 1] - starts[m - 1] == 1 or cls[c] & SPACE) and joins(c):
                    ends[m - 2] = ends[i]
                    m -= 1
                    continue
        kinds[m] = kinds[i]
        starts[m] = starts[i]
        ends[m] = ends[i]
        m += 1
    return m


def encode(
    buf: Any, n: int, cls: Any, closed: Any, kinds: Any, starts: Any, ends: Any, codes: Any, values: Any, keys: Any
) -> int:
    """Put the codes and values of the slots; keys[0] becomes the key of the whole message, keys[1] that of its frame.

    A code says what a slot holds as far as the key goes, negative for a closed word; a value tells two texts of an ambiguous
    slot apart. Returns the number of slots.
    """
    slots = 0
    key = SEED
    frame = SEED
    for i in range(n):
        kind = kinds[i]
        if kind == FRAME:
            c = cls[buf[starts[i]]]
            code = 32 if c & SPACE else code_of(buf, starts[i], ends[i])
            frame = ((frame ^ code) * PRIME) & MASK
            key = ((key ^ code) * PRIME) & MASK
            continue
        value = 0
        if kind == VARIABLE:
            code = SOME
        elif kind == NAME:
            code = SOME
            value = code_of(buf, starts[i], ends[i])
        elif kind in (NUMBERED, CODED):
            code = code_without_digits(buf, starts[i], ends[i], cls)
            value = code_of(buf, starts[i], ends[i])
        else:
            code = code_of(buf, starts[i], ends[i])
            if is_one_of(code, closed):
                code = -code
                kinds[i] = CLOSED
        codes[slots] = code
        values[slots] = value
        slots += 1
        frame = ((frame ^ 7) * PRIME) & MASK
        key = ((key ^ code) * PRIME) & MASK
        key = ((key ^ (key >> 29)) * PRIME) & MASK
    keys[0] = key
    keys[1] = ((frame ^ slots) * PRIME) & MASK
    return slots
