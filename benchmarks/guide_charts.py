"""The guide's four charts: progress of training episodes for speeds and hyperparameters.

Run it with `python -m benchmarks.guide_charts`; it takes some minutes, prints a table and draws a
picture. The guide trained each for two or three hours
and shows the progress of every episode (dots) and its mean (line).
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from racecraft.domain.action_space import action_grid
from racecraft.domain.hyperparameters import PPOHyperparameters
from racecraft.domain.spec import ModelSpec, Network, StopCondition, TrackChoice, TrainingSpec
from racecraft.sandbox.builtin import builtin_reward
from racecraft.training.algorithms import train

PICTURE = Path("guide-charts.svg")
TRACK = "pebble-oval"
STEPS = 100_000
LAST_SHARE = 0.2
"""The outcome is the mean progress over this last share of the episodes."""
SEEDS = (100, 101, 102)


@dataclass(frozen=True)
class Chart:
    """One training of the guide, and where its line ended there."""

    speed_mps: float
    learning_rate: float
    epochs: int
    batch: int
    guide_percent: float

    @property
    def title(self) -> str:
        """What is different from chart to chart."""
        return (
            f"{self.speed_mps:g} m/s, learning rate {self.learning_rate:g}, "
            f"{self.epochs} epochs, batch {self.batch}"
        )


CHARTS = (
    Chart(1.0, 0.0003, 10, 64, 65.0),
    Chart(2.5, 0.0003, 10, 64, 22.0),
    Chart(2.5, 0.005, 10, 64, 9.0),
    Chart(2.5, 0.001, 5, 32, 80.0),
)
"""In the order of the guide; percentages are read off its lines."""


def progress_of(chart: Chart, seed: int, steps: int, threads: int = 2) -> list[float]:
    """Final progress (percent) of the training episodes, in their order."""
    # The guide's chart goes beyond the range that forms and files allow, so nothing checks it.
    hyper = PPOHyperparameters().model_copy(
        update={
            "learning_rate": chart.learning_rate,
            "num_epochs": chart.epochs,
            "batch_size": chart.batch,
            # As the original trained: all cars drive laps from the middle of the road, and learn
            # from every step.
            "practice_share": 0.0,
            "start_jitter": 0.0,
            "update_share": 1.0,
        }
    )
    model = ModelSpec(
        network=Network.LIGHT, action_space=action_grid(max_speed_mps=chart.speed_mps)
    )
    training = TrainingSpec(
        tracks=(TrackChoice(name=TRACK),),
        stop=StopCondition(env_steps=steps),
        seed=seed,
        evaluation_trials=1,
        evaluation_share=0.0,
        threads=threads,
    ).model_copy(update={"hyperparameters": hyper})
    found: list[float] = []
    with tempfile.TemporaryDirectory() as name:
        reward = builtin_reward("centre-line")
        for report in train(model, training, reward_source=reward, folder=Path(name)):
            found.extend(report.episode_progress)
    return found


def outcome(progress: Sequence[float]) -> float:
    """Mean progress (percent) of the last episodes."""
    return float(np.mean(progress[-max(int(len(progress) * LAST_SHARE), 1) :]))


def draw(runs: Sequence[Sequence[float]], path: Path) -> None:
    """Write the four charts of one seed."""
    import matplotlib as mpl
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    with mpl.rc_context({"svg.hashsalt": "racecraft", "svg.fonttype": "none", "font.size": 9}):
        figure = Figure(figsize=(9.0, 6.0), layout="constrained", facecolor="white")
        FigureCanvasSVG(figure)
        for axes, chart, progress in zip(figure.subplots(2, 2).flat, CHARTS, runs, strict=True):
            size = max(len(progress) // 40, 1)
            groups = [progress[k : k + size] for k in range(0, len(progress), size)]
            shown = np.unique(np.linspace(0, len(progress) - 1, 600).astype(int))
            axes.plot(shown, np.array(progress)[shown], ".", color="#b58ad6", markersize=2)
            middles = [size * k + size / 2 for k in range(len(groups))]
            axes.plot(middles, [np.mean(g) for g in groups], color="#6a1b9a", linewidth=1.5)
            axes.set(title=chart.title, xlabel="episode", ylabel="progress (%)", ylim=(0, 102))
            axes.grid(visible=True, alpha=0.25)
        figure.savefig(path, metadata={"Date": None})


def main() -> None:
    """Train all four with some seeds, print the table and draw the first seed."""
    parser = argparse.ArgumentParser(description="The guide's four charts.")
    parser.add_argument("--steps", type=int, default=STEPS, help="environment steps of each")
    parser.add_argument("--seeds", type=int, nargs="+", default=SEEDS)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--picture", type=Path, default=PICTURE, help="where to draw")
    given = parser.parse_args()
    print("| training | guide | here, median of seeds | seeds | episodes |")
    print("| --- | --- | --- | --- | --- |")
    first = []
    for chart in CHARTS:
        runs = [progress_of(chart, seed, given.steps, given.threads) for seed in given.seeds]
        first.append(runs[0])
        ends = [outcome(run) for run in runs]
        told = ", ".join(f"{end:.0f}" for end in ends)
        print(
            f"| {chart.title} | {chart.guide_percent:.0f} % | {statistics.median(ends):.0f} % | "
            f"{told} | {statistics.median(map(len, runs)):.0f} |",
            flush=True,
        )
    draw(first, given.picture)


if __name__ == "__main__":
    main()
