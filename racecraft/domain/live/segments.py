"""What is sent to those who watch a job: segments of steps as bytes.

`docs/reference/live.md` describes every byte. A segment is a header and arrays of whole numbers or
32-bit floats, each at a multiple of four bytes, so that a browser can lay typed arrays on it.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from racecraft.domain.errors import InvalidInput

MAGIC = b"RCL1"
SEGMENT_STEPS = 15
"""Steps of a usual segment: one second."""
_FEWEST = 6
"""A segment with fewer steps is made a part of the one before."""
ANGLE_RAD, SPEED_MPS, PROGRESS_PERCENT, PROBABILITY = 1e-4, 1e-3, 1e-2, 1.0 / 65535
"""What one unit of the whole numbers stands for."""
_HEADER = struct.Struct("<4sBBHIIIHHHHBBHd")
_CUT, _RECORDED = 1, 2


class SegmentKind(IntEnum):
    """What a segment tells."""

    CARS = 1
    VIEW = 2


def segment_end(begin: int, steps: int) -> int:
    """One past the last step of the segment that begins at a step of `steps`."""
    end = begin + SEGMENT_STEPS
    return end if steps - end >= _FEWEST else steps


@dataclass(frozen=True)
class SegmentHead:
    """What every segment begins with."""

    kind: SegmentKind
    sequence: int
    part: int
    """Iteration of a training, trial of an evaluation."""
    start_s: float
    """Stream time of the first step."""
    steps: int
    cars: int
    """How many; in a view the number of the one that is viewed."""
    size: int
    """Bytes of the segment."""
    is_cut: bool = False
    """It does not go on where the segment before ended."""
    is_recorded: bool = False
    objects: int = 0
    actions: int = 0
    map_size: tuple[int, int] = (0, 0)
    """Rows and columns of the maps of what the network looks at."""
    maps: int = 0
    """How many there are."""


@dataclass(frozen=True, eq=False)
class CarsSegment:
    """S steps of N cars; arrays are (S, N) unless they say otherwise."""

    time_s: NDArray[np.float64]
    """(S,) after the first step."""
    x_m: NDArray[np.float64]
    """Middle between the axles."""
    y_m: NDArray[np.float64]
    reward: NDArray[np.float64]
    """NaN where there is none."""
    heading_rad: NDArray[np.float64]
    speed_mps: NDArray[np.float64]
    steering_rad: NDArray[np.float64]
    progress_percent: NDArray[np.float64]
    action: NDArray[np.int64]
    status: NDArray[np.int64]
    jump: NDArray[np.bool_]
    """Whether the car was put to a new place since the step before."""

    def bytes(
        self, sequence: int, part: int, start_s: float, *, is_cut: bool, is_recorded: bool
    ) -> bytes:
        """The segment as it is sent."""
        steps, cars = self.x_m.shape
        arrays = [
            _floats(self.time_s),
            _floats(self.x_m),
            _floats(self.y_m),
            _floats(self.reward),
            _angles(self.heading_rad),
            _whole(self.speed_mps, SPEED_MPS),
            _whole(self.steering_rad, ANGLE_RAD),
            _whole(self.progress_percent, PROGRESS_PERCENT),
            _whole(self.action, 1.0),
            self.status.astype(np.uint8).tobytes(),
            self.jump.astype(np.uint8).tobytes(),
        ]
        head = SegmentHead(
            SegmentKind.CARS, sequence, part, start_s, steps, cars, 0, is_cut, is_recorded
        )
        return _joined(head, arrays)

    def part_of(self, begin: int, end: int) -> CarsSegment:
        """Steps begin..end-1; times count from the first of them."""
        arrays = {name: array[begin:end] for name, array in vars(self).items()}
        arrays["time_s"] = arrays["time_s"] - arrays["time_s"][0]
        return CarsSegment(**arrays)


@dataclass(frozen=True, eq=False)
class ViewSegment:
    """What one car meets, thinks and sees in S steps."""

    car: int
    objects: NDArray[np.float64]
    """(S, O, 3) x, y (m) and heading (rad) of the things on its road."""
    kinds: NDArray[np.int64]
    """(O,) 0 for a box, 1 for a bot car."""
    probabilities: NDArray[np.float64]
    """(S, A) of each action; A is 0 where they are not known."""
    pictures: Sequence[bytes] = field(default_factory=tuple)
    """(S,) JPEG files; empty ones, or none at all, without a camera."""
    map_steps: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    """(M,) steps of which it is known what the network looks at, from 0."""
    maps: NDArray[np.uint8] = field(default_factory=lambda: np.zeros((0, 0, 0), np.uint8))
    """(M, h, w) what it looks at, 255 the most."""

    def bytes(self, sequence: int, part: int, start_s: float, *, is_recorded: bool) -> bytes:
        """The segment as it is sent; the first three are those of the cars' segment."""
        steps, things = self.objects.shape[:2]
        pictures = self.pictures or [b""] * steps
        arrays = [
            _floats(self.objects[..., 0]),
            _floats(self.objects[..., 1]),
            _angles(self.objects[..., 2]),
            self.kinds.astype(np.uint8).tobytes(),
            np.rint(self.probabilities / PROBABILITY).clip(0, 65535).astype("<u2").tobytes(),
            np.cumsum([len(picture) for picture in pictures]).astype("<u4").tobytes(),
            b"".join(pictures),
            self.map_steps.astype("<u2").tobytes(),
            self.maps.tobytes(),
        ]
        count, high, wide = self.maps.shape
        head = SegmentHead(
            SegmentKind.VIEW,
            sequence,
            part,
            start_s,
            steps,
            self.car,
            0,
            is_recorded=is_recorded,
            objects=things,
            actions=self.probabilities.shape[1],
            map_size=(high, wide),
            maps=count,
        )
        return _joined(head, arrays)


