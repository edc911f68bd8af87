"""Reads messages in the wire format of Protocol Buffers: numbered fields, without the schema that names them.

Source: https://protobuf.dev/programming-guides/encoding/
"""

from collections.abc import Iterator

_VARINT, _FIXED64, _LENGTH, _FIXED32 = 0, 1, 2, 5
_FIXED = {_FIXED64: 8, _FIXED32: 4}
_VARINT_MAX = 10


def fields(message: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Yield the fields in order, by number: what has a length as bytes, all else as a whole number without sign.

    Raises:
        ValueError: it is no such message.
    """
    at = 0
    while at < len(message):
        tag, at = _varint(message, at)
        kind = tag & 7
        if kind == _VARINT:
            number, at = _varint(message, at)
            yield tag >> 3, number
            continue
        if kind == _LENGTH:
            size, at = _varint(message, at)
        elif kind in _FIXED:
            size = _FIXED[kind]
        else:
            raise ValueError("no kind of field")
        piece = message[at : at + size]
        if len(piece) < size:
            raise ValueError("a field that ends too early")
        at += size
        yield tag >> 3, piece if kind == _LENGTH else int.from_bytes(piece, "little")


def _varint(message: bytes, at: int) -> tuple[int, int]:
    number = 0
    for place, byte in enumerate(message[at : at + _VARINT_MAX]):
        number |= (byte & 0x7F) << 7 * place
        if byte < 0x80:
            return number, at + place + 1
    raise ValueError("a number without an end")
