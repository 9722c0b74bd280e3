"""What is read on the page of a model, in words: states, durations, choices."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from racecraft.domain.hyperparameters import PPOHyperparameters, SACHyperparameters
from racecraft.domain.job import JobStatus

if TYPE_CHECKING:
    from racecraft.domain.spec import StopCondition
    from racecraft.service.evaluations import EvaluationRow, TrialRow
    from racecraft.service.jobs.job import Job

STATUS_KINDS = {"READY": "good", "ERROR": "bad", "DELETED": "", "CREATED": ""}
JOB_WORDS = {
    JobStatus.QUEUED: ("Queued", "busy"),
    JobStatus.INITIALIZING: ("Starting", "busy"),
    JobStatus.IN_PROGRESS: ("In progress", "busy"),
    JobStatus.STOPPING: ("Stopping", "busy"),
    JobStatus.COMPLETED: ("Completed", "good"),
    JobStatus.FAILED: ("Failed", "bad"),
    JobStatus.CANCELED: ("Stopped", ""),
}
LABELS = {
    "batch_size": "Gradient descent batch size",
    "num_epochs": "Number of epochs",
    "learning_rate": "Learning rate",
    "ent_coef": "Entropy",
    "gamma": "Discount factor",
    "loss_type": "Loss type",
    "num_episodes_between_training": "Episodes between policy updates",
    "sac_alpha": "SAC alpha",
}
"""Names of hyperparameters as the guide has them; the others are called as their field."""


def plain(value: str) -> str:
    """`OFF_TRACK` as "Off track"."""
    return value.replace("_", " ").strip().capitalize()


def duration(time_s: float) -> str:
    """Hours, minutes and seconds: 00:05:12."""
    seconds = max(round(time_s), 0)
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


def about(time_s: float) -> str:
    """A duration as one says it: "about 3 minutes"."""
    if time_s < 60:
        return "less than a minute"
    minutes = math.ceil(time_s / 60)
    if minutes < 90:
        return "about 1 minute" if minutes == 1 else f"about {minutes} minutes"
    return f"about {minutes / 60:.0f} hours"


def stop_words(stop: StopCondition) -> str:
    """When a training ends, in a few words."""
    parts = []
    if stop.minutes is not None:
        parts.append(f"after {stop.minutes:g} minutes")
    if stop.env_steps is not None:
        parts.append(f"after {stop.env_steps:,} steps")
    if stop.clean_laps is not None:
        laps = "1 clean lap" if stop.clean_laps == 1 else f"{stop.clean_laps} clean laps in a row"
        parts.append(f"at {laps}")
    return ", or ".join(parts)


def job_words(job: Job | None, *, has_learnt: bool) -> tuple[str, str]:
    """State of a training or evaluation, and its kind for a badge."""
    if job is None:
        return ("Completed", "good") if has_learnt else ("Not started", "")
    return JOB_WORDS[job.status]


def verb(job: Job) -> str:
    """What a job is, as a noun."""
    return job.kind.value.lower()


def trial_kind(trial: TrialRow) -> str:
    """Kind of the badge of a lap."""
    return "good" if trial.is_lap else "bad"


def evaluation_sum(row: EvaluationRow) -> tuple[float | None, float | None]:
    """Best and mean time of the complete laps, seconds; None without one."""
    laps = [trial.time_ms / 1000 for trial in row.trials if trial.is_lap]
    return (min(laps), sum(laps) / len(laps)) if laps else (None, None)


def hyperparameter_rows(
    hyper: PPOHyperparameters | SACHyperparameters,
) -> list[tuple[str, str, str]]:
    """(name, value, help) of every hyperparameter, the guide's first."""
    rows = []
    for name, field in type(hyper).model_fields.items():
        if name == "algorithm":
            continue
        label = LABELS.get(name, plain(name))
        rows.append((label, value_words(getattr(hyper, name)), field.description or ""))
    return rows


def value_words(value: object) -> str:
    """A setting as people write it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, tuple):
        return " to ".join(value_words(part) for part in value)
    return plain(value) if isinstance(value, str) and value.isupper() else str(value)
