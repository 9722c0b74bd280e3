"""What a person may write about randomisation."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from racecraft.domain.randomisation import (
    SWITCHES,
    CameraRange,
    LightRange,
    RandomisationSpec,
    with_ranges_of,
)
from racecraft.domain.spec import EvaluationSpec, TrainingSpec


def read(value: object) -> RandomisationSpec:
    return RandomisationSpec.model_validate(value)


def test_nothing_is_randomised_unless_it_is_named() -> None:
    for spec in (RandomisationSpec(), read({}), read([])):
        assert not spec.is_on
        assert not spec.changes_pictures
        assert spec.summary == "nothing"
    assert not TrainingSpec().randomisation.is_on
    assert not EvaluationSpec().randomisation.is_on


def test_there_is_a_field_for_every_switch() -> None:
    assert set(RandomisationSpec.model_fields) == set(SWITCHES)


def test_names_switch_on_the_usual_ranges() -> None:
    assert read(["light", "camera"]) == RandomisationSpec(light=LightRange(), camera=CameraRange())
    assert read("blur") == read(["blur"]) == read({"blur": {}})
    everything = read("all")
    assert everything.summary == ", ".join(SWITCHES)
    assert read(["all", "blur"]) == everything


@pytest.mark.parametrize("name", SWITCHES)
def test_only_what_the_camera_sees_changes_pictures(name: str) -> None:
    spec = read([name])
    assert spec.is_on
    assert spec.changes_pictures is (name not in ("friction", "actuators", "latency"))
    assert spec.summary == name


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        (["fog"], "There is no randomisation 'fog'; choose from light, colours, .* or all"),
        ({"fog": {}}, "Extra inputs are not permitted"),
        ({"light": {"brightness": [10, -10]}}, "from 10 to -10; write the least value first"),
        ({"light": {"contrast": [0, 1]}}, "stay between 0.2 and 3"),
        ({"latency": {"delay_s": [0, 0.5]}}, "stay between 0 and 0.2"),
        ({"friction": {"grip": [float("nan"), 1]}}, "least value first"),
        ({"camera": {"height_m": [0.1]}}, "Field required"),
    ],
)
def test_what_does_not_fit_is_refused(value: object, sentence: str) -> None:
    with pytest.raises(ValidationError, match=sentence):
        read(value)


def test_a_spec_is_the_same_after_being_written_and_read() -> None:
    spec = read({"light": {"contrast": [0.9, 1.1]}, "latency": {}})
    assert RandomisationSpec.model_validate_json(spec.model_dump_json()) == spec


def test_names_take_the_ranges_of_another_document_where_it_has_them() -> None:
    known = read({"light": {"contrast": [0.9, 1.1]}})
    found = read(with_ranges_of(["light", "blur"], known))
    assert found.light == known.light
    assert found.blur == read(["blur"]).blur
    assert read(with_ranges_of(["all"], known)).light == known.light
    with pytest.raises(ValidationError, match="no randomisation 'fog'"):
        read(with_ranges_of(["fog"], known))
