"""Drives for races that a worker is given right after another one: to whom, and to whom not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from racecraft.domain.job import JobKind
from racecraft.service.executor import Executor
from racecraft.service.jobs import nodes
from racecraft.service.jobs.job import Job
from racecraft.service.people.person import local_actor
from racecraft.service.settings import Settings
from racecraft.service.store import Store, new_id


def a_drive(node: str) -> Job:
    """Of a model for a race, by a worker of a machine."""
    fields = {"owner_id": "ann", "model_id": new_id(), "model_name": "m"}
    worker = {"node": node, "worker": f"{node} 1"}
    return Job(kind=JobKind.SUBMISSION, planned_s=60.0, **fields, **worker)


def test_a_machine_whose_token_is_revoked_or_that_is_gone_gets_no_further_drive(
    store: Store, settings: Settings
) -> None:
    here = Executor(store, settings, "http://localhost", slots=2)
    root = local_actor(store)
    token, shown = (nodes.make_worker_token(store, root, "lab")[0] for _ in range(2))
    facts = nodes.facts_now(Path("/"), 9).model_copy(update={"id": "far"})

    def following(node: str, greets: bool = True, **changes: Any) -> Job | None:
        if greets:
            nodes.greet(store, facts, token=shown)
        with store.work() as work:
            seen = work.first(nodes.Node, id="far")
            if seen is not None:
                work.put(seen.model_copy(update=changes))
            work.add(a_drive(""))
        claim = here.hand_on(a_drive(node))
        return claim and claim.job

    given = following("far")
    assert given is not None
    assert (given.node, given.kind) == ("far", JobKind.SUBMISSION)
    assert following("far", seen_at_s=store.now_s() - 2 * nodes.SEEN_S) is None
    older = facts.model_copy(update={"racecraft": "0.0.1"})
    assert following("far", facts=older) is None
    nodes.revoke_worker_token(store, root, token.id)
    assert following("far") is not None  # it was another one of the same name
    nodes.revoke_worker_token(store, root, shown.id)
    assert following("far") is None
    nodes.take_leave(store, "far")
    assert following("far", greets=False) is None
    assert following(here.node) is not None  # the service itself goes on
