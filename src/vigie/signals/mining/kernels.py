"""The compiled half of the reader: looks lines up by the million, and writes the answer. Only `fast.py` uses it.

The lexer is the one of `lexer.py`, handed to the compiler as it is.
"""

from hashlib import sha256
from pathlib import Path
from types import FunctionType
from typing import Any

import numba
import numpy as np
from numba import njit
from numba.extending import register_jitable

from vigie.signals.mining import lexer, words

QUICK_BITS, KEY_BITS = 19, 20
NONE = -1

_SOURCES = (Path(__file__), Path(lexer.__file__), Path(words.__file__))
_U = np.uint64
_SIGN, _LOW, _ZEROS = _U(0x8080808080808080), _U(0x7F7F7F7F7F7F7F7F), _U(0x3030303030303030)
_TO_DIGIT, _CASE = _U(0x7676767676767676), _U(0x2020202020202020)
_FROM_A, _PAST_Z = _U(0x1F1F1F1F1F1F1F1F), _U(0x0505050505050505)
_SEED, _MIX = _U(0x9E3779B97F4A7C15), _U(0xFF51AFD7ED558CCD)
_ONE, _SEVEN, _EIGHT, _BYTE = _U(1), _U(7), _U(8), _U(255)
_HALF, _TOP, _LAST, _FIRST = _U(32), _U(56), _U(63), _U(0x80)


def keep_compiled_in(folder: Path) -> None:
    """Keep what is compiled in a folder of this version, so that the next start is quick."""
    version = sha256(b"".join(source.read_bytes() for source in _SOURCES)).hexdigest()[:12]
    numba.config.CACHE_DIR = str(folder / f"compiled-{version}")  # type: ignore[attr-defined, unused-ignore]  # set by name only


def _is_writable(folder: Path) -> bool:
    try:
        folder.mkdir(exist_ok=True)
        probe = folder / ".probe"
        probe.touch()
        probe.unlink()
    except OSError:
        return False
    return True


def choose_folder(fallback: Path | None) -> None:
    """Keep what is compiled beside the source where that may be written, else in `fallback`."""
    beside = Path(__file__).parent / "__pycache__"
    if _is_writable(beside):
        keep_compiled_in(beside)
    elif fallback is not None:
        keep_compiled_in(fallback)


for _module in (words, lexer):
    for _function in vars(_module).copy().values():
        if isinstance(_function, FunctionType) and _function.__module__ == _module.__name__ and _function is not words.word_code:
            register_jitable(_function)

lex, encode = lexer.lex, lexer.encode


@register_jitable
def quick_key(words: Any, start: int, end: int) -> Any:
    """Return a key of buf[start:end] in which digits are all the same, but for those that follow a letter: eight bytes at a time.

    `words` is the buffer as little-endian 64-bit words, with at least one word beyond the end.
    """
    key = _SEED
    carry = _U(0)
    i = start
    while i < end:
        place = i >> 3
        shift = _U((i & 7) << 3)
        x = (words[place] >> shift) | ((words[place + 1] << _ONE) << (_LAST - shift))
        if end - i < 8:
            x &= (_ONE << _U((end - i) << 3)) - _ONE
        t = x ^ _ZEROS
        digit = ~(((t & _LOW) + _TO_DIGIT) | t) & _SIGN
        y = (x | _CASE) & _LOW
        letter = ((y + _FROM_A) & ~(y + _PAST_Z)) & _SIGN
        digits = (digit >> _SEVEN) * _BYTE
        begins = (((letter << _EIGHT) | carry) & digit) >> _SEVEN
        kept = ((digits + begins) ^ digits) & digits
        masked = digits & ~kept
        key = (key ^ ((x & ~masked) | (_ZEROS & masked))) * _MIX
        key ^= key >> _HALF
        carry = ((letter | (kept & _SIGN)) >> _TOP) & _FIRST
        i += 8
    return key


@register_jitable
def place_of(table: Any, key: int, bits: int) -> int:
    """Return where a key is in an open table, or where it would be put; 0 marks a free place."""
    mask = (1 << bits) - 1
    place = (key ^ (key >> 31)) & mask
    while table[place] != 0 and table[place] != key:
        place = (place + 1) & mask
    return place


@register_jitable
def fitting(
    codes: Any, slots: int, frame: int, frames: Any, firsts: Any, counts: Any, members: Any, offsets: Any, known: Any
) -> int:
    """Return the number of the most telling pattern with variable places that fits a message, NONE if there is none."""
    mask = frames.shape[0] - 1
    place = (frame ^ (frame >> 31)) & mask
    while frames[place] != 0 and frames[place] != frame:
        place = (place + 1) & mask
    if frames[place] == 0:
        return NONE
    for member in range(firsts[place], firsts[place] + counts[place]):
        number = members[member]
        offset = offsets[number]
        slot = 0
        while slot < slots:
            code = known[offset + slot]
            if code != codes[slot] and (code != 0 or codes[slot] < 0):
                break
            slot += 1
        if slot == slots:
            return number
    return NONE


