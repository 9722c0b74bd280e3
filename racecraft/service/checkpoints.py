"""The checkpoints of a model, and which of them is the best."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel

from racecraft.service.clones import checkpoint_iteration
from racecraft.service.files import size_of
from racecraft.service.summaries import checkpoint_iterations, read_progress


class CheckpointRow(BaseModel):
    """One checkpoint, with the figures of its iteration where the training told them."""

    iteration: int
    is_best: bool
    """It drove best in the evaluations of the training; `best` means this one."""
    is_last: bool
    size_bytes: int
    env_steps: int | None = None
    episodes: int | None = None
    training_s: float | None = None
    mean_reward: float | None = None
    mean_progress: float | None = None
    mean_evaluation_progress: float | None = None
    mean_lap_speed_mps: float | None = None
    clean_laps: int | None = None


def list_checkpoints(folder: Path) -> list[CheckpointRow]:
    """The checkpoints of a model, oldest first.

    Raises:
        StorageFailed: the reports of the training cannot be read.
    """
    iterations = checkpoint_iterations(folder)
    reports = {report["iteration"]: report for report in read_progress(folder)}
    best = checkpoint_iteration(folder, "best") if iterations else None
    figures = [name for name in CheckpointRow.model_fields if name not in _OWN]
    return [
        CheckpointRow(
            iteration=iteration,
            is_best=iteration == best,
            is_last=iteration == iterations[-1],
            size_bytes=size_of(folder / "checkpoints" / str(iteration)),
            **{name: reports.get(iteration, {}).get(name) for name in figures},
        )
        for iteration in iterations
    ]


_OWN = ("iteration", "is_best", "is_last", "size_bytes")
