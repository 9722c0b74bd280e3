"""Exchange: tracks as the community's `.npy` files, and the checks that each must pass.

A file holds one (N, 6) float64 array in metres; the columns are x and y of the centre line, of
the inner border and of the outer border. Rows are in driving direction and the first row is
repeated at the end. Files are never unpickled, and nothing is read before its size is known.
"""

from __future__ import annotations

import io
import os
import tempfile
from pathlib import Path

import numpy as np
from numpy.lib import format as npy_format
from numpy.typing import NDArray

from racecraft.domain.errors import InvalidTrack, StorageFailed, TrackNotFound
from racecraft.domain.track import Track
from racecraft.tracks.geometry import check_track

__all__ = ["MAX_FILE_BYTES", "check_track", "parse_npy", "read_npy", "write_bytes", "write_npy"]

MAX_FILE_BYTES = 5_000_000
MIN_ROWS, MAX_ROWS = 12, 5000
CLOSED_M = 1e-3
"""First and last row may differ by this much; they are then made equal."""
REPEAT_M = 1e-9
"""A row whose centre moves no further than this repeats the row before."""
MAX_REPEATED_SHARE = 0.1


def read_npy(path: Path) -> Track:
    """The track in a file, named after the file.

    Raises:
        TrackNotFound: there is no such file.
        StorageFailed: the file cannot be read.
        InvalidTrack: the file breaks a rule; the sentence says which, and what to do.
    """
    path = Path(path)
    return parse_npy(read_bytes(path), path.stem)


