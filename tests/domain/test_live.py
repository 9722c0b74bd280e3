"""Segments of live telemetry: written here, read by the decoder of the documentation."""

from __future__ import annotations

import re
import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from racecraft.domain.errors import InvalidInput
from racecraft.domain.live.segments import (
    CarsSegment,
    SegmentKind,
    ViewSegment,
    read_cars,
    read_head,
    split_segments,
)

DOCS = Path(__file__).parents[2] / "docs" / "reference" / "live.md"


def documented_decoder() -> Any:
    """`decode` as the page has it."""
    code = re.search(r"```python\n(.*?)```", DOCS.read_text("utf-8"), re.DOTALL)
    assert code is not None
    scope: dict[str, Any] = {}
    exec(code.group(1), scope)
    return scope["decode"]


def some_cars(steps: int, cars: int, seed: int = 0) -> CarsSegment:
    rng = np.random.default_rng(seed)
    shape = (steps, cars)
    return CarsSegment(
        time_s=np.arange(steps) / 15.0,
        x_m=rng.uniform(-90, 90, shape),
        y_m=rng.uniform(-90, 90, shape),
        reward=np.where(rng.random(shape) < 0.1, np.nan, rng.normal(0, 1e4, shape)),
        heading_rad=rng.uniform(-np.pi, np.pi, shape),
        speed_mps=rng.uniform(0, 4, shape),
        steering_rad=rng.uniform(-0.53, 0.53, shape),
        progress_percent=rng.uniform(0, 100, shape),
        action=rng.integers(-1, 30, shape),
        status=rng.integers(0, 10, shape),
        jump=rng.random(shape) < 0.2,
    )


def some_view(steps: int, things: int, actions: int, map_steps: Sequence[int] = ()) -> ViewSegment:
    rng = np.random.default_rng(1)
    weights = rng.random((steps, actions)) + 0.01
    return ViewSegment(
        car=3,
        objects=rng.uniform(-3, 3, (steps, things, 3)),
        kinds=rng.integers(0, 2, things),
        probabilities=weights / weights.sum(axis=1, keepdims=True),
        pictures=[bytes([65 + k]) * k for k in range(steps)],
        map_steps=np.array(map_steps, np.int64),
        maps=rng.integers(0, 256, (len(map_steps), 3, 5), np.uint8),
    )


TOLERANCES = {
    "time_s": 1e-5,
    "x_m": 1e-4,
    "y_m": 1e-4,
    "reward": 1e-2,
    "heading_rad": 1e-4,
    "speed_mps": 1e-3,
    "steering_rad": 1e-4,
    "progress_percent": 1e-2,
    "action": 0,
    "status": 0,
    "jump": 0,
}


@given(steps=st.integers(1, 16), cars=st.integers(1, 9), seed=st.integers(0, 99))
def test_the_documented_decoder_reads_what_was_written(steps: int, cars: int, seed: int) -> None:
    segment = some_cars(steps, cars, seed)

    read = documented_decoder()(segment.bytes(7, 12, 3.5, is_cut=True, is_recorded=False))

    assert (read["kind"], read["sequence"], read["part"], read["start_s"]) == (1, 7, 12, 3.5)
    assert (read["is_cut"], read["is_recorded"]) == (True, False)
    for name, tolerance in TOLERANCES.items():
        np.testing.assert_allclose(read[name], getattr(segment, name), atol=tolerance)


@pytest.mark.parametrize(
    ("steps", "things", "actions", "map_steps"),
    [(1, 0, 0, []), (15, 3, 5, [0, 5, 10]), (3, 1, 0, [2])],
)
def test_the_documented_decoder_reads_a_view(
    steps: int, things: int, actions: int, map_steps: list[int]
) -> None:
    view = some_view(steps, things, actions, map_steps)

    read = documented_decoder()(view.bytes(2, 0, 1.0, is_recorded=True))

    assert (read["kind"], read["car"], read["is_recorded"]) == (2, 3, True)
    np.testing.assert_allclose(read["x_m"], view.objects[..., 0], atol=1e-5)
    np.testing.assert_allclose(read["heading_rad"], view.objects[..., 2], atol=1e-4)
    np.testing.assert_array_equal(read["thing"], view.kinds)
    np.testing.assert_allclose(read["probability"], view.probabilities, atol=1e-4)
    assert read["pictures"] == list(view.pictures)
    assert read["map_steps"].tolist() == map_steps
    np.testing.assert_array_equal(read["maps"], view.maps)


def test_our_own_reader_says_the_same_as_the_documented_one() -> None:
    message = some_cars(4, 3).bytes(0, 0, 0.0, is_cut=False, is_recorded=True)

    ours, theirs = read_cars(message), documented_decoder()(message)

    for name in TOLERANCES:
        np.testing.assert_array_equal(getattr(ours, name), theirs[name])


def test_every_array_begins_at_a_multiple_of_four() -> None:
    odd = some_cars(3, 1).bytes(0, 0, 0.0, is_cut=False, is_recorded=False)

    # time, x, y, reward: 12 bytes each; five of 6 bytes and two of 3, each filled up.
    assert len(odd) == 40 + 4 * 12 + 5 * 8 + 2 * 4
    assert struct.unpack_from("<I", odd, 8) == (len(odd),)


def test_headings_beyond_half_a_turn_come_back_within_it() -> None:
    segment = some_cars(1, 1)
    turned = CarsSegment(**{**vars(segment), "heading_rad": np.array([[3.0 * np.pi / 2.0]])})

    read = read_cars(turned.bytes(0, 0, 0.0, is_cut=False, is_recorded=False))

    assert read.heading_rad[0, 0] == pytest.approx(-np.pi / 2.0, abs=1e-4)


def test_a_part_of_a_segment_begins_its_time_anew() -> None:
    part = some_cars(10, 2).part_of(4, 7)

    assert part.x_m.shape == (3, 2)
    np.testing.assert_allclose(part.time_s, [0, 1 / 15, 2 / 15], atol=1e-9)


def test_segments_sent_in_one_go_are_told_apart() -> None:
    cars = some_cars(2, 2).bytes(5, 1, 0.0, is_cut=False, is_recorded=False)
    view = some_view(2, 1, 4).bytes(5, 1, 0.0, is_recorded=False)

    found = list(split_segments(cars + view))

    assert [head.kind for head, _ in found] == [SegmentKind.CARS, SegmentKind.VIEW]
    assert [message for _, message in found] == [cars, view]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda m: m[:39],
        lambda m: m[:-1],
        lambda m: b"XXXX" + m[4:],
        lambda m: m[:4] + b"\x09" + m[5:],
        lambda m: m[:6] + b"\x00\x00" + m[8:],
        lambda m: m[:32] + struct.pack("<d", float("nan")),
        lambda m: m[:20] + struct.pack("<H", 60000) + m[22:],
    ],
    ids=["short", "cut off", "magic", "kind", "header", "time", "counts"],
)
def test_bytes_that_are_no_segment_are_refused(spoil: Any) -> None:
    message = some_cars(2, 2).bytes(0, 0, 0.0, is_cut=False, is_recorded=False)

    with pytest.raises(InvalidInput):
        read_cars(spoil(message))


def test_a_view_is_not_read_as_cars() -> None:
    view = some_view(2, 1, 4).bytes(5, 1, 0.0, is_recorded=False)

    with pytest.raises(InvalidInput, match="view of one car"):
        read_cars(view)
    assert read_head(view).cars == 3
