"""What everybody sees of a community race: the list of races, the board, a racer's own card."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from racecraft.domain.errors import NotFound
from racecraft.domain.job import JobStatus
from racecraft.domain.limit import LapLimit
from racecraft.domain.ranking import Entry, Standing, board
from racecraft.service.access import Actor, Operation
from racecraft.service.jobs.job import Job
from racecraft.service.people.person import Person
from racecraft.service.races.race import (
    Entrant,
    Hosting,
    Race,
    RaceState,
    Submission,
    SubmissionStatus,
    Visibility,
    race_in_sight,
)

if TYPE_CHECKING:
    from racecraft.service.store import Store, Work

_UNDER_WAY = (SubmissionStatus.QUEUED, SubmissionStatus.RUNNING)


@dataclass(frozen=True)
class RaceView:
    """A race as somebody sees it."""

    race: Race
    state: RaceState
    racers: int
    """Who came in and was not shut out."""
    is_mine: bool
    """Whether whoever looks may change it; only then the link is told."""


@dataclass(frozen=True)
class BoardRow:
    """One line of a board."""

    rank: int
    racer_id: str
    racer: str
    country: str
    model_name: str
    submission_id: str
    time_ms: int
    gap_ms: int
    best_lap_ms: int | None
    off_tracks: int
    resets: int
    submitted_at_s: float
    submissions: int
    """Of this racer, that were driven."""
    times_limit: float | None = None
    """The best lap over the physical limit of the car; None if that is not known."""
    times_own_limit: float | None = None
    """The same over the limit at the top speed of the model's actions."""
    limit: LapLimit | None = None


@dataclass(frozen=True)
class OwnCard:
    """How the person who looks stands."""

    rank: int | None
    """None while no submission of theirs is ranked."""
    racers: int
    """On the board."""
    best: Submission | None
    latest: Submission | None


def list_races(store: Store, actor: Actor) -> list[RaceView]:
    """All races that the actor may see, the newest first."""
    actor.demand(Operation.VIEW_RACE, actor.person_id)
    with store.look() as work:
        mine = {e.race_id: e for e in work.find(Entrant, person_id=actor.person_id)}
        views = []
        for race in work.find(Race, order="-created_at_s"):
            if _is_in_sight(actor, race, mine.get(race.id)):
                views.append(_view(store, work, actor, race))
        return views


def view_race(store: Store, actor: Actor, race_id: str) -> RaceView:
    """One race.

    Raises:
        NotFound: there is none with this id, or the actor may not see it.
    """
    with store.look() as work:
        return _view(store, work, actor, race_in_sight(work, actor, race_id))


def view_board(store: Store, actor: Actor, race_id: str) -> list[BoardRow]:
    """Who is ahead of whom.

    Raises:
        NotFound: there is no such race, or the actor may not see it.
    """
    settle(store, race_id)
    with store.look() as work:
        return board_rows(work, race_in_sight(work, actor, race_id))


def board_rows(work: Work, race: Race) -> list[BoardRow]:
    """The board of a race, for whoever was asked already whether they may see it."""
    submissions = counted_submissions(work, race.id)
    by_id = {each.id: each for each in submissions}
    driven: dict[str, int] = {}
    for each in submissions:
        driven[each.person_id] = driven.get(each.person_id, 0) + 1
    people = {person.id: person for person in work.find(Person, id=list(driven))}
    return [_row(standing, by_id, people, driven) for standing in ranked(submissions)]


def view_own(store: Store, actor: Actor, race_id: str) -> OwnCard:
    """How the actor stands in a race.

    Raises:
        NotFound: there is no such race, or the actor may not see it.
    """
    rows = view_board(store, actor, race_id)
    own = list_submissions(store, actor, race_id)
    row = next((row for row in rows if row.racer_id == actor.person_id), None)
    best = next((each for each in own if row and each.id == row.submission_id), None)
    return OwnCard(row.rank if row else None, len(rows), best, own[0] if own else None)


def list_submissions(store: Store, actor: Actor, race_id: str) -> list[Submission]:
    """The actor's own submissions to a race, the newest first.

    Raises:
        NotFound: there is no such race, or the actor may not see it.
    """
    settle(store, race_id)
    with store.look() as work:
        race = race_in_sight(work, actor, race_id)
        return work.find(
            Submission, order="-created_at_s", race_id=race.id, person_id=actor.person_id
        )


def view_submission(store: Store, actor: Actor, race_id: str, submission_id: str) -> Submission:
    """A submission that counts on the board, or one of one's own: for its laps and replay.

    Raises:
        NotFound: there is none, or the actor may not see it.
    """
    settle(store, race_id)
    with store.look() as work:
        race = race_in_sight(work, actor, race_id)
        found = work.first(Submission, id=submission_id, race_id=race.id)
        if found is not None:
            is_own = found.person_id == actor.person_id
            if is_own or found in counted_submissions(work, race.id):
                return found
    raise NotFound("There is no such submission on this board.")


