"""The garage: building, changing and scrapping vehicles."""

from __future__ import annotations

import pytest

from racecraft.domain.errors import Conflict, InvalidInput, NotFound
from racecraft.domain.spec import Network
from racecraft.service import garage
from racecraft.service.access import Actor, Role
from racecraft.service.store import Store
from tests.service.conftest import Clock

ANN, BOB = Actor("ann", Role.RACER), Actor("bob", Role.RACER)


def test_everybody_has_the_built_in_vehicle_and_it_is_last(store: Store, clock: Clock) -> None:
    garage.build_vehicle(store, ANN, {"name": "older"})
    clock.now_s += 1
    garage.build_vehicle(store, ANN, {"name": "newer", "colour": "red"})
    assert [v.name for v in garage.list_vehicles(store, ANN)] == ["newer", "older", "The-Original"]
    assert [v.name for v in garage.list_vehicles(store, BOB)] == ["The-Original"]


def test_the_built_in_vehicle_stays_as_it_is(store: Store) -> None:
    with pytest.raises(Conflict, match="build a new one"):
        garage.mod_vehicle(store, ANN, garage.BUILT_IN, {"colour": "red"})
    with pytest.raises(Conflict):
        garage.scrap_vehicle(store, ANN, garage.BUILT_IN)


def test_a_vehicle_is_changed_and_scrapped_by_its_owner_alone(store: Store) -> None:
    mine = garage.build_vehicle(store, ANN, {"name": "mine"})
    changed = garage.mod_vehicle(store, ANN, mine.id, {"network": "LIGHT", "shell": "buggy"})
    assert (changed.network, changed.shell) == (Network.LIGHT, garage.Shell.BUGGY)
    for attempt in (garage.view_vehicle, garage.scrap_vehicle):
        with pytest.raises(NotFound):
            attempt(store, BOB, mine.id)
    garage.scrap_vehicle(store, ANN, mine.id)
    with pytest.raises(NotFound):
        garage.view_vehicle(store, ANN, mine.id)


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"name": "with space"}, "use 1 to 32 letters"),
        ({"name": ""}, "use 1 to 32 letters"),
        ({}, "name"),
        ({"name": "a", "colour": "pink"}, "pink"),
        ({"name": "a", "owner_id": "bob"}, "has no 'owner_id'"),
    ],
)
def test_a_vehicle_that_does_not_fit_is_a_sentence(
    store: Store, fields: dict[str, str], sentence: str
) -> None:
    with pytest.raises(InvalidInput, match=sentence):
        garage.build_vehicle(store, ANN, fields)
    assert len(garage.list_vehicles(store, ANN)) == 1


def test_two_vehicles_of_a_person_have_two_names(store: Store) -> None:
    garage.build_vehicle(store, ANN, {"name": "Twin"})
    with pytest.raises(Conflict):
        garage.build_vehicle(store, ANN, {"name": "twin"})
    garage.build_vehicle(store, BOB, {"name": "twin"})
