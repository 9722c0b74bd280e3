"""A job that many follow is read once for all of them."""

from __future__ import annotations

import pytest

from racecraft.domain.errors import NotFound
from racecraft.domain.job import JobKind, JobStatus
from racecraft.service.jobs.job import Job
from racecraft.service.jobs.looks import FRESH_S, JobLooks
from racecraft.service.store import Store


def test_a_look_is_shared_until_it_is_old(store: Store) -> None:
    now_s = [0.0]
    looks = JobLooks(store, slots=1, clock=lambda: now_s[0])
    with store.work() as work:
        job = work.add(
            Job(
                created_at_s=store.now_s(),
                owner_id="local",
                model_id="m",
                kind=JobKind.TRAINING,
                model_name="m",
                planned_s=60.0,
            )
        )
    found, place = looks.look(job.id)
    assert found.status is JobStatus.QUEUED
    assert place is not None
    assert place.position == 1
    with store.work() as work:
        work.put(work.get(Job, job.id).turned(JobStatus.CANCELED))

    now_s[0] = 0.9 * FRESH_S
    assert looks.look(job.id)[0].status is JobStatus.QUEUED
    now_s[0] = 1.1 * FRESH_S
    assert looks.look(job.id)[0].status is JobStatus.CANCELED
    assert looks.look(job.id)[1] is None


def test_there_is_nothing_to_look_at_where_there_is_no_job(store: Store) -> None:
    with pytest.raises(NotFound):
        JobLooks(store, slots=1).look("nothing")
