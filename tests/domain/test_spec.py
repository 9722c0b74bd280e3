"""The documents that people write: names, stop conditions, what the camera of a network sees."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from racecraft.domain.action_space import ContinuousActionSpace, action_grid
from racecraft.domain.car import CameraSpec
from racecraft.domain.errors import InvalidSpec
from racecraft.domain.race import RaceSpec, RaceType
from racecraft.domain.sensors import Sensor
from racecraft.domain.spec import (
    EvaluationSpec,
    ModelSpec,
    Network,
    StopCondition,
    TrackChoice,
    TrainingSpec,
    check_training_fits,
)

DOCUMENTS = [ModelSpec, TrainingSpec, EvaluationSpec, TrackChoice]


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_document_has_a_default_for_every_field(document: type[BaseModel]) -> None:
    document()


@pytest.mark.parametrize("document", DOCUMENTS)
def test_a_document_survives_being_written_and_read(document: type[BaseModel]) -> None:
    written = document().model_dump_json()
    assert document.model_validate_json(written) == document()


@pytest.mark.parametrize("document", [*DOCUMENTS, StopCondition])
def test_an_unknown_field_is_refused_by_name(document: type[BaseModel]) -> None:
    with pytest.raises(ValidationError, match="sped"):
        document.model_validate({"sped": 1, "minutes": 1})


@pytest.mark.parametrize("document", DOCUMENTS)
def test_a_document_cannot_be_changed_after_it_was_read(document: type[BaseModel]) -> None:
    field = next(iter(document.model_fields))
    with pytest.raises(ValidationError):
        setattr(document(), field, None)


@pytest.mark.parametrize("name", ["a", "9", "My-Model-2", "x" * 64])
def test_a_model_name_is_letters_digits_and_hyphens(name: str) -> None:
    assert ModelSpec(name=name).name == name


@pytest.mark.parametrize(
    "name", ["", "-a", "a-", "my model", "my_model", "x" * 65, "../up", "a/b", "é", "a\n"]
)
def test_any_other_model_name_is_refused(name: str) -> None:
    with pytest.raises(ValidationError, match="use 1 to 64 letters, digits and hyphens"):
        ModelSpec(name=name)


@given(st.text(max_size=70))
def test_an_accepted_model_name_is_a_safe_folder_name(name: str) -> None:
    try:
        accepted = ModelSpec(name=name).name
    except ValidationError:
        return
    assert accepted.isascii()
    assert accepted.replace("-", "").isalnum()


def test_a_description_ends_at_255_characters() -> None:
    ModelSpec(description="x" * 255)
    with pytest.raises(ValidationError):
        ModelSpec(description="x" * 256)


@pytest.mark.parametrize("network", list(Network))
def test_the_cars_networks_see_160_by_120_and_the_light_one_half(network: Network) -> None:
    camera = ModelSpec(network=network).camera
    expected = (80, 60) if network is Network.LIGHT else (160, 120)
    assert (camera.width, camera.height, camera.channels) == (*expected, 1)


def test_a_training_without_an_end_is_refused() -> None:
    with pytest.raises(ValidationError, match="The training has no end"):
        StopCondition()


@pytest.mark.parametrize("given_end", [{"minutes": 0.5}, {"env_steps": 1}, {"clean_laps": 5}])
def test_any_one_stop_condition_is_enough(given_end: dict[str, float]) -> None:
    StopCondition.model_validate(given_end)


@pytest.mark.parametrize("minutes", [0, -1, 1441])
def test_a_training_lasts_more_than_nothing_and_at_most_a_day(minutes: float) -> None:
    with pytest.raises(ValidationError):
        StopCondition(minutes=minutes)


def test_a_reversed_track_says_so_in_its_title() -> None:
    assert str(TrackChoice(name="oval")) == "oval"
    assert str(TrackChoice(name="oval", is_reversed=True)) == "oval (reversed)"


def test_an_evaluation_ends_a_trial_at_the_first_reset_unless_asked_otherwise() -> None:
    evaluation = EvaluationSpec()
    assert evaluation.max_resets == 0
    assert evaluation.off_track_penalty_s == 2.0
    assert evaluation.checkpoint == "best"


def test_either_kind_of_action_space_survives_being_written_and_read() -> None:
    for space in (action_grid(max_speed_mps=2.0), ContinuousActionSpace()):
        model = ModelSpec(action_space=space)
        assert ModelSpec.model_validate_json(model.model_dump_json()) == model
        assert ModelSpec.model_validate(dict(model)) == model


def test_a_document_from_before_continuous_action_spaces_is_still_read() -> None:
    actions = [{"steering_angle": -10.0, "speed": 1.0}, {"steering_angle": -10.0, "speed": 1.0}]
    model = ModelSpec.model_validate({"action_space": {"actions": actions}})
    assert model.action_space.kind == "discrete"
    assert model.action_space.num_outputs == 2


def test_a_lidar_alone_needs_something_to_see() -> None:
    model = ModelSpec(sensors=(Sensor.SECTOR_LIDAR,))
    with pytest.raises(
        InvalidSpec, match=r"SECTOR_LIDAR, .* \(TIME_TRIAL\) .* nothing at all; add"
    ):
        check_training_fits(model, TrainingSpec())
    check_training_fits(model, TrainingSpec(race=RaceSpec(type=RaceType.OBJECT_AVOIDANCE)))
    both = ModelSpec(sensors=(Sensor.FRONT_FACING_CAMERA, Sensor.SECTOR_LIDAR))
    check_training_fits(both, TrainingSpec())


def test_random_slips_need_a_list_of_actions() -> None:
    training = TrainingSpec.model_validate({"hyperparameters": {"exploration_type": "e-greedy"}})
    with pytest.raises(InvalidSpec, match=r"exploration_type is e-greedy, .* choose categorical"):
        check_training_fits(ModelSpec(action_space=ContinuousActionSpace()), training)
    check_training_fits(ModelSpec(), training)
    check_training_fits(ModelSpec(action_space=ContinuousActionSpace()), TrainingSpec())


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        (
            {"sensors": ["LEFT_CAMERA", "STEREO_CAMERAS"]},
            "The sensors hold 2 cameras (LEFT_CAMERA, STEREO_CAMERAS); a car has at most one "
            "camera and one LIDAR. Leave out all but one of them.",
        ),
        ({"sensors": []}, "The list of sensors is empty; name a camera, a LIDAR, or one of each."),
        (
            {"sensors": ["LIDAR"], "lidar_config": {}},
            "There is a lidar_config, but the sensors are LIDAR; leave it out, or add "
            "DISCRETIZED_SECTOR_LIDAR.",
        ),
    ],
)
def test_a_model_has_at_most_one_camera_and_one_lidar(
    values: dict[str, object], sentence: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        ModelSpec.model_validate(values)
    assert sentence in str(refused.value)


def test_a_model_sees_through_the_camera_and_the_lidar_that_it_names() -> None:
    both = ModelSpec(network=Network.LIGHT, sensors=("LIDAR", "STEREO_CAMERAS"))
    assert both.sensors == ("STEREO_CAMERAS", "LIDAR")
    assert (both.camera.width, both.camera.channels) == (80, 2)
    assert both.lidar.num_values == 64
    assert ModelSpec().camera == CameraSpec()
    assert ModelSpec().lidar is None
    assert ModelSpec(sensors=("SECTOR_LIDAR",)).camera is None


def test_a_document_of_before_there_were_sensors_to_choose_is_the_same_model() -> None:
    old = {"name": "blue-car", "sensors": ["FRONT_FACING_CAMERA"], "network": "LIGHT"}
    assert ModelSpec.model_validate(old) == ModelSpec(name="blue-car", network=Network.LIGHT)
