"""`racecraft up`: the service on this machine."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import typer

from racecraft.domain.errors import Conflict, InvalidInput
from racecraft.interfaces.cli.executors import EXECUTOR, JOB_GPUS, JOB_MEMORY, cluster_of
from racecraft.interfaces.cli.output import settings_now
from racecraft.interfaces.cli.place import stay_here

if TYPE_CHECKING:
    from racecraft.service.store import Store

DEFAULT_PORT = 8321


def up(
    hosted: bool = typer.Option(
        False, "--hosted", help="For several people: everybody signs in with an account."
    ),
    host: str | None = typer.Option(
        None, help="Address to listen at (default 127.0.0.1, with --hosted every one)."
    ),
    port: int = typer.Option(DEFAULT_PORT, min=1, max=65535, help="Port to listen at."),
    slots: int | None = typer.Option(
        None,
        min=0,
        max=256,
        help="Jobs that run here at once (default: one a set of --threads cores); 0 where other "
        "machines or a cluster run them (`racecraft worker`, --executor).",
    ),
    executor: str | None = EXECUTOR,
    service_url: str | None = typer.Option(
        None,
        help="Where the machines of the cluster reach this service (default: its own address).",
    ),
    job_memory_mb: int = JOB_MEMORY,
    job_gpus: float = JOB_GPUS,
    log_json: bool = typer.Option(False, "--log-json", help="Write the log as JSON lines."),
    verbose: bool = typer.Option(
        False, "--verbose", help="Write requests that only read into the log, too."
    ),
) -> None:
    """Serve the console and the API, and run the jobs that are asked for.

    Without --hosted it is for one person, needs no account and answers this machine alone.
    Ctrl-C ends it; jobs under way go on where they were when it is started again.
    """
    stay_here("up")
    from racecraft.interfaces.addresses import network_addresses
    from racecraft.interfaces.client.connection import checked_url
    from racecraft.interfaces.logs import begin_log
    from racecraft.interfaces.server import Plan, open_installation, serve
    from racecraft.service.locks import in_service

    begin_log(is_json=log_json, is_verbose=verbose)
    settings = settings_now()
    if host is not None and not hosted and host not in ("127.0.0.1", "localhost", "::1"):
        raise Conflict(
            f"Without accounts the service answers this machine alone, not {host}; add --hosted."
        )
    plan = Plan(
        is_hosted=hosted,
        host=host or ("0.0.0.0" if hosted else "127.0.0.1"),
        port=port,
        slots=slots,
        cluster=cluster_of(settings, executor, job_memory_mb, job_gpus),
        service_url=None if service_url is None else checked_url(service_url),
    )
    urls = [f"http://{address}:{port}" for address in network_addresses(plan.host)]
    is_on_network = hosted and plan.host not in ("127.0.0.1", "localhost", "::1")
    if plan.cluster and is_on_network and not (service_url or urls):
        raise InvalidInput(
            "Under which address the machines of the cluster reach this service cannot be known "
            f"here; give it: --service-url http://NAME-OR-ADDRESS:{port}"
        )
    # Held from before the records are looked at: they may just be restored or moved.
    with in_service(settings.home):
        here = open_installation(settings, plan)
        if hosted:
            _say_first_admin(here.store, [f"http://localhost:{port}", *urls])
        typer.echo(f"racecraft is up: open http://localhost:{port} in a browser  (Ctrl-C ends it)")
        if urls:
            typer.echo(f"On other machines, and for links and QR pictures: {' or '.join(urls)}")
        serve(here, plan)


def _say_first_admin(store: Store, urls: Sequence[str]) -> None:
    from racecraft.service.people.first_admin import invite_first_admin

    code = invite_first_admin(store)
    if code is not None:
        typer.echo(
            "Nobody is an admin here yet. Whoever registers with this code within a day is, once:\n"
            f"  {code}   ({' or '.join(f'{url}/register#{code}' for url in urls)})"
        )
