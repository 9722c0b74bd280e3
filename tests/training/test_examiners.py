"""What a look at the policy drives on several tracks, what it costs and what ends a training."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from racecraft.domain.episode import EpisodeStatus, Trial
from racecraft.domain.spec import ModelSpec, StopCondition, TrackChoice, TrainingSpec
from racecraft.domain.track import Track
from racecraft.tracks.library import load_track
from racecraft.training.examination import Examination
from racecraft.training.examiners import Examiners, laps_on_each
from racecraft.training.journal import EpisodeFigures
from racecraft.training.networks import ActorCritic
from racecraft.training.report import TrackProgress, progress_by_track
from racecraft.training.team import Team

ROUND = 0
Make = Callable[..., Examiners]


@pytest.fixture
def ring(ring_file: Path) -> Track:
    return load_track(ring_file)


@pytest.fixture
def make(ring_model: ModelSpec, one_action: Callable[[int], ActorCritic]) -> Iterator[Make]:
    """`make(tracks, trials, **stop)` examines a policy that turns left on the ring."""
    with Team(1) as team:

        def examiners(
            tracks: list[Track], trials: int = 5, strict_laps: int = 0, **stop: float
        ) -> Examiners:
            training = TrainingSpec(
                evaluation_trials=trials,
                strict_laps=strict_laps,
                stop=StopCondition.model_validate({"env_steps": 1, **stop}),
            )
            return Examiners(one_action(ROUND), ring_model, training, tracks, team)

        yield examiners


@pytest.mark.parametrize(
    ("trials", "clean_laps", "tracks", "laps"),
    [(5, None, 1, 5), (5, 8, 1, 8), (5, 8, 2, 3), (5, None, 5, 1), (1, 8, 46, 1), (50, 5, 46, 2)],
)
def test_several_tracks_share_the_laps_of_a_look_with_one_on_each_at_least(
    trials: int, clean_laps: int | None, tracks: int, laps: int
) -> None:
    stop = StopCondition(env_steps=1, clean_laps=clean_laps)
    assert laps_on_each(TrainingSpec(evaluation_trials=trials, stop=stop), tracks) == laps


def test_clean_laps_are_asked_of_every_track_but_only_when_none_failed(
    make: Make, ring: Track
) -> None:
    again = load_track_again(ring)
    look = make([ring, again], trials=1)
    found = look.examine()
    assert [trial.is_clean for trial in found.trials] == [True, True]
    strict = make([ring, again], trials=1, clean_laps=3)
    confirmed = strict.examine()
    assert confirmed.is_clean
    assert confirmed.trials == found.trials
    # One lap on each, and then three on each.
    assert strict.steps == pytest.approx(4 * look.steps, rel=0.02)


def load_track_again(track: Track) -> Track:
    """The same road as a track of its own."""
    return track.reversed().reversed()


def test_a_track_that_fails_ends_the_look_before_the_laps_that_would_stop_the_training(
    make: Make, ring: Track
) -> None:
    tracks = [ring, ring.reversed()]
    look, strict = make(tracks, trials=1), make(tracks, trials=1, clean_laps=50, robust_laps=50)
    found, judged = look.examine(), strict.examine()
    assert not judged.is_clean
    assert judged.trials == found.trials
    assert strict.steps == look.steps
    # Turning left drives round the ring only in its own direction.
    assert [trial.is_clean for trial in judged.trials] == [True, False]
    assert judged.mean_progress == pytest.approx(
        np.mean([trial.completion_percent for trial in judged.trials])
    )


def test_laps_from_displaced_starts_are_driven_on_every_track_too(make: Make, ring: Track) -> None:
    examiners = make([ring, load_track_again(ring)], trials=1, clean_laps=1, robust_laps=4)
    assert not examiners.examine().is_clean  # a car that only turns left cannot correct itself
    assert make([ring, load_track_again(ring)], trials=1, clean_laps=1).examine().is_clean


def test_strict_laps_are_asked_of_what_would_be_the_best_and_of_nothing_else(
    make: Make, ring: Track
) -> None:
    plain, strict = make([ring], trials=2), make([ring], trials=2, strict_laps=4)
    found = plain.examine()
    assert found.is_clean
    # A car that only turns left drives clean laps, but not from beside the line.
    judged = strict.examine((0.0, 50.0, 1.0))
    assert judged.trials == found.trials
    assert not judged.is_clean
    assert judged.score < found.score
    assert strict.steps > plain.steps
    # What is slower than the best one need not show that it is as safe.
    assert strict.examine((1.0, 100.0, 9.0)).is_clean
    assert strict.steps == plain.steps


def trial(progress: float) -> Trial:
    is_done = progress == 100.0
    status = EpisodeStatus.LAP_COMPLETE if is_done else EpisodeStatus.OFF_TRACK
    return Trial(1, 1000, progress, status, off_track_count=int(not is_done))


def test_each_track_s_figures_are_those_of_its_own_laps_and_episodes() -> None:
    tracks = (TrackChoice(name="thimble"), TrackChoice(name="milk-run", is_reversed=True))
    trials = tuple(trial(p) for p in (100.0, 20.0, 100.0, 100.0))
    episodes = EpisodeFigures(rewards=(0.0, 0.0, 0.0), progress=(10.0, 30.0, 5.0), tracks=(0, 0, 1))
    examination = Examination(trials, is_clean=False, mean_progress=80.0, mean_speed_mps=1.0)
    assert progress_by_track(tracks, episodes, examination) == (
        TrackProgress("thimble", 2, 20.0, 100.0, 2, 2),
        TrackProgress("milk-run (reversed)", 1, 5.0, 60.0, 2, 1),
    )
    unexamined = progress_by_track(tracks, episodes, None)
    assert [(row.laps, row.mean_evaluation_progress) for row in unexamined] == [(0, None)] * 2
    assert progress_by_track(tracks[:1], episodes, examination) == ()
