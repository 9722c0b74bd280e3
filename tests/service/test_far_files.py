"""The files of a job whose worker is on another machine: fetched, sent back, kept."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from racecraft.domain.errors import Conflict, InvalidInput, ServiceUnreachable
from racecraft.domain.job import JobKind
from racecraft.service import job_files, job_worker
from racecraft.service.archives.manifest import FileEntry
from racecraft.service.courier import Courier
from racecraft.service.jobs.job import Job
from racecraft.service.settings import Settings
from tests.service.test_archives import a_model, contents


class Desk:
    """The service's side of the files of a job, without HTTP between."""

    def __init__(self, settings: Settings, folder: Path) -> None:
        self.settings, self.folder = settings, folder
        self.job = Job(
            id="j", owner_id="o", model_id="m", kind=JobKind.TRAINING, model_name="car", planned_s=1
        )
        self.fetched: list[str] = []
        self.breaks_at = ""

    def list_files(self) -> list[dict[str, Any]]:
        return [entry.model_dump() for entry in job_files.list_files(self.folder)]

    def fetch_file(self, path: str, to: Path) -> None:
        if path == self.breaks_at:
            raise ServiceUnreachable("It does not answer.")
        self.fetched.append(path)
        to.write_bytes(job_files.file_in(self.folder, path).read_bytes())

    def send_file(self, sha256: str, path: Path) -> None:
        place = job_files.place_for(self.settings, self.job.id, sha256)
        place.write_bytes(path.read_bytes())

    def keep_files(
        self, files: list[FileEntry], gone: list[str], *, is_in_store: bool
    ) -> list[str]:
        assert not is_in_store
        with job_files.alone(self.folder):
            return job_files.keep_files(self.settings, self.job, self.folder, files, gone, None)


TRAINING = {"kind": "TRAINING", "model_name": "car", "model_id": "m", "request": {}}


@pytest.fixture
def desk(settings: Settings) -> Desk:
    return Desk(settings, a_model(settings))


def courier(desk: Any, tmp_path: Path) -> Courier:
    return Courier(desk, Settings(home=tmp_path / "far"), TRAINING)


def test_what_was_made_here_while_a_model_trains_elsewhere_stays(
    desk: Desk, tmp_path: Path
) -> None:
    far = courier(desk, tmp_path)
    made_here = "evaluation-20300101000000/evaluation.json"
    (desk.folder / made_here).parent.mkdir()
    (desk.folder / made_here).write_text("{}")
    (far.folder / "checkpoints/0/policy.safetensors").unlink()
    (far.folder / "checkpoints/0/checkpoint.json").unlink()
    (far.folder / "training.log").write_text("it goes on")
    far.keep(now=True)
    assert far.problem == ""
    assert (desk.folder / made_here).read_text() == "{}"
    assert not (desk.folder / "checkpoints/0").exists()
    assert (desk.folder / "training.log").read_text() == "it goes on"


def test_what_vanishes_after_an_answer_that_got_lost_vanishes_here_too(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    far, keep = courier(desk, tmp_path), desk.keep_files
    (far.folder / "checkpoints/7").mkdir()
    (far.folder / "checkpoints/7/checkpoint.json").write_text("{}")

    def kept_but_not_heard(*args: Any, **how: Any) -> list[str]:
        missing = keep(*args, **how)
        if not missing:
            raise ServiceUnreachable("The answer got lost.")
        return missing

    monkeypatch.setattr(desk, "keep_files", kept_but_not_heard)
    far.keep(now=True)
    assert far.problem == "The answer got lost."
    assert (desk.folder / "checkpoints/7").exists()
    monkeypatch.undo()
    (far.folder / "checkpoints/7/checkpoint.json").unlink()
    far.keep(now=True)
    assert not (desk.folder / "checkpoints/7").exists()


def test_what_has_arrived_is_not_fetched_again(desk: Desk, tmp_path: Path) -> None:
    desk.breaks_at = "training.log"
    with pytest.raises(ServiceUnreachable):
        courier(desk, tmp_path)
    first, desk.breaks_at = list(desk.fetched), ""
    far = courier(desk, tmp_path)
    assert first
    assert sorted(desk.fetched) == sorted({*desk.fetched})
    sent = set(job_files.files_of(desk.folder))
    assert {n: d for n, d in contents(far.folder).items() if n in sent} == {
        n: d for n, d in contents(desk.folder).items() if n in sent
    }


def test_a_file_that_may_not_be_kept_ends_the_job_with_a_sentence(
    desk: Desk, tmp_path: Path
) -> None:
    far = courier(desk, tmp_path)
    with (far.folder / "model.json").open("ab") as file:
        file.truncate(2_000_000)
    far.keep(now=True)
    heart: Any = SimpleNamespace(is_lost=False)
    with pytest.raises(InvalidInput, match=r"model\.json has 2\.0 MB, and at most 1 MB"):
        job_worker._deliver(far, heart)
    far._sent_s = float("-inf")
    with pytest.raises(InvalidInput, match=r"model\.json"):
        far.keep()


def test_only_one_at_a_time_changes_the_files_of_a_job(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(job_files, "_PATIENCE_S", 0.05)
    taking_their_places = pytest.raises(Conflict, match="just taking their places")
    with job_files.alone(desk.folder), taking_their_places:
        desk.keep_files([], [], is_in_store=False)
    assert desk.keep_files([], [], is_in_store=False) == []


def test_files_are_kept_where_a_file_cannot_have_two_names(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    far = courier(desk, tmp_path)
    monkeypatch.setattr(os, "link", refuse)
    (far.folder / "checkpoints/state/checkpoint.json").write_text('{"iteration": 1}')
    (far.folder / "training.log").write_text("it goes on")
    far.keep(now=True)
    assert far.problem == ""
    state = desk.folder / "checkpoints/state"
    assert (state / "checkpoint.json").read_text() == '{"iteration": 1}'
    assert (state / "state.safetensors").stat().st_size > 0
    assert (desk.folder / "training.log").read_text() == "it goes on"
