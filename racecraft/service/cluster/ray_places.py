"""Room for jobs on a Ray cluster; the only module that imports ray.

As many actors are asked for as jobs wait, so Ray, and whoever makes its cluster larger, sees each
of them as demand. What waits in Ray is room for a job, not one of the jobs: whichever room is found
first gets the job whose turn it is, and until then the job is in the queue, where it is counted,
shown, and can be taken out.
"""

from __future__ import annotations

import logging
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import version
from typing import Any

import ray
from ray._common.usage import usage_lib

from racecraft.domain.errors import ServiceUnreachable
from racecraft.service.cluster.plan import ClusterPlan
from racecraft.service.cluster.seat import Seat
from racecraft.service.jobs.nodes import Held
from racecraft.service.processes import UNFIT, Ended, Place, Process, Rest

_STORE_BYTES = 80 << 20
"""Of shared memory for Ray's objects; nearly the least that it takes, and none of it is needed."""
_ANSWER_S = 5.0
"""How long Ray's head may take to answer."""
_PAUSE_S = 5.0
"""After a seat that could not be opened."""
_MB = 1_000_000


def connect(plan: ClusterPlan) -> None:
    """Become part of the cluster, or make one of this machine alone.

    Raises:
        ServiceUnreachable: there is none, or it does not take this program.
    """
    more: dict[str, Any] = {}
    if plan.address == "local":
        usage_lib.set_usage_stats_enabled_via_env_var(False)
        more = {"include_dashboard": False, "object_store_memory": _STORE_BYTES}
    try:
        if plan.end is not None:  # Ray itself would try for minutes
            socket.create_connection(plan.end, timeout=_ANSWER_S).close()
        ray.init(plan.address, log_to_driver=False, logging_level=logging.ERROR, **more)
    except (OSError, RuntimeError, ValueError) as error:
        reason = " ".join(str(error).split())[:500].rstrip(".")
        raise ServiceUnreachable(
            f"The Ray cluster at {plan.url} cannot be reached: {reason}. See that Ray runs "
            "there (ray start --head), that this machine is part of it (ray start --address "
            "HOST:PORT --num-cpus 0), and that Python and Ray have the same versions on both."
        ) from error


def disconnect() -> None:
    """Leave the cluster; actors of this program end."""
    ray.shutdown()


class RaySeat(Seat):
    """A seat that knows where it is."""

    def look_around(self) -> tuple[str, str]:
        """Which of the cluster's machines this is, and the version of racecraft here."""
        return ray.get_runtime_context().get_node_id(), self.open()


@dataclass(eq=False)
class _Asked:
    """A seat that was asked for."""

    actor: Any
    opened: Any
    """Its answer to `look_around`, to come."""
    machine: str = ""
    """The machine that it is on, once it has answered."""

    def close(self) -> None:
        _end_actor(self.actor)


@dataclass(frozen=True)
class Size:
    """What the whole cluster has."""

    jobs: int
    """That fit at once."""
    cores: int
    memory_mb: float


