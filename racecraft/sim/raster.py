"""Kernels that turn poses into frames: the hottest code of the program.

Places on the ground are 32-bit integers in 1/65536 texels, colours are mixed two at a time in
the halves of a 32-bit word, and nothing in the loop over a row branches. So 16 pixels share
each instruction where the processor can.
"""

from __future__ import annotations

# Kernels here are longer than the budget: splitting them would cost calls per row.
import math
from typing import Any, NamedTuple

import numpy as np
from numba import types
from numba.extending import intrinsic
from numpy.typing import NDArray

from racecraft.sim.kernel import njit

REACH_M = 100.0
"""A camera further than this outside the picture is rendered as if it were this far away."""


class Rows(NamedTuple):
    """What the camera's geometry fixes for every image row."""

    samples: NDArray[np.int64]
    """(H,) lines on the ground averaged in this row: 1, 2 or 4; 0 for a row of sky."""
    forward_m: NDArray[np.float64]
    """(H, 4) distance of each line ahead of the optical centre."""
    spacing_m: NDArray[np.float64]
    """(H, 4) distance between neighbouring pixels of each line."""
    level: NDArray[np.int64]
    """(S, H) pyramid level to read, by surface."""
    sky: NDArray[np.uint8]
    """(H, C) colour of the rows that see no ground."""


def _untangled(module: Any) -> Any:
    """LLVM's word that reads of texels and writes of pixels never meet in memory.

    Numba cannot say so for array arguments, and without it the inner loop stays scalar code.
    """
    domain = module.add_metadata(["racecraft.camera"])
    return module.add_metadata([module.add_metadata(["racecraft.camera.texels", domain])])


@intrinsic
def _texel(typing_context: Any, texels: Any, index: Any) -> Any:
    """`texels[index]` without bounds check, for an int32 index that is not negative."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        array = context.make_array(signature.args[0])(context, builder, args[0])
        place = builder.sext(args[1], context.get_value_type(types.intp))
        value = builder.load(builder.gep(array.data, [place]))
        value.set_metadata("alias.scope", _untangled(builder.module))
        return value

    return types.uint32(texels, types.int32), generate


@intrinsic
def _put(typing_context: Any, out: Any, index: Any, pixel: Any) -> Any:
    """`out.ravel()[index] = pixel` for a C-contiguous array, without bounds check."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        array = context.make_array(signature.args[0])(context, builder, args[0])
        value = builder.store(args[2], builder.gep(array.data, [args[1]]))
        value.set_metadata("noalias", _untangled(builder.module))
        return context.get_dummy_value()

    return types.void(out, types.intp, types.uint8), generate


@njit(forceinline=True)
def _sample(texels: Any, ground: Any, line: Any, j: Any, plane: Any) -> Any:
    """256 times the bilinear value at pixel j of a line; all in 32-bit lanes."""
    columns, u_max, v_max, _ = ground
    u = np.int32(min(max(np.int32(line[0] + j * line[2]), np.int32(0)), u_max))
    v = np.int32(min(max(np.int32(line[1] + j * line[3]), np.int32(0)), v_max))
    word = _texel(texels, np.int32(np.int32(v >> 16) * columns + np.int32(u >> 16) + plane))
    east = np.uint32(np.uint32(u >> 8) & np.uint32(255))
    north = np.uint32(np.uint32(v >> 8) & np.uint32(255))
    # the low and the high half of a word are two 16-bit numbers that are mixed at once
    west_pair = np.uint32(word & np.uint32(0x00FF00FF))
    east_pair = np.uint32((word >> np.uint32(8)) & np.uint32(0x00FF00FF))
    pair = np.uint32(
        west_pair * np.uint32(np.uint32(256) - east) + east_pair * east + np.uint32(0x00800080)
    )
    south = np.uint32((pair >> np.uint32(8)) & np.uint32(255))
    top = np.uint32(pair >> np.uint32(24))
    return np.uint32(south * np.uint32(np.uint32(256) - north) + top * north)


# Means over 1, 2 and 4 lines, written out because LLVM does not unroll a loop this large, and
# vectorises nothing around a loop that it did not unroll. `forceinline` and not `inline="always"`:
# the latter counts references inside the loop, and such calls keep it scalar.
@njit(forceinline=True)
def _mean_1(texels: Any, ground: Any, lines: Any, j: Any, plane: Any) -> Any:
    return np.uint8(
        np.uint32(_sample(texels, ground, lines[0], j, plane) + np.uint32(128)) >> np.uint32(8)
    )


@njit(forceinline=True)
def _mean_2(texels: Any, ground: Any, lines: Any, j: Any, plane: Any) -> Any:
    total = np.uint32(
        _sample(texels, ground, lines[0], j, plane) + _sample(texels, ground, lines[1], j, plane)
    )
    return np.uint8(np.uint32(total + np.uint32(256)) >> np.uint32(9))


