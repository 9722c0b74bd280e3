"""The machines that run jobs: who may be one, which there are, and what they ask for."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field

from racecraft.interfaces.rest.shared import Done, Page
from racecraft.interfaces.rest.who import Asker, Here, Token
from racecraft.service.executor import lose_and_tell, tell_begun
from racecraft.service.jobs import nodes
from racecraft.service.jobs.leases import claim_next
from racecraft.service.jobs.nodes import Node, NodeFacts, WorkerToken
from racecraft.service.jobs.queue import count_waiting

router = APIRouter(tags=["workers"])


class _Wish(BaseModel):
    model_config = ConfigDict(extra="forbid")


class NewWorkerToken(_Wish):
    """A token for machines."""

    name: str = Field(max_length=200, description="to know it by, such as the machine's name")


class NodeView(BaseModel):
    """A machine that runs jobs, and whether it gave a sign of life a moment ago."""

    node: Node
    is_there: bool


class MadeWorkerToken(BaseModel):
    """A token, and what the machine shows; it is told this once."""

    token: WorkerToken
    secret: str


class NodeName(_Wish):
    """Which machine asks."""

    node: str = Field(max_length=64)


class Claiming(NodeName):
    """A machine asks for a job for a worker."""

    slots: int = Field(ge=1, le=1024)
    worker: str = Field(max_length=200)


class Losing(NodeName):
    """A worker of a machine is gone."""

    worker: str = Field(max_length=200)
    message: str = Field(max_length=4000)


class HeldJobs(BaseModel):
    """The jobs that a machine has."""

    held: list[nodes.Held]
    requires_isolation: bool
    """Whether reward functions must be locked in."""


class Claimed(BaseModel):
    """A job for a worker, if there is one."""

    job: str | None = None
    token: str = ""
    requires_isolation: bool = False
    has_store: bool = False
    """The service has an artifact store."""


class Waiting(BaseModel):
    """What there is to do."""

    waiting: int
    """Jobs that wait and that any machine may do."""


def _known(token: Token, here: Here) -> WorkerToken:
    return nodes.token_of_worker(here.store, token)


Known = Annotated[WorkerToken, Depends(_known)]


@router.get("/nodes")
def list_all(actor: Asker, here: Here) -> Page[NodeView]:
    """Machines that run jobs, for admins."""
    found, now_s = nodes.list_nodes(here.store, actor), here.store.now_s()
    rows = [NodeView(node=node, is_there=node.is_there(now_s)) for node in found]
    return Page(items=rows, total=len(rows))


@router.get("/worker-tokens")
def list_tokens(actor: Asker, here: Here) -> Page[WorkerToken]:
    """Tokens of machines, for admins."""
    found = nodes.list_worker_tokens(here.store, actor)
    return Page(items=found, total=len(found))


@router.post("/worker-tokens", status_code=201)
def make_token(wish: NewWorkerToken, actor: Asker, here: Here) -> MadeWorkerToken:
    """Make a token with which machines get jobs."""
    token, secret = nodes.make_worker_token(here.store, actor, wish.name)
    return MadeWorkerToken(token=token, secret=secret)


@router.delete("/worker-tokens/{token_id}")
def revoke_token(token_id: str, actor: Asker, here: Here) -> Done:
    """Give no more jobs to whoever shows a token."""
    nodes.revoke_worker_token(here.store, actor, token_id)
    return Done()


@router.post("/worker/node", include_in_schema=False)
def greet(facts: NodeFacts, known: Known, here: Here) -> HeldJobs:
    """A machine's sign of life."""
    facts = facts.model_copy(update={"home": ""})  # only services share one
    held = nodes.greet(here.store, facts, token=known)
    return HeldJobs(held=held, requires_isolation=_requires_isolation(here))


@router.post("/worker/claim", include_in_schema=False)
def claim(word: Claiming, known: Known, here: Here) -> Claimed:
    """The next job for a worker."""
    nodes.refuse_other_machine(here.store, known, word.node)
    claim = claim_next(
        here.store, worker=word.worker, slots=word.slots, node=word.node, takes_heats=False
    )
    if claim is None:
        return Claimed()
    tell_begun(claim, here.meter)
    return Claimed(
        job=claim.job.id,
        token=claim.token,
        requires_isolation=_requires_isolation(here),
        has_store=here.settings.artifacts_url is not None,
    )


@router.post("/worker/waiting", include_in_schema=False)
def waiting(word: NodeName, known: Known, here: Here) -> Waiting:
    """How much there is to do, for a cluster that makes room for it."""
    nodes.refuse_other_machine(here.store, known, word.node)
    return Waiting(waiting=count_waiting(here.store))


@router.post("/worker/lost", include_in_schema=False)
def lost(word: Losing, known: Known, here: Here) -> Done:
    """A worker of the machine is gone."""
    is_known = nodes.refuse_other_machine(here.store, known, word.node)
    if is_known and word.worker.startswith(f"{word.node} "):
        lose_and_tell(here.store, here.settings, word.worker, word.message)
    here.wake()
    return Done()


@router.post("/worker/leave", include_in_schema=False)
def leave(word: NodeName, known: Known, here: Here) -> Done:
    """The machine takes no more jobs."""
    nodes.refuse_other_machine(here.store, known, word.node)
    nodes.take_leave(here.store, word.node)
    return Done()


def _requires_isolation(here: Here) -> bool:
    return here.is_hosted or here.settings.requires_isolation
