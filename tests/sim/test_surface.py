"""The painted ground: right colours at the right places, soft edges, honest averages."""

from __future__ import annotations

import gc
import math
import weakref

import numpy as np
import pytest
from numpy.typing import NDArray

from racecraft.domain.track import Track
from racecraft.sim.surface import (
    BORDER_LINE_M,
    DASH,
    DASH_M,
    FIELD,
    GAP_M,
    KEPT_SURFACES,
    LINE,
    MAX_TEXELS,
    ROAD,
    Surface,
    pack_surfaces,
    paint_surface,
    shared_atlas,
    to_grey,
)
from tests.sim.circuits import stadium

GRAIN = 30
"""Texture and soft edges change a colour by less than this."""


@pytest.fixture(scope="module")
def surface() -> Surface:
    return paint_surface(stadium())


def colour_at(surface: Surface, x_m: float, y_m: float) -> NDArray[np.int64]:
    column = int((x_m - surface.origin_m[0]) / surface.texel_m)
    row = int((y_m - surface.origin_m[1]) / surface.texel_m)
    return surface.levels[0][row, column].astype(np.int64)


def distance_m(surface: Surface) -> NDArray[np.float64]:
    """(H, W) distance of each texel from the centre line of the stadium."""
    rows, columns = surface.levels[0].shape[:2]
    x = surface.origin_m[0] + (np.arange(columns) + 0.5) * surface.texel_m
    y = surface.origin_m[1] + (np.arange(rows) + 0.5) * surface.texel_m
    beyond = np.maximum(np.abs(x) - 3.0, 0.0)
    return np.abs(np.hypot(beyond[None], y[:, None] - 1.6) - 1.6)


@pytest.mark.parametrize(
    ("x_m", "y_m", "colour"),
    [
        (0.05, 0.0, DASH),
        (0.18, 0.0, ROAD),
        (0.5, 0.2, ROAD),
        (0.5, 0.385, LINE),
        (0.5, -0.385, LINE),
        (0.5, 0.5, FIELD),
        (0.5, 1.6, FIELD),
        (-1.0, -1.9, FIELD),
        (3.0 + 1.6 + 0.385, 1.6, LINE),
        (3.0 + 1.6 - 0.385, 1.6, LINE),
    ],
)
def test_known_places_have_their_colour(
    surface: Surface, x_m: float, y_m: float, colour: tuple[int, int, int]
) -> None:
    assert np.abs(colour_at(surface, x_m, y_m) - colour).max() <= GRAIN


def test_the_road_covers_the_area_between_the_borders(surface: Surface) -> None:
    green = surface.levels[0][..., 1].astype(float) - surface.levels[0][..., 2]
    is_dash = distance_m(surface) < 0.03
    is_road = (np.abs(green) < 34) | is_dash
    area = is_road.sum() * surface.texel_m**2
    expected = 0.8 * (2 * 6.0 + 2 * math.pi * 1.6)
    assert area == pytest.approx(expected, rel=0.01)


def test_border_lines_are_three_centimetres_wide_wherever_they_fall_on_the_texels() -> None:
    for shift in np.linspace(0.0, 0.01, 7):
        track = stadium(width_m=0.8 + 2 * shift)
        surface = paint_surface(track)
        column = surface.levels[0].shape[1] // 2
        profile = to_grey(surface.levels[0])[:, column].astype(float)
        first = int((0.3 - surface.origin_m[1]) / surface.texel_m)
        last = int((0.4 + shift - surface.origin_m[1]) / surface.texel_m)
        road, line = to_grey(np.array([[ROAD, LINE]], dtype=np.uint8))[0].astype(float)
        width = ((profile[first : last + 1] - road) / (line - road)).clip(0).sum()
        assert width * surface.texel_m == pytest.approx(BORDER_LINE_M, abs=0.006)


def test_dashes_and_gaps_alternate_along_the_centre_line(surface: Surface) -> None:
    start = int(-surface.origin_m[0] / surface.texel_m)
    row = int(-surface.origin_m[1] / surface.texel_m)
    red = surface.levels[0][row, start : start + 240, 0] > 150
    starts = np.flatnonzero(np.diff(red.astype(int)) == 1)
    assert np.diff(starts) * surface.texel_m == pytest.approx(DASH_M + GAP_M, abs=0.015)
    assert red.mean() == pytest.approx(0.5, abs=0.08)


def test_each_level_keeps_the_mean_colour(surface: Surface) -> None:
    inner = surface.levels[0][128:-128, 128:-128].reshape(-1, 3).mean(axis=0)
    for k, level in enumerate(surface.levels[1:5], start=1):
        ring = 128 >> k
        assert level[ring:-ring, ring:-ring].reshape(-1, 3).mean(axis=0) == pytest.approx(
            inner, abs=0.6
        )