@dataclass
class RayPlaces:
    """Seats on a cluster, as many as jobs wait."""

    plan: ClusterPlan
    count_waiting: Callable[[], int]
    say: Callable[[str], None]
    _seats: list[_Asked] = field(default_factory=list)
    _rests: dict[str, Rest] = field(default_factory=dict)
    """Of machines that could not do a job."""
    _pause_until_s: float = float("-inf")
    _said: str = ""

    def free(self, busy: int) -> Place | None:
        """A seat for one more job; None if there is none now, however many are asked for."""
        wanted = max(min(self.count_waiting(), self.plan.most - busy), 0)
        for seat in list(self._seats):
            self._look(seat)
        for seat in self._seats[wanted:]:
            seat.close()
        del self._seats[wanted:]
        if time.monotonic() > self._pause_until_s:
            self._seats += [self._ask() for _ in range(wanted - len(self._seats))]
        found = next((seat for seat in self._seats if seat.machine), None)
        return None if found is None else _RayPlace(found, self._seats)

    def release(self) -> None:
        """Ask for none any more."""
        for seat in self._seats:
            seat.close()
        self._seats.clear()

    def learn(self, process: Process, ended: Ended) -> None:
        """Leave a machine out for a while that could not do a job."""
        assert isinstance(process, RayProcess)
        if ended.code is not None:
            self._rest(process.machine, ended)

    def is_alive(self, held: Held) -> bool:
        """No: actors end with the program that asked for them."""
        return False

    def size(self) -> Size:
        """What the cluster has at the moment."""
        there = [node["Resources"] for node in _nodes() if node["Alive"]]
        return Size(
            jobs=sum(_room(each, self._need()) for each in there),
            cores=int(sum(each.get("CPU", 0.0) for each in there)),
            memory_mb=sum(each.get("memory", 0.0) for each in there) / _MB,
        )

    def _need(self) -> dict[str, float]:
        """What a job is to get, as Ray counts it."""
        plan = self.plan
        wanted = {"CPU": plan.cores, "memory": plan.memory_mb * _MB, "GPU": plan.gpus}
        return {name: float(amount) for name, amount in wanted.items() if amount}

    def _ask(self) -> _Asked:
        away = [machine for machine, rest in self._rests.items() if rest.is_on]
        options: dict[str, Any] = {
            "num_cpus": self.plan.cores,
            "num_gpus": self.plan.gpus,
            "memory": self.plan.memory_mb * _MB or None,
            # One waits for the worker, the other passes on that it is to end.
            "max_concurrency": 2,
            "max_restarts": 0,  # the job goes back to the queue, and on wherever there is room
        }
        if away:
            options["label_selector"] = {"ray.io/node-id": f"!in({','.join(away)})"}
        actor: Any = _actor_class().options(**options).remote()
        return _Asked(actor, actor.look_around.remote())

    def _look(self, seat: _Asked) -> None:
        """See whether a seat has opened; forget one that cannot be used."""
        if seat.machine or not ray.wait([seat.opened], timeout=0)[0]:
            return
        try:
            machine, there = ray.get(seat.opened)
        except ray.exceptions.RayError as error:
            self._pause_until_s = time.monotonic() + _PAUSE_S
            self._refuse(seat, f"A seat on the cluster could not be opened: {_reason(error)}")
            return
        if there != version("racecraft"):
            self._rest(machine, Ended(UNFIT, ""))
            self._refuse(
                seat,
                f"A machine of the cluster has racecraft {there}, and the service is "
                f"{version('racecraft')}; install the same version there as here.",
            )
        elif self._rests.get(machine, Rest()).is_on:
            self._refuse(seat, "")
        else:
            seat.machine = machine

    def _refuse(self, seat: _Asked, why: str) -> None:
        seat.close()
        self._seats.remove(seat)
        if why and why != self._said:  # once, however often it is tried again
            self._said = why
            self.say(why)

    def _rest(self, machine: str, ended: Ended) -> None:
        self._rests.setdefault(machine, Rest()).learn(ended)


@dataclass(frozen=True)
class _RayPlace:
    """A seat that waits for a job."""

    seat: _Asked
    seats: list[_Asked]

    def start(self, order: dict[str, Any]) -> Process:
        self.seats.remove(self.seat)
        return RayProcess(self.seat.actor, self.seat.actor.run.remote(order), self.seat.machine)


class RayProcess:
    """A worker process on a machine of the cluster."""

    def __init__(self, actor: Any, done: Any, machine: str) -> None:
        """Know where it runs.

        Args:
            actor: its seat.
            done: how it ended, to come.
            machine: where the seat is.
        """
        self.machine = machine
        self._actor, self._done = actor, done
        self._ended: Ended | None = None

    def look(self) -> Ended | None:
        """How it ended; None if it still runs."""
        if self._ended is None and ray.wait([self._done], timeout=0)[0]:
            try:
                self._ended = Ended(*ray.get(self._done))
            except ray.exceptions.ActorUnavailableError:  # its words are about tasks
                self._ended = Ended(None, "")
            except ray.exceptions.RayError as error:
                self._ended = Ended(None, _reason(error))
        return self._ended

    def end(self) -> None:
        """Ask it to end."""
        self._actor.end.remote()

    def kill(self) -> Ended:
        """End it by force and give its seat back."""
        ended = self.look()
        _end_actor(self._actor)
        self._ended = ended or Ended(None, "")
        return self._ended


@cache
def _actor_class() -> Any:
    """Made once: the cluster is told of every one."""
    return ray.remote(RaySeat)


def _nodes() -> list[dict[str, Any]]:
    """The machines that the cluster has, or had."""
    found: list[dict[str, Any]] = ray.nodes()  # type: ignore[no-untyped-call]
    return found


def _end_actor(actor: Any) -> None:
    with suppress(ray.exceptions.RayError, ValueError):  # it may be gone already
        ray.kill(actor)


def _room(there: dict[str, float], need: dict[str, float]) -> int:
    """How many jobs fit on one machine."""
    return min(int(there.get(name, 0.0) / amount) for name, amount in need.items())


def _reason(error: Exception) -> str:
    """The line of Ray's message that says why: its last one."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[-1][:500] if lines else type(error).__name__
