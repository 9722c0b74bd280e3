"""The notebook runs from its first cell to its last, and shows figures."""

from __future__ import annotations

import json
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from racecraft.analysis.notebook import notebook_of
from racecraft.interfaces.cli.app import run
from tests.analysis.logs_made import a_folder

DOCS = Path(__file__).parent.parent.parent / "docs" / "how-to" / "log-analysis.ipynb"


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::UserWarning")
@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_the_notebook_of_the_docs_runs_on_a_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = str(DOCS.parent.parent)
    monkeypatch.setenv("PYTHONPATH", root)
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    a_folder(tmp_path / "my-first-model", "drfc")
    document = nbformat.reads(DOCS.read_text(encoding="utf-8"), as_version=4)
    nbformat.validate(document)

    NotebookClient(document, timeout=120, resources={"metadata": {"path": str(tmp_path)}}).execute()

    code = [cell for cell in document.cells if cell.cell_type == "code"]
    outputs = [output for cell in code for output in cell.outputs]
    pictures = [output for output in outputs if "image/png" in output.get("data", {})]
    assert len(pictures) >= 6
    text = "".join(output.get("text", "") for output in outputs)
    assert "my-first-model (deepracer-for-cloud): " in text
    assert "20 episodes, 4 laps; 2 evaluation episodes" in text
    assert not any(output.output_type == "error" for output in outputs)


def test_the_notebook_of_the_docs_is_the_one_that_is_written() -> None:
    assert DOCS.read_text(encoding="utf-8") == notebook_of("my-first-model", "my-first-model")


def test_a_notebook_is_written_for_a_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from racecraft.domain.spec import ModelSpec, TrainingSpec
    from racecraft.service import models
    from racecraft.service.settings import Settings

    monkeypatch.setenv("RACECRAFT_HOME", str(tmp_path / "home"))
    settings = Settings(home=tmp_path / "home")
    source = "def reward_function(params):\n    return 1.0\n"
    folder = models.create_model(
        settings, ModelSpec(name="car"), TrainingSpec(), reward_source=source
    )
    assert run(["notebook", "car", str(tmp_path), "--json"]) == 0
    (file,) = json.loads(capsys.readouterr().out)["files"]
    text = Path(file).read_text()
    assert json.loads(text)["cells"][0]["source"][0] == "# Log analysis: car\n"
    assert str(folder) in text
    assert run(["notebook", "car", str(tmp_path)]) == 4
    assert run(["notebook", "nobody", str(tmp_path)]) == 3
