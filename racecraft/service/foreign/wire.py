"""Protocol buffers, read: the fields of a message, whatever it is."""

from __future__ import annotations

from collections.abc import Iterator

from racecraft.domain.errors import InvalidInput

_VARINT, _FIXED_64, _LENGTH, _FIXED_32 = 0, 1, 2, 5
_MOST_VARINT_BYTES = 10


def fields(message: memoryview) -> Iterator[tuple[int, int | memoryview]]:
    """Number and value of each field: a whole number, or the bytes of anything else.

    Raises:
        InvalidInput: it is no protocol buffer.
    """
    place = 0
    while place < len(message):
        key, place = varint(message, place)
        number, kind = key >> 3, key & 7
        if kind == _VARINT:
            value, place = varint(message, place)
            yield number, value
            continue
        if kind == _LENGTH:
            length, place = varint(message, place)
        else:
            length = {_FIXED_64: 8, _FIXED_32: 4}.get(kind, -1)
        if length < 0 or place + length > len(message):
            raise _damaged()
        yield number, message[place : place + length]
        place += length


def varint(message: memoryview, place: int) -> tuple[int, int]:
    """A whole number of up to ten bytes at a place, and the place behind it.

    Raises:
        InvalidInput: there is none.
    """
    value = 0
    for count in range(_MOST_VARINT_BYTES):
        if place + count >= len(message):
            break
        byte = message[place + count]
        value |= (byte & 0x7F) << (7 * count)
        if byte < 0x80:
            return value, place + count + 1
    raise _damaged()


def _damaged() -> InvalidInput:
    return InvalidInput("The weights are no protocol buffer, or are cut short; fetch them again.")
