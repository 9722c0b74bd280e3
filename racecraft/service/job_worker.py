"""The process of one job: `python -m racecraft.service.job_worker`, started by the executor.

It learns from standard input where the service is and which job it has, so that no secret is in
its environment or command line. It talks to the service over HTTP and to the model's folder, never
to the database; on another machine than the service it fetches the folder and sends it back. When
the service is gone for long, or says that somebody else has the job by now, it ends; what it saved
last is there for the next worker.
"""

from __future__ import annotations

import dataclasses
import json
import os
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from racecraft.domain.errors import (
    Conflict,
    CorruptCheckpoint,
    InvalidInput,
    NotIsolated,
    RacecraftError,
    ServiceUnreachable,
    SignInNeeded,
    StorageFailed,
)
from racecraft.domain.job import JobKind
from racecraft.domain.spec import EvaluationSpec
from racecraft.service.artifacts import open_artifacts
from racecraft.service.copies import Copier
from racecraft.service.courier import Courier, patient_courier
from racecraft.service.heart import GRACE_S, HURRY_S, LOST, Heart, ShiftOver, StopAsked
from racecraft.service.live.broadcast import Broadcaster
from racecraft.service.locks import current_work
from racecraft.service.processes import UNFIT
from racecraft.service.remote import ServiceConnection, wanted_in
from racecraft.service.settings import Settings

if TYPE_CHECKING:
    from racecraft.domain.episode import Trial
    from racecraft.service.rankings import Ranking
    from racecraft.service.worker import IterationReport

_LETTING_GO_S = HURRY_S + 10.0
"""How long an earlier worker with the job may still have the model: until it hears that it is not
its job any more, and has ended its iteration."""
MOST_IN_A_ROW = 100
"""Drives for races that one process does."""
_OF_RACES = (JobKind.SUBMISSION.value, JobKind.HEAT.value)
Keeper = Copier | Courier
"""What keeps the files of a job in a second place."""


def main() -> int:
    """Do the job that is described on standard input; gives the exit code.

    A drive for a race takes less time than loading what it needs, so whoever has done one takes
    the next one, if that is what waits.
    """
    order = json.loads(sys.stdin.readline())
    if order.get("ends_with_starter"):
        threading.Thread(target=_end_with_starter, name="starter", daemon=True).start()
    for _ in range(MOST_IN_A_ROW):
        code, following = _do_order(order)
        if not following:
            return code
        order |= following
    return code


def _end_with_starter() -> None:
    """End when whoever started this process is gone and standard input with it."""
    # Not sys.stdin: at the end of the process its lock would be waited for.
    while os.read(sys.stdin.fileno(), 1):
        pass
    os._exit(LOST)


