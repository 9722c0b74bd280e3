"""Reward functions that people send in: checked and tried, a few at a time.

Each runs in a locked process of its own. The places are for the whole service, so that people
who try rewards leave cores to trainings and to the console.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from racecraft.domain.errors import NotFound
from racecraft.service.collection import view_model
from racecraft.service.dry_runs import AT_ONCE, DryRuns
from racecraft.service.model_folders import folder_of, settings_of
from racecraft.service.rewards import check_reward
from racecraft.service.track_choices import refuse_odd_track
from racecraft.service.turns import Turns

if TYPE_CHECKING:
    from racecraft.analysis.dry_run import DryRun
    from racecraft.domain.race import RaceSpec, RaceType
    from racecraft.domain.spec import TrackChoice
    from racecraft.sandbox.check import RewardCheck
    from racecraft.service.access import Actor
    from racecraft.service.settings import Settings
    from racecraft.service.store import Store

TURNS = Turns(at_once=AT_ONCE, most_waiting=32, most_each=3)
"""For everything that runs a reward function while somebody waits for the answer."""
DRY_RUNS = DryRuns()


@dataclass(frozen=True)
class Trial:
    """What somebody wants to know about a reward function."""

    source: str
    track: TrackChoice | None = None
    """By default the model's, else that of the quickstart."""
    race: RaceSpec | None = None
    """What else is on the track; by default what the model was trained with."""
    model_id: str | None = None
    """Whose recorded laps, speeds and car to take too."""
    slow_mps: float | None = None
    fast_mps: float | None = None


def check_sent(
    settings: Settings, actor: Actor, source: str, *, track: TrackChoice, race_type: RaceType
) -> RewardCheck:
    """What is wrong or odd about a reward function.

    Raises:
        TrackNotFound, InvalidInput: there is no such track.
        TooManyRequests: too many are being checked.
    """
    refuse_odd_track(track.name)
    with TURNS.turn(actor.person_id):
        return check_reward(settings, source, track=track, race_type=race_type)


def try_sent(store: Store, settings: Settings, actor: Actor, trial: Trial) -> DryRun:
    """What a reward function pays for well and badly driven laps.

    Raises:
        NotFound: there is no such model or track, or it is somebody else's.
        InvalidSpec: the boxes or bot cars do not fit on the track.
        InvalidReward, RewardFailed: the reward function cannot be used.
        TooManyRequests: too many are being tried.
    """
    if trial.track is not None:
        refuse_odd_track(trial.track.name)
    name, own = None, settings
    if trial.model_id is not None:
        model = view_model(store, actor, trial.model_id).model
        if model.deleted_at_s is not None:
            raise NotFound(f"The model {model.name!r} is deleted; put it back first.")
        name, own = folder_of(settings, model).name, settings_of(settings, model.owner_id)
    with TURNS.turn(actor.person_id):
        return DRY_RUNS.run(
            own,
            trial.source,
            track=trial.track,
            race=trial.race,
            model=name,
            speeds_mps=(trial.slow_mps, trial.fast_mps),
        )
