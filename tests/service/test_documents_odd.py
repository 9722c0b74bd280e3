"""Documents and files that are odd, or made to do harm: a sentence each, never a traceback."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from racecraft.domain.errors import InvalidSpec, RacecraftError
from racecraft.domain.spec import ModelSpec, TrainingSpec
from racecraft.service.clones import check_weights_fit
from racecraft.service.documents import MOST_CHARACTERS, checked, read_values
from racecraft.service.metadata import read_metadata
from racecraft.service.settings import Settings
from racecraft.service.track_choices import chosen_tracks
from racecraft.service.training_files import TrainingFile, merged_hyperparameters
from racecraft.service.trainings import plan_training


@pytest.mark.parametrize(
    "training",
    [
        {"tracks": [5]},
        {"tracks": [None]},
        {"tracks": [["a"]]},
        {"tracks": [":reversed"]},
        {"race": {"type": ["OBJECT_AVOIDANCE"]}},
        {"race": {"type": ""}},
        {"race": {"type": False}},
        {"race": "OBJECT_AVOIDANCE"},
        {"randomisation": [["light"]]},
        {"randomisation": [5]},
        {"hyperparameters": None},
        {"hyperparameters": [1]},
        {"stop": 5},
    ],
)
def test_a_value_of_the_wrong_kind_is_a_sentence(
    settings: Settings, training: dict[str, Any]
) -> None:
    with pytest.raises(RacecraftError) as error:
        plan_training(settings, TrainingFile(training=training))
    assert str(error.value).endswith(".")


@pytest.mark.parametrize("part", ["stop", "hyperparameters", "race"])
@pytest.mark.parametrize("value", ["word", [1], 5])
def test_a_flag_over_a_part_that_is_no_table_is_a_sentence(part: str, value: object) -> None:
    changes: dict[str, dict[str, Any]] = {
        "stop": {"minutes": 5},
        "hyperparameters": {"num_epochs": 5},
        "race": {"type": "OBJECT_AVOIDANCE"},
    }
    only = {name: fields if name == part else {} for name, fields in changes.items()}
    with pytest.raises(InvalidSpec, match=f"The field {part} is .*write a table"):
        TrainingFile(training={part: value}).with_changes({}, {}, **only)


def test_the_type_of_a_race_is_not_guessed_from_an_empty_word() -> None:
    with pytest.raises(InvalidSpec):
        checked(TrainingSpec, {"race": {"type": ""}})


@pytest.mark.parametrize("version", [10**400, True, "x", [1], 0, 7])
def test_a_vehicle_description_of_no_known_version_is_refused(
    tmp_path: Path, version: object
) -> None:
    file = tmp_path / "model_metadata.json"
    actions = [{"steering_angle": 0, "speed": 1}, {"steering_angle": 9, "speed": 1}]
    file.write_text(json.dumps({"action_space": actions, "version": version}))
    with pytest.raises(InvalidSpec, match="version"):
        read_metadata(file)


def test_a_file_that_is_nested_without_end_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "spec.json"
    file.write_text("[" * 200_000)
    with pytest.raises(InvalidSpec, match="is not JSON"):
        read_values(file)


def test_a_file_that_is_too_large_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "spec.json"
    file.write_text(" " * (MOST_CHARACTERS + 1))
    with pytest.raises(InvalidSpec, match="at most 1000000"):
        read_values(file)


def test_hyperparameters_of_the_algorithm_that_is_not_wanted_are_left_out() -> None:
    merged = merged_hyperparameters({"num_epochs": 5, "lr": 1e-4}, {"algorithm": "SAC"})
    assert merged == {"learning_rate": 1e-4, "algorithm": "SAC"}
    kept = merged_hyperparameters({"sac_alpha": 0.1}, {"algorithm": "SAC"})
    assert kept == {"sac_alpha": 0.1, "algorithm": "SAC"}
    odd = merged_hyperparameters({"no_such": 1}, {"algorithm": "SAC"})
    assert "no_such" in odd  # which is refused by its name later


def test_a_track_file_may_have_a_colon_in_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("my:track.npy").touch()
    assert [choice.name for choice in chosen_tracks(["my:track.npy"])] == ["my:track.npy"]


def lidar_model(**config: object) -> ModelSpec:
    return checked(
        ModelSpec,
        {
            "sensors": ["FRONT_FACING_CAMERA", "DISCRETIZED_SECTOR_LIDAR"],
            "lidar_config": {"num_sectors": 16, "num_values_per_sector": 4, **config},
        },
    )


def test_weights_do_not_fit_a_lidar_whose_values_mean_something_else() -> None:
    source = lidar_model()
    other = lidar_model(num_sectors=8, num_values_per_sector=8)
    with pytest.raises(InvalidSpec, match=r"64 values in 16 sectors .* 64 values in 8 sectors"):
        check_weights_fit(source, other)
    with pytest.raises(InvalidSpec, match=r"up to 2 m, and the new model's is .* up to 1 m"):
        check_weights_fit(source, lidar_model(clipping_dist=1.0))


def test_a_flag_of_the_lidar_changes_that_alone() -> None:
    document = TrainingFile(model={"lidar_config": {"num_sectors": 16}})
    changed = document.with_changes({"lidar_config": {"clipping_dist_m": 1.0}}, {}, {}, {})
    assert changed.model["lidar_config"] == {"num_sectors": 16, "clipping_dist_m": 1.0}