def _do_order(order: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    """Do one job; gives the exit code, and what the next order says otherwise, if there is one."""
    service = ServiceConnection(order["url"], order["job"], order["token"])
    settings = Settings(
        home=Path(order["home"]), requires_isolation=bool(order["requires_isolation"])
    )
    try:
        job = service.ask("take", pid=os.getpid())
    except RacecraftError as error:
        print(error, file=sys.stderr)
        return LOST, {}
    broadcaster = Broadcaster(service.show)
    broadcaster.hear(wanted_in(job))
    heart = Heart(service, broadcaster)
    said: tuple[str, dict[str, Any]] | None = None
    try:
        kept = _keeper(service, settings.of(job["person"]), job, order, heart)
        with suppress(ShiftOver):
            said = _do_with_copy(settings.of(job["person"]), job, heart, broadcaster, kept)
        if isinstance(kept, Courier) and not _deliver(kept, heart):
            heart.stop()
            return LOST, {}
    except (ServiceUnreachable, SignInNeeded) as error:  # while files were fetched
        heart.stop()
        print(error, file=sys.stderr)
        return LOST, {}
    except RacecraftError as error:
        heart.stop()
        if order.get("is_elsewhere") and _is_of_this_machine(error):
            print(error, file=sys.stderr)
            return UNFIT, {}
        return _tell(service, "fail", heart, message=str(error))
    finally:
        broadcaster.stop()
    heart.stop()
    if heart.is_lost:
        return LOST, {}
    if said is None:
        return _tell(service, "rest", heart, report=heart.report)
    message, report = said
    is_free = job["kind"] == JobKind.SUBMISSION.value
    return _tell(service, "finish", heart, message=message, report=report, is_free=is_free)


def _is_of_this_machine(error: RacecraftError) -> bool:
    """Whether another machine could do what failed here."""
    is_storage = isinstance(error, StorageFailed) and not isinstance(error, CorruptCheckpoint)
    return is_storage or isinstance(error, NotIsolated)


def _keeper(
    service: ServiceConnection,
    settings: Settings,
    job: dict[str, Any],
    order: dict[str, Any],
    heart: Heart,
) -> Keeper | None:
    """What keeps the files of the job elsewhere, too; they are here afterwards.

    On another machine than the service that is the courier; beside it, a copy in the artifact store
    if there is one.
    """
    if order.get("is_elsewhere"):
        artifacts = open_artifacts(settings) if order["has_store"] else None

        def gives_up() -> bool:
            return heart.is_lost or heart.is_asked_to_stop

        return patient_courier(
            lambda: Courier(service, settings, job, artifacts), gives_up, GRACE_S
        )
    if settings.artifacts_url and job["kind"] not in _OF_RACES:
        from racecraft.service.copies import ready_copier

        return ready_copier(settings, job["model_name"], job["model_id"])
    return None


def _do_with_copy(
    settings: Settings,
    job: dict[str, Any],
    heart: Heart,
    broadcaster: Broadcaster,
    kept: Keeper | None,
) -> tuple[str, dict[str, Any]]:
    """`_do`, and a word if the files could not be kept elsewhere in the end."""
    if job["kind"] not in _OF_RACES and not _can_begin(settings.models / job["model_name"], heart):
        return "It was stopped before it began.", {}
    if kept is None:
        return _do(settings, job, heart, broadcaster, None)
    try:
        message, report = _do(settings, job, heart, broadcaster, kept)
    finally:
        kept.keep(now=True)
    if kept.problem and isinstance(kept, Copier):
        message += f" Its newest copy could not be kept: {kept.problem}"
    return message, report


def _can_begin(folder: Path, heart: Heart) -> bool:
    """Wait until nobody else works on the model, but not for ever; False if the job is to end."""
    deadline = time.monotonic() + _LETTING_GO_S
    while current_work(folder) is not None and time.monotonic() < deadline:
        if heart.is_asked_to_stop or heart.is_lost:
            return False
        time.sleep(0.1)
    return True


def _deliver(courier: Courier, heart: Heart) -> bool:
    """See that the service has all files: a job without them was not done.

    Raises:
        InvalidInput: it will never take them.
    """
    deadline = time.monotonic() + GRACE_S
    while courier.problem:
        if courier.is_refused:
            raise InvalidInput(courier.problem)
        if heart.is_lost or time.monotonic() > deadline:
            print(courier.problem, file=sys.stderr)
            return False
        time.sleep(1.0)
        courier.keep(now=True)
    courier.leave()
    return True


def _do(
    settings: Settings,
    job: dict[str, Any],
    heart: Heart,
    broadcaster: Broadcaster,
    kept: Keeper | None,
) -> tuple[str, dict[str, Any]]:
    """Why the job ended, and its last figures."""
    from racecraft.service.worker import train_model

    if job["kind"] == JobKind.SUBMISSION.value:
        return _drive_submission(settings, job["request"], broadcaster)
    if job["kind"] == JobKind.HEAT.value:
        return _drive_heat(settings, job["request"])
    if job["kind"] == JobKind.EVALUATION.value:
        return _evaluate(settings, job, heart, broadcaster)
    if job["kind"] == JobKind.RANKING.value:
        return _rank(settings, job, heart, kept)
    last: dict[str, Any] = {}

    def on_report(report: IterationReport) -> None:
        last.clear()
        last.update(_plain(report))
        if report.driven is not None:
            broadcaster.offer(report.iteration, report.driven.scene)
        if kept is not None:
            kept.keep()
        heart.tell(dict(last), is_last=report.stop_reason is not None)

    try:
        # A worker that was lost before it saved anything left nothing to go on from.
        state = settings.models / job["model_name"] / "checkpoints" / "state"
        resume = bool(job["is_resuming"]) and state.is_dir()
        trained = train_model(settings, job["model_name"], on_report=on_report, resume=resume)
    except StopAsked:
        return "It was stopped; what was learnt until then is kept.", last
    return f"It ended with {trained.stop_reason}.", last


def _evaluate(
    settings: Settings, job: dict[str, Any], heart: Heart, broadcaster: Broadcaster
) -> tuple[str, dict[str, Any]]:
    """Let the model drive, and tell of each lap as it ends."""
    from racecraft.service.worker import evaluate_model

    laps: list[dict[str, Any]] = []

    def on_lap(lap: Trial) -> None:
        laps.append({**lap.metrics_item, "overtakes": lap.overtakes})
        heart.tell({"laps": list(laps)})

    evaluation = EvaluationSpec.model_validate(job["request"])
    try:
        outcome = evaluate_model(
            settings, job["model_name"], evaluation, broadcaster=broadcaster, on_lap=on_lap
        )
    except StopAsked:
        driven = f"{len(laps)} of {evaluation.trials} laps were driven"
        return f"It was stopped; {driven}, and only whole evaluations are kept.", {}
    clean = sum(trial.is_clean for trial in outcome.trials)
    return f"{clean} of {len(outcome.trials)} laps were clean.", {"clean_laps": clean}


def _rank(
    settings: Settings, job: dict[str, Any], heart: Heart, kept: Keeper | None
) -> tuple[str, dict[str, Any]]:
    """Let every checkpoint drive."""
    from racecraft.service.worker import rank_model

    told: dict[str, Any] = {}

    def on_driven(ranking: Ranking) -> None:
        best = ranking.checkpoints[0]
        told.update(
            ranking=ranking.stamp,
            driven=len(ranking.checkpoints),
            asked=len(ranking.asked),
            best_iteration=best.iteration,
            clean_laps=best.clean_laps,
        )
        if kept is not None:  # so that another machine can go on
            kept.keep()
        heart.tell(dict(told))

    request = job["request"]
    try:
        ranking = rank_model(
            settings,
            job["model_name"],
            EvaluationSpec.model_validate(request["evaluation"]),
            tuple(request["checkpoints"]),
            on_driven=on_driven,
            resume=bool(job["is_resuming"]),
        )
    except StopAsked:
        done = f"{told['driven']} of {told['asked']} checkpoints have driven"
        return f"It was stopped; {done}, and what they found is kept.", told
    best = ranking.checkpoints[0]
    return (
        f"Iteration {best.iteration} drove best: {best.clean_laps} of {best.laps} laps clean.",
        told,
    )


def _drive_submission(
    settings: Settings, request: dict[str, Any], broadcaster: Broadcaster
) -> tuple[str, dict[str, Any]]:
    """Drive what was frozen when somebody entered it, under the rules of the race."""
    from racecraft.service.races.driving import drive_submission

    driven = drive_submission(settings, request, broadcaster)
    complete = sum(trial.completion_percent >= 100.0 for trial in driven.trials)
    told = [dataclasses.asdict(trial) for trial in driven.trials]
    report = {"trials": told, "limit": driven.limit.model_dump()}
    return f"{complete} of {len(told)} laps were completed.", report


def _drive_heat(settings: Settings, request: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Drive a heat of a live race."""
    from racecraft.service.races.live.driving import HeatOrder, drive_heat

    message, report = drive_heat(settings, HeatOrder.model_validate(request))
    return message, report.model_dump(mode="json")


def _plain(report: IterationReport) -> dict[str, Any]:
    """The figures of a report that everybody looks at first."""
    names = ("iteration", "env_steps", "episodes", "training_s", "mean_reward", "mean_progress")
    more = ("mean_evaluation_progress", "best_iteration", "clean_laps", "steps_per_s")
    return {name: getattr(report, name) for name in (*names, *more)}


def _tell(
    service: ServiceConnection, word: str, heart: Heart, **fields: Any
) -> tuple[int, dict[str, Any]]:
    """Say how the job ended, again and again while the service does not answer.

    Returns:
        The exit code, and job and token of the next order, if there is one.
    """
    deadline = time.monotonic() + GRACE_S
    while True:
        try:
            answer = service.ask(word, compute_s=heart.compute_s, **fields)
            return (1 if word == "fail" else 0), answer.get("following") or {}
        except (SignInNeeded, Conflict, InvalidInput) as error:
            print(error, file=sys.stderr)
            return LOST, {}
        except ServiceUnreachable:
            if time.monotonic() > deadline:
                return LOST, {}
            time.sleep(1.0)


if __name__ == "__main__":
    sys.exit(main())
