"""Messages between a training and the locked process: four bytes of length, then msgpack.

What the locked process sends is hostile until it has been looked at: a frame longer than
`MAX_REPLY` is refused before it is read, and nothing but plain values can come out of one.
"""

from __future__ import annotations

import struct
from typing import Any

import msgpack

HEADER = struct.Struct("<I")
MAX_REPLY = 256 * 1024
"""Bytes; unpacking hostile ones takes up to 64 times as much memory for a moment."""
MAX_ROWS = 4096
"""Rows of one batch, so that its rewards and the printed text fit."""


class BrokenFrame(Exception):
    """The other side sent what is no message."""


def packed(message: dict[str, Any]) -> bytes:
    """A message as a frame."""
    # The user's text may hold halves of characters, which no text on the way may.
    body: bytes = msgpack.packb(message, unicode_errors="replace")
    return HEADER.pack(len(body)) + body


def unpacked(body: bytes | bytearray) -> dict[str, Any]:
    """A message from the part of a frame behind the length.

    Raises:
        BrokenFrame: it is not msgpack, or not a table.
    """
    try:
        message = msgpack.unpackb(body, raw=False, strict_map_key=True)
    except (ValueError, UnicodeDecodeError, msgpack.UnpackException) as error:
        raise BrokenFrame("not msgpack") from error
    if not isinstance(message, dict):
        raise BrokenFrame("not a table")
    return message


def take(buffer: bytearray, limit: int = MAX_REPLY) -> dict[str, Any] | None:
    """Cut the first message off a buffer of received bytes; None while it is incomplete.

    Raises:
        BrokenFrame: the buffer does not begin with a message of at most `limit` bytes.
    """
    if len(buffer) < HEADER.size:
        return None
    (size,) = HEADER.unpack_from(buffer)
    if size > limit:
        raise BrokenFrame(f"{size} bytes announced")
    end = HEADER.size + size
    if len(buffer) < end:
        return None
    body = bytes(memoryview(buffer)[HEADER.size : end])
    del buffer[:end]
    return unpacked(body)
