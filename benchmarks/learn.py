"""Measure how long cars take to learn: `make learn`, or `python -m benchmarks.learn --help`.

A figure is the training time (gathering, updates and greedy laps) of the iteration at which a
training stops because the car drives clean: median over seeds that were not used for tuning.
Each training is checked afterwards from its checkpoint on disk, and every seed has to pass.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path

from benchmarks.curves import curve_rows
from benchmarks.everywhere import HELD_OUT, drive_everywhere
from benchmarks.measuring import Sample, common_arguments, measure_all, results_file
from benchmarks.table import Row, number
from benchmarks.trainings import DISPLACED, LAPS, UNSEEN, Job, Run, job, run, warm_up
from racecraft.domain.action_space import ContinuousActionSpace, SpeedRange
from racecraft.domain.hyperparameters import PPOHyperparameters
from racecraft.domain.spec import ModelSpec, Network, TrackChoice
from racecraft.sandbox.builtin import builtin_reward
from racecraft.service.presets import CONTINUOUS, preset
from racecraft.tracks.library import shipped_names

PRESET_OF_NETWORK = {"shallow": "default", "light": "first-laps"}
LAB_TARGETS_S = {"shallow": 10.0, "light": 2.5}
QUICKSTART_TARGETS_S = {"shallow": 25.0, "light": 6.0}
FIRST_TARGET_S, GUIDE_TARGET_S, GUIDE_CAP_S = 40.0, 150.0, 200.0
TRACK_TARGET_S = 60.0
EVERYWHERE_TARGET_PERCENT, EVERYWHERE_CAP_S = 90.0, 300.0
RACE_TARGET_S = 600.0
CONTINUOUS_TARGETS_S = {"PPO": 60.0, "SAC": 300.0}
CURVE_STEPS = {"PPO": 16_384, "SAC": 10_240}
CAP_S = 120.0
"""Training time at which the other trainings are given up."""
QUICK_CAP_S = 3.0
FACTORS = (0.001, 10_000.0)
NAMES = (
    "lab-shallow",
    "lab-light",
    "quickstart-shallow",
    "quickstart-light",
    "guide-defaults",
    "object-avoidance",
    "head-to-head",
    "reward-scale",
    "everywhere",
    "continuous-ppo",
    "continuous-sac",
    "continuous-sac-shallow",
    "curves-ppo",
    "curves-sac",
    "tracks",
)
LONG = {"tracks", "curves-ppo", "curves-sac", "continuous-sac-shallow"}
"""Only when asked for by name."""


@dataclass(frozen=True)
class Plan:
    """Which seeds, and how long to wait at most."""

    seeds: tuple[int, ...]
    is_quick: bool = False
    threads: int = 2

    def cap_s(self, seconds: float = CAP_S) -> float:
        """Training time at which to give up."""
        return QUICK_CAP_S if self.is_quick else seconds

    def runs(self, each: Job) -> tuple[Run, ...]:
        """Train with every seed, one after the other, and say how each went."""
        runs = []
        training = each.training.model_copy(update={"threads": self.threads})
        for seed in self.seeds:
            runs.append(run(replace(each, training=training), seed))
            print(f"  seed {seed}: {in_words(runs[-1])}", flush=True)
        return tuple(runs)


def in_words(each: Run) -> str:
    """How one training went."""
    words = f"{number(each.training_s)} s, {each.env_steps:,} steps, "
    if each.failure:
        return words + f"failed: {each.failure}"
    if each.check is None:
        return words + "not clean"
    return (
        f"{words}{'passed' if each.is_passed else 'NOT passed'}: {each.check.clean_laps}/{LAPS}, "
        f"{each.check.displaced_laps}/{DISPLACED} displaced, {each.check.unseen_laps}/{UNSEEN} "
        f"unseen starts, {each.check.speed_mps:.2f} m/s"
    )


def row_of(name: str, runs: Sequence[Run], *, target_s: float | None, note: str = "") -> Row:
    """Seconds until clean; a training that never was counts with the time at which it ended."""
    seconds = Sample(tuple(each.training_s for each in runs))
    passed = sum(each.is_passed for each in runs)
    steps = [each.env_steps for each in runs]
    unseen = [each.check.unseen_laps for each in runs if each.check]
    parts = [
        f"{passed} of {len(runs)} seeds passed",
        f"{number(min(seconds.values))}–{number(max(seconds.values))} s",
        f"median {statistics.median(steps):,.0f} env steps ({min(steps):,}–{max(steps):,})",
        f"unseen starts {sum(unseen)} of {UNSEEN * len(unseen)}" if unseen else "",
        note,
    ]
    return Row(
        name=name,
        value=seconds.median,
        unit="s",
        target=target_s,
        sense="<=",
        note="; ".join(part for part in parts if part),
        failures=len(runs) - passed,
    )


def lab_rows(plan: Plan, network: str) -> list[Row]:
    """The guide's first reward, whatever the speed."""
    each = job(
        PRESET_OF_NETWORK[network],
        builtin_reward("centre-line"),
        cap_s=plan.cap_s(),
        has_speed_goal=False,
    )
    name = f"centre-line reward, {network}: training until clean"
    return [row_of(name, plan.runs(each), target_s=LAB_TARGETS_S[network])]


