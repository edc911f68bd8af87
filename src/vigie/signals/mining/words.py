"""What one word of a message is: said, ambiguous, or plainly variable. `lexer.py` cuts messages into words.

Every function here and there is written in the small language that both Python and the compiler of `kernels.py` understand: whole
numbers and buffers. So there is one lexer, quick where the compiler is, correct everywhere.
"""

from typing import Any

# Kinds. FRAME: a separator. WORD: what is said. CLOSED: a word that is a value, but one of few (true, null). GIVEN: a word after
# `=`. NAME: dotted or quoted, varies if it was seen to vary. NUMBERED: letters with few digits, likewise. CODED: the same with
# many digits: these vary. VARIABLE: a number, an address, a path.
FRAME, WORD, CLOSED, GIVEN, NAME, NUMBERED, CODED, VARIABLE = range(8)
TOKENS_MAX = 192
TEXT_MAX = 4096
ANY, SOME = 0, 1  # codes of slots: anything; something that varies by its own shape

LETTER, DIGIT, SOFT, HARD, HEX, SPACE = 1, 2, 4, 8, 16, 32
MASK = 0x1FFFFFFFFFFFFFFF
SEED = 1469598103934665603
PRIME = 1099511628211


def _kind(byte: int) -> int:
    char = chr(byte)
    if byte <= 32 or byte == 127:
        return SPACE
    if byte >= 128 or char.isalpha():
        return LETTER | (HEX if char in "abcdefABCDEF" else 0)
    if char.isdigit():
        return DIGIT | HEX
    return HARD if char in "=,;()[]{}<>\"'|:@`" else SOFT


CLASSES = bytes(_kind(byte) for byte in range(256))
_CLOSED_WORDS = "true false null none nil yes no on off ok enabled disabled"
_DATE_WORDS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec Mon Tue Wed Thu Fri Sat Sun"


def word_code(text: bytes) -> int:
    """Return the code of a word, as the lexer gives it."""
    code = SEED
    for byte in text:
        code = ((code ^ byte) * PRIME) & MASK
    return code


CLOSED_CODES = tuple(
    sorted(word_code(form.encode()) for word in _CLOSED_WORDS.split() for form in (word, word.upper(), word.capitalize()))
)
DATE_CODES = tuple(sorted(word_code(word.encode()) for word in _DATE_WORDS.split()))


def put(n: int, kind: int, start: int, end: int, kinds: Any, starts: Any, ends: Any) -> int:
    """Put one token after the others; return how many there are now."""
    kinds[n] = kind
    starts[n] = start
    ends[n] = end
    return n + 1


def code_of(buf: Any, start: int, end: int) -> int:
    """Return the code of a piece of text."""
    code = SEED
    for i in range(start, end):
        code = ((code ^ buf[i]) * PRIME) & MASK
    return code


def code_without_digits(buf: Any, start: int, end: int, cls: Any) -> int:
    """Return the code of a piece of text in which every run of digits is one mark."""
    code = SEED
    was = False
    for i in range(start, end):
        now = cls[buf[i]] & DIGIT != 0
        if not now:
            code = ((code ^ buf[i]) * PRIME) & MASK
        elif not was:
            code = ((code ^ 1) * PRIME) & MASK
        was = now
    return code


def is_one_of(code: int, codes: Any) -> bool:
    """Return whether a code is in a short list."""
    for other in codes:  # noqa: SIM110  # the compiler has no generators
        if other == code:
            return True
    return False


def part_of(buf: Any, start: int, end: int, cls: Any) -> tuple[int, int, int, bool]:
    """Return where the part of a word at `start` ends, its digits, the longest run of them, whether all is hexadecimal."""
    i = start
    digits = longest = run = 0
    is_hex = True
    while i < end and not cls[buf[i]] & SOFT:
        if cls[buf[i]] & DIGIT:
            digits += 1
            run += 1
            longest = max(longest, run)
        else:
            run = 0
        if not cls[buf[i]] & HEX:
            is_hex = False
        i += 1
    return i, digits, longest, is_hex


def version_head(buf: Any, start: int, end: int, cls: Any) -> int:
    """Return where the number of a part like v1 begins, -1 when it is not like that or no dot follows."""
    if end >= len(buf) or buf[end] != 46 or not cls[buf[start]] & LETTER or not cls[buf[end - 1]] & DIGIT:
        return -1
    head = end
    while cls[buf[head - 1]] & DIGIT:
        head -= 1
    return head


