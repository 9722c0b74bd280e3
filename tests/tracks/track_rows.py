"""Rows of a track as its file holds them, good and changed, and how a file is refused."""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from racecraft.domain.errors import InvalidTrack
from racecraft.tracks.exchange import parse_npy

Rows = NDArray[np.float64]


def rows_of(
    count: int = 121, *, width: float = 1.0, waves: int = 3, size: float = 4.0, depth: float = 0.15
) -> Rows:
    """(N, 6) rows of a gently waved loop; the borders are the same curve, scaled about 0."""
    angle = np.linspace(0.0, 2 * np.pi, count)
    ray = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    radius = size * (1 + depth * np.cos(waves * angle))[:, None]
    rows = np.hstack([ray * radius, ray * (radius - width / 2), ray * (radius + width / 2)])
    rows[-1] = rows[0]
    return rows


def as_bytes(array: NDArray[np.generic]) -> bytes:
    file = io.BytesIO()
    np.save(file, array, allow_pickle=False)
    return file.getvalue()


def changed(change: Callable[[Rows], Rows | None]) -> Rows:
    rows = rows_of()
    result = change(rows)
    return rows if result is None else result


def refused(data: bytes | NDArray[np.generic]) -> str:
    """The sentence with which a file is refused."""
    with pytest.raises(InvalidTrack) as caught:
        parse_npy(data if isinstance(data, bytes) else as_bytes(data), "mine")
    return str(caught.value)
