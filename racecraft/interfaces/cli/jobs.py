"""`racecraft jobs`: what a service has been asked to do."""

from __future__ import annotations

from typing import Any

import typer

from racecraft.domain.job import JobStatus
from racecraft.domain.spec import StopCondition
from racecraft.interfaces.cli.completion import model_names
from racecraft.interfaces.cli.flags import FlagGroup, with_flags
from racecraft.interfaces.cli.output import JSON_FLAG, clock_text, say_json, say_table, time_text
from racecraft.interfaces.cli.place import desk_now
from racecraft.service.jobs.job import Job

app = typer.Typer(help="List, stop and resume jobs of a service.", no_args_is_help=True)
_STOP = FlagGroup(
    "stop",
    StopCondition,
    "Stop: the first one met (as before when none is given)",
    {
        "minutes": "--minutes",
        "env_steps": "--steps",
        "clean_laps": "--clean-laps",
        "robust_laps": "--robust-laps",
        "min_mean_speed_mps": "--min-mean-speed",
    },
)


@app.command("list")
def list_jobs(
    active: bool = typer.Option(False, "--active", help="Only those that are not over."),
    is_json: bool = JSON_FLAG,
) -> None:
    """List your jobs, newest first."""
    found = desk_now().records.jobs(is_active=active)
    if is_json:
        say_json({"jobs": [_facts(job) for job in found]})
        return
    if not found:
        typer.echo("There are no jobs.")
        return
    say_table(
        ("Job", "Model", "Kind", "Status", "Asked for", "Computed", "Message"),
        [
            (
                job.id,
                job.model_name,
                job.kind.value.lower(),
                job.status.value,
                time_text(job.created_at_s),
                clock_text(job.compute_s + job.attempt_s),
                job.message,
            )
            for job in found
        ],
    )


@app.command()
def stop(
    job_id: str = typer.Argument(help="Id of the job, as `racecraft jobs list` shows it."),
    is_json: bool = JSON_FLAG,
) -> None:
    """Take a job out of the queue, or let it end after what it is doing; what was learnt stays."""
    job = desk_now().records.stop_job(job_id)
    sentence = (
        f"The job of {job.model_name} was taken out of the queue."
        if job.status is JobStatus.CANCELED
        else f"The job of {job.model_name} ends after the iteration that it is doing."
    )
    _say(job, sentence, is_json=is_json)


@app.command()
@with_flags(_STOP)
def resume(
    stop: dict[str, Any],
    name: str = typer.Argument(help="Name of the model.", autocompletion=model_names),
    is_json: bool = JSON_FLAG,
) -> None:
    """Put the training of a model into the queue again, without waiting for it.

    `racecraft train --resume` does the same and shows how it goes.
    """
    job = desk_now().records.resume(name, stop)
    _say(job, f"The training of {name} is in the queue: job {job.id}.", is_json=is_json)


def _say(job: Job, sentence: str, *, is_json: bool) -> None:
    if is_json:
        say_json(_facts(job))
    else:
        typer.echo(sentence)


def _facts(job: Job) -> dict[str, Any]:
    return {
        "job": job.id,
        "model": job.model_name,
        "kind": job.kind.value,
        "status": job.status.value,
        "created_at": time_text(job.created_at_s),
        "compute_s": round(job.compute_s + job.attempt_s, 1),
        "message": job.message,
        "report": job.report,
    }