@cache
def _quickstart_runs(plan: Plan, network: str, factor: float = 1.0) -> tuple[Run, ...]:
    """Trainings of `racecraft quickstart`, with the reward multiplied."""
    source = builtin_reward("progress")
    if factor != 1.0:
        source += (
            "\n\n_plain = reward_function\n\n\n"
            f"def reward_function(params):\n    return _plain(params) * {factor!r}\n"
        )
    each = job(PRESET_OF_NETWORK[network], source, cap_s=plan.cap_s(), has_speed_goal=True)
    return plan.runs(each)


def quickstart_rows(plan: Plan, network: str) -> list[Row]:
    """The reward of `racecraft quickstart`: clean, and at least 0.85 m/s."""
    name = f"progress reward, {network}: training until clean and fast"
    runs = _quickstart_runs(plan, network)
    return [row_of(name, runs, target_s=QUICKSTART_TARGETS_S[network])]


def guide_rows(plan: Plan) -> list[Row]:
    """The hyperparameters that a beginner starts from, untouched; one training, two times."""
    each = job(
        "default",
        builtin_reward("centre-line"),
        cap_s=plan.cap_s(GUIDE_CAP_S),
        has_speed_goal=False,
    )
    training = each.training.model_copy(update={"hyperparameters": PPOHyperparameters()})
    runs = plan.runs(Job(each.model, training, each.reward_source))
    first_s = Sample(tuple(r.first_s if r.first_s is not None else r.training_s for r in runs))
    passed = sum(each.is_first_passed for each in runs)
    name = "default hyperparameters, shallow, centre-line reward"
    first = Row(
        name=f"{name}: training until a checkpoint drives {LAPS} of {LAPS}",
        value=first_s.median,
        unit="s",
        target=FIRST_TARGET_S,
        sense="<=",
        note=f"{passed} of {len(runs)} seeds passed; {first_s}",
        failures=len(runs) - passed,
    )
    return [first, row_of(f"{name}: training until clean", runs, target_s=GUIDE_TARGET_S)]


def race_rows(plan: Plan, preset_name: str) -> list[Row]:
    """A preset with things on the road: clean laps, each with the things at other places."""
    chosen = preset(preset_name)
    each = job(
        preset_name,
        builtin_reward(chosen.reward),
        cap_s=plan.cap_s(RACE_TARGET_S),
        has_speed_goal=True,
    )
    race, track = chosen.training.race.summary, chosen.training.tracks[0]
    name = f"{race}, {track}, light: training until clean and fast"
    return [row_of(name, plan.runs(each), target_s=RACE_TARGET_S)]


def scale_rows(plan: Plan) -> list[Row]:
    """The same reward in other units must not matter."""
    plain = statistics.median(r.training_s for r in _quickstart_runs(plan, "light"))
    rows = []
    for factor in FACTORS:
        print(f"  reward x {factor:g}", flush=True)
        runs = _quickstart_runs(plan, "light", factor)
        ratio = statistics.median(r.training_s for r in runs) / plain if plain else 0.0
        name = f"progress reward x {factor:g}, light: training until clean and fast"
        row = row_of(name, runs, target_s=None, note=f"{ratio:.2f} times as long as x 1")
        rows.append(replace(row, peer="the same reward x 1", peer_value=plain))
    return rows


def continuous_rows(plan: Plan, algorithm: str, network: Network = Network.LIGHT) -> list[Row]:
    """Any angle and any speed from 0.5 to 2 m/s; the same goals as for lists of actions."""
    space = ContinuousActionSpace(speed=SpeedRange(low=0.5, high=2.0))
    model = ModelSpec(network=network, action_space=space)
    target_s = CONTINUOUS_TARGETS_S[algorithm]
    each = job(
        "first-laps",
        builtin_reward("centre-line"),
        cap_s=plan.cap_s(target_s),
        has_speed_goal=False,
    )
    training = each.training.model_copy(update={"hyperparameters": CONTINUOUS[algorithm]})
    runs = plan.runs(Job(model, training, each.reward_source))
    name = f"{algorithm}, continuous up to 2 m/s, {network.value.split('_')[-1].lower()}"
    speeds = [r.check.speed_mps for r in runs if r.check]
    note = f"mean lap speed {statistics.mean(speeds):.2f} m/s" if speeds else ""
    return [row_of(f"{name}: training until clean", runs, target_s=target_s, note=note)]


