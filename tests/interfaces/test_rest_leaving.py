"""Deleting a person: who may, and what is left of them."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from racecraft.domain.errors import Conflict
from racecraft.interfaces.rest.app import create_api
from racecraft.interfaces.rest.who import Installation
from racecraft.interfaces.server import Plan, open_installation
from racecraft.service.access import Role
from racecraft.service.jobs.job import Job
from racecraft.service.jobs.leases import claim_next
from racecraft.service.leaving import Departure, refuse_other_records, remove_ownerless
from racecraft.service.model_records import Model
from racecraft.service.races.entering import folder_of_submission
from racecraft.service.races.race import Entrant, Submission
from racecraft.service.store import Contains, Store
from tests.interfaces.conftest import PASSWORD, Browser, own_models


def me(client: TestClient) -> str:
    return str(client.get("/me").json()["id"])


def leave(client: TestClient, person_id: str, name: str) -> int:
    return client.delete(f"/people/{person_id}?name={name}").status_code


def test_a_person_deletes_themselves_with_all_that_is_theirs(
    together: Installation, browser: Browser
) -> None:
    ann, bob = browser("Ann"), browser("Bob")
    person = me(ann)
    for name in ("one", "two"):
        assert ann.post("/models", json={"model": {"name": name}}).status_code == 201
    ann.post("/vehicles", json={"name": "mine"})
    kept = bob.post("/models", json={"model": {"name": "his"}}).json()["model"]["id"]
    claimed = claim_next(together.store, worker="here 1", slots=1)
    assert claimed is not None
    assert claimed.job.owner_id == person
    home = together.settings.of(person).models.parent
    assert home.is_dir()

    answer = ann.delete(f"/people/{person}?name=Ann")

    assert answer.json() == {"name": "Ann", "models": 2, "vehicles": 1, "jobs": 2}
    assert not home.exists()
    assert ann.get("/me").status_code == 401
    assert ann.post("/sign-in", json={"name": "Ann", "password": PASSWORD}).status_code == 401
    with together.store.look() as work:
        assert work.count(Model, owner_id=person) == work.count(Job, owner_id=person) == 0
    # The worker that had a job of hers hears that it must end.
    worker = {"Authorization": f"Bearer {claimed.token}"}
    beat = TestClient(create_api(together), headers=worker)
    assert (
        beat.post(f"/worker/jobs/{claimed.job.id}/beat", json={"compute_s": 1}).status_code == 401
    )
    assert bob.get(f"/models/{kept}").status_code == 200
    again = browser("Ann")
    assert own_models(again) == []


def test_results_of_somebody_who_left_are_gone_from_races(
    together: Installation, browser: Browser
) -> None:
    ann = browser("Ann")
    fields = {"job_id": "j", "model_id": "m", "model_name": "car", "weights_sha256": "00"}
    driven = Submission(race_id="r", person_id=me(ann), checkpoint=1, **fields)
    place = folder_of_submission(together.settings, "r", driven.id)
    place.mkdir(parents=True)
    with together.store.work() as work:
        work.add(driven)
        work.add(Entrant(race_id="r", person_id=me(ann)))
    assert leave(ann, me(ann), "Ann") == 200
    with together.store.look() as work:
        assert work.count(Submission) == work.count(Entrant) == 0
    assert not place.exists()


def test_nobody_deletes_somebody_else_but_an_admin(browser: Browser) -> None:
    ann, olga, root = browser("Ann"), browser("Olga", Role.ORGANISER), browser("Root", Role.ADMIN)
    for client in (olga, browser("Bob")):
        assert leave(client, me(ann), "Ann") == 403
    assert leave(root, me(ann), "Anna") == 409
    assert leave(root, "nobody", "Ann") == 404
    assert leave(root, me(ann), "Ann") == 200
    assert leave(root, me(root), "Root") == 409  # the only admin who can sign in


def test_a_token_deletes_nobody_without_the_scope(browser: Browser, together: Installation) -> None:
    ann = browser("Ann")
    wish = {"name": "nb", "scopes": ["read", "write"]}
    secret = ann.post("/tokens", json=wish).json()["secret"]
    program = TestClient(create_api(together), headers={"Authorization": f"Bearer {secret}"})
    assert leave(program, me(ann), "Ann") == 403


def test_the_one_person_of_a_machine_stays(alone: Installation) -> None:
    solo = TestClient(create_api(alone))
    assert leave(solo, "local", "racer") == 409


def test_upkeep_removes_what_is_left_of_who_left(together: Installation, browser: Browser) -> None:
    ann, bob = browser("Ann"), browser("Bob")
    hers, his = (together.settings.of(me(client)).models / "car" for client in (ann, bob))
    his.mkdir(parents=True)
    assert leave(ann, me(ann), "Ann") == 200
    hers.mkdir(parents=True)  # a worker of hers wrote once more
    assert remove_ownerless(together.store, together.settings) == 1
    assert not hers.parent.parent.exists()
    assert his.exists()
    later = Store(together.store.engine, lambda: time.time() + 90_000.0)
    assert remove_ownerless(later, together.settings) == 0
    with later.look() as work:
        assert not work.find(Departure, id=Contains("left-"))


@pytest.mark.parametrize("knows_somebody", [True, False])
def test_upkeep_never_removes_folders_only_because_the_records_do_not_know_whose_they_are(
    together: Installation, browser: Browser, knows_somebody: bool
) -> None:
    owners = ["0123", *([me(browser("Ann"))] if knows_somebody else [])]
    folders = [together.settings.of(owner).models / "car" for owner in owners]
    for folder in folders:
        folder.mkdir(parents=True)
    assert remove_ownerless(together.store, together.settings) == 0
    assert all(folder.exists() for folder in folders)


def test_a_service_does_not_start_on_records_that_know_nobody_of_its_home_folder(
    together: Installation, browser: Browser, tmp_path: Path
) -> None:
    ann = browser("Ann")
    folder = together.settings.of(me(ann)).models / "car"
    folder.mkdir(parents=True)
    refuse_other_records(together.store, together.settings)
    wrong = f"sqlite:///{tmp_path / 'typo.db'}"
    settings = together.settings.model_copy(update={"database_url": wrong})
    with pytest.raises(Conflict, match=r"folders of people \(1\), and the database .*typo\.db"):
        open_installation(settings, Plan(is_hosted=True))
    assert folder.exists()
    shutil.rmtree(folder.parent)  # nothing of value is there any more
    open_installation(settings, Plan(is_hosted=True)).store.close()