def compound(buf: Any, start: int, end: int, cls: Any, n: int, kinds: Any, starts: Any, ends: Any) -> int:
    """Put the tokens of a word that begins with a letter and has digits in it: host-17, task_14_0003, v1.2.3."""
    first = last = head = -1
    parts = numbered = 0
    sure = False
    i = start
    while i < end:
        j, digits, longest, is_hex = part_of(buf, i, end, cls)
        if j > i:
            parts += 1
        if digits:
            numbered += 1
            sure = sure or longest >= 3
            if cls[buf[i]] & DIGIT or (is_hex and j - i >= 6 and digits >= 2):
                if first < 0:
                    first = head if head >= 0 else i
                last = j
        head = version_head(buf, i, j, cls) if j < end and digits else -1
        i = j + 1
    if first < 0:
        kind = VARIABLE if parts >= 2 and numbered == parts else CODED if sure else NUMBERED
        return put(n, kind, start, end, kinds, starts, ends)
    if first - 2 >= start and (buf[first - 1] == 45 or buf[first - 1] == 43) and cls[buf[first - 2]] & SOFT:
        first -= 1  # a signed number
    if first > start:
        n = put(n, WORD, start, first, kinds, starts, ends)
    n = put(n, VARIABLE, first, last, kinds, starts, ends)
    if last < end:
        n = put(n, WORD, last, end, kinds, starts, ends)
    return n


def named_parts(buf: Any, start: int, end: int, cls: Any) -> int:
    """Return how many of the dotted parts of a word have no digit."""
    count = 0
    i = start
    while i < end:
        j = i
        plain = True
        while j < end and buf[j] != 46:
            if cls[buf[j]] & DIGIT:
                plain = False
            j += 1
        if plain and j > i:
            count += 1
        i = j + 1
    return count


def counted(buf: Any, start: int, end: int, byte: int) -> int:
    """Return how often a byte stands in a word."""
    count = 0
    for i in range(start, end):
        if buf[i] == byte:
            count += 1
    return count


def is_plain_hex(buf: Any, start: int, end: int, cls: Any) -> bool:
    """Say whether a word is a hexadecimal number of four digits or more, in one case."""
    upper = lower = 0
    for i in range(start, end):
        if not cls[buf[i]] & HEX:
            return False
        if buf[i] >= 97:
            lower += 1
        elif buf[i] >= 65:
            upper += 1
    return end - start >= 4 and not (upper and lower)


def is_path(buf: Any, start: int, end: int, dots: int) -> bool:
    """Say whether a word is a path: it begins with a slash, has two, or one beside a dotted name."""
    slashes = counted(buf, start, end, 47)
    if slashes and (dots or (buf[start] == 47 and end - start > 1)):
        return True
    return slashes + counted(buf, start, end, 92) >= 2


def core(buf: Any, start: int, end: int, cls: Any, n: int, kinds: Any, starts: Any, ends: Any, given: bool) -> int:
    """Put the tokens of one word without its outer punctuation."""
    seen = 0
    for i in range(start, end):
        seen |= cls[buf[i]]
    if not seen & (DIGIT | SOFT):
        return put(n, GIVEN if given else WORD, start, end, kinds, starts, ends)
    dots = counted(buf, start, end, 46) if seen & SOFT else 0
    if seen & SOFT and is_path(buf, start, end, dots):
        kind = VARIABLE
    elif not seen & DIGIT:
        kind = NAME if dots and seen & LETTER else GIVEN if given else WORD
    elif cls[buf[start]] & (DIGIT | SOFT) or is_plain_hex(buf, start, end, cls):
        kind = VARIABLE
    elif dots >= 2 and named_parts(buf, start, end, cls) >= 2:
        kind = NAME
    else:
        return compound(buf, start, end, cls, n, kinds, starts, ends)
    return put(n, kind, start, end, kinds, starts, ends)


def is_lead(buf: Any, at: int, end: int, cls: Any) -> bool:
    """Say whether a mark before a word is no part of it: neither a sign nor the beginning of a path."""
    c = buf[at]
    if not cls[c] & SOFT or c == 92:
        return False
    before_digit = at + 1 < end and cls[buf[at + 1]] & DIGIT != 0
    if c == 47:
        return before_digit  # an address as Java writes it: /10.0.0.1
    return not ((c == 45 or c == 43) and before_digit)


def word(buf: Any, start: int, end: int, cls: Any, n: int, kinds: Any, starts: Any, ends: Any, given: bool) -> int:
    """Put the tokens of one run of letters, digits and soft punctuation."""
    while start < end and n < TOKENS_MAX - 4 and is_lead(buf, start, end, cls):
        n = put(n, FRAME, start, start + 1, kinds, starts, ends)
        start += 1
    stop = end
    while stop > start and cls[buf[stop - 1]] & SOFT and (buf[stop - 1] != 47 or stop - 1 == start):
        stop -= 1
    if stop > start:
        n = core(buf, start, stop, cls, n, kinds, starts, ends, given)
    if stop < end:
        n = put(n, FRAME, stop, end, kinds, starts, ends)
    return n