def read_bytes(path: Path) -> bytes:
    """Bytes of a track file that is small enough; errors as in `read_npy`."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_FILE_BYTES + 1)
            size = os.fstat(file.fileno()).st_size
    except FileNotFoundError:
        raise TrackNotFound(f"There is no track file at {path}; check the path.") from None
    except OSError as error:
        raise StorageFailed(
            f"The track file {path} cannot be read ({error.strerror}); check what it is and its "
            "permissions."
        ) from error
    if len(data) > MAX_FILE_BYTES:
        raise InvalidTrack(
            f"The file {path.name} has {size / 1e6:.1f} MB; a track file has at most "
            f"{MAX_FILE_BYTES / 1e6:.0f} MB, so check that this is one."
        )
    return data


def parse_npy(data: bytes, name: str) -> Track:
    """The track in the bytes of an `.npy` file.

    Raises:
        InvalidTrack: as in `read_npy`.
    """
    rows = _close(_array(data, name), name)
    rows = _without_repeats(rows, name)
    _check_rows(len(rows), name)
    centre, inner, outer = (np.ascontiguousarray(rows[:, at : at + 2]) for at in (0, 2, 4))
    track = Track(name=name, centre=centre, inner=inner, outer=outer)
    check_track(track)
    return track


def write_npy(track: Track, path: Path) -> None:
    """Write a track, in its present driving direction, as a community file; whole or not at all.

    Raises:
        StorageFailed: the file cannot be written.
    """
    file = io.BytesIO()
    rows = np.ascontiguousarray(np.hstack([track.centre, track.inner, track.outer]), np.float64)
    np.save(file, rows, allow_pickle=False)
    write_bytes(file.getvalue(), Path(path))


def write_bytes(data: bytes, path: Path) -> None:
    """Put a file in place in one step, through a temporary neighbour; makes missing folders.

    Raises:
        StorageFailed: the file cannot be written.
    """
    temporary = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except OSError as error:
        if temporary is not None:
            Path(temporary).unlink(missing_ok=True)
        raise StorageFailed(
            f"The track file {path} cannot be written ({error.strerror}); check the folder, its "
            "permissions and the free space."
        ) from error


def _array(data: bytes, name: str) -> NDArray[np.float64]:
    """The (N, 6) array; its header is judged before its contents are read."""
    shape, dtype, start = _header(data, name)
    if len(shape) != 2 or shape[1] != 6:
        raise InvalidTrack(
            f"The file {name} holds an array of shape {shape}; a track has 6 columns (x and y of "
            "the centre line, inner and outer border) and one row a waypoint."
        )
    if dtype.kind != "f" or dtype.itemsize != 8:
        raise InvalidTrack(
            f"The file {name} holds numbers of type {dtype}; save the array as float64 "
            "(array.astype('float64'))."
        )
    _check_rows(shape[0], name)
    if len(data) - start != shape[0] * 6 * 8:
        raise InvalidTrack(
            f"The file {name} has {len(data) - start} bytes of numbers where its header promises "
            f"{shape[0] * 6 * 8}; it is damaged, so get it again."
        )
    array: NDArray[np.float64] = np.load(io.BytesIO(data), allow_pickle=False)
    array = np.array(array, dtype=np.float64, order="C")  # native byte order, row by row
    bad = np.argwhere(~np.isfinite(array))
    if len(bad):
        row, column = bad[0]
        raise InvalidTrack(
            f"The file {name} has {len(bad)} numbers that are not finite, the first in row "
            f"{row}, column {column} (counted from 0); remove or repair these rows."
        )
    return array


def _header(data: bytes, name: str) -> tuple[tuple[int, ...], np.dtype[np.generic], int]:
    """Shape, type and where the numbers begin."""
    file = io.BytesIO(data)
    try:
        version = npy_format.read_magic(file)
    except ValueError:
        raise InvalidTrack(
            f"The file {name} is not an .npy file (it begins with {data[:6]!r}); save the array "
            "with numpy.save."
        ) from None
    try:
        read = npy_format.read_array_header_1_0 if version == (1, 0) else _header_2_0
        shape, _, dtype = read(file)
    except Exception as error:  # numpy lets many kinds escape from a header that is nonsense
        raise InvalidTrack(
            f"The .npy header of {name} cannot be read ({str(error).splitlines()[0][:80]}); the "
            "file is damaged, so get it again."
        ) from None
    return shape, dtype, file.tell()


def _header_2_0(file: io.BytesIO) -> tuple[tuple[int, ...], bool, np.dtype[np.generic]]:
    return npy_format.read_array_header_2_0(file)


def _check_rows(count: int, name: str) -> None:
    if count < MIN_ROWS:
        raise InvalidTrack(
            f"The track {name} has {count} rows; give at least {MIN_ROWS} waypoints."
        )
    if count > MAX_ROWS:
        raise InvalidTrack(
            f"The track {name} has {count} rows; give at most {MAX_ROWS} waypoints, for instance "
            "every second one."
        )


def _close(rows: NDArray[np.float64], name: str) -> NDArray[np.float64]:
    gaps = np.linalg.norm((rows[0] - rows[-1]).reshape(3, 2), axis=1)
    if gaps.max() > CLOSED_M:
        line = ("centre line", "inner border", "outer border")[int(gaps.argmax())]
        raise InvalidTrack(
            f"The track {name} is not closed: there are {gaps.max():.3f} m between the first and "
            f"the last point of its {line}; repeat the first row at the end."
        )
    rows[-1] = rows[0]
    return rows


def _without_repeats(rows: NDArray[np.float64], name: str) -> NDArray[np.float64]:
    """Rows whose centre repeats the row before are dropped, but never the closing row."""
    moved = np.linalg.norm(np.diff(rows[:, :2], axis=0), axis=1) > REPEAT_M
    repeats = int(np.count_nonzero(~moved))
    if repeats > MAX_REPEATED_SHARE * len(rows):
        raise InvalidTrack(
            f"In the track {name}, {repeats} of {len(rows)} rows repeat the point before; remove "
            "the repeated rows."
        )
    keep = np.concatenate([[True], moved])
    if not keep[-1]:  # the closing row stays; what it repeats goes
        last = int(np.flatnonzero(keep)[-1])
        keep[last], keep[-1] = False, True
    kept: NDArray[np.float64] = rows[keep]
    return kept
