"""Model folders: whole or not at all, found by name, and told by what lies in them."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any

import pytest

from racecraft.domain.action_space import (
    ActionSpace,
    ContinuousActionSpace,
    SpeedRange,
    action_grid,
)
from racecraft.domain.errors import (
    Conflict,
    CorruptCheckpoint,
    InvalidInput,
    InvalidSpec,
    ModelNotFound,
    NotFound,
    StorageFailed,
)
from racecraft.domain.spec import ModelSpec, Network, TrainingSpec
from racecraft.service import clones, models, summaries
from racecraft.service.locks import current_work, locked
from racecraft.service.settings import Settings
from racecraft.service.summaries import ModelStatus

REWARD = "def reward_function(params):\n    return 1.0\n"


def make(settings: Settings, name: str = "blue-car") -> Path:
    return models.create_model(settings, ModelSpec(name=name), TrainingSpec(), reward_source=REWARD)


def give_checkpoint(folder: Path, iteration: int) -> None:
    checkpoint = folder / "checkpoints" / str(iteration)
    checkpoint.mkdir(parents=True)
    (checkpoint / "policy.safetensors").write_bytes(b"weights of %d" % iteration)
    (checkpoint / "checkpoint.json").write_text("{}")


def give_progress(folder: Path, best: int, count: int) -> None:
    lines = [{"iteration": i, "best_iteration": best} for i in range(count)]
    (folder / "progress.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))


def test_a_new_model_holds_what_it_was_made_of(settings: Settings) -> None:
    folder = make(settings)

    assert models.load_model(folder) == ModelSpec(name="blue-car")
    assert models.load_training(folder) == TrainingSpec()
    assert (folder / "reward_function.py").read_text() == REWARD
    assert models.model_names(settings) == ["blue-car"]
    assert list(settings.models.iterdir()) == [folder]


def test_a_name_is_given_only_once(settings: Settings) -> None:
    make(settings)

    with pytest.raises(Conflict, match="'blue-car' already"):
        make(settings)

    assert len(list(settings.models.iterdir())) == 1


@pytest.mark.parametrize("name", ["", "../x", "a/b", ".hidden", "-a", "a_b", "a\n", "x" * 65, "~"])
def test_a_name_cannot_lead_anywhere_else(settings: Settings, name: str) -> None:
    with pytest.raises(InvalidSpec, match="use 1 to 64 letters"):
        models.model_folder(settings, name)


def test_a_link_is_not_a_model(settings: Settings, tmp_path: Path) -> None:
    make(settings)
    (tmp_path / "elsewhere").mkdir()
    (settings.models / "link").symlink_to(tmp_path / "elsewhere")

    assert models.model_names(settings) == ["blue-car"]
    with pytest.raises(ModelNotFound):
        models.delete_model(settings, "link")
    assert (tmp_path / "elsewhere").exists()


def test_a_missing_model_is_told_with_near_names(settings: Settings) -> None:
    make(settings)

    with pytest.raises(ModelNotFound, match="Did you mean blue-car"):
        models.model_folder(settings, "blu-car")


def test_a_fresh_name_counts_up(settings: Settings) -> None:
    assert models.fresh_name(settings, "quickstart") == "quickstart"
    make(settings, "quickstart")
    make(settings, "quickstart-2")
    assert models.fresh_name(settings, "quickstart") == "quickstart-3"


def test_a_home_that_is_a_file_gives_a_sentence_and_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("I was here first")
    settings = Settings(home=tmp_path / "home")

    with pytest.raises(StorageFailed, match="set RACECRAFT_HOME"):
        make(settings)

    assert (tmp_path / "home").read_text() == "I was here first"


def test_a_link_in_a_checkpoint_stops_a_clone_and_leaves_nothing(
    settings: Settings, tmp_path: Path
) -> None:
    folder = make(settings)
    give_checkpoint(folder, 0)
    (tmp_path / "secret").write_text("secret")
    (folder / "checkpoints" / "0" / "more").symlink_to(tmp_path / "secret")

    with pytest.raises(InvalidInput, match="not a plain file"):
        clones.clone_model(settings, "blue-car", "red-car")

    assert [path.name for path in settings.models.iterdir()] == ["blue-car"]


def test_a_model_is_created_then_ready(settings: Settings) -> None:
    folder = make(settings)
    assert summaries.summarise(folder).status is ModelStatus.CREATED

    give_checkpoint(folder, 0)
    assert summaries.summarise(folder).status is ModelStatus.READY


def test_a_model_is_training_while_its_lock_is_held(settings: Settings) -> None:
    folder = make(settings)

    with locked(folder, "TRAINING"):
        assert summaries.summarise(folder).status is ModelStatus.TRAINING
        with pytest.raises(Conflict, match="TRAINING"):
            models.delete_model(settings, "blue-car")
        with pytest.raises(Conflict, match="TRAINING"):
            models.rename_model(settings, "blue-car", "red-car")

    assert summaries.summarise(folder).status is ModelStatus.CREATED


def _hold(folder: Path, is_held: Event) -> None:
    with locked(folder, "TRAINING"):
        is_held.set()
        signal.pause()


def test_a_killed_process_leaves_no_model_in_training(settings: Settings) -> None:
    folder = make(settings)
    context = multiprocessing.get_context("spawn")
    is_held = context.Event()
    holder = context.Process(target=_hold, args=(folder, is_held))
    holder.start()
    assert is_held.wait(30)
    assert current_work(folder) == "TRAINING"

    assert holder.pid is not None
    os.kill(holder.pid, signal.SIGKILL)
    holder.join(30)

    assert current_work(folder) is None
    assert summaries.summarise(folder).status is ModelStatus.CREATED


def test_a_damaged_model_is_listed_with_its_problem(settings: Settings) -> None:
    (make(settings) / "model.json").write_text('{"name": "blue-car", "network": "HUGE"}')
    make(settings, "red-car")

    rows = {row.name: row for row in summaries.list_models(settings)}

    assert rows["blue-car"].status is ModelStatus.ERROR
    assert "network is 'HUGE'" in (rows["blue-car"].problem or "")
    assert rows["red-car"].status is ModelStatus.CREATED


def test_a_training_that_failed_at_once_is_an_error_with_its_sentence(settings: Settings) -> None:
    folder = make(settings)
    (folder / "error.txt").write_text("The reward function raised.\n")

    row = summaries.summarise(folder)

    assert (row.status, row.problem) == (ModelStatus.ERROR, "The reward function raised.")


def test_a_renamed_model_has_one_name_everywhere(settings: Settings) -> None:
    make(settings)

    folder = models.rename_model(settings, "blue-car", "red-car")

    assert models.model_names(settings) == ["red-car"]
    assert json.loads((folder / "model.json").read_text())["name"] == "red-car"


def test_a_model_cannot_take_the_name_of_another(settings: Settings) -> None:
    make(settings)
    make(settings, "red-car")

    with pytest.raises(Conflict, match="'red-car' already"):
        models.rename_model(settings, "blue-car", "red-car")

    assert models.model_names(settings) == ["blue-car", "red-car"]


def test_a_deleted_model_is_gone_with_all_its_files(settings: Settings) -> None:
    give_checkpoint(make(settings), 0)

    models.delete_model(settings, "blue-car")

    assert list(settings.models.iterdir()) == []


def test_deleting_a_model_leaves_the_grave_that_another_process_just_dug(
    settings: Settings,
) -> None:
    make(settings)
    other = settings.models / ".deleted-other"
    other.mkdir()

    models.delete_model(settings, "blue-car")

    assert list(settings.models.iterdir()) == [other]


def test_a_clone_starts_from_the_best_weights(settings: Settings) -> None:
    folder = make(settings)
    for iteration in range(3):
        give_checkpoint(folder, iteration)
    give_progress(folder, best=1, count=3)

    clone = clones.clone_model(settings, "blue-car", "red-car")

    assert (clone / "initial" / "policy.safetensors").read_bytes() == b"weights of 1"
    assert (clone / "reward_function.py").read_text() == REWARD
    assert models.load_model(clone).name == "red-car"
    assert summaries.summarise(clone).status is ModelStatus.CREATED


@pytest.mark.parametrize(("word", "iteration"), [("best", 1), ("last", 2), ("0", 0)])
def test_a_checkpoint_is_found_by_its_word(settings: Settings, word: str, iteration: int) -> None:
    folder = make(settings)
    for number in range(3):
        give_checkpoint(folder, number)
    give_progress(folder, best=1, count=3)

    assert clones.checkpoint_folder(folder, word) == folder / "checkpoints" / str(iteration)


def test_a_model_without_checkpoints_cannot_be_cloned(settings: Settings) -> None:
    make(settings)

    with pytest.raises(InvalidInput, match="no checkpoint yet"):
        clones.clone_model(settings, "blue-car", "red-car")

    assert models.model_names(settings) == ["blue-car"]


def test_a_checkpoint_that_is_not_there_is_told_with_those_that_are(settings: Settings) -> None:
    folder = make(settings)
    give_checkpoint(folder, 4)

    with pytest.raises(NotFound, match="no checkpoint 7; it has 4"):
        clones.checkpoint_folder(folder, "7")
    with pytest.raises(InvalidInput, match="choose best, last"):
        clones.checkpoint_folder(folder, "newest")


def test_an_incomplete_checkpoint_is_told_by_its_missing_file(settings: Settings) -> None:
    folder = make(settings)
    give_checkpoint(folder, 0)
    (folder / "checkpoints" / "0" / "policy.safetensors").unlink()

    with pytest.raises(CorruptCheckpoint, match=r"policy\.safetensors is missing"):
        clones.checkpoint_folder(folder, "best")


def test_weights_that_do_not_fit_are_told_with_both_values() -> None:
    source = ModelSpec(name="blue-car")
    clone = ModelSpec(name="red-car", network=Network.LIGHT)

    with pytest.raises(InvalidSpec, match=r"network is DEEP_CONV.*SHALLOW, and .* is LIGHT"):
        clones.check_weights_fit(source, clone)


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        (
            action_grid(),
            ContinuousActionSpace(),
            r"its kind of action space is discrete, and the new model's is continuous\. Keep discr",
        ),
        (
            ContinuousActionSpace(),
            action_grid(),
            r"its kind of action space is continuous, and the new model's is discrete\. Keep cont",
        ),
        (
            action_grid(),
            action_grid(speed_granularity=2),
            r"its number of actions is 21, and the new model's is 14\. Keep 21",
        ),
    ],
)
def test_weights_for_other_actions_are_told_with_both_values(
    old: ActionSpace, new: ActionSpace, sentence: str
) -> None:
    source = ModelSpec(name="blue-car", action_space=old)
    clone = ModelSpec(name="red-car", action_space=new)
    with pytest.raises(InvalidSpec, match=sentence):
        clones.check_weights_fit(source, clone)


def test_weights_of_another_algorithm_are_told_with_both_values() -> None:
    space = ContinuousActionSpace()
    source, clone = (ModelSpec(name=n, action_space=space) for n in ("blue-car", "red-car"))
    with pytest.raises(InvalidSpec, match=r"algorithm is SAC, and the new model's is PPO\. Keep"):
        clones.check_weights_fit(source, clone, algorithms=("SAC", "PPO"))
    clones.check_weights_fit(source, clone, algorithms=("SAC", "SAC"))


def test_other_limits_of_continuous_actions_keep_the_weights() -> None:
    source = ModelSpec(name="blue-car", action_space=ContinuousActionSpace())
    faster = ContinuousActionSpace(speed=SpeedRange(low=1, high=3))
    clones.check_weights_fit(source, ModelSpec(name="red-car", action_space=faster))


def test_the_list_tells_the_actions_of_either_kind(settings: Settings) -> None:
    make(settings)
    continuous = ModelSpec(name="red-car", action_space=ContinuousActionSpace())
    models.create_model(settings, continuous, TrainingSpec(), reward_source=REWARD)

    rows = {row.name: row.actions for row in summaries.list_models(settings)}

    assert rows == {"blue-car": "21 actions", "red-car": "-30° to 30°, 0.5 to 1 m/s"}


def test_a_last_line_that_a_crash_cut_short_is_left_out(settings: Settings) -> None:
    folder = make(settings)
    give_progress(folder, best=0, count=2)
    with (folder / "progress.jsonl").open("a") as file:
        file.write('{"iteration": 2, "best_it')

    assert [report["iteration"] for report in summaries.read_progress(folder)] == [0, 1]


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        (
            {"sensors": ("STEREO_CAMERAS", "LIDAR")},
            {"sensors": ("STEREO_CAMERAS",)},
            "its sensors are STEREO_CAMERAS, LIDAR, and the new model's are STEREO_CAMERAS.",
        ),
        (
            {"sensors": ("DISCRETIZED_SECTOR_LIDAR",)},
            {"sensors": ("DISCRETIZED_SECTOR_LIDAR",), "lidar_config": {"num_sectors": 4}},
            "its LIDAR is one of 64 values in 8 sectors up to 2 m, and the new model's is one of",
        ),
    ],
)
def test_weights_of_other_sensors_are_told_with_both_values(
    old: dict[str, Any], new: dict[str, Any], sentence: str
) -> None:
    source, clone = ModelSpec(name="blue-car", **old), ModelSpec(name="red-car", **new)
    with pytest.raises(InvalidSpec) as refused:
        clones.check_weights_fit(source, clone)
    assert sentence in str(refused.value)
