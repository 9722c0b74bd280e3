"""`racecraft worker`: this machine runs jobs of a service elsewhere."""

from __future__ import annotations

import signal
import threading
from dataclasses import replace

import typer

from racecraft.domain.errors import InvalidInput
from racecraft.interfaces.cli.executors import EXECUTOR, JOB_GPUS, JOB_MEMORY, cluster_of
from racecraft.interfaces.cli.output import settings_now
from racecraft.interfaces.cli.place import server_now, token_of_line


def worker(
    slots: int | None = typer.Option(
        None,
        min=1,
        max=256,
        help="Jobs that run at once (default: one a set of --threads cores; on a cluster as many "
        "as it has room for).",
    ),
    executor: str | None = EXECUTOR,
    job_memory_mb: int = JOB_MEMORY,
    job_gpus: float = JOB_GPUS,
    log_json: bool = typer.Option(False, "--log-json", help="Write the log as JSON lines."),
    verbose: bool = typer.Option(False, "--verbose", help="Write more into the log."),
) -> None:
    """Run trainings, evaluations and drives for races of a service on another machine.

    Give the service with --server (RACECRAFT_SERVER) and, with --token (RACECRAFT_TOKEN), a token
    that an admin made there with `racecraft workers token`. Ctrl-C ends it; jobs under way go on
    elsewhere from what they saved last. With --executor they run on a whole cluster.
    """
    from racecraft.interfaces.client.connection import checked_url
    from racecraft.interfaces.logs import begin_log
    from racecraft.service.cluster.driver import drive, new_node
    from racecraft.service.executor import default_slots
    from racecraft.service.remote import Line
    from racecraft.service.remote_node import run_node

    settings, token = settings_now(), token_of_line()
    url = server_now(settings)
    if url is None or token is None:
        raise InvalidInput(
            "A worker needs the address of a service and a worker token: give --server and "
            "--token, or set RACECRAFT_SERVER and RACECRAFT_TOKEN."
        )
    begin_log(is_json=log_json, is_verbose=verbose)
    ends, line = threading.Event(), Line(f"{checked_url(url)}/api", token)
    cluster = cluster_of(settings, executor, job_memory_mb, job_gpus)
    if cluster is not None:
        cluster = replace(cluster, most=slots or cluster.most)
        drive(cluster, line, new_node(), ends, is_left=threading.Event(), say=_say)
        return
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ends.set())
    run_node(settings, line, slots or default_slots(settings), ends, say=_say)


def _say(words: str) -> None:
    typer.echo(words, err=True)