def track_rows(plan: Plan, reward: str, extra: Path | None) -> list[Row]:
    """Every track in both directions, one training each, with the first seed."""
    names = list(shipped_names())
    if extra is not None:
        names += [str(path) for path in sorted(extra.glob("*.npy"))]
    names = names[:1] if plan.is_quick else names
    runs = []
    for choice in [TrackChoice(name=n, is_reversed=r) for n in names for r in (False, True)]:
        each = job(
            "first-laps",
            builtin_reward(reward),
            cap_s=plan.cap_s(TRACK_TARGET_S),
            has_speed_goal=False,
            track=choice,
        )
        runs.append(run(each, plan.seeds[0]))
        print(f"  {Path(choice.name).stem}{' reversed' * choice.is_reversed}: ", end="")
        print(in_words(runs[-1]), flush=True)
    seconds = Sample(tuple(each.training_s for each in runs))
    passed = sum(each.is_passed for each in runs)
    median = statistics.median(seconds.values)
    return [
        Row(
            name=f"all tracks, both directions, light, {reward} reward: slowest until clean",
            value=max(seconds.values),
            unit="s",
            target=TRACK_TARGET_S,
            sense="<=",
            note=f"{passed} of {len(runs)} passed; {len(names)} tracks, seed {plan.seeds[0]}, "
            f"one training each; median {number(median)} s, "
            f"{number(min(seconds.values))}–{number(max(seconds.values))} s",
            failures=len(runs) - passed,
        )
    ]


def everywhere_rows(plan: Plan, extra: Path | None) -> list[Row]:
    """One model for all tracks, evaluated on tracks that it never saw."""
    drives = []
    for seed in plan.seeds:
        drives.append(drive_everywhere(seed, plan.cap_s(EVERYWHERE_CAP_S), extra, plan.threads))
        each = drives[-1]
        print(
            f"  seed {seed}: {number(each.training_s)} s, {each.env_steps:,} steps, "
            f"{each.clean_tracks} of {each.tracks} track directions clean, "
            f"{each.speed_mps:.2f} m/s {', '.join(each.missed)} {each.failure}",
            flush=True,
        )
    seconds = Sample(tuple(each.training_s for each in drives))
    share = Sample(tuple(each.share_percent for each in drives))
    more = f" and those in {extra.name}" if extra is not None else ""
    return [
        Row(
            name="one model for all tracks, light: clean on track directions that it never saw",
            value=share.median,
            unit="%",
            target=EVERYWHERE_TARGET_PERCENT,
            sense=">=",
            note=f"{number(min(share.values))}–{number(max(share.values))} % of "
            f"{drives[0].tracks} directions: {len(HELD_OUT)} shipped tracks{more}; trained "
            f"{seconds.median:.0f} s ({number(min(seconds.values))}–"
            f"{number(max(seconds.values))} s) on the other shipped tracks in both directions",
            failures=sum(each.share_percent < EVERYWHERE_TARGET_PERCENT for each in drives),
        )
    ]


def main() -> None:
    """Measure what was asked for."""
    parser = common_arguments("Measure how long cars take to learn.", NAMES)
    parser.add_argument("--seeds", type=int, default=5, help="trainings of each row")
    parser.add_argument("--first-seed", type=int, default=100, help="they count on from here")
    parser.add_argument("--threads", type=int, default=2, help="processor cores of a training")
    parser.add_argument("--tracks", action="store_true", help="all tracks too (some minutes)")
    parser.add_argument("--extra", type=Path, help="folder with more tracks (.npy)")
    parser.add_argument("--tracks-reward", default="progress", help="reward for --tracks")
    given = parser.parse_args()
    count = 1 if given.quick else given.seeds
    seeds = tuple(range(given.first_seed, given.first_seed + count))
    plan = Plan(seeds, is_quick=given.quick, threads=given.threads)
    benchmarks: dict[str, Callable[[], list[Row]]] = {
        "lab-shallow": partial(lab_rows, plan, "shallow"),
        "lab-light": partial(lab_rows, plan, "light"),
        "quickstart-shallow": partial(quickstart_rows, plan, "shallow"),
        "quickstart-light": partial(quickstart_rows, plan, "light"),
        "guide-defaults": partial(guide_rows, plan),
        "object-avoidance": partial(race_rows, plan, "boxes"),
        "head-to-head": partial(race_rows, plan, "bots"),
        "reward-scale": partial(scale_rows, plan),
        "everywhere": partial(everywhere_rows, plan, given.extra),
        "continuous-ppo": partial(continuous_rows, plan, "PPO"),
        "continuous-sac": partial(continuous_rows, plan, "SAC"),
        "continuous-sac-shallow": partial(continuous_rows, plan, "SAC", Network.SHALLOW),
        "curves-ppo": partial(curve_rows, "PPO", plan.seeds, CURVE_STEPS["PPO"]),
        "curves-sac": partial(curve_rows, "SAC", plan.seeds, CURVE_STEPS["SAC"]),
        "tracks": partial(track_rows, plan, given.tracks_reward, given.extra),
    }
    wanted = given.only or [name for name in NAMES if name not in LONG]
    if given.tracks and "tracks" not in wanted:
        # Alone, --tracks adds to the others; beside --only it adds to those.
        wanted.append("tracks")
    print("Warming up ...", flush=True)
    warm_up()
    measure_all([(name, benchmarks[name]) for name in wanted], results_file(given))


if __name__ == "__main__":
    main()
