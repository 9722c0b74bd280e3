"""Analyses over REST."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from racecraft.interfaces.rest.who import Installation
from racecraft.service.access import Role
from racecraft.service.archives.export import export_model
from racecraft.service.settings import Settings
from tests.interfaces.conftest import Browser
from tests.interfaces.test_rest_logs import FILE, trained

__all__ = ["trained"]


def test_a_model_is_analysed_for_its_owner_only(
    browser: Browser, together: Installation, trained: Settings
) -> None:
    ann, bob, olga = browser("Ann"), browser("Bob"), browser("Olga", Role.ORGANISER)
    archive = b"".join(export_model(trained.models / "car"))
    made = ann.post("/models/import", content=archive, headers=FILE).json()
    path = f"/models/{made['model']['id']}/analysis"
    assert ann.get(path).status_code == 404

    answer = ann.post(path)

    assert answer.status_code == 200, answer.text
    report = answer.json()["report"]
    assert answer.json()["is_fresh"]
    assert (report["model"], report["track"], report["iterations"]) == ("car", "pebble-oval", 2)
    assert ann.get(path).json() == answer.json()
    for chapter in report["chapters"]:
        table = ann.get(f"{path}/{chapter['table']}")
        assert table.headers["content-type"].startswith("text/csv")
        if chapter["picture"]:
            assert ann.get(f"{path}/{chapter['picture']}").content.startswith(b"\x89PNG")
    for odd in ("report.json", "..%2Fmodel.json", ".hidden.png", "nothing.png"):
        assert ann.get(f"{path}/{odd}").status_code == 404
    for person, status in ((bob, 404), (olga, 403)):
        assert person.get(path).status_code == status
        assert person.post(path).status_code == status
        assert person.get(f"{path}/iterations.csv").status_code == status
    assert list(together.settings.home.glob("**/.new-*")) == []


def test_an_analysis_is_made_anew_when_the_model_has_driven_more(
    browser: Browser, together: Installation, trained: Settings
) -> None:
    ann = browser("Ann")
    archive = b"".join(export_model(trained.models / "car"))
    made = ann.post("/models/import", content=archive, headers=FILE).json()
    path = f"/models/{made['model']['id']}/analysis"
    ann.post(path)
    (report,) = together.settings.home.glob("**/analysis/report.json")
    before = report.stat().st_ino
    ann.post(path)
    assert report.stat().st_ino == before
    later = report.stat().st_mtime + 100
    os.utime(report.parent.parent / "progress.jsonl", (later, later))
    assert not ann.get(path).json()["is_fresh"]
    ann.post(path)
    assert report.stat().st_ino != before


def test_a_model_that_drove_nothing_or_has_damaged_traces_says_so(
    browser: Browser, together: Installation, trained: Settings
) -> None:
    ann = browser("Ann")
    new = ann.post("/models", json={"model": {"name": "new"}, "starts": False}).json()
    answer = ann.post(f"/models/{new['model']['id']}/analysis")
    assert answer.status_code == 422
    assert "holds no drives" in answer.json()["error"]["message"]
    archive = b"".join(export_model(trained.models / "car"))
    made = ann.post("/models/import", content=archive, headers=FILE).json()
    (folder,) = together.settings.home.glob("**/models/car")
    (folder / "training-simtrace" / "0-iteration.csv").write_text("nonsense\n")
    answer = ann.post(f"/models/{made['model']['id']}/analysis")
    assert answer.status_code == 422
    assert "no simtrace" in answer.json()["error"]["message"]


def test_a_server_that_analyses_loads_no_pandas(
    browser: Browser, trained: Settings, tmp_path: Path
) -> None:
    import subprocess
    import sys

    shutil.copytree(trained.models / "car", tmp_path / "car")
    code = (
        "import sys; from pathlib import Path; import racecraft.interfaces.rest.app;"
        "from racecraft.service.analyses import analyse;"
        f"found = analyse(Path({str(tmp_path / 'car')!r}), Path('/nowhere'));"
        "assert found.report['iterations'] == 2;"
        "sys.exit(len({'pandas', 'torch', 'numba', 'matplotlib'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", ["analysis"])
def test_an_analysis_is_no_part_of_an_exported_model(
    name: str, trained: Settings, tmp_path: Path
) -> None:
    from racecraft.service.analyses import analyse
    from racecraft.service.archives.layout import files_of

    shutil.copytree(trained.models / "car", tmp_path / "car")
    before = files_of(tmp_path / "car")
    analyse(tmp_path / "car", tmp_path)
    assert (tmp_path / "car" / name / "report.json").is_file()
    assert files_of(tmp_path / "car") == before
