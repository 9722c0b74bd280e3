"""The files that other tools read: the community's layout of a model folder.

    model/model_metadata.json            actions, sensors, network    documents.py
    model/deepracer_checkpoints.json     best and last checkpoint     documents.py
    ip/hyperparameters.json              in the console's spellings   documents.py
    training-simtrace/<n>-iteration.csv  steps of complete episodes   traces.py
    metrics/TrainingMetrics.json         episodes and trials          metrics.py
    evaluation-<stamp>/…, metrics/evaluation/…   one evaluation       evaluations.py

Folders of this layout load in log tools for the original (`deepracer-utils` and what builds
on it) as a training with a single worker. Every file is replaced as a whole, so a reader
never meets a half-written one.
"""

from racecraft.training.artifacts.documents import (
    CheckpointEntry,
    write_checkpoint_index,
    write_hyperparameters,
    write_metadata,
)
from racecraft.training.artifacts.evaluations import write_evaluation
from racecraft.training.artifacts.metrics import TrainingMetrics
from racecraft.training.artifacts.traces import (
    assign_episode_numbers,
    episode_slots,
    forget_traces_from,
    write_iteration_trace,
)

__all__ = [
    "CheckpointEntry",
    "TrainingMetrics",
    "assign_episode_numbers",
    "episode_slots",
    "forget_traces_from",
    "write_checkpoint_index",
    "write_evaluation",
    "write_hyperparameters",
    "write_iteration_trace",
    "write_metadata",
]
