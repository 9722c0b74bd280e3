"""Models that are worked on elsewhere are as busy here as any other."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from racecraft.domain.errors import Conflict
from racecraft.domain.job import JobKind
from racecraft.service.far_locks import FarLocks
from racecraft.service.jobs import leases, nodes
from racecraft.service.jobs.job import Job
from racecraft.service.locks import current_work, locked
from racecraft.service.model_records import Model
from racecraft.service.models import delete_model, rename_model
from racecraft.service.people.person import LOCAL_PERSON, local_actor
from racecraft.service.settings import Settings
from racecraft.service.store import Store
from tests.service.test_archives import a_model


@pytest.fixture
def folder(settings: Settings) -> Path:
    return a_model(settings)


def begin(store: Store, kind: JobKind = JobKind.TRAINING, *, home: str = "") -> leases.Claim:
    """A job of the model, on another machine; with a home folder, that is another service."""
    facts = nodes.facts_now(Path("/"), 1).model_copy(update={"id": "far", "home": home})
    token, _ = nodes.make_worker_token(store, local_actor(store), "lab")
    nodes.greet(store, facts, token=None if home else token)
    model = Model(owner_id=LOCAL_PERSON, name="car")
    fields = {"owner_id": LOCAL_PERSON, "model_id": model.id, "model_name": "car"}
    with store.work() as work:
        work.add(model)
        work.add(Job(kind=kind, planned_s=1.0, **fields))
    claim = leases.claim_next(store, worker="far 1", slots=1, node="far")
    assert claim is not None
    return claim


@pytest.mark.parametrize(
    ("kind", "work"),
    [
        (JobKind.TRAINING, "TRAINING"),
        (JobKind.EVALUATION, "EVALUATING"),
        (JobKind.RANKING, "RANKING"),
    ],
)
def test_a_command_line_respects_a_job_elsewhere_until_it_ends(
    settings: Settings, store: Store, folder: Path, kind: JobKind, work: str
) -> None:
    claim, locks = begin(store, kind), FarLocks(store, settings)
    for _ in range(2):
        locks.look()
        assert current_work(folder) == work
    with pytest.raises(Conflict, match=f"in use: {work}"):
        rename_model(settings, "car", "other")
    with pytest.raises(Conflict, match=f"in use: {work}"):
        delete_model(settings, "car")
    locks.close()  # as when the service ends
    assert current_work(folder) is None
    again = FarLocks(store, settings)
    again.look()
    assert current_work(folder) == work
    leases.finish(store, claim.job.id, claim.token, compute_s=1.0, message="", report={})
    again.look()
    assert current_work(folder) is None


def test_a_worker_of_another_service_locks_the_same_folder_itself(
    settings: Settings, store: Store, folder: Path
) -> None:
    begin(store, home="shared")
    FarLocks(store, settings).look()
    assert current_work(folder) is None


def test_what_cannot_be_locked_now_is_locked_later(
    settings: Settings, store: Store, folder: Path
) -> None:
    begin(store)
    locks = FarLocks(store, settings)
    with locked(folder, "EVALUATING"):
        locks.look()
        assert current_work(folder) == "EVALUATING"
    locks.look()
    assert current_work(folder) == "TRAINING"
    locks.close()
    shutil.rmtree(folder)
    locks.look()  # nothing to be locked is no trouble
