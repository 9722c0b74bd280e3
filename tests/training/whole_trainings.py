"""Whole trainings, run to their end, and what they recorded."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from racecraft.domain.spec import ModelSpec, TrainingSpec
from racecraft.sandbox.builtin import builtin_reward
from racecraft.training.ppo import train
from racecraft.training.report import IterationReport

REWARD = builtin_reward("centre-line")
Small = Callable[..., TrainingSpec]
FileBytes = Callable[[Path], dict[str, bytes]]


def run(
    model: ModelSpec, training: TrainingSpec, folder: Path, *, reward: str = REWARD, **how: Any
) -> list[IterationReport]:
    return list(train(model, training, reward_source=reward, folder=folder, **how))


def records(folder: Path) -> dict[str, Any]:
    """All that was recorded but for the wall clock, which is a trace's last column."""
    traces = {
        path.name: [line.rsplit(",", 1)[0] for line in path.read_text().splitlines()]
        for path in (folder / "training-simtrace").iterdir()
    }
    metrics = json.loads((folder / "metrics" / "TrainingMetrics.json").read_text())
    return {"traces": traces, "metrics": metrics["metrics"]}
