"""The road of a race: frozen when the race opens, and told when it is another one."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from racecraft.domain.errors import Conflict
from racecraft.domain.job import ACTIVE, JobKind
from racecraft.domain.spec import TrackChoice
from racecraft.service import making
from racecraft.service.access import Actor
from racecraft.service.jobs.job import Job
from racecraft.service.races import arranging, boards, driving, entering, reruns
from racecraft.service.races.live import running
from racecraft.service.races.live.driving import HeatCar, HeatOrder, drive_heat
from racecraft.service.races.race import Race, Submission
from racecraft.service.races.roads import road_digest, road_note
from racecraft.service.results.collecting import race_results
from racecraft.service.results.signed import signed_bytes, verify
from racecraft.service.settings import Settings
from racecraft.service.shared_tracks import receive_track, remove_track
from racecraft.service.store import Store
from racecraft.service.tracks import export_track
from tests.service.conftest import Clock
from tests.service.test_community_races import DAY_S, arrange, enter, lap, person, ready_model

HALL = {"track": {"name": "our-hall", "is_reversed": True}, "laps": 3}


@pytest.fixture
def boss(store: Store) -> Actor:
    from racecraft.service.access import Role

    return person(store, "boss", Role.ORGANISER)


@pytest.fixture
def hall(store: Store, settings: Settings, boss: Actor, clock: Clock, tmp_path: Path) -> Race:
    """A race on an imported track, with one result."""
    bring(store, settings, boss, tmp_path, "fox-hollow")
    made = arrange(store, settings, boss, clock, rules=HALL)
    enter(store, settings, made, person(store, "ann"), lap(9_000), lap(8_000), lap(9_500))
    boards.settle(store, made.id)
    return made


def bring(
    store: Store,
    settings: Settings,
    boss: Actor,
    folder: Path,
    shape: str,
    *,
    name: str = "our-hall",
) -> None:
    """Import a shape as the track of the hall, over what is there."""
    file = export_track(settings.home, shape, folder / f"{shape}.npy", replace=True)
    receive_track(store, settings, boss, name, file.read_bytes(), replaces=True)


def note(settings: Settings, race: Race) -> str:
    return road_note(settings, race.rules.track, race.track_sha256)


def test_a_replaced_track_is_told_and_nothing_more_is_driven_on_it(
    store: Store, settings: Settings, boss: Actor, hall: Race, tmp_path: Path
) -> None:
    assert note(settings, hall) == ""
    bring(store, settings, boss, tmp_path, "milk-run")
    assert "our-hall has been replaced" in note(settings, hall)
    bob = person(store, "bob")
    entering.come_in(store, bob, hall.link)
    model = ready_model(store, settings, bob)
    with pytest.raises(Conflict, match=r"has been replaced.*copy the race"):
        entering.enter_model(store, settings, bob, hall.id, model.id)
    told = race_results(store, settings, boss, hall.id)
    assert told.race.track_note == note(settings, hall)
    assert told.race.track_sha256 == hall.track_sha256
    assert verify(signed_bytes(settings, told)).results == told
    # The shape of before back, and all is as it was.
    bring(store, settings, boss, tmp_path, "fox-hollow")
    assert note(settings, hall) == ""
    entering.enter_model(store, settings, bob, hall.id, model.id)


def test_a_worker_drives_nothing_on_another_shape(
    store: Store, settings: Settings, boss: Actor, hall: Race, tmp_path: Path
) -> None:
    (driven,) = boards.list_submissions(store, person_of(store, "ann"), hall.id)
    bring(store, settings, boss, tmp_path, "milk-run")
    request = driving.request_of(driven, hall)
    for is_again in (False, True):
        with pytest.raises(Conflict, match="has been replaced"):
            driving.drive_submission(settings, {**request, "is_again": is_again})
    car = HeatCar(submission_id=driven.id, checkpoint=driven.checkpoint)
    order = {"heat_id": "h", "attempt": 0, "rules": hall.rules, "cars": (car,)}
    frozen = {"race_id": hall.id, "track_sha256": hall.track_sha256}
    with pytest.raises(Conflict, match="has been replaced"):
        drive_heat(settings, HeatOrder(**order, **frozen))
    asked = reruns.rerun_submission(store, boss, hall.id, driven.id)
    assert asked.reruns  # whoever wants to see it is told the reason by the worker


def person_of(store: Store, name: str) -> Actor:
    from racecraft.service.people.person import Person

    with store.look() as work:
        return work.get(Person, name).actor


def test_a_track_that_was_removed_is_told(
    store: Store, settings: Settings, boss: Actor, hall: Race
) -> None:
    remove_track(store, settings, boss, "our-hall")
    assert "our-hall has been removed" in note(settings, hall)
    # What its organiser says about the race can still be changed.
    kept = arranging.change_race(store, settings, boss, hall.id, {"description": "It was great"})
    assert (kept.description, kept.track_sha256) == ("It was great", hall.track_sha256)
    (settings.tracks / "our-hall.npy").write_bytes(b"nonsense")
    assert "cannot be read any more" in note(settings, hall)


def test_a_race_that_has_not_opened_yet_follows_its_track(
    store: Store, settings: Settings, boss: Actor, hall: Race, clock: Clock, tmp_path: Path
) -> None:
    times: dict[str, Any] = {
        "starts_at_s": clock.now_s + DAY_S,
        "ends_at_s": clock.now_s + 2 * DAY_S,
    }
    ahead = arrange(store, settings, boss, clock, rules=HALL, **times)
    bring(store, settings, boss, tmp_path, "milk-run")
    now = boards.view_race(store, boss, ahead.id).race
    assert note(settings, now) == ""
    assert now.track_sha256 == road_digest(settings, TrackChoice(name="milk-run"))
    assert boards.view_race(store, boss, hall.id).race.track_sha256 == hall.track_sha256


@pytest.mark.parametrize("how", ["removed first", "other capitals"])
def test_a_race_that_has_not_opened_yet_follows_however_its_track_is_replaced(
    store: Store,
    settings: Settings,
    boss: Actor,
    hall: Race,
    clock: Clock,
    tmp_path: Path,
    how: str,
) -> None:
    times = {"starts_at_s": clock.now_s + DAY_S, "ends_at_s": clock.now_s + 2 * DAY_S}
    ahead = arrange(store, settings, boss, clock, rules=HALL, **times)
    if how == "removed first":
        remove_track(store, settings, boss, "our-hall")
        bring(store, settings, boss, tmp_path, "milk-run")
    else:
        bring(store, settings, boss, tmp_path, "milk-run", name="Our-Hall")
    now = boards.view_race(store, boss, ahead.id).race
    assert now.track_sha256 == road_digest(settings, TrackChoice(name="milk-run"))
    assert note(settings, now) == ""


@pytest.mark.parametrize("kind", [JobKind.SUBMISSION, JobKind.HEAT, JobKind.RANKING])
def test_a_track_that_waiting_laps_need_is_neither_removed_nor_replaced(
    store: Store,
    settings: Settings,
    boss: Actor,
    hall: Race,
    clock: Clock,
    tmp_path: Path,
    kind: JobKind,
) -> None:
    bob = person(store, "bob")
    model = ready_model(store, settings, bob)
    if kind is JobKind.RANKING:
        making.rank(store, settings, bob, model.id, {"track": HALL["track"]})
    else:
        hosting = "LIVE" if kind is JobKind.HEAT else "CLASSIC"
        race = arrange(store, settings, boss, clock, rules=HALL, hosting=hosting)
        entering.come_in(store, bob, race.link)
        entering.enter_model(store, settings, bob, race.id, model.id)
        if kind is JobKind.HEAT:
            running.launch_heat(store, boss, race.id)
    with store.look() as work:
        assert [job.kind for job in work.find(Job, status=ACTIVE)] == [kind]
    with pytest.raises(Conflict, match="under way needs the track 'our-hall'"):
        remove_track(store, settings, boss, "our-hall")
    for name in ("our-hall", "Our-Hall"):
        with pytest.raises(Conflict, match="under way needs the track 'our-hall'"):
            bring(store, settings, boss, tmp_path, "milk-run", name=name)


def test_an_open_race_without_entries_takes_the_new_shape_when_it_is_saved_again(
    store: Store, settings: Settings, boss: Actor, hall: Race, clock: Clock, tmp_path: Path
) -> None:
    empty = arrange(store, settings, boss, clock, rules=HALL)
    bring(store, settings, boss, tmp_path, "milk-run")
    assert note(settings, empty)
    kept = arranging.change_race(store, settings, boss, empty.id, {"name": "On the new road"})
    assert note(settings, kept) == ""
    # One that somebody has driven in never does.
    kept = arranging.change_race(store, settings, boss, hall.id, {"name": "On the old road"})
    assert note(settings, kept)


def test_races_of_before_tell_nothing_and_drive_on(
    store: Store, settings: Settings, boss: Actor, hall: Race, tmp_path: Path
) -> None:
    with store.work() as work:
        old = work.put(work.get(Race, hall.id).model_copy(update={"track_sha256": ""}))
    bring(store, settings, boss, tmp_path, "milk-run")
    assert note(settings, old) == ""
    enter(store, settings, old, person(store, "bob"), lap(9_000))


def test_the_shape_of_a_shipped_track_is_frozen_too(
    store: Store, settings: Settings, boss: Actor, clock: Clock
) -> None:
    forward, back = (
        arrange(
            store, settings, boss, clock, rules={"track": {"name": "thimble", "is_reversed": r}}
        )
        for r in (False, True)
    )
    assert len(forward.track_sha256) == 64
    assert forward.track_sha256 == back.track_sha256  # the way round stands in the rules


def test_a_model_is_not_entered_under_rules_that_are_changed_while_its_weights_are_copied(
    store: Store,
    settings: Settings,
    boss: Actor,
    hall: Race,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bob = person(store, "bob")
    model = ready_model(store, settings, bob)
    race = arrange(store, settings, boss, clock, rules=HALL)
    entering.come_in(store, bob, race.link)
    changes: list[dict[str, Any]] = [{"rules": {**HALL, "laps": 2}}]
    copy = shutil.copyfile

    def slow_copy(*where: Any) -> Any:
        if changes:
            arranging.change_race(store, settings, boss, race.id, changes.pop(0))
        return copy(*where)

    monkeypatch.setattr(shutil, "copyfile", slow_copy)
    with pytest.raises(Conflict, match="has just changed its rules"):
        entering.enter_model(store, settings, bob, race.id, model.id)
    changes.append({"ends_at_s": clock.now_s - 1.0, "starts_at_s": clock.now_s - 2.0})
    with pytest.raises(Conflict, match="is over"):
        entering.enter_model(store, settings, bob, race.id, model.id)
    with store.look() as work:
        assert work.find(Submission, race_id=race.id) == []
        assert work.find(Job, status=ACTIVE) == []