def read_head(message: bytes | memoryview) -> SegmentHead:
    """The header of a segment.

    Raises:
        InvalidInput: this is no segment, or not a whole one.
    """
    if len(message) < _HEADER.size:
        raise InvalidInput(f"A segment has at least {_HEADER.size} bytes; this has {len(message)}.")
    values = _HEADER.unpack_from(message)
    magic, kind, flags, at, size, sequence, part, *counts, start_s = values
    steps, cars, objects, actions, high, wide, maps = counts
    is_known = magic == MAGIC and kind in tuple(SegmentKind) and at >= _HEADER.size
    if not is_known or not at <= size <= len(message) or not math.isfinite(start_s):
        raise InvalidInput("This is no segment of live telemetry, or a part of one is missing.")
    return SegmentHead(
        kind=SegmentKind(kind),
        sequence=sequence,
        part=part,
        start_s=start_s,
        steps=steps,
        cars=cars,
        size=size,
        is_cut=bool(flags & _CUT),
        is_recorded=bool(flags & _RECORDED),
        objects=objects,
        actions=actions,
        map_size=(high, wide),
        maps=maps,
    )


def split_segments(body: bytes) -> Iterator[tuple[SegmentHead, bytes]]:
    """The segments that were sent in one go, one after the other.

    Raises:
        InvalidInput: something in between is none.
    """
    rest = memoryview(body)
    while rest:
        head = read_head(rest)
        yield head, bytes(rest[: head.size])
        rest = rest[head.size :]


def read_cars(message: bytes) -> CarsSegment:
    """The cars of a segment.

    Raises:
        InvalidInput: it is none of that kind, or it is shorter than its header says.
    """
    head = read_head(message)
    if head.kind is not SegmentKind.CARS:
        raise InvalidInput("This segment is the view of one car; the cars are in another one.")
    at, shape = _HEADER.size, (head.steps, head.cars)
    values: dict[str, Any] = {}
    for name, dtype, unit in _CARS:
        wanted = shape[:1] if name == "time_s" else shape
        count = math.prod(wanted)
        size = count * np.dtype(dtype).itemsize
        if at + size > head.size:
            raise InvalidInput("This segment is shorter than its header says.")
        array = np.frombuffer(message, dtype, count, at).reshape(wanted)
        values[name] = array if unit == 1.0 else array * unit
        at += _padded(size)
    return CarsSegment(**values)


_CARS = (
    ("time_s", "<f4", 1.0),
    ("x_m", "<f4", 1.0),
    ("y_m", "<f4", 1.0),
    ("reward", "<f4", 1.0),
    ("heading_rad", "<i2", ANGLE_RAD),
    ("speed_mps", "<i2", SPEED_MPS),
    ("steering_rad", "<i2", ANGLE_RAD),
    ("progress_percent", "<i2", PROGRESS_PERCENT),
    ("action", "<i2", 1.0),
    ("status", "u1", 1.0),
    ("jump", "u1", 1.0),
)


def _joined(head: SegmentHead, arrays: Sequence[bytes]) -> bytes:
    body = b"".join(array + bytes(_padded(len(array)) - len(array)) for array in arrays)
    header = _HEADER.pack(
        MAGIC,
        head.kind,
        _CUT * head.is_cut | _RECORDED * head.is_recorded,
        _HEADER.size,
        _HEADER.size + len(body),
        head.sequence,
        head.part,
        head.steps,
        head.cars,
        head.objects,
        head.actions,
        *head.map_size,
        head.maps,
        head.start_s,
    )
    return header + body


def _padded(size: int) -> int:
    return -(-size // 4) * 4


def _floats(values: NDArray[Any]) -> bytes:
    return values.astype("<f4").tobytes()


def _whole(values: NDArray[Any], unit: float) -> bytes:
    return np.rint(values / unit).clip(-32768, 32767).astype("<i2").tobytes()


def _angles(values_rad: NDArray[np.float64]) -> bytes:
    return _whole((values_rad + math.pi) % (2.0 * math.pi) - math.pi, ANGLE_RAD)
