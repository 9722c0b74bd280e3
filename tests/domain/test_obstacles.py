"""What a person may write about boxes, and what they are told when it does not fit."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from racecraft.domain.errors import InvalidSpec
from racecraft.domain.obstacles import INNER, OUTER, ObstaclePlace, ObstacleSpec, refuse_crowded
from tests.sim.circuits import stadium


def test_six_boxes_at_random_places_are_the_default() -> None:
    spec = ObstacleSpec()
    assert spec.is_random
    assert (spec.number, spec.min_distance_m) == (6, 2.0)


@pytest.mark.parametrize("text", ["0.25:inner,0.5:outer", "0.25 1, 0.5 -1", "0.25:+1,0.5:-1"])
def test_places_can_be_written_as_text(text: str) -> None:
    spec = ObstacleSpec(places=text)
    assert spec.places == (
        ObstaclePlace(lap_share=0.25, lane=INNER),
        ObstaclePlace(lap_share=0.5, lane=OUTER),
    )
    assert spec.number == 2
    assert not spec.is_random


def test_a_spec_survives_its_file() -> None:
    for places in ("random", "even", "0.25:inner,0.5:outer"):
        spec = ObstacleSpec(count=3, places=places)
        assert ObstacleSpec.model_validate_json(spec.model_dump_json()) == spec


@pytest.mark.parametrize(
    "places", ["everywhere", "0.2:middle", "1.2:inner", "1.2.3:inner", "", [], 7, [{"lane": 1}]]
)
def test_places_that_make_no_sense_are_refused_with_an_example(places: object) -> None:
    with pytest.raises(ValidationError, match=r"such as 0\.25:inner,0\.5:outer"):
        ObstacleSpec.model_validate({"places": places})


def test_too_many_boxes_are_refused() -> None:
    with pytest.raises(ValidationError):
        ObstacleSpec(count=11)
    with pytest.raises(ValidationError, match="1 to 10 places"):
        ObstacleSpec(places=",".join(["0.1:inner"] * 11))


def test_boxes_that_stand_too_close_across_the_finish_line_are_refused() -> None:
    spec = ObstacleSpec(places="0.01:inner,0.5:inner,0.99:outer")
    with pytest.raises(InvalidSpec, match=r"0\.44 m apart on stadium; leave at least 2 m"):
        refuse_crowded(spec, [stadium()])
    refuse_crowded(None, [stadium()])


def test_as_many_boxes_fit_as_the_road_has_room_for() -> None:
    for count in (9, 10):
        refuse_crowded(ObstacleSpec(count=count), [stadium()])
    with pytest.raises(InvalidSpec, match=r"10 boxes at least 3 m apart .* at most 7"):
        refuse_crowded(ObstacleSpec(count=10, min_distance_m=3.0), [stadium()])
