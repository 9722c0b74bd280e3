"""The program that runs a service's jobs on a cluster.

`python -m racecraft.service.cluster.driver` is started by the service, and reads from standard
input where that is and which cluster; when that input ends the service is gone, and no more jobs
are taken, but those that are under way go on as long as their workers want.
`racecraft worker --executor` does the same without a service beside it.
"""

from __future__ import annotations

import json
import logging
import os
import platform
import secrets
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import structlog

from racecraft.domain.errors import Conflict, RacecraftError, ServiceUnreachable
from racecraft.service.cluster.plan import ClusterPlan
from racecraft.service.crew import Crew
from racecraft.service.jobs.nodes import Held, NodeFacts
from racecraft.service.remote import Line
from racecraft.service.remote_node import claim_far, take_jobs

if TYPE_CHECKING:
    from racecraft.service.cluster.ray_places import Size


@dataclass
class _Service:
    """Jobs for a cluster, from a service elsewhere."""

    line: Line
    node: str
    is_left: threading.Event
    """The service that started this is gone."""
    most: int
    """Jobs at a time."""
    size: Callable[[], Size]
    say: Callable[[str], None]
    _has_room: bool = True

    def greet(self) -> Sequence[Held]:
        self._refuse_if_left()
        size = self.size()
        if self._has_room and not size.jobs:
            self.say(
                "No machine of the cluster has the cores, memory and GPUs that a job is to get; "
                "jobs wait until one has."
            )
        self._has_room = bool(size.jobs)
        facts = NodeFacts(
            id=self.node,
            slots=min(size.jobs, self.most),
            racecraft=version("racecraft"),
            cores=size.cores,
            memory_mb=size.memory_mb,
        )
        answer = self.line.ask("worker/node", facts.model_dump())
        return [Held.model_validate(row) for row in answer["held"]]

    def count_waiting(self) -> int:
        self._refuse_if_left()
        return int(self.line.ask("worker/waiting", {"node": self.node})["waiting"])

    def claim(self, worker: str) -> dict[str, Any] | None:
        # Ray has found room for it, so there is some.
        return claim_far(self.line, self.node, self.most, worker)

    def lose(self, worker: str, message: str) -> None:
        facts = {"node": self.node, "worker": worker, "message": message}
        try:
            self.line.ask("worker/lost", facts)
        except ServiceUnreachable:
            if not self.is_left.is_set():
                raise

    def is_gone(self, worker: str) -> None:
        pass  # its seat has cleaned up

    def sweep(self, alive: set[str]) -> None:
        pass

    def leave(self) -> None:
        with suppress(RacecraftError):  # the service notices
            self.line.ask("worker/leave", {"node": self.node})

    def _refuse_if_left(self) -> None:
        if self.is_left.is_set():
            raise Conflict("The service that started this is gone.")


def new_node() -> str:
    """A name for the cluster in the records; jobs of a program that is gone are not this one's."""
    machine = "".join(c if c.isalnum() and c.isascii() else "-" for c in platform.node())
    return f"ray-{machine[:40]}-{secrets.token_hex(3)}"


def drive(
    plan: ClusterPlan,
    line: Line,
    node: str,
    ends: threading.Event,
    *,
    is_left: threading.Event,
    say: Callable[[str], None],
) -> None:
    """Take jobs from a service and run them on the cluster, until told to end.

    Args:
        plan: which cluster, and what a job gets.
        line: the API of the service, with the token.
        node: from `new_node`.
        ends: set when it is to end; SIGTERM and Ctrl-C set it, too.
        is_left: set when the service that started this is gone.
        say: tells people what goes on.

    Raises:
        ServiceUnreachable: the cluster cannot be reached.
        SignInNeeded, Conflict, InvalidInput: as `run_node`.
    """
    from racecraft.service.cluster.ray_places import RayPlaces, connect, disconnect

    connect(plan)
    for number in (signal.SIGINT, signal.SIGTERM):  # Ray has taken them for itself
        signal.signal(number, lambda *_: ends.set())
    try:
        places = RayPlaces(plan, lambda: source.count_waiting(), say)
        source = _Service(line, node, is_left, plan.most, places.size, say)
        begun = f"Jobs of {line.url} run on the Ray cluster at {plan.url}."
        take_jobs(Crew(source, node, places), source, ends, say=say, say_begun=begun)
    finally:
        disconnect()


def main() -> int:
    """Do what standard input says; gives the exit code."""
    order = json.loads(sys.stdin.readline())
    # The service tells of each job itself.
    quiet = structlog.make_filtering_bound_logger(logging.WARNING)
    structlog.configure(wrapper_class=quiet)
    is_left = threading.Event()
    threading.Thread(target=_hear_end, args=(is_left,), daemon=True).start()
    try:
        drive(
            ClusterPlan(**order["plan"]),
            Line(order["url"], order["token"]),
            order["node"],
            threading.Event(),
            is_left=is_left,
            say=_say,
        )
    except RacecraftError as error:
        _say(str(error))
        return 1
    return 0


def _hear_end(is_left: threading.Event) -> None:
    # Not sys.stdin: at the end of the process its lock would be waited for.
    while os.read(sys.stdin.fileno(), 1):
        pass
    is_left.set()


def _say(words: str) -> None:
    with suppress(OSError):  # nobody may be there any more to read it
        print(words, flush=True)


if __name__ == "__main__":
    sys.exit(main())