@njit(forceinline=True)
def _mean_4(texels: Any, ground: Any, lines: Any, j: Any, plane: Any) -> Any:
    a = np.uint32(
        _sample(texels, ground, lines[0], j, plane) + _sample(texels, ground, lines[1], j, plane)
    )
    b = np.uint32(
        _sample(texels, ground, lines[2], j, plane) + _sample(texels, ground, lines[3], j, plane)
    )
    return np.uint8(np.uint32(np.uint32(a + b) + np.uint32(512)) >> np.uint32(10))


def _row_kernel(mean: Any) -> Any:
    """A kernel that writes one image row, (W, C), as the `mean` of some ground lines.

    It is a function of its own because LLVM vectorises its loops only while nothing around them
    counts references.
    """

    @njit(nogil=True)
    def fill(out: Any, texels: Any, ground: Any, lines: Any) -> None:
        plane = ground[3]
        if out.shape[1] == 1:
            for j in range(out.shape[0]):
                _put(out, j, mean(texels, ground, lines, np.int32(j), np.int32(0)))
        else:
            for j in range(out.shape[0]):
                i = np.int32(j)
                _put(out, 3 * j, mean(texels, ground, lines, i, np.int32(0)))
                _put(out, 3 * j + 1, mean(texels, ground, lines, i, plane))
                _put(out, 3 * j + 2, mean(texels, ground, lines, i, np.int32(2 * plane)))

    return fill


_row_1, _row_2, _row_4 = _row_kernel(_mean_1), _row_kernel(_mean_2), _row_kernel(_mean_4)


@njit(forceinline=True)
def _line(view: Any, spot: Any, forward: float, spacing: float, half: float, per_m: float) -> Any:
    """First pixel and step of a ground line, in 1/65536 texels of its level."""
    cosine, sine = view
    left = (half - 0.5) * spacing
    u = (spot[0] + forward * cosine - left * sine) * per_m - 0.5
    v = (spot[1] + forward * sine + left * cosine) * per_m - 0.5
    step = spacing * per_m * 65536.0
    return (
        np.int32(u * 65536.0),
        np.int32(v * 65536.0),
        np.int32(round(step * sine)),
        np.int32(round(-step * cosine)),
    )


@njit(nogil=True, cache=True)
def render_frames(
    poses: Any,
    track_of_car: Any,
    frames: Any,
    lo: int,
    hi: int,
    ahead_m: float,
    rows: Any,
    atlas: Any,
) -> None:
    """Render cars lo to hi - 1 into (N, H, W, C) frames.

    Long because it is the hottest loop of the program, and the three numbers of samples must
    be separate calls to become vector code.
    """
    height, width, channels = frames.shape[1:]
    half = 0.5 * width
    for car in range(lo, hi):
        track = track_of_car[car]
        cosine, sine = math.cos(poses[car, 2]), math.sin(poses[car, 2])
        texel_m = atlas.texel_m[track]
        x = poses[car, 0] + ahead_m * cosine - atlas.origin_m[track, 0]
        y = poses[car, 1] + ahead_m * sine - atlas.origin_m[track, 1]
        x = min(max(x, -REACH_M), REACH_M + texel_m * atlas.columns[track, 0])
        y = min(max(y, -REACH_M), REACH_M + texel_m * atlas.rows[track, 0])
        view, spot = (cosine, sine), (x, y)
        for row in range(height):
            samples = rows.samples[row]
            out = frames[car, row]
            if samples == 0:
                for channel in range(channels):
                    out[:, channel] = rows.sky[row, channel]
                continue
            level = rows.level[track, row]
            per_m = 1.0 / (texel_m * (1 << level))
            m = np.int32(atlas.columns[track, level])
            n = np.int32(atlas.rows[track, level])
            texels = atlas.texels[atlas.offset[track, level] :]
            ground = (m, np.int32(m * 65536 - 65537), np.int32(n * 65536 - 65537), np.int32(m * n))
            z, a = rows.forward_m[row], rows.spacing_m[row]
            l0 = _line(view, spot, z[0], a[0], half, per_m)
            if samples == 1:
                _row_1(out, texels, ground, (l0,))
                continue
            l1 = _line(view, spot, z[1], a[1], half, per_m)
            if samples == 2:
                _row_2(out, texels, ground, (l0, l1))
                continue
            l2 = _line(view, spot, z[2], a[2], half, per_m)
            l3 = _line(view, spot, z[3], a[3], half, per_m)
            _row_4(out, texels, ground, (l0, l1, l2, l3))
