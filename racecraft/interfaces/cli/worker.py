"""`racecraft worker`: this machine runs jobs of a service elsewhere."""

from __future__ import annotations

import signal
import threading
from typing import Any

import typer

from racecraft.domain.errors import InvalidInput
from racecraft.interfaces.cli.output import settings_now
from racecraft.interfaces.cli.place import server_now, token_of_line


def worker(
    slots: int | None = typer.Option(
        None, min=1, max=256, help="Jobs that run at once (default: one a set of --threads cores)."
    ),
    log_json: bool = typer.Option(False, "--log-json", help="Write the log as JSON lines."),
    verbose: bool = typer.Option(False, "--verbose", help="Write more into the log."),
) -> None:
    """Run trainings, evaluations and drives for races of a service on another machine.

    Give the service with --server (RACECRAFT_SERVER) and, with --token (RACECRAFT_TOKEN), a token
    that an admin made there with `racecraft workers token`. Ctrl-C ends it; jobs under way go on
    elsewhere from what they saved last.
    """
    from racecraft.interfaces.client.connection import checked_url
    from racecraft.interfaces.logs import begin_log
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
    ends = threading.Event()

    def end(*_: Any) -> None:
        ends.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, end)
    line = Line(f"{checked_url(url)}/api", token)
    run_node(
        settings,
        line,
        slots or default_slots(settings),
        ends,
        say=lambda words: typer.echo(words, err=True),
    )
