"""Driving a submission again: whoever sees its result may see that it is right.

The same frozen weights drive the same laps in the same conditions; every lap must come out as it
did for the board, to the millisecond. The board is never changed by it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from racecraft.domain.errors import Conflict
from racecraft.domain.job import ACTIVE, JobKind
from racecraft.service.access import Actor, Operation
from racecraft.service.jobs.job import Job
from racecraft.service.jobs.quotas import refuse_beyond_quota
from racecraft.service.making import EVALUATION_S
from racecraft.service.races.boards import view_submission
from racecraft.service.races.driving import request_of
from racecraft.service.races.race import Race, Rerun, Submission

if TYPE_CHECKING:
    from racecraft.service.store import Store, Work

MOST_RERUNS = 20
"""That are remembered of a submission."""


def rerun_submission(store: Store, actor: Actor, race_id: str, submission_id: str) -> Submission:
    """Put a submission that was driven into the queue once more, at the actor's expense.

    Raises:
        NotFound: there is no such submission on the board, or the actor may not see it.
        Conflict: it was not driven yet, or is being driven again at this moment.
        QuotaExceeded: it would use more computing time than the actor has left.
    """
    actor.demand(Operation.ENTER_RACE, actor.person_id)
    seen = view_submission(store, actor, race_id, submission_id)
    if not seen.laps:
        raise Conflict("This submission was not driven yet; there is nothing to compare with.")
    with store.work() as work:
        work.alone("quota")
        if _being_driven(work, submission_id):
            raise Conflict("This submission is being driven again at this moment; wait for it.")
        refuse_beyond_quota(store, work, actor.person_id, EVALUATION_S)
        submission = work.get(Submission, submission_id)
        race = work.get(Race, race_id)
        job = Job(
            created_at_s=store.now_s(),
            owner_id=actor.person_id,
            model_id=_key(submission_id),
            kind=JobKind.SUBMISSION,
            model_name=submission.model_name,
            request={**request_of(submission, race), "is_again": True},
            planned_s=EVALUATION_S,
        )
        work.add(job)
        asked = Rerun(job_id=job.id, person_id=actor.person_id, asked_at_s=store.now_s())
        kept = (*submission.reruns, asked)[-MOST_RERUNS:]
        return work.put(submission.model_copy(update={"reruns": kept}))


def view_reruns(store: Store, actor: Actor, race_id: str, submission_id: str) -> list[Rerun]:
    """Who let a submission drive again and what came of it, the newest first.

    Raises:
        NotFound: there is no such submission on the board, or the actor may not see it.
    """
    seen = view_submission(store, actor, race_id, submission_id)
    with store.look() as work:
        if _followed(work, seen) == seen.reruns:
            return list(reversed(seen.reruns))
    with store.work() as work:
        submission = work.get(Submission, submission_id)
        reruns = _followed(work, submission)
        work.put(submission.model_copy(update={"reruns": reruns}))
    return list(reversed(reruns))


def _followed(work: Work, submission: Submission) -> tuple[Rerun, ...]:
    """The drives as their jobs say they are; what is known of one stays, whatever becomes of it."""
    return tuple(
        each if each.is_same is not None or each.message else _look(work, submission, each)
        for each in submission.reruns
    )


def _look(work: Work, submission: Submission, rerun: Rerun) -> Rerun:
    job = work.first(Job, id=rerun.job_id)
    if job is None:
        return rerun.model_copy(update={"message": "Its job is gone."})
    if not job.status.is_over:
        return rerun
    laps = job.report.get("trials", [])
    if not laps:
        return rerun.model_copy(update={"message": job.message or "It was not driven."})
    is_same = list(laps) == [dict(lap) for lap in submission.laps]
    times_ms = tuple(int(lap["time_ms"]) for lap in laps)
    return rerun.model_copy(update={"is_same": is_same, "times_ms": times_ms})


def _being_driven(work: Work, submission_id: str) -> bool:
    return work.count(Job, model_id=_key(submission_id), status=ACTIVE) > 0


def _key(submission_id: str) -> str:
    """Stands for the model in the job: however many ask at once, one drives at a time."""
    return f"again-{submission_id}"
