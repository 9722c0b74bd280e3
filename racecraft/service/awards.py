"""Awards: what a racer has really done, read off from records and lap tables.

Nothing is stored: an award is earned as long as what it is for can be seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from racecraft.domain.episode import format_lap_time
from racecraft.domain.errors import RacecraftError
from racecraft.domain.job import JobStatus
from racecraft.service.access import Actor, Operation, Role
from racecraft.service.evaluations import EvaluationRow, view_evaluation
from racecraft.service.jobs.job import Job
from racecraft.service.model_folders import folder_of
from racecraft.service.model_records import Model
from racecraft.service.people.person import Person, person_now
from racecraft.service.races.boards import settle, view_own
from racecraft.service.races.race import Race, RaceState, Submission, SubmissionStatus
from racecraft.service.seasons.season import list_seasons
from racecraft.service.seasons.tables import season_table
from racecraft.service.stamps import stamp_s
from racecraft.service.track_choices import kept_track

if TYPE_CHECKING:
    from pathlib import Path

    from racecraft.service.settings import Settings
    from racecraft.service.store import Store

CLEAN_SERIES = 5
TRACKS = 3
PRACTICE_S = 3600.0
REGULAR_RACES = 5


@dataclass(frozen=True)
class Award:
    """One award."""

    key: str
    title: str
    how: str
    """What it is for."""
    earned_at_s: float | None
    """None while it is still to be earned."""
    figure: str = ""
    """A number that goes with it, such as a lap time."""


@dataclass(frozen=True)
class _Drive:
    """An evaluation and when it was."""

    at_s: float
    row: EvaluationRow


def awards_of(store: Store, settings: Settings, actor: Actor, person_id: str) -> list[Award]:
    """Awards of somebody, those that are earned first.

    Raises:
        NotFound: there is nobody with this id.
        Forbidden: the actor may not see profiles.
    """
    actor.demand(Operation.VIEW_PROFILE, person_id)
    with store.look() as work:
        person = person_now(work, person_id)
        models = [m for m in work.find(Model, owner_id=person_id) if not m.is_sample]
        jobs = work.find(Job, owner_id=person_id, status=JobStatus.COMPLETED)
    drives = _drives(settings, models)
    joined = Award("grid", "On the grid", "Joined racecraft.", person.created_at_s)
    found = [joined, *_of_jobs(jobs, models), *_of_laps(drives), *_of_races(store, person)]
    return sorted(found, key=lambda award: (award.earned_at_s is None, award.earned_at_s or 0.0))


def _drives(settings: Settings, models: Sequence[Model]) -> list[_Drive]:
    """All evaluations of some models, oldest first; damaged ones are left out."""
    found = []
    for model in models:
        with suppress(RacecraftError):  # a model without a folder
            folder = folder_of(settings, model)
            for stamp in _stamps(folder):
                with suppress(RacecraftError):
                    found.append(_Drive(stamp_s(stamp), view_evaluation(folder, stamp)))
    return sorted(found, key=lambda drive: drive.at_s)


def _stamps(folder: Path) -> list[str]:
    files = (folder / "metrics" / "evaluation").glob("evaluation-*.json")
    return [file.stem.removeprefix("evaluation-") for file in files]


def _of_jobs(jobs: Sequence[Job], models: Sequence[Model]) -> list[Award]:
    ended = sorted(jobs, key=lambda job: job.ended_at_s or 0.0)
    first = next((job.ended_at_s for job in ended), None)
    practice_s, practised_at_s = 0.0, None
    for job in ended:
        practice_s += job.compute_s + job.attempt_s
        if practised_at_s is None and practice_s >= PRACTICE_S:
            practised_at_s = job.ended_at_s
    tracks: set[str] = set()
    travelled_at_s = None
    for model in sorted(models, key=lambda model: model.created_at_s):
        tracks |= {kept_track(track).name for track in model.tracks}
        if travelled_at_s is None and len(tracks) >= TRACKS:
            travelled_at_s = model.created_at_s
    return [
        Award("spark", "First spark", "Finished a training or evaluation.", first),
        Award("traveller", "Traveller", f"Made models for {TRACKS} tracks.", travelled_at_s),
        Award(
            "practice",
            "Hour of practice",
            "Computed for an hour in all.",
            practised_at_s,
            f"{practice_s / 60:.0f} min",
        ),
    ]


def _of_races(store: Store, person: Person) -> list[Award]:
    """Races of others and of their own, as they stand for this person."""
    driven = (SubmissionStatus.RANKED, SubmissionStatus.UNRANKED)
    with store.look() as work:
        race_ids = {each.race_id for each in work.find(Submission, person_id=person.id)}
    for race_id in race_ids:
        settle(store, race_id)  # so that what was driven meanwhile counts
    with store.look() as work:
        entered = work.find(Submission, person_id=person.id)
        races = {each.race_id: work.first(Race, id=each.race_id) for each in entered}
    first = min(
        (s.ended_at_s for s in entered if s.status in driven and s.ended_at_s), default=None
    )
    places = [
        (race.ends_at_s, rank)
        for race in races.values()
        if race is not None
        and race.state(store.now_s()) is RaceState.CLOSED
        and (rank := _rank(store, person, race)) is not None
    ]
    counted = [each for each in entered if each.status in driven and not each.struck]
    clean = [s.ended_at_s for s in counted if s.laps and all(trial.is_clean for trial in s.trials)]
    return [
        Award("race", "On the board", "Let a model drive in a race.", first),
        _placed("winner", "Winner", "First on the board when a race closed.", places, 1, "won"),
        _placed(
            "podium", "Podium", "Among the first three when a race closed.", places, 3, "times"
        ),
        Award(
            "faultless",
            "Faultless",
            "Every lap of a submission to a race without a reset.",
            min((at_s for at_s in clean if at_s), default=None),
            f"{len(clean)} times" if clean else "",
        ),
        Award(
            "regular",
            "Regular",
            f"Ranked in {REGULAR_RACES} races that are over.",
            sorted(at_s for at_s, _ in places)[REGULAR_RACES - 1]
            if len(places) >= REGULAR_RACES
            else None,
            f"{len(places)} races" if places else "",
        ),
        _of_seasons(store, person),
    ]


def _placed(
    key: str, title: str, how: str, places: Sequence[tuple[float, int]], worst: int, word: str
) -> Award:
    """For ending races at a place or better."""
    found = [at_s for at_s, rank in places if rank <= worst]
    return Award(key, title, how, min(found, default=None), f"{len(found)} {word}" if found else "")


def _rank(store: Store, person: Person, race: Race) -> int | None:
    try:
        return view_own(store, person.actor, race.id).rank
    except RacecraftError:  # they were shut out of it
        return None


def _of_seasons(store: Store, person: Person) -> Award:
    """Seasons of which every race is over, and that they won in their division."""
    won = []
    for season in list_seasons(store, Actor(person.id, Role.RACER)):
        view = season_table(store, person.actor, season)
        is_over = bool(view.races) and all(r.state is RaceState.CLOSED for r in view.races)
        leaders = [table.rows[0].racer_id for table in view.divisions if table.rows]
        if is_over and person.id in leaders:
            won.append(max(race.ends_at_s for race in view.races))
    return Award(
        "champion",
        "Champion",
        "First of a division when all races of a season were over.",
        min(won, default=None),
        f"{len(won)} seasons" if len(won) > 1 else "",
    )


def _of_laps(drives: Sequence[_Drive]) -> list[Award]:
    def when(is_it: list[bool]) -> float | None:
        return next((d.at_s for d, it in zip(drives, is_it, strict=True) if it), None)

    laps = [any(trial.is_lap for trial in drive.row.trials) for drive in drives]
    clean = [drive.row.clean_laps > 0 for drive in drives]
    series = [
        len(drive.row.trials) >= CLEAN_SERIES and drive.row.clean_laps == len(drive.row.trials)
        for drive in drives
    ]
    best = min(
        (
            (trial.time_ms, drive.at_s)
            for drive in drives
            for trial in drive.row.trials
            if trial.is_clean
        ),
        default=None,
    )
    return [
        Award("lap", "First lap", "Came all the way round in an evaluation.", when(laps)),
        Award("clean", "Clean lap", "A lap without a single reset.", when(clean)),
        Award(
            "five",
            "Clean five",
            f"{CLEAN_SERIES} laps or more in one evaluation, all of them clean.",
            when(series),
        ),
        Award(
            "best",
            "Personal best",
            "The fastest clean lap of all evaluations.",
            best[1] if best else None,
            format_lap_time(best[0]) if best else "",
        ),
    ]
