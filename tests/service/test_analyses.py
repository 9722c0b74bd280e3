"""Analyses know when they are old, and leave nothing where a model was."""

from __future__ import annotations

import os
import shutil
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from racecraft.domain.errors import NotFound, RacecraftError
from racecraft.service import analyses
from racecraft.service.analyses import (
    FOLDER,
    Sources,
    Subject,
    analyse,
    known_analysis,
    make_report,
    read_report,
)
from racecraft.service.settings import Settings
from racecraft.service.upkeep import remove_leftovers
from racecraft.tracks.exchange import write_npy
from racecraft.tracks.library import load_track
from tests.analysis.logs_made import a_folder, write

TRAINING = """WORLD_NAME: "My-track"\n"""


def a_model(home: Path) -> Path:
    folder = a_folder(home / "models" / "car", "drfc")
    write(folder / "training_params.yaml", TRAINING)
    write(folder / "progress.jsonl", "")
    return folder


def test_a_report_is_old_when_anything_of_it_has_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, tracks = a_model(tmp_path), tmp_path / "tracks"
    place, now = folder / FOLDER, Sources((Subject(folder, "car"),), tracks, newest_s=1.0)
    make_report(now, place)

    def is_fresh(sources: Sources = now) -> bool:
        found = read_report(place, sources)
        assert found is not None
        return found.is_fresh

    assert is_fresh()
    assert not is_fresh(replace(now, newest_s=2.0))  # driven while the report was made, or since
    assert not is_fresh(replace(now, subjects=(Subject(folder, "other"),)))
    tracks.mkdir()
    write_npy(load_track("fox-hollow"), tracks / "Other.npy")
    assert is_fresh()  # a track on which it never drove
    write_npy(load_track("fox-hollow"), tracks / "My-track.npy")
    assert not is_fresh()
    (tracks / "My-track.npy").unlink()
    assert is_fresh()
    monkeypatch.setattr(analyses, "__version__", "9.9.9")
    assert not is_fresh()
    monkeypatch.undo()
    (place / "made.json").unlink()  # of a version that wrote none
    assert not is_fresh()


def test_an_analysis_made_before_the_newest_drive_is_old(tmp_path: Path) -> None:
    folder = a_model(tmp_path)
    assert analyse(folder, tmp_path / "tracks").is_fresh
    when = (folder / "progress.jsonl").stat().st_mtime + 100
    os.utime(folder / "progress.jsonl", (when, when))
    found = known_analysis(folder, tmp_path / "tracks")
    assert found is not None
    assert not found.is_fresh


@pytest.mark.parametrize("does", ["rename", "delete"])
def test_a_model_that_goes_while_it_is_analysed_leaves_nothing(does: str, tmp_path: Path) -> None:
    folder = a_model(tmp_path)
    met: list[RacecraftError] = []

    def run() -> None:
        try:
            analyse(folder, tmp_path / "tracks")
        except RacecraftError as error:
            met.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    while not list(tmp_path.glob("models/**/.new-*")):  # so the analysis has begun
        assert thread.is_alive()
    if does == "rename":
        folder.rename(folder.with_name("other"))
    else:
        shutil.rmtree(folder, ignore_errors=True)
    thread.join(60)
    assert len(met) == 1
    assert not folder.exists()
    left = ["other"] if does == "rename" else []
    assert [path.name for path in (tmp_path / "models").iterdir()] == left
    assert not list(tmp_path.glob("models/other/.new-*"))


def test_a_report_of_a_model_that_is_gone_is_a_sentence(tmp_path: Path) -> None:
    folder = a_model(tmp_path)
    sources = Sources((Subject(folder, "car"),), tmp_path / "tracks")
    with pytest.raises(NotFound, match="car was deleted or renamed while"):
        make_report(sources, tmp_path / "models" / "gone" / FOLDER)
    assert not (tmp_path / "models" / "gone").exists()
    assert not list(tmp_path.glob("models/.new-*"))


@pytest.mark.parametrize("own", ["", "people/ann/"])
@pytest.mark.parametrize(
    "place", ["models", "models/car", "logs", "logs/x", "comparisons", "comparisons/x"]
)
def test_what_a_killed_analysis_left_goes_after_an_hour(
    own: str, place: str, tmp_path: Path
) -> None:
    left = tmp_path / f"{own}{place}" / ".new-abc" / FOLDER
    left.mkdir(parents=True)
    settings, now_s = Settings(home=tmp_path), left.parent.stat().st_mtime
    assert remove_leftovers(settings, now_s + 10) == 0
    assert remove_leftovers(settings, now_s + 4000) == 1
    assert list((tmp_path / f"{own}{place}").iterdir()) == []
