"""The end of a race: it goes with everything that belongs to it."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from racecraft.domain.errors import Conflict
from racecraft.service.races.arranging import folder_of_race, managed_race
from racecraft.service.races.live.records import Heat, HeatStatus, Show
from racecraft.service.races.race import (
    Entrant,
    Hosting,
    Race,
    RaceState,
    Submission,
    SubmissionStatus,
)
from racecraft.service.races.screens.record import Screen

if TYPE_CHECKING:
    from racecraft.service.access import Actor
    from racecraft.service.settings import Settings
    from racecraft.service.store import Store

_UNDER_WAY = (SubmissionStatus.QUEUED, SubmissionStatus.RUNNING)


def delete_race(store: Store, settings: Settings, actor: Actor, race_id: str) -> None:
    """Delete a race with its board, submissions and replays; models stay.

    Raises:
        NotFound: there is no such race.
        Forbidden: it is somebody else's.
        Conflict: it is open, or something is being driven for it.
    """
    race = managed_race(store, actor, race_id)
    with store.work() as work:
        if race.state(store.now_s()) is RaceState.OPEN and work.count(Submission, race_id=race_id):
            raise Conflict("The race is open, and racers are in it; close it before you delete it.")
        if work.count(Heat, race_id=race_id, status=HeatStatus.DRIVING):
            raise Conflict("A heat of this race is being driven; wait until it is done.")
        is_live = race.hosting is Hosting.LIVE  # what waits there is driven by nobody
        driven = [] if is_live else work.find(Submission, race_id=race_id)
        if any(each.status in _UNDER_WAY for each in driven):
            raise Conflict("Submissions are still being driven; wait until they are done.")
        work.remove(Submission, race_id=race_id)
        work.remove(Entrant, race_id=race_id)
        work.remove(Screen, race_id=race_id)
        work.remove(Heat, race_id=race_id)
        work.remove(Show, id=race_id)
        work.remove(Race, id=race_id)
    for folder in (folder_of_race(settings, race_id), settings.home / "screens" / race_id):
        shutil.rmtree(folder, ignore_errors=True)