@register_jitable
def is_settled(buf: Any, tokens: int, cls: Any, kinds: Any, starts: Any, ends: Any, offset: int, varied: Any) -> bool:
    """Say whether no digit of a message can tell anything more about its pattern."""
    slot = 0
    for token in range(tokens):
        kind = kinds[token]
        if kind == 0:
            continue
        if kind == 4 and not varied[offset + slot]:
            for i in range(starts[token], ends[token]):
                if cls[buf[i]] & 2:
                    return False
        slot += 1
    return True


@register_jitable
def without_tail(buf: Any, start: int, end: int) -> int:
    """Return where a line ends without the spaces and carriage returns at its end."""
    while end > start and (buf[end - 1] == 13 or buf[end - 1] == 32):
        end -= 1
    return end


@register_jitable
def keep_quick(quick: int, number: int, quick_keys: Any, quick_numbers: Any, fill: Any) -> None:
    """Remember a quick key; when the table is half full, begin anew."""
    if fill[0] >= (1 << QUICK_BITS) // 2:
        quick_keys[:] = 0
        fill[0] = 0
    at = place_of(quick_keys, quick, QUICK_BITS)
    quick_keys[at] = quick
    quick_numbers[at] = number
    fill[0] += 1


@njit(cache=True, nogil=True)
def look_up(
    buf: Any, words: Any, line_ends: Any, tables: Any, shape: Any, index: Any, scratch: Any, fill: Any, numbers: Any, missed: Any
) -> int:
    """Put the pattern number of every line, NONE where none is known; return how many those are, their places in `missed`."""
    cls, dates, closed, quick_keys, quick_numbers, key_keys, key_numbers = tables
    offsets, known, values_seen, varied, roots = shape
    frames, firsts, counts, members = index
    kinds, starts, ends, codes, values, keys = scratch
    misses = 0
    start = 0
    for line in range(line_ends.shape[0]):
        end = line_ends[line]
        after = end + 1
        end = without_tail(buf, start, end)
        quick = np.int64(quick_key(words, start, end) >> _ONE) | 1
        at = place_of(quick_keys, quick, QUICK_BITS)  # type: ignore[arg-type, unused-ignore]  # an integer of numba
        if quick_keys[at] != 0:
            numbers[line] = roots[quick_numbers[at]]
            start = after
            continue
        tokens = lex(buf, start, end, cls, dates, kinds, starts, ends)
        slots = encode(buf, tokens, cls, closed, kinds, starts, ends, codes, values, keys)
        key = keys[0] | 1
        place = place_of(key_keys, key, KEY_BITS)
        number = NONE
        if key_keys[place] != 0:
            number = roots[key_numbers[place]]
        else:
            number = fitting(codes, slots, keys[1], frames, firsts, counts, members, offsets, known)
            if number != NONE and fill[1] < (1 << KEY_BITS) // 2:
                key_keys[place] = key
                key_numbers[place] = number
                fill[1] += 1
        numbers[line] = number
        if number == NONE:
            missed[misses] = line
            misses += 1
        else:
            offset = offsets[number]
            for slot in range(slots):
                if values[slot] != values_seen[offset + slot]:
                    varied[offset + slot] = 1
            if is_settled(buf, tokens, cls, kinds, starts, ends, offset, varied):
                keep_quick(quick, number, quick_keys, quick_numbers, fill)  # type: ignore[arg-type, unused-ignore]  # an integer of numba
        start = after
    return misses


@njit(cache=True, nogil=True)
def read_one(buf: Any, cls: Any, dates: Any, closed: Any, scratch: Any) -> int:
    """Cut one message; return how many tokens and slots it has, as tokens * 65536 + slots."""
    kinds, starts, ends, codes, values, keys = scratch
    tokens = lex(buf, 0, buf.shape[0], cls, dates, kinds, starts, ends)
    return tokens * 65536 + encode(buf, tokens, cls, closed, kinds, starts, ends, codes, values, keys)


@njit(cache=True, nogil=True)
def write_rows(numbers: Any, first: int, texts: Any, begins: Any, out: Any) -> int:
    """Put a row `line number,template` for every pattern number; return how many bytes that is."""
    digits = np.zeros(20, np.uint8)
    length = 0
    rest = first
    while rest > 0 or length == 0:
        digits[length] = rest % 10
        rest //= 10
        length += 1
    at = 0
    for line in range(numbers.shape[0]):
        for i in range(length - 1, -1, -1):
            out[at] = digits[i] + 48
            at += 1
        out[at] = 44
        at += 1
        number = numbers[line]
        for i in range(begins[number], begins[number + 1]):
            out[at] = texts[i]
            at += 1
        out[at] = 10
        at += 1
        i = 0
        while i < length and digits[i] == 9:
            digits[i] = 0
            i += 1
        if i == length:
            length += 1
        digits[i] += 1
    return at
