"""Train the sample models anew: `python -m racecraft.service.samples.train`.

Everything is fixed, the seed too: on the same machine the networks come out the same. What a model
needs to be looked at, evaluated, cloned and downloaded is kept; what it would need to train on is
not.
"""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from racecraft.domain.spec import EvaluationSpec
from racecraft.service.clones import checkpoint_iteration
from racecraft.service.presets import preset
from racecraft.service.settings import Settings
from racecraft.service.summaries import checkpoint_iterations
from racecraft.service.training_files import TrainingFile
from racecraft.service.trainings import plan_training, start

HERE = Path(__file__).parent
SEED = 7
LAPS = 5
_LEFT_OUT = ("state", "replay", "training-simtrace", "*.mp4", "*.gif", "*.lock", "log*")


@dataclass(frozen=True)
class Sample:
    """One sample model."""

    name: str
    description: str
    track: str
    reward: str
    stop: dict[str, Any]


SAMPLES = (
    Sample(
        "Sample-Centre-Line",
        "Follows the centre line; the gentlest reward to begin with.",
        "pebble-oval",
        "centre-line",
        {"minutes": 3, "clean_laps": 5, "robust_laps": 10},
    ),
    Sample(
        "Sample-Stay-In-Lane",
        "Keeps to the left lane, and is paid for speed.",
        "harbour-loop",
        "stay-in-lane",
        {"minutes": 5, "clean_laps": 5, "robust_laps": 10, "min_mean_speed_mps": 0.85},
    ),
    Sample(
        "Sample-No-Zigzag",
        "Steering is charged for, so it drives straight lines straight.",
        "harbour-loop",
        "steady-steering",
        {"minutes": 5, "clean_laps": 5, "robust_laps": 10},
    ),
)


def main() -> None:
    """Train, evaluate and keep all of them."""
    for sample in SAMPLES:
        with tempfile.TemporaryDirectory() as home:
            folder = _train(Settings(home=Path(home), threads=1), sample)
            _keep(folder, HERE / sample.name)
        print(f"{sample.name} is kept in {HERE / sample.name}")


def _train(settings: Settings, sample: Sample) -> Path:
    from racecraft.service.worker import evaluate_model, train_model

    chosen = preset("first-laps")
    document = TrainingFile(
        model={
            **chosen.model.model_dump(mode="json"),
            "name": sample.name,
            "description": sample.description,
        },
        training={
            **chosen.training.model_dump(mode="json"),
            "tracks": [{"name": sample.track}],
            "stop": sample.stop,
            "seed": SEED,
            "threads": 1,
        },
        reward=sample.reward,
    )
    made = start(settings, plan_training(settings, document))
    trained = train_model(settings, made.name, on_report=lambda _: None)
    evaluation = EvaluationSpec.model_validate({"track": {"name": sample.track}, "trials": LAPS})
    driven = evaluate_model(settings, made.name, evaluation)
    clean = sum(trial.is_clean for trial in driven.trials)
    print(f"{sample.name}: {trained.stop_reason}; {clean} of {LAPS} laps are clean")
    return settings.models / made.name


def _keep(folder: Path, target: Path) -> None:
    """Copy what is needed of a model: of its checkpoints the best and the last."""
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(folder, target, ignore=shutil.ignore_patterns(*_LEFT_OUT))
    kept = {checkpoint_iteration(target, word) for word in ("best", "last")}
    for iteration in set(checkpoint_iterations(target)) - kept:
        shutil.rmtree(target / "checkpoints" / str(iteration))


if __name__ == "__main__":
    main()
