"""Protocol buffers, written: fields of a message as bytes.

Format: https://protobuf.dev/programming-guides/encoding/. A field is its number and kind in one
variable-length number, then the value; messages and texts have their length before them.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable

_VARINT, _LENGTH, _FIXED_32 = 0, 2, 5
_NEGATIVE = 1 << 64


def varint(value: int) -> bytes:
    """A whole number in groups of seven bits, the lowest first; negative ones as 64 bits."""
    rest = value + _NEGATIVE if value < 0 else value
    groups = bytearray()
    while rest > 0x7F:
        groups.append(rest & 0x7F | 0x80)
        rest >>= 7
    groups.append(rest)
    return bytes(groups)


def whole(number: int, value: int) -> bytes:
    """A field with a whole number, a truth value or a member of an enumeration."""
    return varint(number << 3 | _VARINT) + varint(value)


def real(number: int, value: float) -> bytes:
    """A field with a 32-bit float."""
    return varint(number << 3 | _FIXED_32) + struct.pack("<f", value)


def block(number: int, value: bytes | str) -> bytes:
    """A field with a text, bytes, or a message that was written already."""
    data = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | _LENGTH) + varint(len(data)) + data


def packed(number: int, values: Iterable[int]) -> bytes:
    """A field with several whole numbers."""
    return block(number, b"".join(map(varint, values)))
