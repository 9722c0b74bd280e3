"""What other programs left may hold anything: the report stays short, the model can be opened."""

from __future__ import annotations

import json
import tracemalloc
from datetime import UTC, datetime
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from racecraft.domain.errors import InvalidInput, StorageFailed
from racecraft.service import apart
from racecraft.service.apart import do_apart
from racecraft.service.archives.export import export_model
from racecraft.service.archives.importing import check_archive
from racecraft.service.evaluations import list_evaluations
from racecraft.service.foreign.bundles import read_index
from racecraft.service.foreign.drives import read_steps
from racecraft.service.foreign.taking import import_foreign
from racecraft.service.rankings import list_rankings
from racecraft.service.real_car.wire import block, whole
from racecraft.service.settings import Settings
from racecraft.service.stamps import is_stamp
from tests.analysis.logs_made import episode, iteration, text_of, write
from tests.service.test_bundles import a_table
from tests.service.test_foreign import a_drfc_model


def test_endless_values_make_no_endless_report(tmp_path: Path) -> None:
    values = dict.fromkeys(("lr", "batch_size", "loss_type", "num_epochs"), "x" * 1000000)
    source = a_drfc_model(tmp_path / "rl", **values)
    report = import_foreign(Settings(home=tmp_path / "home"), source)
    assert any("The hyperparameter lr is 'xxx" in line for line in report.left)
    assert len(report.model_dump_json()) < 10_000


def test_many_odd_files_are_counted(tmp_path: Path) -> None:
    source = a_drfc_model(tmp_path / "rl")
    for number in range(10, 160):
        write(source / f"training-simtrace/{number}-iteration.csv", "nonsense\n")
    report = import_foreign(Settings(home=tmp_path / "home"), source)
    assert len(report.left) == 101
    assert report.left[-1].startswith("And ")
    more = int(report.left[-1].split()[1])
    assert 50 <= more <= 53


def test_the_traces_of_other_workers_are_told_once(tmp_path: Path) -> None:
    source = a_drfc_model(tmp_path / "rl")
    for worker in (1, 2, 11):
        for number in range(4):
            text = text_of(iteration(number, 1))
            write(source / f"{worker}/training-simtrace/{number}-iteration.csv", text)
    report = import_foreign(Settings(home=tmp_path / "home"), source)
    (told,) = [line for line in report.left if "other workers" in line]
    assert told.startswith("12 traces are of other workers (1, 2, 11);")


def test_an_answer_of_another_process_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apart, "MOST_ANSWER_BYTES", 1000)
    assert do_apart("json.tool", {"a": "x"}, what="The work") == {"a": "x"}
    with pytest.raises(InvalidInput, match="to tell"):
        do_apart("json.tool", {"a": "x" * 2000}, what="The work")


def test_of_a_large_answer_only_the_beginning_is_held(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apart, "MOST_ANSWER_BYTES", 1000)
    order = {"a": [0] * 1_000_000}  # a line for each number comes back
    tracemalloc.start()
    with pytest.raises(InvalidInput, match="to tell"):
        do_apart("json.tool", order, what="The work")
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 4 * len(json.dumps(order))


def test_a_mistake_in_another_process_is_a_sentence_and_stands_in_the_log() -> None:
    with (
        capture_logs() as told,
        pytest.raises(StorageFailed, match=r"The work failed by a mistake .*ended with 1"),
    ):
        do_apart("racecraft.analysis.study", {"subjects": 7}, what="The work")
    (line,) = told
    assert "Traceback" in line["told"]
    assert (line["log_level"], line["what"], line["code"]) == ("error", "The work", 1)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
@pytest.mark.parametrize("column", [2, 3, 11, 14], ids=["x", "y", "progress", "tstamp"])
def test_a_trace_with_what_is_no_number_is_a_sentence(value: float, column: int) -> None:
    rows = episode(0, 20, is_lap=True)
    rows[5][column] = value
    with pytest.raises(InvalidInput, match="step 6 of episode 0"):
        read_steps(text_of(rows).encode(), "a.csv")


def test_an_evaluation_with_an_odd_trace_is_left_out(tmp_path: Path) -> None:
    source = a_drfc_model(tmp_path / "rl")
    rows = episode(0, 20, is_lap=True)
    rows[5][14] = float("inf")
    write(source / "evaluation-20260202120000/evaluation-simtrace/0-iteration.csv", text_of(rows))
    settings = Settings(home=tmp_path / "home")
    report = import_foreign(settings, source, name="mine")
    assert any("is no number" in line for line in report.left)
    assert len(list_evaluations(settings.models / "mine")) == 1


@pytest.mark.parametrize(
    "shape", [whole(2, 5), block(2, block(1, b"x"))], ids=["a-number", "bytes"]
)
def test_a_checkpoint_with_a_damaged_shape_is_a_sentence(shape: bytes) -> None:
    entry = whole(1, 1) + block(2, shape)
    with pytest.raises(InvalidInput, match="shape"):
        read_index(a_table([(b"", whole(1, 1)), (b"layer", entry)]))


def test_the_times_of_evaluations_are_times(tmp_path: Path) -> None:
    source = tmp_path / "20260101000000-rl"  # the folder above tells nothing of its evaluations
    a_drfc_model(source)
    text = text_of(episode(0, 20, is_lap=True))
    names = [f"plain-{n}" for n in range(70)]
    names += ["evaluation-20261399999999", "evaluation-20260202120000-fast"]
    for name in names:
        write(source / name / "evaluation-simtrace/0-iteration.csv", text)
    settings = Settings(home=tmp_path / "home")
    import_foreign(settings, tmp_path, name="mine")
    stamps = [row.stamp for row in list_evaluations(settings.models / "mine")]
    assert len(stamps) == 73
    for stamp in stamps:
        datetime.strptime(stamp, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    assert {"20260131120000", "20260202120000"} < set(stamps)


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("20260131120000", True),
        ("20260229120000", False),
        ("20261399999999", False),
        ("2026013112000", False),
        ("00000101000000", False),
        ("evaluation", False),
    ],
)
def test_fourteen_digits_may_be_no_time(word: str, expected: bool) -> None:
    assert is_stamp(word) is expected


def test_an_archive_with_a_time_that_is_none_is_refused(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "home")
    import_foreign(settings, a_drfc_model(tmp_path / "rl"), name="mine")
    folder = settings.models / "mine"
    for before in folder.rglob("*20260131120000*"):
        before.rename(before.with_name(before.name.replace("20260131120000", "20261399999999")))
    archive = tmp_path / "mine.zip"
    archive.write_bytes(b"".join(export_model(folder)))
    with pytest.raises(InvalidInput, match="tells a time that is none"):
        check_archive(archive)
    assert list_evaluations(folder) == []  # nor does a page of it fail


def test_a_ranking_is_of_the_time_in_the_name_of_its_file(tmp_path: Path) -> None:
    for name, told in (("20260131120000", "x"), ("20261399999999", "20260131120000")):
        ranking = {"stamp": told, "evaluation": {}, "asked": []}
        write(tmp_path / "rankings" / f"{name}.json", json.dumps(ranking))
    (found,) = list_rankings(tmp_path)
    assert found.stamp == "20260131120000"
