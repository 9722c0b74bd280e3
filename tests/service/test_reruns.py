"""Submissions that are driven again, and their replays."""

from __future__ import annotations

import pytest

from racecraft.domain.errors import Conflict, NotFound, QuotaExceeded
from racecraft.service.people.person import Person
from racecraft.service.quota_limits import Limits
from racecraft.service.races import arranging, boards, driving, entering, reruns
from racecraft.service.races.race import Race, Submission
from racecraft.service.settings import Settings
from racecraft.service.store import Store
from tests.service.test_community_races import (
    Actor,
    drive,
    enter,
    lap,
    olga,
    person,
    race,
    ready_model,
)

__all__ = ["olga", "race"]  # fixtures

LAPS = (lap(12_000), lap(11_000, off_tracks=2), lap(9, done=False))


@pytest.fixture
def driven(store: Store, settings: Settings, race: Race) -> Submission:
    """What Ann let drive."""
    return enter(store, settings, race, person(store, "ann"), *LAPS)


def test_whoever_sees_a_result_may_see_that_it_is_right(
    store: Store, race: Race, driven: Submission
) -> None:
    bob = person(store, "bob")
    entering.come_in(store, bob, race.link)
    asked = reruns.rerun_submission(store, bob, race.id, driven.id)
    assert asked.reruns[0].person_id == "bob"
    assert reruns.view_reruns(store, bob, race.id, driven.id)[0].is_same is None
    drive(store, *LAPS)
    before = boards.view_board(store, bob, race.id)
    seen = reruns.view_reruns(store, bob, race.id, driven.id)[0]
    assert (seen.is_same, seen.times_ms) == (True, (12_000, 11_000, 9))
    assert boards.view_board(store, bob, race.id) == before
    assert boards.view_board(store, bob, race.id)[0].submissions == 1


@pytest.mark.parametrize(
    "laps",
    [
        (lap(12_001), *LAPS[1:]),
        LAPS[:2],
        (LAPS[1], LAPS[0], LAPS[2]),
        (LAPS[0], lap(11_000, off_tracks=1), LAPS[2]),
    ],
    ids=["a millisecond", "a lap missing", "another order", "fewer off-tracks"],
)
def test_the_smallest_difference_is_told_and_stays_told(
    store: Store, race: Race, driven: Submission, olga: Actor, laps: tuple[object, ...]
) -> None:
    reruns.rerun_submission(store, olga, race.id, driven.id)
    drive(store, *laps)  # type: ignore[arg-type]
    assert reruns.view_reruns(store, olga, race.id, driven.id)[0].is_same is False
    reruns.rerun_submission(store, olga, race.id, driven.id)
    drive(store, *LAPS)
    found = reruns.view_reruns(store, olga, race.id, driven.id)
    assert [each.is_same for each in found] == [True, False]


def test_a_drive_that_failed_says_why_and_proves_nothing(
    store: Store, race: Race, driven: Submission, olga: Actor
) -> None:
    reruns.rerun_submission(store, olga, race.id, driven.id)
    drive(store)
    seen = reruns.view_reruns(store, olga, race.id, driven.id)[0]
    assert (seen.is_same, seen.message) == (None, "driven")


def test_only_one_drive_at_a_time_and_only_what_was_driven(
    store: Store, settings: Settings, race: Race, driven: Submission, olga: Actor
) -> None:
    bob = person(store, "bob")
    entering.come_in(store, bob, race.link)
    waits = entering.enter_model(
        store, settings, bob, race.id, ready_model(store, settings, bob).id
    )
    with pytest.raises(Conflict, match="not driven yet"):
        reruns.rerun_submission(store, bob, race.id, waits.id)
    with pytest.raises(NotFound, match="not driven"):
        driving.recorded_laps(settings, waits)
    drive(store, *LAPS)
    reruns.rerun_submission(store, olga, race.id, driven.id)
    with pytest.raises(Conflict, match="at this moment"):
        reruns.rerun_submission(store, bob, race.id, driven.id)


def test_who_is_not_in_the_race_or_has_nothing_left_asks_in_vain(
    store: Store, race: Race, driven: Submission, olga: Actor
) -> None:
    eve = person(store, "eve")
    with pytest.raises(NotFound, match="no such race"):
        reruns.rerun_submission(store, eve, race.id, driven.id)
    with pytest.raises(NotFound, match="no such race"):
        reruns.view_reruns(store, eve, race.id, driven.id)
    entering.come_in(store, eve, race.link)
    with store.work() as work:
        poor = Limits(minutes_per_month=0.0)
        work.put(work.get(Person, "eve").model_copy(update={"limits": poor}))
    with pytest.raises(QuotaExceeded):
        reruns.rerun_submission(store, eve, race.id, driven.id)
    arranging.shut_out(store, olga, race.id, "ann", is_shut_out=True)
    with pytest.raises(NotFound, match="on this board"):
        reruns.view_reruns(store, olga, race.id, driven.id)


def test_the_newest_drives_are_remembered(store: Store, race: Race, driven: Submission) -> None:
    ann = person(store, "other")
    entering.come_in(store, ann, race.link)
    for _ in range(reruns.MOST_RERUNS + 2):
        reruns.rerun_submission(store, ann, race.id, driven.id)
        drive(store, *LAPS)
        reruns.view_reruns(store, ann, race.id, driven.id)
    assert len(reruns.view_reruns(store, ann, race.id, driven.id)) == reruns.MOST_RERUNS
