"""What is found below a folder that a training writes into meanwhile."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from racecraft.service.files import files_in, size_of


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("b/of", "a", "b/state/weights"):
        file = tmp_path / "model" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"12345")
    return tmp_path / "model"


def test_files_are_found_in_order_and_links_are_left_out(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "others").mkdir()
    (tmp_path / "others" / "secret").write_bytes(b"x")
    (folder / "c").symlink_to(tmp_path / "others")
    (folder / "d").symlink_to(tmp_path / "others" / "secret")
    found = [path.relative_to(folder).as_posix() for path in files_in(folder)]
    assert found == ["a", "b/of", "b/state/weights"]
    assert size_of(folder) == 15


def test_a_folder_that_goes_while_it_is_looked_through_is_left_out(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scan = os.scandir

    def scan_late(place: str) -> Iterator[os.DirEntry[str]]:
        if Path(place).name == "state":
            Path(place).rename(folder.with_name("gone"))
        return scan(place)

    monkeypatch.setattr(os, "scandir", scan_late)
    assert [path.name for path in files_in(folder)] == ["a", "of"]
    assert files_in(folder / "nowhere") == []


def test_a_folder_that_may_not_be_read_is_an_error_and_no_hole(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scan = os.scandir

    def refuse(place: str) -> Iterator[os.DirEntry[str]]:
        if Path(place).name == "b":
            raise PermissionError(13, "Permission denied", place)
        return scan(place)

    monkeypatch.setattr(os, "scandir", refuse)  # root may read every folder
    with pytest.raises(PermissionError):
        files_in(folder)
