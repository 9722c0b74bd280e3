"""Track files: that nothing is lost on the way, and which files are refused unread."""

from __future__ import annotations

import io
import os
import pickle
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.lib import format as npy_format

from racecraft.domain.errors import InvalidTrack, StorageFailed, TrackNotFound
from racecraft.tracks.exchange import parse_npy, read_npy, write_npy
from racecraft.tracks.library import load_track, shipped_names
from tests.tracks.track_rows import as_bytes, refused, rows_of


def test_a_good_file_gives_its_three_lines_in_order() -> None:
    rows = rows_of()
    track = parse_npy(as_bytes(rows), "mine")
    assert (track.name, track.is_reversed) == ("mine", False)
    assert np.array_equal(np.hstack([track.centre, track.inner, track.outer]), rows)
    assert all(line.flags.c_contiguous for line in (track.centre, track.inner, track.outer))


@pytest.mark.parametrize("kind", [">f8", "<f8"])
@pytest.mark.parametrize("order", ["C", "F"])
def test_byte_order_and_memory_order_do_not_matter(kind: str, order: str) -> None:
    array = np.array(rows_of(), dtype=kind, order=order)  # type: ignore[call-overload]
    track = parse_npy(as_bytes(array), "mine")
    assert np.array_equal(track.outer, rows_of()[:, 4:])
    assert track.outer.dtype == np.float64


@given(
    count=st.integers(60, 400),
    width=st.floats(0.6, 1.5),
    waves=st.integers(2, 4),
    size=st.floats(2.5, 30.0),
    depth=st.floats(0.0, 0.12),
)
def test_what_is_written_is_read_back_to_the_last_bit(
    count: int, width: float, waves: int, size: float, depth: float
) -> None:
    data = as_bytes(rows_of(count, width=width, waves=waves, size=size, depth=depth))
    track = parse_npy(data, "mine")
    again = np.hstack([track.centre, track.inner, track.outer])
    assert as_bytes(np.ascontiguousarray(again)) == data


@pytest.mark.parametrize("name", shipped_names())
def test_every_shipped_track_survives_export_and_import(name: str, tmp_path: Path) -> None:
    first, second = tmp_path / "first.npy", tmp_path / "second.npy"
    write_npy(load_track(name), first)
    read = read_npy(first)
    write_npy(read, second)
    assert first.read_bytes() == second.read_bytes()
    assert np.array_equal(read.centre, load_track(name).centre)
    assert np.array_equal(read.inner, load_track(name).inner)
    assert np.array_equal(read.outer, load_track(name).outer)


def test_a_reversed_track_is_written_in_its_driving_direction(tmp_path: Path) -> None:
    track = load_track("harbour-loop", is_reversed=True)
    write_npy(track, tmp_path / "back.npy")
    read = read_npy(tmp_path / "back.npy")
    assert np.array_equal(read.centre, track.centre)
    assert read.is_reversed is False


def test_a_plain_numpy_reader_understands_what_is_written(tmp_path: Path) -> None:
    track = load_track("thimble")
    write_npy(track, tmp_path / "thimble.npy")
    array = np.load(tmp_path / "thimble.npy", allow_pickle=False)
    assert (array.dtype, array.shape) == (np.float64, (len(track.centre), 6))
    assert array.flags.c_contiguous
    assert np.array_equal(array[:, 2:4], track.inner)
    assert [path.name for path in tmp_path.iterdir()] == ["thimble.npy"]


def test_a_write_that_fails_leaves_the_old_file_and_no_rest(tmp_path: Path) -> None:
    target = tmp_path / "taken.npy"
    target.mkdir()
    (target / "kept").write_text("kept")
    with pytest.raises(StorageFailed, match=r"taken\.npy cannot be written"):
        write_npy(load_track("thimble"), target)
    assert [path.name for path in tmp_path.iterdir()] == ["taken.npy"]
    assert (target / "kept").read_text() == "kept"


def test_a_missing_file_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(TrackNotFound, match=r"no track file at .*gone\.npy; check the path"):
        read_npy(tmp_path / "gone.npy")


def test_a_folder_cannot_be_read_as_a_track(tmp_path: Path) -> None:
    with pytest.raises(StorageFailed, match=r"cannot be read \(Is a directory\)"):
        read_npy(tmp_path)


def test_a_file_over_five_megabytes_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "huge.npy"
    with path.open("wb") as file:
        file.write(as_bytes(rows_of()))
        os.truncate(file.fileno(), 60_000_000)
    with pytest.raises(InvalidTrack, match=r"huge\.npy has 60\.0 MB; a track file has at most 5"):
        read_npy(path)


@pytest.mark.parametrize("data", [b"", b"hello", b"PK\x03\x04zip", b"\x93NUMPX\x01\x00"])
def test_what_is_not_an_npy_file_is_refused(data: bytes) -> None:
    assert "is not an .npy file" in refused(data)


class Bomb:
    """Leaves a mark when somebody unpickles it."""

    def __reduce__(self) -> tuple[Callable[[str], None], tuple[str]]:
        return os.mkdir, ("unpickled-by-mistake",)


def test_a_pickle_is_never_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert "is not an .npy file" in refused(pickle.dumps(Bomb()))
    boxed = np.empty((20, 6), dtype=object)
    boxed[:] = Bomb()
    file = io.BytesIO()
    np.save(file, boxed, allow_pickle=True)
    assert "numbers of type object; save the array as float64" in refused(file.getvalue())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("cut", [8, 9, 40, 100])
def test_a_header_that_is_cut_off_is_refused(cut: int) -> None:
    assert "header of mine cannot be read" in refused(as_bytes(rows_of())[:cut])


def test_a_header_that_is_nonsense_is_refused() -> None:
    data = bytearray(as_bytes(rows_of()))
    data[10:40] = b"(" * 30
    assert "header of mine cannot be read" in refused(bytes(data))


@pytest.mark.parametrize("cut", [-1, -48, -4000])
def test_numbers_that_are_cut_off_are_refused(cut: int) -> None:
    sentence = refused(as_bytes(rows_of())[:cut])
    assert f"has {121 * 48 + cut} bytes of numbers where its header promises {121 * 48}" in sentence


def test_a_header_that_promises_too_much_is_refused_before_memory_is_taken() -> None:
    header = {"descr": "<f8", "fortran_order": False, "shape": (10**13, 6)}
    file = io.BytesIO()
    npy_format.write_array_header_1_0(file, header)
    assert "has 10000000000000 rows; give at most 5000" in refused(file.getvalue())
    file = io.BytesIO()
    npy_format.write_array_header_1_0(file, {**header, "shape": (1215, 6)})
    assert f"0 bytes of numbers where its header promises {1215 * 48}" in refused(file.getvalue())


@pytest.mark.parametrize("shape", [(121,), (121, 2), (121, 7), (6, 121), (11, 11, 6), ()])
def test_a_wrong_shape_is_refused(shape: tuple[int, ...]) -> None:
    sentence = refused(np.zeros(shape))
    assert f"an array of shape {shape}; a track has 6 columns" in sentence


@pytest.mark.parametrize("kind", ["float32", "int64", "complex128", "<U4", "float128"])
def test_a_wrong_type_is_refused(kind: str) -> None:
    assert f"numbers of type {np.dtype(kind)}; save the array as float64" in refused(
        np.zeros((121, 6), dtype=kind)
    )
