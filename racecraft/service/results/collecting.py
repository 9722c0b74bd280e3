"""The results of a race as its records have them."""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING

from racecraft.domain.results import RaceFacts, RaceResults, SubmissionResult, board_of
from racecraft.service.instance import read_instance
from racecraft.service.people.person import Person
from racecraft.service.races.boards import counted_submissions, settle
from racecraft.service.races.live.records import Heat, Show
from racecraft.service.races.race import Race, RaceState, Submission, race_in_sight
from racecraft.service.races.roads import road_note
from racecraft.service.results.heats import (
    bracket_result,
    heat_results,
    lap_result,
    podium_result,
)

if TYPE_CHECKING:
    from racecraft.service.access import Actor
    from racecraft.service.settings import Settings
    from racecraft.service.store import Store

GONE = "somebody who left"


def race_results(store: Store, settings: Settings, actor: Actor, race_id: str) -> RaceResults:
    """All results of a race that count, for whoever may see its board.

    Raises:
        NotFound: there is no such race, or the actor may not see it.
    """
    settle(store, race_id)
    with store.look() as work:
        race = race_in_sight(work, actor, race_id)
        found = counted_submissions(work, race.id)
        people = {each.person_id: work.first(Person, id=each.person_id) for each in found}
        name = read_instance(work).name
        waiting = any(not each.status.is_over for each in work.find(Submission, race_id=race.id))
        heats = heat_results(work.find(Heat, race_id=race.id))
        show = work.first(Show, id=race.id)
    now_s = store.now_s()
    submissions = tuple(_submission(each, people[each.person_id]) for each in found)
    return RaceResults(
        installation=name,
        program=version("racecraft"),
        exported_at_s=now_s,
        race=_facts(settings, race, is_over=race.state(now_s) is RaceState.CLOSED and not waiting),
        board=board_of(submissions),
        submissions=submissions,
        heats=heats,
        bracket=bracket_result(show.bracket if show else None, heats),
        podium=podium_result(show),
    )


def _facts(settings: Settings, race: Race, *, is_over: bool) -> RaceFacts:
    return RaceFacts(
        id=race.id,
        name=race.name,
        description=race.description,
        starts_at_s=race.starts_at_s,
        ends_at_s=race.ends_at_s,
        is_over=is_over,
        max_submissions=race.max_submissions,
        rules=race.rules,
        track_sha256=race.track_sha256,
        track_note=road_note(settings, race.rules.track, race.track_sha256),
    )


def _submission(submission: Submission, person: Person | None) -> SubmissionResult:
    return SubmissionResult(
        id=submission.id,
        racer_id=submission.person_id,
        racer=person.name if person else GONE,
        country=person.country if person else "",
        model=submission.model_name,
        checkpoint=submission.checkpoint,
        weights_sha256=submission.weights_sha256,
        submitted_at_s=submission.created_at_s,
        limit=submission.limit,
        result=submission.result,
        laps=tuple(lap_result(trial) for trial in submission.trials),
    )
