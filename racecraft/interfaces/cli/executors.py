"""Flags of the commands that run jobs on a cluster."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from racecraft.service.cluster.plan import ClusterPlan
    from racecraft.service.settings import Settings

EXECUTOR = typer.Option(
    None,
    "--executor",
    metavar="ray://HOST:PORT",
    help="Run the jobs on the Ray cluster whose head is there; ray://auto for the one that this "
    "machine is part of, ray://local to try it here. Each job gets --threads cores.",
)
JOB_MEMORY = typer.Option(
    0, "--job-memory-mb", min=0, help="Memory that the cluster keeps free for a job."
)
JOB_GPUS = typer.Option(
    0.0, "--job-gpus", min=0.0, max=16.0, help="GPUs that the cluster gives a job; may be a part."
)


def cluster_of(
    settings: Settings, executor: str | None, memory_mb: int, gpus: float
) -> ClusterPlan | None:
    """The cluster that the flags name; None for this machine.

    Raises:
        InvalidInput: the address is none, or Ray is not installed.
    """
    if executor is None:
        return None
    from racecraft.service.cluster.plan import ClusterPlan, read_address

    return ClusterPlan(read_address(executor), settings.threads, memory_mb, gpus)
