"""Archives and logs that anybody may have made: a sentence, never anything else."""

from __future__ import annotations

import io
import json
import lzma
import tarfile
import zipfile
from pathlib import Path

import numpy as np
import pytest

from racecraft.analysis.logs import load_logs
from racecraft.analysis.places import open_place
from racecraft.domain.errors import InvalidInput
from tests.analysis.logs_made import a_folder, a_tar, iteration, text_of, write

TRACE = "training-simtrace/3-iteration.csv"
DEEP = "[" * 100_000


def a_zip(flag: int = 0, method: int | None = None) -> bytes:
    """A ZIP with a trace, whose list of files says something else of it."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(TRACE, text_of(iteration(3, 4)))
    whole = bytearray(data.getvalue())
    entry = whole.index(b"PK\x01\x02")
    whole[entry + 8] |= flag
    if method is not None:
        whole[entry + 10] = method
    return bytes(whole)


def a_damaged_xz() -> bytes:
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as archive:
        info = tarfile.TarInfo(TRACE)
        noise = np.random.default_rng(1).bytes(300_000)
        info.size = len(noise)
        archive.addfile(info, io.BytesIO(noise))
    whole = bytearray(lzma.compress(data.getvalue()))
    whole[len(whole) // 2] ^= 0xFF
    return bytes(whole)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (a_zip(flag=1), "password"),
        (a_zip(method=9), "usual ZIP"),
        (a_damaged_xz(), "damaged archive"),
    ],
    ids=["encrypted", "deflate64", "damaged-xz"],
)
def test_an_archive_that_cannot_be_unpacked_is_a_sentence(
    data: bytes, words: str, tmp_path: Path
) -> None:
    path = tmp_path / "odd"
    path.write_bytes(data)
    with pytest.raises(InvalidInput, match=words):
        load_logs(path)


@pytest.mark.parametrize("told", ['"abc"', "null", "[1]", "1e999", "NaN", "0", "9" * 400])
def test_a_text_log_may_tell_any_number_of_episodes(told: str, tmp_path: Path) -> None:
    folder = a_folder(tmp_path / "logs", "text")
    (log,) = folder.rglob("*.log")
    text = log.read_text()
    assert '"num_episodes_between_training": 4' in text
    log.write_text(
        text.replace(
            '"num_episodes_between_training": 4', f'"{"num_episodes_between_training"}": {told}'
        )
    )
    assert len(load_logs(folder).training) == len(
        load_logs(a_folder(tmp_path / "o", "drfc")).training
    )


@pytest.mark.parametrize(
    "file",
    [
        "model/model_metadata.json",
        "ip/hyperparameters.json",
        "training.json",
        "progress.jsonl",
        "metrics/TrainingMetrics.json",
        "EvaluationMetrics-x.json",
    ],
)
@pytest.mark.parametrize("text", [DEEP, '{"metrics": ' + DEEP], ids=["deep", "deep-inside"])
def test_documents_nested_without_end_are_left_out(file: str, text: str, tmp_path: Path) -> None:
    folder = a_folder(tmp_path / "logs", "drfc")
    write(folder / file, text)
    assert len(load_logs(folder).training) > 0


def test_a_text_log_with_a_head_nested_without_end_is_read(tmp_path: Path) -> None:
    folder = a_folder(tmp_path / "logs", "text")
    (log,) = folder.rglob("*.log")
    head = "Using the following hyper-parameters\n" + DEEP + "}\n"
    log.write_text(head + log.read_text())
    assert len(load_logs(folder).training) > 0


def test_a_folder_called_like_a_time_is_no_worker(tmp_path: Path) -> None:
    write(tmp_path / "20260131" / TRACE, text_of(iteration(3, 4)))
    found = load_logs(tmp_path)
    assert set(found.training.worker) == {0}
    assert set(found.training.iteration) == {3}


def test_a_number_of_an_iteration_without_end_is_none(tmp_path: Path) -> None:
    write(tmp_path / TRACE, text_of(iteration(3, 4)))
    write(tmp_path / f"training-simtrace/{'9' * 30}-iteration.csv", text_of(iteration(4, 4)))
    assert set(load_logs(tmp_path).training.iteration) == {3}


@pytest.mark.parametrize(
    "item",
    [
        {"episode": float("inf"), "trial": 1},
        {"episode": 1e300, "trial": float("nan")},
        {"episode": {"a": 1}, "trial": [1], "completion_percentage": "far"},
    ],
)
def test_metrics_with_odd_numbers_are_read_or_left_out(
    item: dict[str, object], tmp_path: Path
) -> None:
    folder = a_folder(tmp_path / "logs", "drfc")
    write(folder / "metrics/TrainingMetrics.json", json.dumps({"metrics": [item]}))
    assert len(load_logs(folder).training) > 0


def test_a_tar_is_read_in_its_own_order(tmp_path: Path) -> None:
    names = [f"training-simtrace/{n}-iteration.csv" for n in (7, 10, 2, 33, 1)]
    path = tmp_path / "logs.tar.gz"
    path.write_bytes(a_tar({name: name.encode() for name in names}))
    with open_place(path) as place:
        assert place.names == names  # a step back would unpack it all from its start
        assert [place.read(name).decode() for name in place.names] == names
