"""Logs, analyses and files for the car of models on a server, from the command line."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

from tests.analysis.logs_made import a_folder
from tests.interfaces.test_cli_remote import SMALL, Line, admin, ann, server

__all__ = ["admin", "ann", "server"]


@pytest.mark.timeout(600)
def test_what_a_model_on_a_server_drove_comes_here(ann: Line, tmp_path: Path) -> None:
    ann(*SMALL, "--steps", "512", "--name", "far-car")

    logs = Path(ann("logs", "far-car", str(tmp_path))["file"])
    assert "far-car/ip/hyperparameters.json" in zipfile.ZipFile(logs).namelist()

    files = ann("models", "car", "far-car", str(tmp_path))["files"]
    assert [Path(file).name for file in files] == ["far-car.tar.gz", "far-car.onnx"]
    assert Path(files[1]).stat().st_size > 50_000

    (found,) = ann("analyze", "far-car", "-o", str(tmp_path / "report"))["models"]
    assert (found["model"], found["track"]) == ("far-car", "pebble-oval")
    assert (tmp_path / "report" / "report.md").is_file()

    files = ann("notebook", "far-car", str(tmp_path), "--replace")["files"]
    assert [Path(file).name for file in files] == ["far-car.ipynb", "far-car-logs.zip"]
    assert "far-car-logs.zip" in json.loads(Path(files[0]).read_text())["cells"][1]["source"][9]

    ranking = ann("models", "rank", "far-car", "--trials", "1", "--last", "1")["ranking"]
    assert len(ranking) == 1

    code, facts = ann.tried("logs", "far-cat", str(tmp_path))
    assert (code, facts["kind"]) == (3, "ModelNotFound")


def test_a_model_of_another_program_is_sent_to_the_server(ann: Line, tmp_path: Path) -> None:
    folder = a_folder(tmp_path / "old-model", "console", columns=15, radians=True)
    report = ann("models", "import", str(folder))
    assert report["name"] == "old-model"
    assert "traces of 5 training iterations" in " ".join(report["taken"])
    assert ann("models", "show", "old-model")["status"] == "CREATED"
    assert report["can_drive"] is False
