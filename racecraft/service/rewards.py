"""Reward functions before anything is trained with them: examples, and what they pay for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from racecraft.domain.car import CarSpec
from racecraft.domain.errors import InvalidInput, InvalidReward
from racecraft.domain.race import RaceSpec, RaceType
from racecraft.domain.spec import ModelSpec, TrackChoice
from racecraft.sandbox.findings import Severity
from racecraft.service.files import read_text
from racecraft.service.guides import guided
from racecraft.service.isolation import refuse_without_isolation
from racecraft.service.limits import limit_of
from racecraft.service.models import load_model, load_training, model_folder
from racecraft.service.presets import QUICKSTART_TRACK

if TYPE_CHECKING:
    from racecraft.analysis.dry_run import DryRun, Lap, Speeds
    from racecraft.domain.track import Track
    from racecraft.sandbox.check import RewardCheck
    from racecraft.service.settings import Settings

MOST_TRACES = 12
"""Trace files that are looked into for laps on the right track."""


@dataclass(frozen=True)
class Example:
    """A reward function to start from."""

    name: str
    summary: str
    """Its first line of explanation."""
    source: str


def reward_examples() -> list[Example]:
    """The reward functions that come with racecraft, the simplest first."""
    from racecraft.sandbox.builtin import builtin_descriptions, builtin_reward

    return [
        Example(name, summary, builtin_reward(name))
        for name, summary in builtin_descriptions().items()
    ]


def try_reward(
    settings: Settings,
    source: str,
    *,
    track: TrackChoice | None = None,
    race: RaceSpec | None = None,
    model: str | None = None,
    speeds_mps: tuple[float | None, float | None] = (None, None),
) -> DryRun:
    """What a reward function pays for drawn laps, and for the recorded laps of a model.

    Args:
        settings: where models and imported tracks are.
        source: text of the reward function.
        track: where to drive; by default the model's track, else that of the quickstart.
        race: what else is on the track; by default what the model was trained with. The recorded
            laps are left out where there are boxes or bot cars, because traces do not tell where
            those were.
        model: whose laps, speeds, car and discount factor to take.
        speeds_mps: of the slow lap and of the fast ones; by default those of the model's slowest
            and fastest action.

    Raises:
        ModelNotFound, TrackNotFound: there is no such model or track.
        InvalidInput: the speeds do not fit.
        InvalidSpec: the boxes or bot cars do not fit on the track.
        InvalidReward: the reward function cannot be used.
        RewardFailed: it raised, took too long, or returned what is no number.
        NotIsolated: this system may not run it.
    """
    from racecraft.analysis.dry_run import DEFAULT_GAMMA, drawn_laps, dry_run
    from racecraft.tracks.library import load_track

    folder = model_folder(settings, model) if model else None
    spec = load_model(folder) if folder else None
    training = load_training(folder) if folder else None
    chosen = track or (training.tracks[0] if training else TrackChoice(name=QUICKSTART_TRACK))
    speeds = _speeds(spec, *speeds_mps)
    road = load_track(chosen.name, is_reversed=chosen.is_reversed, folders=(settings.tracks,))
    car = spec.car if spec else CarSpec()
    road = guided(settings, road, chosen, source, car=car, top_mps=speeds.fast_mps)
    among = race or (training.race if training else RaceSpec())
    refuse_without_isolation(settings)
    laps = drawn_laps(road, speeds, car, among)
    if folder and not among.has_objects:
        laps += _recorded(folder, road, car)
    gamma = training.hyperparameters.gamma if training else DEFAULT_GAMMA
    ideal = limit_of(settings, chosen, car, top_mps=speeds.fast_mps)
    return dry_run(source, road, speeds=speeds, gamma=gamma, laps=laps, ideal=ideal)


def check_reward(
    settings: Settings, source: str, *, track: TrackChoice, race_type: RaceType
) -> RewardCheck:
    """What is wrong with a reward function, found within a second or two.

    Raises:
        TrackNotFound: there is no such track.
        NotIsolated: this system may not run the function.
    """
    from racecraft.sandbox import check
    from racecraft.tracks.library import load_track

    road = load_track(track.name, is_reversed=track.is_reversed, folders=(settings.tracks,))
    refuse_without_isolation(settings)
    return check.check_reward(source, road, race_type=race_type)


def refuse_unusable(check: RewardCheck) -> None:
    """Stop here if a check found errors.

    Raises:
        InvalidReward: it did; the sentence holds the first three.
    """
    errors = [finding for finding in check.findings if finding.severity is Severity.ERROR]
    if not errors:
        return
    told = [
        f.message
        if f.line is None or f.message.startswith("Line ")
        else f"Line {f.line}: {f.message}"
        for f in errors[:3]
    ]
    more = [f"There are {len(errors) - 3} more."] if len(errors) > 3 else []
    sentence = " ".join(["The reward function cannot be trained with.", *told, *more])
    raise InvalidReward(sentence)


def draw_try(run: DryRun, path: Path, *, title: str) -> None:
    """Draw a dry run as a PNG.

    Raises:
        StorageFailed: the picture cannot be written.
    """
    from racecraft.analysis.figures.reward_map import draw_reward_map

    draw_reward_map(run, path, title=title)


def _speeds(spec: ModelSpec | None, slow_mps: float | None, fast_mps: float | None) -> Speeds:
    from racecraft.analysis.dry_run import Speeds

    usual, car = Speeds(), spec.car if spec else CarSpec()
    if spec is not None:
        usual = Speeds(*spec.action_space.speed_range_mps)
    slow = usual.slow_mps if slow_mps is None else slow_mps
    # A model with one speed: half of it shows as well whether driving slowly pays.
    slow = slow / 2 if slow_mps is None and slow == usual.fast_mps else slow
    fast = usual.fast_mps if fast_mps is None else fast_mps
    if not car.min_speed_mps <= slow < fast <= car.max_speed_mps:
        raise InvalidInput(
            f"The laps would be driven at {slow:g} m/s and {fast:g} m/s; choose a slow and a "
            f"faster speed from {car.min_speed_mps:g} to {car.max_speed_mps:g} m/s."
        )
    return Speeds(slow, fast)


def _recorded(folder: Path, track: Track, car: CarSpec) -> list[Lap]:
    """Laps of the newest evaluations on a track, else of the last iterations of the training."""
    from racecraft.analysis.dry_run import recorded_laps

    evaluations = sorted(folder.glob("evaluation-*/evaluation-simtrace/*-iteration.csv"))
    laps = recorded_laps(track, _texts(evaluations), car)
    if laps:
        return laps
    iterations = {
        int(number): path
        for path in folder.glob("training-simtrace/*-iteration.csv")
        if (number := path.name.removesuffix("-iteration.csv")).isdecimal()
    }
    return recorded_laps(track, _texts([iterations[key] for key in sorted(iterations)]), car)


def _texts(oldest_first: list[Path]) -> Iterator[str]:
    return (read_text(path) for path in oldest_first[: -MOST_TRACES - 1 : -1])
