"""The sample models: given once, and as good as any other model."""

from __future__ import annotations

import pytest

from racecraft.domain.errors import InvalidInput
from racecraft.service.clones import checkpoint_folder
from racecraft.service.collection import ALL_MODELS, delete_model, list_models, view_model
from racecraft.service.evaluations import list_evaluations
from racecraft.service.jobs.quotas import view_usage
from racecraft.service.making import evaluate
from racecraft.service.model_folders import folder_of
from racecraft.service.model_records import Model
from racecraft.service.models import load_model, load_training
from racecraft.service.people.person import local_actor
from racecraft.service.samples import give_samples, sample_folders
from racecraft.service.settings import Settings
from racecraft.service.store import Store
from racecraft.service.upkeep import reconcile

NAMES = ["Sample-Centre-Line", "Sample-No-Zigzag", "Sample-Stay-In-Lane"]


@pytest.fixture
def samples(store: Store, settings: Settings) -> list[Model]:
    """Those of the one person of an installation."""
    actor = local_actor(store)
    assert give_samples(store, settings, actor.person_id) == len(NAMES)
    views, _ = list_models(store, actor, ALL_MODELS)
    return sorted((view.model for view in views), key=lambda model: model.name)


def test_everybody_is_given_three_models_that_are_ready(samples: list[Model]) -> None:
    assert [model.name for model in samples] == NAMES
    assert {(model.state.value, model.is_sample) for model in samples} == {("READY", True)}
    assert all(model.size_bytes > 100_000 for model in samples)


def test_who_deleted_them_does_not_get_them_back(
    store: Store, settings: Settings, samples: list[Model]
) -> None:
    actor = local_actor(store)
    delete_model(store, settings, actor, samples[0].id)
    assert give_samples(store, settings, actor.person_id) == 0
    reconcile(store, settings, actor.person_id)
    assert list_models(store, actor, ALL_MODELS)[1] == len(NAMES) - 1


def test_they_use_up_no_quota_of_models(
    store: Store, settings: Settings, samples: list[Model]
) -> None:
    del samples
    actor = local_actor(store)
    assert view_usage(store, actor, actor.person_id).models == 0


@pytest.mark.parametrize("number", range(len(NAMES)))
def test_each_of_them_has_driven_five_clean_laps_and_can_be_cloned(
    settings: Settings, samples: list[Model], number: int
) -> None:
    folder = folder_of(settings, samples[number])
    assert [row.clean_laps for row in list_evaluations(folder)] == [5]
    for checkpoint in ("best", "last"):
        assert (checkpoint_folder(folder, checkpoint) / "policy.safetensors").is_file()
    assert load_model(folder).name == samples[number].name
    assert load_training(folder).seed == 7


def test_they_can_be_evaluated(store: Store, settings: Settings, samples: list[Model]) -> None:
    actor = local_actor(store)
    job = evaluate(store, settings, actor, samples[0].id, {"trials": 1})
    view = view_model(store, actor, samples[0].id)
    assert view.job is not None
    assert view.job.id == job.id


def test_a_model_of_their_own_with_such_a_name_is_left_alone(
    store: Store, settings: Settings
) -> None:
    actor = local_actor(store)
    own = settings.models / NAMES[0]
    own.mkdir(parents=True)
    (own / "mine.txt").write_text("mine")
    assert give_samples(store, settings, actor.person_id) == len(NAMES) - 1
    assert [file.name for file in own.iterdir()] == ["mine.txt"]
    with pytest.raises(InvalidInput):
        checkpoint_folder(own, "best")


def test_the_product_ships_what_is_told() -> None:
    assert [folder.name for folder in sample_folders()] == NAMES
