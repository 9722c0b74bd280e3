"""TensorFlow checkpoints (`X.ckpt.index`, `X.ckpt.data-…`), read without TensorFlow.

The index is a sorted string table (the table format of LevelDB): blocks of names with protocol
buffers that say type, shape and place; the data are the plain bytes of the arrays. Field numbers
are those of `tensor_bundle.proto`. Nothing in such files is code, and none of it is run.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from racecraft.domain.errors import InvalidInput
from racecraft.service.foreign.graphs import Array
from racecraft.service.foreign.wire import fields, varint

_MAGIC = 0xDB4775248B80FB57
_FOOTER_BYTES = 48
_TRAILER_BYTES = 5
"""Behind each block: how it is packed, and a checksum."""
_MOST_ENTRIES = 20_000
_MOST_AXES, _MOST_BYTES = 4, 400_000_000
_FLOAT = 1


@dataclass(frozen=True)
class Entry:
    """Where an array of 32-bit floats lies."""

    shape: tuple[int, ...]
    shard: int
    offset: int
    size: int


def read_index(data: bytes) -> dict[str, Entry]:
    """Every array of 32-bit floats in the index of a checkpoint, by name.

    Raises:
        InvalidInput: it is no such index, is damaged, or is packed.
    """
    if len(data) < _FOOTER_BYTES or struct.unpack("<Q", data[-8:])[0] != _MAGIC:
        raise _odd("its index is no table")
    footer = memoryview(data)[-_FOOTER_BYTES:]
    place = 0
    handle = [0, 0, 0, 0]
    for number in range(4):  # of the index of metadata, then of the index of blocks
        handle[number], place = varint(footer, place)
    found: dict[str, Entry] = {}
    for _, value in _block(data, handle[2], handle[3]):
        offset, after = varint(value, 0)
        size, _ = varint(value, after)
        for name, content in _block(data, offset, size):
            entry = _entry(content) if name else None  # what has no name is the head of it all
            if entry is not None:
                found[name.decode("utf-8", "replace")] = entry
            if len(found) > _MOST_ENTRIES:
                raise _odd(f"it has more than {_MOST_ENTRIES} arrays")
    return found


def read_array(entry: Entry, shard: Callable[[int], bytes]) -> Array:
    """An array.

    Args:
        entry: where it lies.
        shard: gives the bytes of a data file by its number.

    Raises:
        InvalidInput: it does not lie there.
    """
    data = shard(entry.shard)
    part = data[entry.offset : entry.offset + entry.size]
    if len(part) != entry.size:
        raise _odd("its data are cut short")
    return np.frombuffer(part, "<f4").reshape(entry.shape)


def _block(data: bytes, offset: int, size: int) -> Iterator[tuple[bytes, memoryview]]:
    """Names and values of a block; each name begins as the one before."""
    if offset + size + _TRAILER_BYTES > len(data) or size < 4:
        raise _odd("its index is cut short")
    if data[offset + size]:
        raise _odd("its index is packed")
    block = memoryview(data)[offset : offset + size]
    restarts = struct.unpack("<I", block[-4:])[0]
    end = size - 4 - 4 * restarts
    if end < 0:
        raise _odd("a block of its index is damaged")
    place, name = 0, b""
    while place < end:
        shared, place = varint(block, place)
        own, place = varint(block, place)
        length, place = varint(block, place)
        if shared > len(name) or place + own + length > end:
            raise _odd("a block of its index is damaged")
        name = name[:shared] + bytes(block[place : place + own])
        place += own
        yield name, block[place : place + length]
        place += length


def _entry(message: memoryview) -> Entry | None:
    """What an entry says; None of what is no array of 32-bit floats."""
    numbers = {1: 0, 3: 0, 4: 0, 5: 0}
    shape: list[int] = []
    for number, value in fields(message):
        if number == 2 and isinstance(value, memoryview):
            shape = [_axis(each) for n, each in fields(value) if n == 2]
        elif number == 7:  # a part of a larger array
            return None
        elif number in numbers and isinstance(value, int):
            numbers[number] = value
    if numbers[1] != _FLOAT:
        return None
    size = 4 * math.prod(shape)
    if len(shape) > _MOST_AXES or size != numbers[5] or size > _MOST_BYTES:
        raise _odd(f"an array of shape {shape} has {numbers[5]} bytes")
    return Entry(tuple(shape), numbers[3], numbers[4], size)


def _axis(message: int | memoryview) -> int:
    """The length of an axis; 0 is not written down."""
    size = 0 if isinstance(message, int) else dict(fields(message)).get(1, 0)
    if isinstance(message, int) or not isinstance(size, int):
        raise _odd("the shape of an array in its index is damaged")
    return size


def _odd(why: str) -> InvalidInput:
    return InvalidInput(f"The TensorFlow checkpoint cannot be taken over: {why}.")