def settle(store: Store, race_id: str) -> None:
    """Let submissions follow their jobs: what was driven gets its result, once and for all."""
    with store.look() as work:
        race = work.first(Race, id=race_id)
        if race is None or race.hosting is Hosting.LIVE:  # its heats do that
            return
        open_ones = work.find(Submission, race_id=race_id)
        open_ones = [each for each in open_ones if each.status in _UNDER_WAY]
        jobs = {each.id: work.first(Job, id=each.job_id) for each in open_ones}
    if all(_followed(each, jobs[each.id]) == each for each in open_ones):
        return
    with store.work() as work:
        work.alone(f"race {race_id}")
        rules = work.get(Race, race_id).rules
        for each in work.find(Submission, race_id=race_id):
            job = work.first(Job, id=each.job_id)
            if each.status not in _UNDER_WAY or _followed(each, job) == each:
                continue
            changed = _followed(each, job)
            if job is not None and changed.status is SubmissionStatus.RANKED:
                known = changed.model_copy(update={"limit": limit_in(job.report)})
                changed = known.scored(rules, _trials(job))
            work.put(changed)


def _followed(submission: Submission, job: Job | None) -> Submission:
    """A submission as its job says it is; what was driven counts as ranked until it is scored."""
    if job is None:
        update: dict[str, Any] = {"status": SubmissionStatus.FAILED, "message": "Its job is gone."}
    elif job.status is JobStatus.COMPLETED and _trials(job):
        update = {"status": SubmissionStatus.RANKED, "ended_at_s": job.ended_at_s}
    elif job.status.is_over:
        message = job.message or "It was not driven."
        update = {"status": SubmissionStatus.FAILED, "message": message}
        update["ended_at_s"] = job.ended_at_s
    elif job.status is JobStatus.QUEUED:
        update = {"status": SubmissionStatus.QUEUED}
    else:
        update = {"status": SubmissionStatus.RUNNING}
    return submission.model_copy(update=update)


def limit_in(report: Mapping[str, Any]) -> LapLimit | None:
    """The limit that a worker told; None from older versions."""
    try:
        return LapLimit.model_validate(report["limit"])
    except (KeyError, ValidationError):
        return None


def _trials(job: Job) -> list[dict[str, Any]]:
    found = job.report.get("trials", [])
    return list(found) if isinstance(found, list) else []


def counted_submissions(work: Work, race_id: str) -> list[Submission]:
    """What was driven by racers who were not shut out, and was not taken off the board."""
    out = {each.person_id for each in work.find(Entrant, race_id=race_id) if each.is_shut_out}
    driven = (SubmissionStatus.RANKED, SubmissionStatus.UNRANKED)
    found = work.find(Submission, race_id=race_id)
    return [
        each
        for each in found
        if each.status in driven and each.person_id not in out and not each.struck
    ]


def ranked(submissions: Iterable[Submission]) -> list[Standing]:
    """Everybody's best of some submissions that count, the leader first."""
    return board(map(_entry, submissions))


def _entry(submission: Submission) -> Entry:
    return Entry(
        racer_id=submission.person_id,
        submission_id=submission.id,
        submitted_at_s=submission.created_at_s,
        result=submission.result,
    )


def _row(
    standing: Standing,
    by_id: dict[str, Submission],
    people: dict[str, Person],
    driven: dict[str, int],
) -> BoardRow:
    entry = standing.entry
    submission, person = by_id[entry.submission_id], people.get(entry.racer_id)
    limit, lap_ms = submission.limit, entry.result.best_lap_ms
    return BoardRow(
        rank=standing.rank,
        racer_id=entry.racer_id,
        racer=person.name if person else "somebody who left",
        country=person.country if person else "",
        model_name=submission.model_name,
        submission_id=submission.id,
        time_ms=entry.result.time_ms or 0,
        gap_ms=standing.gap_ms,
        best_lap_ms=entry.result.best_lap_ms,
        off_tracks=entry.result.off_tracks,
        resets=entry.result.resets,
        submitted_at_s=entry.submitted_at_s,
        submissions=driven[entry.racer_id],
        times_limit=limit.times(lap_ms) if limit and lap_ms else None,
        times_own_limit=limit.times_own(lap_ms) if limit and lap_ms else None,
        limit=limit,
    )


def _view(store: Store, work: Work, actor: Actor, race: Race) -> RaceView:
    is_mine = actor.may(Operation.MANAGE_RACES, race.owner_id)
    entrants = work.find(Entrant, race_id=race.id)
    return RaceView(
        race=race if is_mine else race.model_copy(update={"link": ""}),
        state=race.state(store.now_s()),
        racers=sum(not each.is_shut_out for each in entrants),
        is_mine=is_mine,
    )


def _is_in_sight(actor: Actor, race: Race, entrant: Entrant | None) -> bool:
    if actor.may(Operation.MANAGE_RACES, race.owner_id):
        return True
    if entrant is not None:
        return not entrant.is_shut_out
    return race.visibility is Visibility.LISTED
