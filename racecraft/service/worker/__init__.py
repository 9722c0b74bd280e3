"""Trainings and evaluations: run one, and keep its records while it runs.

This is the one door from the records to learning. Learning, pictures and films are imported
inside the functions, so that a command that needs none of them starts at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from racecraft.service.worker.evaluation import (
    EvaluationOutcome,
    evaluate_folder,
    evaluate_model,
    evaluate_on,
)
from racecraft.service.worker.ranking import rank_model
from racecraft.service.worker.training import Listener, TrainingOutcome, train_model

if TYPE_CHECKING:
    from racecraft.training.report import IterationReport

__all__ = [
    "EvaluationOutcome",
    "IterationReport",
    "Listener",
    "TrainingOutcome",
    "evaluate_folder",
    "evaluate_model",
    "evaluate_on",
    "rank_model",
    "train_model",
]
