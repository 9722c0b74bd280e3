"""What a big screen shows: to anybody who has its link, and nothing else of the installation."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

from racecraft.domain.errors import NotFound
from racecraft.domain.job import JobStatus
from racecraft.service.jobs.job import Job
from racecraft.service.jobs.queue import RUNNING
from racecraft.service.people.codes import tidied
from racecraft.service.people.person import Person
from racecraft.service.races.boards import BoardRow, board_rows, settle
from racecraft.service.races.live.records import Heat, Show
from racecraft.service.races.live.stage import has_show, heat_file, live_view
from racecraft.service.races.live.views import LiveView
from racecraft.service.races.race import Entrant, Race, RaceState, Submission, SubmissionStatus
from racecraft.service.races.screens.record import Screen
from racecraft.tracks.library import title_of

if TYPE_CHECKING:
    from racecraft.service.settings import Settings
    from racecraft.service.store import Store, Work

_MOST_NAMES = 6
"""Of those who drive at the moment."""
_OVER = tuple(status for status in JobStatus if status.is_over)


class _Shown(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ScreenRow(_Shown):
    """One line of the board."""

    key: str
    """Of the racer on this screen; tells rows apart, and nothing else."""
    entry: str
    """Of the submission; another one is news."""
    rank: int
    racer: str
    country: str
    time_ms: int
    gap_ms: int
    best_lap_ms: int | None
    off_tracks: int
    submissions: int
    times_limit: float | None
    """The best lap over the physical limit of the car."""


class ScreenView(_Shown):
    """Everything on a big screen."""

    race: str
    headline: str
    state: RaceState
    starts_at_s: float
    ends_at_s: float
    track: str
    is_reversed: bool
    race_type: str
    ranking: str
    laps: int
    min_laps: int
    racers: int
    waiting: int
    """Submissions that wait to be driven."""
    driving: tuple[str, ...]
    """Names of racers whose model drives at the moment."""
    rows: tuple[ScreenRow, ...]
    accent: str
    background: str
    logo: str
    invites: bool
    live: LiveView | None
    """Of a race with a live show."""


def find_shown(store: Store, code: str) -> Screen:
    """The screen of a link.

    Raises:
        NotFound: the link leads to no screen (any more).
    """
    with store.look() as work:
        return _screen(work, code)


def screen_stamp(store: Store, code: str) -> tuple[object, ...]:
    """Changes whenever the screen does; much cheaper than the screen itself.

    Raises:
        NotFound: the link leads to no screen (any more).
    """
    with store.look() as work:
        screen = _screen(work, code)
        race = work.get(Race, screen.race_id)
        submissions = [
            work.count(Submission, race_id=race.id),
            work.total(Submission, "version", race_id=race.id),
            work.total(Entrant, "version", race_id=race.id),
            work.count(Entrant, race_id=race.id),
        ]
        # A submission follows its job when somebody looks; so any job that moves on is a reason.
        jobs = [work.count(Job, status=status) for status in (_OVER, RUNNING)]
        state = race.state(store.now_s())
        return (
            screen.id,
            screen.version,
            race.version,
            state,
            *submissions,
            *jobs,
            *_live(work, race),
        )


def _live(work: Work, race: Race) -> tuple[object, ...]:
    return (
        work.total(Show, "version", id=race.id),
        work.count(Show, id=race.id),
        work.total(Heat, "version", race_id=race.id),
        work.count(Heat, race_id=race.id),
    )


def read_screen(store: Store, code: str) -> ScreenView:
    """What the screen of a link shows.

    Raises:
        NotFound: the link leads to no screen (any more).
    """
    screen = find_shown(store, code)
    settle(store, screen.race_id)
    with store.look() as work:
        race = work.get(Race, screen.race_id)
        rows = board_rows(work, race)
        entrants = work.find(Entrant, race_id=race.id)
        under_way = [
            each
            for each in work.find(Submission, race_id=race.id)
            if each.status in (SubmissionStatus.QUEUED, SubmissionStatus.RUNNING)
        ]
        out = {each.person_id for each in entrants if each.is_shut_out}
        running = [
            each.person_id
            for each in under_way
            if each.status is SubmissionStatus.RUNNING and each.person_id not in out
        ]
        people = {each.id: each.name for each in work.find(Person, id=running[:_MOST_NAMES])}
        live = live_view(work, race, store.now_s()) if has_show(work, race) else None
    rules = race.rules
    return ScreenView(
        race=race.name,
        headline=screen.headline,
        state=race.state(store.now_s()),
        starts_at_s=race.starts_at_s,
        ends_at_s=race.ends_at_s,
        track=title_of(rules.track.name),
        is_reversed=rules.track.is_reversed,
        race_type=rules.race.summary,
        ranking=rules.ranking.words,
        laps=rules.laps,
        min_laps=rules.min_laps,
        racers=sum(not each.is_shut_out for each in entrants),
        waiting=sum(each.status is SubmissionStatus.QUEUED for each in under_way),
        driving=tuple(dict.fromkeys(people[one] for one in running if one in people)),
        rows=tuple(_row(race, row) for row in rows),
        accent=screen.accent,
        background=screen.background,
        logo=screen.logo,
        invites=screen.invites,
        live=live,
    )


def join_code(store: Store, code: str) -> tuple[Screen, str]:
    """The screen of a link, and the code by which people come into its race.

    Raises:
        NotFound: the link leads to no screen, or its organiser does not invite people on it.
    """
    screen = find_shown(store, code)
    if not screen.invites:
        raise NotFound("This screen invites nobody into its race.")
    with store.look() as work:
        return screen, work.get(Race, screen.race_id).link


def track_of(store: Store, code: str) -> tuple[str, bool]:
    """Name of the track of a screen's race, and whether it is driven against its usual way.

    Raises:
        NotFound: the link leads to no screen (any more).
    """
    screen = find_shown(store, code)
    with store.look() as work:
        track = work.get(Race, screen.race_id).rules.track
    return track.name, track.is_reversed


def heat_of_screen(store: Store, settings: Settings, code: str, heat_id: str, name: str) -> bytes:
    """Recording or moments of a heat of a screen's race.

    Raises:
        NotFound: the link leads to no screen, or there is no such heat to be seen.
        StorageFailed: it cannot be read.
    """
    screen = find_shown(store, code)
    with store.look() as work:
        return heat_file(work, settings, screen.race_id, heat_id, name)


def _screen(work: Work, code: str) -> Screen:
    found = work.first(Screen, code=tidied(code))
    if found is None:
        raise NotFound("This link leads to no big screen; ask the organiser for the new one.")
    return found


def _row(race: Race, row: BoardRow) -> ScreenRow:
    return ScreenRow(
        key=short_id(race.id, row.racer_id),
        entry=short_id(race.id, row.submission_id),
        rank=row.rank,
        racer=row.racer,
        country=row.country,
        time_ms=row.time_ms,
        gap_ms=row.gap_ms,
        best_lap_ms=row.best_lap_ms,
        off_tracks=row.off_tracks,
        submissions=row.submissions,
        times_limit=row.times_limit,
    )


def short_id(*words: str) -> str:
    """Tells things apart without telling their ids."""
    return hashlib.sha256("\n".join(words).encode()).hexdigest()[:16]