def test_the_rim_of_every_level_has_the_mean_colour_of_the_field(surface: Surface) -> None:
    for level in surface.levels:
        rim = np.concatenate((level[0], level[-1], level[:, 0], level[:, -1]))
        assert (rim == FIELD).all()
    grass = surface.levels[0][10:150, 10:-10].reshape(-1, 3)
    assert grass.mean(axis=0) == pytest.approx(FIELD, abs=1.0)


def test_the_same_track_is_painted_with_the_same_bytes() -> None:
    first, second = paint_surface(stadium()), paint_surface(stadium())
    assert first is not second
    assert all((a == b).all() for a, b in zip(first.levels, second.levels, strict=True))


def test_a_track_is_painted_once() -> None:
    track = stadium()
    assert paint_surface(track) is paint_surface(track)


def test_the_order_of_the_rows_changes_nothing_but_the_dashes(surface: Surface) -> None:
    other = paint_surface(stadium().reversed())
    is_dash = distance_m(surface) < 0.03
    assert (surface.levels[0][~is_dash] == other.levels[0][~is_dash]).all()


def test_moving_a_track_by_whole_texels_moves_its_lines() -> None:
    track, shift = stadium(), np.array([1.28, -2.56])
    moved = Track("moved", track.centre + shift, track.inner + shift, track.outer + shift)
    first, second = paint_surface(track), paint_surface(moved)
    assert np.subtract(second.origin_m, first.origin_m) == pytest.approx(shift, abs=0.011)
    for x_m, y_m in ((0.05, 0.0), (0.5, 0.385), (0.5, -0.385)):
        gap = colour_at(first, x_m, y_m) - colour_at(second, x_m + shift[0], y_m + shift[1])
        assert np.abs(gap).max() <= GRAIN


def test_a_very_long_track_gets_coarser_texels_instead_of_more() -> None:
    surface = paint_surface(stadium(straight_m=60.0, radius_m=4.0))
    assert surface.texel_m > 0.014
    assert max(surface.levels[0].shape) <= MAX_TEXELS + 128
    assert np.abs(colour_at(surface, 0.5, 0.2) - ROAD).max() <= GRAIN


def test_grey_weighs_the_channels_as_the_original_simulator() -> None:
    colours = np.random.default_rng(0).integers(0, 256, (20, 30, 3), dtype=np.uint8)
    expected = np.floor(colours @ np.array([0.2989, 0.5870, 0.1140]) + 0.5)
    assert (to_grey(colours) == expected).all()


@pytest.mark.parametrize("is_colour", [False, True])
def test_a_packed_word_holds_a_texel_and_its_neighbours(is_colour: bool) -> None:
    surfaces = [paint_surface(stadium()), paint_surface(stadium(straight_m=2.0))]
    atlas = pack_surfaces(surfaces, is_colour=is_colour)
    for s, surface in enumerate(surfaces):
        for k in (0, 3, 7):
            level = surface.levels[k] if is_colour else to_grey(surface.levels[k])[..., None]
            rows, columns, channels = level.shape
            first = atlas.offset[s, k]
            words = atlas.texels[first : first + level.size].reshape(channels, rows, columns)
            for byte, (north, east) in enumerate(((0, 0), (0, 1), (1, 0), (1, 1))):
                expected = level[north : rows - 1 + north, east : columns - 1 + east]
                found = (words[:, :-1, :-1] >> (8 * byte)) & 255
                assert (np.moveaxis(found, 0, 2) == expected).all()


@pytest.mark.parametrize("count", [1, KEPT_SURFACES + 1], ids=["kept", "painted anew"])
def test_an_atlas_is_shared_by_all_who_look_at_the_same_tracks(count: int) -> None:
    tracks = [stadium(straight_m=2.0 + k) for k in range(count)]
    shared = shared_atlas(tracks, is_colour=False)
    assert shared_atlas(list(tracks), is_colour=False) is shared
    assert shared_atlas(tracks, is_colour=True) is not shared
    packed = pack_surfaces([paint_surface(track) for track in tracks], is_colour=False)
    for name, array in packed._asdict().items():
        assert np.array_equal(getattr(shared.atlas, name), array)
        assert getattr(shared.atlas, name).dtype == array.dtype


def test_an_atlas_goes_with_the_last_who_looks_at_it() -> None:
    track = stadium()
    gone = weakref.ref(shared_atlas([track], is_colour=False))
    gc.collect()
    assert gone() is None
