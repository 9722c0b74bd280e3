"""People's models: records and folders that stay together."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from racecraft.domain.errors import Conflict, InvalidInput, NotFound, QuotaExceeded
from racecraft.domain.spec import ModelSpec, TrainingSpec
from racecraft.service import collection, making, upkeep
from racecraft.service.access import Actor, Role
from racecraft.service.collection import KEPT_S, ModelFilter
from racecraft.service.garage import build_vehicle
from racecraft.service.making import NewModel
from racecraft.service.model_folders import folder_of
from racecraft.service.model_records import Model, ModelState
from racecraft.service.models import create_model
from racecraft.service.people.administration import set_limits
from racecraft.service.people.person import LOCAL_PERSON, Person, local_actor
from racecraft.service.settings import Settings
from racecraft.service.store import Store
from racecraft.service.training_files import TrainingFile
from tests.service.conftest import Clock

REWARD = "def reward_function(params):\n    return 1.0\n"
ADMIN = Actor("root", Role.ADMIN)


def made(store: Store, settings: Settings, actor: Actor, name: str = "mine") -> Model:
    document = TrainingFile(model={"name": name})
    wanted = NewModel(document, starts=False)
    return making.make_model(store, settings, actor, wanted).view.model


def on_the_command_line(settings: Settings, name: str) -> Path:
    """A folder as `racecraft train` makes it, a while ago."""
    folder = create_model(settings, ModelSpec(name=name), TrainingSpec(), reward_source=REWARD)
    os.utime(folder, (1.0, 1.0))
    return folder


def names(store: Store, actor: Actor, **wanted: object) -> list[str]:
    found, _ = collection.list_models(store, actor, ModelFilter.model_validate(wanted))
    return [view.model.name for view in found]


def person(store: Store, name: str) -> Actor:
    with store.work() as work:
        return work.add(Person(id=name, name=name, name_key=name)).actor


def test_models_of_the_command_line_are_found_and_keep_their_id(
    store: Store, settings: Settings
) -> None:
    actor = local_actor(store)
    folder = on_the_command_line(settings, "old")
    upkeep.reconcile(store, settings, LOCAL_PERSON)
    first = collection.list_models(store, actor)[0][0].model
    folder.rename(settings.models / "newer")
    upkeep.reconcile(store, settings, LOCAL_PERSON)
    after = collection.list_models(store, actor)[0][0].model
    assert (first.name, after.name, after.id) == ("old", "newer", first.id)


def test_a_copied_folder_is_a_model_of_its_own(store: Store, settings: Settings) -> None:
    actor = local_actor(store)
    folder = on_the_command_line(settings, "one")
    upkeep.reconcile(store, settings, LOCAL_PERSON)
    shutil.copytree(folder, settings.models / "two")
    os.utime(settings.models / "two", (1.0, 1.0))
    upkeep.reconcile(store, settings, LOCAL_PERSON)
    views, total = collection.list_models(store, actor)
    assert (total, len({view.model.id for view in views})) == (2, 2)


def test_a_folder_that_is_gone_is_told_and_comes_back(store: Store, settings: Settings) -> None:
    actor = local_actor(store)
    folder = on_the_command_line(settings, "mine")
    upkeep.reconcile(store, settings, LOCAL_PERSON)
    folder.rename(settings.home / "elsewhere")
    upkeep.reconcile(store, settings, LOCAL_PERSON)
    view = collection.list_models(store, actor)[0][0]
    assert (view.status, view.model.problem[:18]) == ("ERROR", "Its folder is gone")
    (settings.home / "elsewhere").rename(folder)
    upkeep.reconcile(store, settings, LOCAL_PERSON)
    assert collection.list_models(store, actor)[0][0].status == "CREATED"


def test_a_move_that_was_cut_short_is_finished_by_the_folder(
    store: Store, settings: Settings
) -> None:
    actor = local_actor(store)
    model = made(store, settings, actor)
    # The power failed after the folder was renamed and before the record was written.
    (settings.models / "mine").rename(settings.models / "yours")
    upkeep.reconcile(store, settings, LOCAL_PERSON)
    assert collection.view_model(store, actor, model.id).model.name == "yours"


def test_everybody_has_models_of_their_own_under_the_same_name(
    store: Store, settings: Settings
) -> None:
    ann, bob = person(store, "ann"), person(store, "bob")
    first, second = made(store, settings, ann), made(store, settings, bob)
    folders = {folder_of(settings, model) for model in (first, second)}
    assert len(folders) == 2
    assert all(folder.is_dir() for folder in folders)
    with pytest.raises(Conflict):
        made(store, settings, ann)


def test_a_deleted_model_comes_back_for_a_day(
    store: Store, settings: Settings, clock: Clock
) -> None:
    ann = person(store, "ann")
    model = made(store, settings, ann)
    collection.delete_model(store, settings, ann, model.id)
    assert names(store, ann) == []
    assert names(store, ann, is_deleted=True) == ["mine"]
    made(store, settings, ann)  # its name is free
    assert collection.restore_model(store, settings, ann, model.id).name == "mine-2"
    collection.delete_model(store, settings, ann, model.id)
    clock.now_s += KEPT_S - 1
    assert upkeep.purge_deleted(store, settings) == 0
    clock.now_s += 2
    assert upkeep.purge_deleted(store, settings) == 1
    with pytest.raises(NotFound):
        collection.view_model(store, ann, model.id)
    assert names(store, ann) == ["mine"]


def test_a_model_takes_sensors_and_look_of_its_vehicle_and_keeps_them(
    store: Store, settings: Settings
) -> None:
    ann = person(store, "ann")
    fields = {"name": "fast", "network": "LIGHT", "colour": "red", "shell": "wedge"}
    vehicle = build_vehicle(store, ann, fields)
    wanted = NewModel(TrainingFile(model={"name": "m"}), vehicle_id=vehicle.id, starts=False)
    model = making.make_model(store, settings, ann, wanted).view.model
    assert (model.network, model.colour, model.shell) == ("LIGHT", "red", "wedge")
    assert model.vehicle_name == "fast"


def test_a_model_beyond_the_quota_is_not_made(store: Store, settings: Settings) -> None:
    ann = person(store, "ann")
    set_limits(store, ADMIN, "ann", {"models": 1})
    made(store, settings, ann)
    with pytest.raises(QuotaExceeded, match="has 1 models, and 1 are allowed"):
        made(store, settings, ann, "another")
    set_limits(store, ADMIN, "ann", {"minutes_per_month": 5})
    wanted = NewModel(TrainingFile(model={"name": "long"}))
    with pytest.raises(QuotaExceeded, match="may take 10 minutes, but the racer ann has 5 of 5"):
        making.make_model(store, settings, ann, wanted)
    folder = settings.of("ann").models
    assert sorted(each.name for each in folder.iterdir()) == ["mine"]


@pytest.mark.parametrize(
    "changes",
    [
        {"tags": ["x" * 41]},
        {"tags": [str(k) for k in range(21)]},
        {"description": "x" * 256},
        {"state": "READY"},
        {"name": "no spaces"},
    ],
)
def test_a_change_that_does_not_fit_changes_nothing(
    store: Store, settings: Settings, changes: dict[str, object]
) -> None:
    ann = person(store, "ann")
    model = made(store, settings, ann)
    with pytest.raises(InvalidInput):
        collection.change_model(store, settings, ann, model.id, changes)
    assert collection.view_model(store, ann, model.id).model == model


def test_models_are_listed_by_name_state_and_size(store: Store, settings: Settings) -> None:
    ann = person(store, "ann")
    for name in ("alpha", "beta"):
        made(store, settings, ann, name)
    with store.work() as work:
        beta = work.first(Model, name="beta")
        assert beta is not None
        work.put(beta.model_copy(update={"state": ModelState.READY, "size_bytes": 10**9}))
    assert names(store, ann, order="name") == ["alpha", "beta"]
    assert names(store, ann, order="-size_bytes") == ["beta", "alpha"]
    assert names(store, ann, state="READY") == ["beta"]
    assert names(store, ann, text="LPH") == ["alpha"]
    with pytest.raises(InvalidInput, match="The order is 'owner_id'"):
        names(store, ann, order="owner_id")
