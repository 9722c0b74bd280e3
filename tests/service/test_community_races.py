"""Community races: arranged, entered, ranked, closed."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from racecraft.domain.episode import EpisodeStatus, Trial
from racecraft.domain.errors import Conflict, Forbidden, InvalidInput, NotFound
from racecraft.domain.hyperparameters import Critic
from racecraft.domain.limit import LapLimit
from racecraft.domain.ranking import RankingMethod
from racecraft.service import making
from racecraft.service.access import Actor, Role
from racecraft.service.jobs import leases
from racecraft.service.making import NewModel
from racecraft.service.model_folders import folder_of
from racecraft.service.model_records import Model, ModelState
from racecraft.service.models import load_model
from racecraft.service.people.person import Person
from racecraft.service.races import arranging, boards, deleting, entering
from racecraft.service.races.race import Race, RaceState, Submission, SubmissionStatus
from racecraft.service.results.collecting import race_results
from racecraft.service.settings import Settings
from racecraft.service.store import Store
from racecraft.service.training_files import TrainingFile
from racecraft.training.checkpoint import save_policy
from racecraft.training.networks import ActorCritic
from tests.service.conftest import Clock

DAY_S = 86_400.0


def person(store: Store, name: str, role: Role = Role.RACER) -> Actor:
    with store.work() as work:
        return work.add(Person(id=name, name=name, name_key=name, role=role)).actor


@pytest.fixture
def olga(store: Store) -> Actor:
    return person(store, "olga")


@pytest.fixture
def race(store: Store, settings: Settings, olga: Actor, clock: Clock) -> Race:
    """A secret race of three laps of the Thimble that is open for a day."""
    return arrange(store, settings, olga, clock)


def arrange(store: Store, settings: Settings, actor: Actor, clock: Clock, **fields: Any) -> Race:
    rules = {"track": {"name": "thimble"}, "laps": 3}
    times = {"starts_at_s": clock.now_s, "ends_at_s": clock.now_s + DAY_S}
    wish = {"name": "Friday race", "rules": rules, **times, **fields}
    return arranging.arrange_race(store, settings, actor, wish)


def ready_model(store: Store, settings: Settings, actor: Actor, name: str = "mine") -> Model:
    """A model of somebody with weights that nobody trained."""
    document = TrainingFile(model={"name": name, "network": "LIGHT"})
    model = making.make_model(store, settings, actor, NewModel(document, starts=False)).view.model
    folder = folder_of(settings, model)
    policy = ActorCritic(load_model(folder), Critic.TRACK, uses_bf16=False, seed=1).policy
    save_policy(folder, 4, policy, {"uses_bf16": False})
    with store.work() as work:
        return work.put(model.model_copy(update={"state": ModelState.READY}))


def lap(time_ms: int, *, done: bool = True, off_tracks: int = 0) -> Trial:
    status = EpisodeStatus.LAP_COMPLETE if done else EpisodeStatus.OFF_TRACK
    return Trial(1, time_ms, 100.0 if done else 50.0, status, off_track_count=off_tracks)


def drive(store: Store, *laps: Trial, limit: LapLimit | None = None) -> None:
    """Let the next job of the queue have driven these laps."""
    claim = leases.claim_next(store, worker="here 1", slots=9)
    assert claim is not None
    report: dict[str, Any] = {"trials": [dataclasses.asdict(each) for each in laps]} if laps else {}
    report |= {"limit": limit.model_dump()} if limit else {}
    leases.finish(store, claim.job.id, claim.token, compute_s=2.0, message="driven", report=report)


def enter(
    store: Store,
    settings: Settings,
    race: Race,
    actor: Actor,
    *laps: Trial,
    limit: LapLimit | None = None,
) -> Submission:
    """Come in, enter the model, and let it have driven these laps."""
    entering.come_in(store, actor, race.link)
    with store.look() as work:
        model = work.first(Model, owner_id=actor.person_id)
    model = model or ready_model(store, settings, actor)
    made = entering.enter_model(store, settings, actor, race.id, model.id)
    drive(store, *laps, limit=limit)
    return made


def test_a_secret_race_is_seen_by_whoever_has_its_link(
    store: Store, race: Race, olga: Actor
) -> None:
    rob = person(store, "rob")
    assert boards.list_races(store, rob) == []
    with pytest.raises(NotFound, match="no such race"):
        boards.view_race(store, rob, race.id)
    entering.come_in(store, rob, race.link.lower().replace("-", " "))
    entering.come_in(store, rob, race.link)
    seen = boards.view_race(store, rob, race.id)
    assert (seen.racers, seen.is_mine, seen.race.link) == (1, False, "")
    assert boards.view_race(store, olga, race.id).race.link == race.link
    old = race.link
    arranging.renew_link(store, olga, race.id)
    with pytest.raises(NotFound, match="leads to no race"):
        entering.come_in(store, person(store, "late"), old)
    assert boards.view_race(store, rob, race.id).racers == 1


def test_a_listed_race_is_seen_by_everybody(
    store: Store, settings: Settings, olga: Actor, clock: Clock
) -> None:
    made = arrange(store, settings, olga, clock, visibility="LISTED")
    rob = person(store, "rob")
    assert [view.race.id for view in boards.list_races(store, rob)] == [made.id]
    model = ready_model(store, settings, rob)
    entering.enter_model(store, settings, rob, made.id, model.id)
    assert boards.view_race(store, rob, made.id).racers == 1


def test_the_board_keeps_everybodys_best(store: Store, settings: Settings, race: Race) -> None:
    ann, bob, cid = (person(store, name) for name in ("ann", "bob", "cid"))
    enter(store, settings, race, ann, lap(12_000), lap(11_000, off_tracks=2), lap(9, done=False))
    enter(store, settings, race, bob, lap(10_500), lap(13_000), lap(13_000))
    enter(store, settings, race, cid, lap(1, done=False), lap(1, done=False), lap(1, done=False))
    enter(store, settings, race, ann, lap(15_000), lap(15_000), lap(15_000))
    rows = boards.view_board(store, ann, race.id)
    told = [(row.rank, row.racer, row.time_ms, row.gap_ms, row.off_tracks) for row in rows]
    assert told == [(1, "bob", 10_500, 0, 0), (2, "ann", 11_000, 500, 2)]
    assert [row.submissions for row in rows] == [1, 2]
    card = boards.view_own(store, ann, race.id)
    assert (card.rank, card.racers) == (2, 2)
    assert card.best is not None
    assert card.latest is not None
    assert card.best.result.time_ms == 11_000
    assert card.latest.result.time_ms == 15_000
    unranked = boards.view_own(store, cid, race.id)
    assert unranked.rank is None
    assert unranked.latest is not None
    assert unranked.latest.status is SubmissionStatus.UNRANKED


def test_the_board_tells_how_near_to_the_limit_everybody_came(
    store: Store, settings: Settings, race: Race
) -> None:
    rob, zoe = person(store, "rob"), person(store, "zoe")
    limit = LapLimit(limit_s=5.0, own_limit_s=8.0, own_top_mps=1.5)
    enter(store, settings, race, rob, lap(12_000), lap(10_000), limit=limit)
    enter(store, settings, race, zoe, lap(11_000))  # driven by an older version
    first, second = boards.view_board(store, rob, race.id)
    assert (first.times_limit, first.times_own_limit, first.limit) == (2.0, 1.25, limit)
    assert (second.times_limit, second.limit) == (None, None)
    (made,) = boards.list_submissions(store, rob, race.id)
    assert made.limit == limit


def test_a_lap_that_physics_does_not_allow_is_told_as_a_defect_and_not_ranked(
    store: Store, settings: Settings, race: Race
) -> None:
    rob = person(store, "rob")
    limit = LapLimit(limit_s=5.0, own_limit_s=5.0, own_top_mps=4.0)
    enter(store, settings, race, rob, lap(9_000), lap(4_000), limit=limit)
    assert boards.view_board(store, rob, race.id) == []
    (made,) = boards.list_submissions(store, rob, race.id)
    assert made.status is SubmissionStatus.UNRANKED
    assert made.result.impossible_laps == 1
    assert made.result.best_lap_ms == 9_000
    assert "4.000 s is faster than physics allows: the limit is 5.00 s" in made.message
    found = race_results(store, settings, rob, race.id)
    found.refuse_wrong_sums()
    assert found.submissions[0].limit == limit
    assert found.board == ()


def test_what_was_entered_is_frozen(store: Store, settings: Settings, race: Race) -> None:
    ann = person(store, "ann")
    entering.come_in(store, ann, race.link)
    model = ready_model(store, settings, ann)
    made = entering.enter_model(store, settings, ann, race.id, model.id)
    place = entering.folder_of_submission(settings, race.id, made.id)
    frozen = (place / "checkpoints" / "4" / "policy.safetensors").read_bytes()
    drive(store, lap(9_000), lap(9_000), lap(9_000))
    folder = folder_of(settings, model)
    other = ActorCritic(load_model(folder), Critic.TRACK, uses_bf16=False, seed=2).policy
    save_policy(folder, 4, other, {"uses_bf16": False})
    assert (place / "checkpoints" / "4" / "policy.safetensors").read_bytes() == frozen
    again = entering.enter_model(store, settings, ann, race.id, model.id)
    assert again.weights_sha256 != made.weights_sha256


def test_only_an_open_race_takes_submissions(
    store: Store, settings: Settings, olga: Actor, clock: Clock
) -> None:
    later = clock.now_s + DAY_S
    made = arrange(store, settings, olga, clock, starts_at_s=later, ends_at_s=later + DAY_S)
    ann = person(store, "ann")
    entering.come_in(store, ann, made.link)
    model = ready_model(store, settings, ann)
    with pytest.raises(Conflict, match="has not begun yet"):
        entering.enter_model(store, settings, ann, made.id, model.id)
    clock.now_s = later
    entering.enter_model(store, settings, ann, made.id, model.id)
    arranging.close_race(store, olga, made.id)
    assert boards.view_race(store, ann, made.id).state is RaceState.CLOSED
    with pytest.raises(Conflict, match="is over"):
        entering.enter_model(store, settings, ann, made.id, model.id)
    # What was entered in time is driven, and counts.
    drive(store, lap(9_000), lap(9_000), lap(9_000))
    assert len(boards.view_board(store, ann, made.id)) == 1
    submissions = settings.home / "submissions"
    assert len(list(submissions.rglob("policy.safetensors"))) == 1


def test_submissions_can_be_limited_and_failed_ones_do_not_count(
    store: Store, settings: Settings, olga: Actor, clock: Clock
) -> None:
    made = arrange(store, settings, olga, clock, max_submissions=1)
    ann = person(store, "ann")
    enter(store, settings, made, ann)  # nothing was driven
    failed = boards.list_submissions(store, ann, made.id)[0]
    assert failed.status is SubmissionStatus.FAILED
    enter(store, settings, made, ann, lap(9_000), lap(9_000), lap(9_000))
    boards.settle(store, made.id)
    with pytest.raises(Conflict, match="no more are allowed"):
        enter(store, settings, made, ann, lap(9_000), lap(9_000), lap(9_000))


def test_who_is_shut_out_sees_nothing_and_is_not_ranked_until_let_in(
    store: Store, settings: Settings, race: Race, olga: Actor
) -> None:
    ann, bob = person(store, "ann"), person(store, "bob")
    enter(store, settings, race, ann, lap(8_000), lap(8_000), lap(8_000))
    enter(store, settings, race, bob, lap(9_000), lap(9_000), lap(9_000))
    arranging.shut_out(store, olga, race.id, "ann", is_shut_out=True)
    assert [row.racer for row in boards.view_board(store, bob, race.id)] == ["bob"]
    for look in (boards.view_race, boards.view_board, boards.view_own):
        with pytest.raises(NotFound, match="shut you out"):
            look(store, ann, race.id)
    with pytest.raises(Forbidden, match="shut you out"):
        entering.come_in(store, ann, race.link)
    arranging.shut_out(store, olga, race.id, "ann", is_shut_out=False)
    assert [row.racer for row in boards.view_board(store, bob, race.id)] == ["ann", "bob"]


def test_a_racer_manages_their_own_races_only(
    store: Store, settings: Settings, race: Race, clock: Clock
) -> None:
    rob, boss = person(store, "rob"), person(store, "boss", Role.ORGANISER)
    entering.come_in(store, rob, race.link)
    for do in (
        lambda: arranging.change_race(store, settings, rob, race.id, {"name": "mine"}),
        lambda: arranging.close_race(store, rob, race.id),
        lambda: deleting.delete_race(store, settings, rob, race.id),
        lambda: arranging.renew_link(store, rob, race.id),
        lambda: arranging.list_entrants(store, rob, race.id),
        lambda: arranging.shut_out(store, rob, race.id, "rob", is_shut_out=True),
        lambda: arranging.copy_race(store, settings, rob, race.id, "copy"),
    ):
        with pytest.raises(Forbidden, match="may not create, change and run races of somebody"):
            do()
    assert arrange(store, settings, rob, clock).owner_id == "rob"
    assert arranging.close_race(store, boss, race.id).ends_at_s == clock.now_s


def test_another_persons_model_cannot_be_entered(
    store: Store, settings: Settings, race: Race
) -> None:
    ann, boss = person(store, "ann"), person(store, "boss", Role.ADMIN)
    model = ready_model(store, settings, ann)
    bob = person(store, "bob")
    entering.come_in(store, bob, race.link)
    for actor in (bob, boss):
        with pytest.raises(NotFound, match="no model"):
            entering.enter_model(store, settings, actor, race.id, model.id)


def test_rules_stay_once_somebody_has_entered(
    store: Store, settings: Settings, race: Race, olga: Actor, clock: Clock
) -> None:
    rules = {**race.rules.model_dump(), "ranking": "TOTAL_TIME"}
    changed = arranging.change_race(store, settings, olga, race.id, {"rules": rules})
    assert changed.rules.ranking is RankingMethod.TOTAL_TIME
    enter(store, settings, race, person(store, "ann"), lap(9_000), lap(9_000), lap(9_000))
    with pytest.raises(Conflict, match="copy the race"):
        arranging.change_race(
            store, settings, olga, race.id, {"rules": {**rules, "ranking": "BEST_LAP_TIME"}}
        )
    longer = {"ends_at_s": race.ends_at_s + DAY_S, "name": "A longer race"}
    assert arranging.change_race(store, settings, olga, race.id, longer).name == "A longer race"
    copy = arranging.copy_race(store, settings, olga, race.id, "Next Friday")
    assert (copy.name, copy.rules, copy.starts_at_s) == ("Next Friday", changed.rules, clock.now_s)
    assert copy.link != race.link
    assert boards.view_board(store, olga, copy.id) == []


def test_a_race_with_racers_is_closed_before_it_is_deleted(
    store: Store, settings: Settings, race: Race, olga: Actor
) -> None:
    ann = person(store, "ann")
    enter(store, settings, race, ann, lap(9_000), lap(9_000), lap(9_000))
    with pytest.raises(Conflict, match="close it before"):
        deleting.delete_race(store, settings, olga, race.id)
    arranging.close_race(store, olga, race.id)
    boards.settle(store, race.id)
    deleting.delete_race(store, settings, olga, race.id)
    assert boards.list_races(store, ann) == []
    assert not (settings.home / "submissions" / race.id).exists()
    with store.look() as work:
        assert work.count(Submission) == 0


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"name": "  "}, "use 1 to 64"),
        ({"name": "x" * 65}, "use 1 to 64"),
        ({"description": "x" * 256}, "use at most 255"),
        ({"ends_at_s": 5.0}, "ends before it starts"),
        ({"starts_at_s": 1.0, "ends_at_s": 5.0}, "over before it begins"),
        ({"colour": "red"}, "has no 'colour'"),
        ({"rules": {"laps": 3, "min_laps": 5}}, "nobody can complete more laps"),
    ],
)
def test_what_does_not_fit_is_told_in_a_sentence(
    store: Store,
    settings: Settings,
    olga: Actor,
    clock: Clock,
    fields: dict[str, Any],
    sentence: str,
) -> None:
    with pytest.raises(InvalidInput, match=sentence):
        arrange(store, settings, olga, clock, **fields)
    with store.look() as work:
        assert work.count(Race) == 0


def test_a_race_on_an_unknown_track_is_refused(
    store: Store, settings: Settings, olga: Actor, clock: Clock
) -> None:
    for name in ("nowhere", "../secret"):
        with pytest.raises((NotFound, InvalidInput), match="track"):
            arrange(store, settings, olga, clock, rules={"track": {"name": name}})
