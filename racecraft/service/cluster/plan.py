"""Which cluster jobs run on, and what each of them gets there."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from urllib.parse import urlsplit

from racecraft.domain.errors import InvalidInput

SCHEME = "ray"
USUAL_PORT = 6379
CLIENT_PORT = 10001
MOST_JOBS = 256
"""On a cluster at a time; every one gives a sign of life every two seconds."""


@dataclass(frozen=True)
class ClusterPlan:
    """A cluster, and what a job gets there."""

    address: str
    """Of Ray's head, as `HOST:PORT`; `auto` for the cluster that this machine is part of, `local`
    for one that is this machine alone and ends with the program."""
    cores: int
    memory_mb: int = 0
    """Kept free for a job; 0 if memory is not counted."""
    gpus: float = 0.0
    most: int = MOST_JOBS
    """Jobs at a time."""

    @property
    def end(self) -> tuple[str, int] | None:
        """Host and port of Ray's head, if they are known."""
        host, _, port = self.address.rpartition(":")
        return (host.strip("[]"), int(port)) if host else None

    @property
    def url(self) -> str:
        """As people write it."""
        return f"{SCHEME}://{self.address}"


def read_address(url: str) -> str:
    """The address of a cluster from `ray://HOST:PORT`, `ray://auto` or `ray://local`.

    Raises:
        InvalidInput: it is none, or Ray is not installed here.
    """
    parts = urlsplit(url)
    try:
        host, port = parts.hostname, parts.port
    except ValueError:  # a port that is no number
        host, port = None, None
    rest = parts.path.strip("/") or parts.query or parts.fragment or parts.username
    if parts.scheme != SCHEME or not host or rest:
        raise InvalidInput(
            f"--executor is {url!r}; write ray://HOST:PORT with the address of Ray's head, "
            "ray://auto for the cluster that this machine is part of, or ray://local to try it "
            "on this machine alone."
        )
    if find_spec("ray") is None:
        raise InvalidInput(
            "--executor needs Ray, which is not installed here. Install racecraft with its extra "
            "`cluster`, here and on every machine of the cluster."
        )
    if port == CLIENT_PORT:
        raise InvalidInput(
            f"--executor is {url!r}, and {CLIENT_PORT} is the port of Ray's client, which is not "
            f"used here. Give the one that `ray start --head` names, usually {USUAL_PORT}, and "
            "make this machine part of the cluster: "
            f"ray start --address {host}:{USUAL_PORT} --num-cpus 0"
        )
    if host in ("auto", "local") and port is None:
        return host
    shown = f"[{host}]" if ":" in host else host
    return f"{shown}:{port or USUAL_PORT}"
