"""The machines that run jobs: which there are, what they have, and the tokens of those elsewhere.

Every service is a node itself. Another machine becomes one with a token that an admin makes; the
token lets it take jobs, and nothing else.
"""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import psutil
from pydantic import BaseModel, ConfigDict, Field

from racecraft.domain.errors import Conflict, Forbidden, InvalidInput, NotFound, SignInNeeded
from racecraft.domain.job import JobStatus
from racecraft.service.access import Actor, Operation
from racecraft.service.files import is_written, read_text, write_once
from racecraft.service.jobs.job import Job
from racecraft.service.machine import memory_mb
from racecraft.service.people.codes import hashed, new_secret
from racecraft.service.store import Above, Below, Record, new_id

if TYPE_CHECKING:
    from racecraft.service.store import Store, Work

PREFIX = "worker"
SEEN_S = 30.0
"""A node that gave no sign of life for so long is not there."""
BEAT_S = 5.0
"""How often it gives one."""
FORGOTTEN_S = 86_400.0
MOST_TOKENS = 200
_MARK_FILE = ".home-mark"
_RUNNING = tuple(status for status in JobStatus if status.is_with_a_worker)


class NodeFacts(BaseModel):
    """What a node tells of itself."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(pattern=r"^[A-Za-z0-9._:-]{1,64}$", description="the same whenever it starts")
    slots: int = Field(ge=0, le=1024, description="jobs that it runs at once")
    racecraft: str = Field(max_length=40, description="version of its program")
    cores: int = Field(ge=0, le=100_000)
    memory_mb: float | None = Field(None, ge=0)
    memory_free_mb: float | None = Field(None, ge=0)
    disk_free_mb: float | None = Field(None, ge=0, description="where its jobs write")
    load: float | None = Field(None, ge=0, description="processes that want a core, on average")
    home: str = Field("", max_length=64, description="mark of the home folder, of services")


class Node(Record):
    """A machine that runs jobs."""

    TABLE: ClassVar[str] = "nodes"

    seen_at_s: float
    facts: NodeFacts
    token_name: str = ""
    """Of the token with which it came; nothing for a service."""
    token_id: str = ""
    """The id of that token: nobody with another one speaks for this machine."""

    def is_there(self, now_s: float) -> bool:
        """Whether it gave a sign of life a moment ago."""
        return now_s - self.seen_at_s < SEEN_S


class WorkerToken(Record):
    """What a machine shows to get jobs; the id is the hash of it."""

    TABLE: ClassVar[str] = "worker_tokens"

    name: str
    made_by: str


class Held(BaseModel):
    """A job that a node has, as far as the records know."""

    worker: str
    pid: int | None


def node_name(home: Path, mark: str = "") -> str:
    """The name of this machine as the node that works in a home folder.

    Args:
        home: the folder. Services that share one are on machines of different names.
        mark: of the folder, for machines that share none and may all be called the same.
    """
    machine = "".join(
        c if (c.isascii() and c.isalnum()) or c in ".-" else "-" for c in platform.node()
    )
    digest = hashlib.sha256((mark or str(home)).encode()).hexdigest()
    return f"{machine[:50] or 'machine'}-{digest[:6]}"


def facts_now(home: Path, slots: int, mark: str = "") -> NodeFacts:
    """What this machine is like at this moment; `home` and `mark` as for `node_name`."""
    there = next(folder for folder in (home, *home.parents) if folder.exists())
    return NodeFacts(
        id=node_name(home, mark),
        slots=slots,
        racecraft=version("racecraft"),
        cores=os.cpu_count() or 0,
        memory_mb=memory_mb(),
        memory_free_mb=psutil.virtual_memory().available / 1e6,
        disk_free_mb=shutil.disk_usage(there).free / 1e6,
        load=os.getloadavg()[0],
    )


def home_mark(home: Path) -> str:
    """What tells a home folder from others, also where several machines share it.

    Raises:
        StorageFailed: the folder cannot be written.
    """
    path = home / _MARK_FILE
    if not is_written(path):
        write_once(path, new_id().encode(), mode=0o644)
    return read_text(path).strip()


def greet(store: Store, facts: NodeFacts, *, token: WorkerToken | None = None) -> list[Held]:
    """A node's sign of life.

    Args:
        store: the records.
        facts: what it tells of itself.
        token: with which it came; None for a service.

    Returns:
        The jobs that it has.

    Raises:
        Conflict: its program is of another version than this one, so that the same training could
            come out differently there; or it is a service with another home folder than one that
            works on the same records.
        Forbidden: another machine has this id.
    """
    here = version("racecraft")
    if facts.racecraft != here:
        raise Conflict(
            f"This machine has racecraft {facts.racecraft}, and the service is {here}; install the "
            "same version here as there."
        )
    with store.work() as work:
        work.alone("nodes")
        work.remove(Node, seen_at_s=Below(store.now_s() - FORGOTTEN_S))
        _refuse_other_home(store, work, facts)
        known = work.first(Node, id=facts.id)
        if token and known:
            _refuse_other_token(work, known, token)
        now = Node(
            id=facts.id,
            version=known.version if known else 0,
            created_at_s=known.created_at_s if known else store.now_s(),
            seen_at_s=store.now_s(),
            facts=facts,
            token_name=token.name if token else "",
            token_id=token.id if token else "",
        )
        work.put(now) if known else work.add(now)
        found = work.find(Job, status=_RUNNING)
    return [Held(worker=j.worker, pid=j.worker_pid) for j in found if j.node == facts.id]


def _refuse_other_home(store: Store, work: Work, facts: NodeFacts) -> None:
    """Two services on the same records need the same files, or each undoes what the other does."""
    for node in nodes_there(work, store.now_s()):
        if facts.home and node.facts.home not in ("", facts.home):
            raise Conflict(
                f"Another service ({node.id}) works on these records with another home folder. "
                "Give both the same folder, shared between the machines, or end the other one."
            )


def refuse_other_machine(store: Store, token: WorkerToken, node_id: str) -> bool:
    """Stop here if a token is used to speak for a machine that came with another one.

    Returns:
        Whether the machine is known at all.

    Raises:
        Forbidden: it did, or is a service.
    """
    with store.look() as work:
        known = work.first(Node, id=node_id)
        if known:
            _refuse_other_token(work, known, token)
    return known is not None


def _refuse_other_token(work: Work, known: Node, token: WorkerToken) -> None:
    if not known.token_name:
        raise Forbidden(f"{known.id} is a service; no worker token speaks for it.")
    if known.token_id != token.id and work.first(WorkerToken, id=known.token_id):
        raise Forbidden(
            f"The machine {known.id} came with the worker token {known.token_name!r}; use that "
            "one, or let an admin revoke it first."
        )


def take_leave(store: Store, node_id: str) -> None:
    """A node ends; it counts no more."""
    with store.work() as work:
        work.remove(Node, id=node_id)


def nodes_there(work: Work, now_s: float) -> list[Node]:
    """The nodes that gave a sign of life a moment ago."""
    return work.find(Node, order="id", seen_at_s=Above(now_s - SEEN_S))


def slots_there(work: Work, now_s: float, least: int) -> int:
    """How many jobs run at once on all machines together.

    Args:
        work: the transaction.
        now_s: seconds since 1970.
        least: of the service that asks, which may not have told yet.
    """
    return max(sum(node.facts.slots for node in nodes_there(work, now_s)), least, 1)


def list_nodes(store: Store, actor: Actor) -> list[Node]:
    """All machines that gave a sign of life within a day, for admins.

    Raises:
        Forbidden: the actor is no admin.
    """
    actor.demand(Operation.VIEW_USAGE)
    with store.look() as work:
        return work.find(Node, order="id")


def make_worker_token(store: Store, actor: Actor, name: str) -> tuple[WorkerToken, str]:
    """Make a token for machines that are to take jobs.

    Returns:
        The record, and the secret, which is shown this once.

    Raises:
        Forbidden: the actor is no admin.
        InvalidInput: the name does not fit, or there are too many.
    """
    actor.demand(Operation.MANAGE_WORKERS)
    if not 1 <= len(name.strip()) <= 64:
        raise InvalidInput(f"The name of the token is {name!r}; use 1 to 64 characters.")
    secret = new_secret(PREFIX)
    with store.work() as work:
        if work.count(WorkerToken) >= MOST_TOKENS:
            raise InvalidInput(f"There are {MOST_TOKENS} tokens; revoke one that is not needed.")
        made = work.add(
            WorkerToken(
                id=hashed(secret),
                created_at_s=store.now_s(),
                name=name.strip(),
                made_by=actor.person_id,
            )
        )
    return made, secret


def list_worker_tokens(store: Store, actor: Actor) -> list[WorkerToken]:
    """The tokens of machines, newest first.

    Raises:
        Forbidden: the actor is no admin.
    """
    actor.demand(Operation.MANAGE_WORKERS)
    with store.look() as work:
        return work.find(WorkerToken, order="-created_at_s")


def revoke_worker_token(store: Store, actor: Actor, token_id: str) -> None:
    """Give no more jobs to whoever shows a token; those that they have they may end.

    Raises:
        Forbidden: the actor is no admin.
        NotFound: there is no such token.
    """
    actor.demand(Operation.MANAGE_WORKERS)
    with store.work() as work:
        if not work.remove(WorkerToken, id=token_id):
            raise NotFound(f"There is no worker token {token_id!r}; it may be revoked already.")


def token_of_worker(store: Store, secret: str) -> WorkerToken:
    """The token that a machine shows.

    Raises:
        SignInNeeded: it is not known, or was revoked.
    """
    with store.look() as work:
        token = work.first(WorkerToken, id=hashed(secret))
    if token is None:
        raise SignInNeeded("This worker token is not known here; ask an admin for a new one.")
    return token
