"""What happens to a live race by itself: it begins, heats are driven and shown, winners go on.

Everything stands in the records, and every step can be done again without harm: a server that is
killed goes on where it was, and heats that were being shown go on at the moment that is due.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from racecraft.domain.bracket import NOBODY, Bracket, play
from racecraft.domain.errors import RacecraftError
from racecraft.domain.job import JobKind, JobStatus
from racecraft.service.jobs.job import Job
from racecraft.service.jobs.quotas import refuse_beyond_quota
from racecraft.service.making import EVALUATION_S
from racecraft.service.races.live.driving import HeatCar, HeatOrder, HeatReport
from racecraft.service.races.live.queue import append, keep_show, show_of, under_way, waiting
from racecraft.service.races.live.records import BracketPlan, Heat, HeatKind, HeatStatus, Show
from racecraft.service.races.race import Entrant, Race, Submission, SubmissionStatus

if TYPE_CHECKING:
    from racecraft.service.store import Store, Work

COUNTS = (HeatKind.SOLO, HeatKind.TOGETHER)
"""Heats whose laps count on the board."""


def tend_all(store: Store) -> bool:
    """Look after every live race that is not over; gives whether something was launched."""
    with store.look() as work:
        ids = [show.id for show in work.find(Show, is_on=True)]
    launched = [tend(store, race_id) for race_id in ids]
    return any(launched)


def tend(store: Store, race_id: str) -> bool:
    """Do what is due in one live race; gives whether something was launched."""
    with store.look() as work:  # so that nobody waits for the right to write in vain
        if not _is_due(store, work, race_id):
            return False
    with store.work() as work:
        work.alone(f"race {race_id}")
        race = work.first(Race, id=race_id)
        if race is None:
            return False
        show = _begun(store, work, show_of(work, race_id))
        for heat in work.find(Heat, race_id=race_id, status=HeatStatus.DRIVING):
            _follow(store, work, show, heat)
        settle_shown(store, work, race)
        advance_bracket(store, work, race)
        return _launch_next(store, work, race)


def launch(store: Store, work: Work, race: Race, heat: Heat) -> Heat:
    """Let a heat be driven; the race's organiser is charged.

    Raises:
        QuotaExceeded: nothing of their computing time is left.
    """
    work.alone("quota")
    refuse_beyond_quota(store, work, race.owner_id, EVALUATION_S)
    order = HeatOrder(
        race_id=race.id,
        heat_id=heat.id,
        attempt=heat.attempt,
        rules=race.rules,
        track_sha256=race.track_sha256,
        cars=tuple(
            HeatCar(submission_id=each.submission_id, checkpoint=each.checkpoint)
            for each in heat.contestants
        ),
    )
    job = work.add(
        Job(
            created_at_s=store.now_s(),
            owner_id=race.owner_id,
            model_id=f"heat {race.id}",
            kind=JobKind.HEAT,
            model_name=heat.title[:64],
            request=order.model_dump(mode="json"),
            planned_s=EVALUATION_S,
        )
    )
    now_s = store.now_s()
    update = {"status": HeatStatus.DRIVING, "job_id": job.id, "launched_at_s": now_s}
    _mark(work, heat, SubmissionStatus.RUNNING)
    return work.put(heat.model_copy(update=update))


def settle_shown(store: Store, work: Work, race: Race) -> None:
    """Let the board know of heats that have been shown to their end."""
    now_s = store.now_s()
    for heat in work.find(Heat, race_id=race.id, status=HeatStatus.SHOWN):
        if heat.is_settled or heat.is_under_way(now_s):
            continue
        if heat.kind in COUNTS:
            for driver in heat.contestants:
                submission = work.first(Submission, id=driver.submission_id)
                if submission is not None:
                    work.put(_scored(race, heat, submission))
        work.put(heat.model_copy(update={"is_settled": True}))


def bracket_of(show: Show, heats: list[Heat]) -> Bracket | None:
    """The bracket of a race as far as people have seen it; None without one."""
    plan = show.bracket
    if plan is None:
        return None
    seed_of = {each.submission_id: k for k, each in enumerate(plan.seeds, start=1)}
    winners = {}
    for heat in heats:
        if not heat.match or not (heat.is_settled or heat.winner):
            continue
        first = heat.winner or next((each.submission_id for each in heat.places), "")
        if first in seed_of:
            winners[heat.match] = seed_of[first]
    return play(len(plan.seeds), winners, gone=plan.gone, has_third_place=plan.has_third_place)


def advance_bracket(store: Store, work: Work, race: Race) -> None:
    """Put matches whose two racers are known into the queue."""
    show = show_of(work, race.id)
    if show.bracket is None or show.is_over:
        return
    show = _without_gone(work, race, show)
    assert show.bracket is not None
    heats = work.find(Heat, race_id=race.id)
    there = {heat.match for heat in heats if heat.match}
    bracket = bracket_of(show, heats)
    assert bracket is not None
    decided = {match.key for match in bracket.matches if match.winner is not None}
    for heat in heats:
        if heat.match in decided and heat.status is HeatStatus.WAITING:  # a walkover by now
            work.put(heat.model_copy(update={"status": HeatStatus.REMOVED}))
    for match in bracket.ready:
        if match.key in there:
            continue
        pair = sorted(side for side in match.sides if side not in (None, NOBODY))
        heat = Heat(
            race_id=race.id,
            created_at_s=store.now_s(),
            kind=HeatKind.MATCH,
            title=match.title,
            contestants=tuple(show.bracket.seeds[seed - 1] for seed in pair),
            match=match.key,
        )
        append(work, heat)


def _is_due(store: Store, work: Work, race_id: str) -> bool:
    """Whether there may be something to do; cheap, because it is asked all the time."""
    show, now_s = work.first(Show, id=race_id), store.now_s()
    if show is None or not show.is_on:
        return False
    if show.begun_at_s is None and show.starts_at_s is not None and now_s >= show.starts_at_s:
        return True
    heats = work.find(Heat, race_id=race_id, status=[HeatStatus.DRIVING, HeatStatus.SHOWN])
    for heat in heats:
        if heat.status is HeatStatus.DRIVING:
            job = work.first(Job, id=heat.job_id)
            if job is None or job.status.is_over:
                return True
        elif not heat.is_settled and not heat.is_under_way(now_s):
            return True
    if show.bracket is not None and not _gone(work, race_id, show.bracket) <= set(
        show.bracket.gone
    ):
        return True
    return _may_launch(show, heats, now_s) and bool(
        work.count(Heat, race_id=race_id, status=HeatStatus.WAITING)
    )


def _gone(work: Work, race_id: str, plan: BracketPlan) -> set[int]:
    """Seeds of those who were shut out, or are not in the race at all."""
    there = {e.person_id for e in work.find(Entrant, race_id=race_id) if not e.is_shut_out}
    return {k for k, each in enumerate(plan.seeds, start=1) if each.person_id not in there}


def _begun(store: Store, work: Work, show: Show) -> Show:
    """A planned show begins when its time has come."""
    now_s = store.now_s()
    if show.begun_at_s is not None or show.starts_at_s is None or now_s < show.starts_at_s:
        return show
    return keep_show(work, show.model_copy(update={"begun_at_s": now_s}))


def _follow(store: Store, work: Work, show: Show, heat: Heat) -> None:
    """Let a heat follow its job."""
    job = work.first(Job, id=heat.job_id)
    if job is not None and not job.status.is_over:
        return
    try:
        report = HeatReport.model_validate(job.report) if job is not None else None
    except ValueError:
        report = None
    if job is None or job.status is not JobStatus.COMPLETED or report is None:
        message = (job.message if job is not None else "") or "It was not driven."
        work.put(heat.model_copy(update={"status": HeatStatus.FAILED, "message": message}))
        _mark(work, heat, SubmissionStatus.FAILED, message)
        return
    update = {
        "status": HeatStatus.SHOWN,
        "shown_from_s": store.now_s() + show.lights_s,
        "shown_s": report.shown_s,
        "places": report.places,
        "trials": tuple(
            {"submission_id": key, "laps": list(laps)} for key, laps in report.trials.items()
        ),
        "limits": report.limits,
        "message": "",
        "is_settled": False,
    }
    work.put(heat.model_copy(update=update))


def _mark(work: Work, heat: Heat, status: SubmissionStatus, message: str = "") -> None:
    """Tell the racers of a heat that counts how far their submissions are."""
    for driver in heat.contestants if heat.kind in COUNTS else ():
        submission = work.first(Submission, id=driver.submission_id)
        if submission is not None:
            work.put(submission.model_copy(update={"status": status, "message": message}))


def _scored(race: Race, heat: Heat, submission: Submission) -> Submission:
    laps: list[dict[str, Any]] = next(
        (list(each["laps"]) for each in heat.trials if each["submission_id"] == submission.id), []
    )
    update = {"limit": heat.limits.get(submission.id), "ended_at_s": heat.end_s()}
    return submission.model_copy(update=update).scored(race.rules, laps)


def _without_gone(work: Work, race: Race, show: Show) -> Show:
    """Note who drives no more: shut out, or not in the race at all."""
    plan = show.bracket
    assert plan is not None
    gone = _gone(work, race.id, plan)
    if gone <= set(plan.gone):
        return show
    newer = plan.model_copy(update={"gone": tuple(sorted(gone | set(plan.gone)))})
    return keep_show(work, show.model_copy(update={"bracket": newer}))


def _may_launch(show: Show, heats: list[Heat], now_s: float) -> bool:
    """Whether the next heat is to begin by itself now."""
    is_running = show.is_on and show.begun_at_s is not None
    if not (is_running and show.autolaunch) or show.is_paused or under_way(heats, now_s):
        return False
    ends = [heat.end_s() or 0.0 for heat in heats if heat.status is HeatStatus.SHOWN]
    return now_s >= max(ends, default=0.0) + (show.gap_s if ends else 0.0)


def _launch_next(store: Store, work: Work, race: Race) -> bool:
    show, heats = show_of(work, race.id), work.find(Heat, race_id=race.id)
    queue = waiting(heats)
    if not queue or not _may_launch(show, heats, store.now_s()):
        return False
    try:
        launch(store, work, race, queue[0])
    except RacecraftError as error:
        # Nobody is there to be told at this moment; the queue waits until somebody looks.
        keep_show(work, show.model_copy(update={"is_paused": True}))
        work.put(queue[0].model_copy(update={"message": str(error)}))
        return False
    return True
