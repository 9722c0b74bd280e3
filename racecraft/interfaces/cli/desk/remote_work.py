"""A server: trainings and evaluations are jobs there, watched from here."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import typer
from pydantic_core import to_jsonable_python

from racecraft.domain.episode import EpisodeStatus, Trial
from racecraft.domain.errors import ServiceUnreachable, TrainingFailed
from racecraft.domain.job import JobStatus
from racecraft.domain.limit import LapLimit
from racecraft.domain.spec import EvaluationSpec, TrackChoice, TrainingSpec
from racecraft.interfaces.cli.desk.desk import Driven, Order, Trained
from racecraft.interfaces.cli.desk.remote_models import named
from racecraft.interfaces.cli.desk.watching import ToldReport, Watch
from racecraft.interfaces.cli.output import Interrupted, say_findings
from racecraft.interfaces.cli.progress import TrainingDisplay
from racecraft.interfaces.client.connection import Connection
from racecraft.sandbox.findings import Finding
from racecraft.service.documents import read_reward
from racecraft.service.jobs.job import Job
from racecraft.service.rankings import Ranking

_LABELS = {status.label: status for status in EpisodeStatus}


@dataclass(frozen=True)
class RemoteWork:
    """Jobs on a server, with somebody waiting for them here."""

    connection: Connection

    def train(self, order: Order, *, is_json: bool) -> Trained:
        made = self.connection.ask("POST", "models", self._wish(order))
        say_findings([Finding(**finding) for finding in made["findings"]])
        return self._watched(Job.model_validate(made["job"]), is_json=is_json)

    def train_on(self, name: str, stop: Mapping[str, Any], *, is_json: bool) -> Trained:
        place = f"models/{named(self.connection, name)['model']['id']}"
        done = self.connection.ask("GET", f"{place}/progress")
        job = Job.model_validate(
            self.connection.ask("POST", f"{place}/train", {"stop": dict(stop)})
        )
        return self._watched(job, is_json=is_json, after=done[-1]["iteration"] if done else -1)

    def training_of(self, name: str) -> TrainingSpec:
        return self._training(named(self.connection, name)["model"]["id"])

    def evaluate(self, name: str, spec: EvaluationSpec, *, draws_replay: bool) -> Driven:
        del draws_replay  # the server always makes its film
        model_id = named(self.connection, name)["model"]["id"]
        place = f"models/{model_id}/evaluate"
        job = Job.model_validate(self.connection.ask("POST", place, spec.model_dump(mode="json")))
        with self._asking_before_leaving(job, is_json=False):
            job = Watch(self.connection, job).to_the_end()
        _refuse_unfinished(job)
        newest = self.connection.ask("GET", f"models/{model_id}/evaluations", limit=1)["items"]
        told = newest[0].get("limit")
        limit = LapLimit.model_validate(told) if told else None
        return Driven(tuple(_trial(row) for row in newest[0]["trials"]), limit=limit)

    def evaluate_on(
        self, name: str, spec: EvaluationSpec, tracks: Sequence[TrackChoice]
    ) -> Iterator[tuple[TrackChoice, Driven]]:
        for track in tracks:
            on_track = spec.model_copy(update={"track": track})
            yield track, self.evaluate(name, on_track, draws_replay=False)

    def rank(
        self,
        name: str,
        spec: EvaluationSpec,
        iterations: tuple[int, ...],
        *,
        say: Callable[[str], None],
    ) -> Ranking:
        place = f"models/{named(self.connection, name)['model']['id']}"
        wish = {"evaluation": spec.model_dump(mode="json"), "checkpoints": list(iterations)}
        job = Job.model_validate(self.connection.ask("POST", f"{place}/rank", wish))
        with self._asking_before_leaving(job, is_json=False):
            job = Watch(self.connection, job, on_wait=say).to_the_end()
        _refuse_unfinished(job)
        say(job.message)
        found = self.connection.ask("GET", f"{place}/rankings/{job.report['ranking']}")
        return Ranking.model_validate(found)

    def _wish(self, order: Order) -> dict[str, Any]:
        from racecraft.sandbox.builtin import BUILTIN_REWARDS

        document = order.document
        wish: dict[str, Any] = {
            "model": to_jsonable_python(document.model),
            "training": to_jsonable_python(document.training),
            "checkpoint": order.checkpoint,
        }
        if document.reward in BUILTIN_REWARDS:
            wish["reward"] = document.reward
        elif document.reward is not None:
            wish["reward_source"] = read_reward(document.reward, folder=order.folder)
        if order.clone_of is not None:
            wish["clone_of"] = named(self.connection, order.clone_of)["model"]["id"]
        return wish

    def _training(self, model_id: str) -> TrainingSpec:
        documents = self.connection.ask("GET", f"models/{model_id}/documents")
        return TrainingSpec.model_validate(documents["training"])

    def _watched(self, job: Job, *, is_json: bool, after: int = -1) -> Trained:
        """Show a training until it is over.

        Raises:
            Interrupted: Ctrl-C.
            TrainingFailed: it failed.
        """
        training = self._training(job.model_id)
        display = TrainingDisplay(job.model_name, training, typical_env_steps=None, is_json=is_json)
        last: list[ToldReport] = []

        def show(report: ToldReport) -> None:
            last[:] = [report]
            display(report)

        with self._asking_before_leaving(job, is_json=is_json), display:
            watch = Watch(self.connection, job, after=after, on_wait=display.say_waiting)
            job = watch.to_the_end(show)
        _refuse_unfinished(job)
        report = last[0] if last else ToldReport.nothing()
        return Trained(
            name=job.model_name,
            training_s=report.training_s,
            env_steps=report.env_steps,
            iterations=report.iteration + 1,
            best_iteration=report.best_iteration,
            is_clean=report.is_clean,
            stop_reason=report.stop_reason or job.message.rstrip("."),
            tracks=report.plain_tracks,
            where=self.connection.url,
        )

    def _asking_before_leaving(self, job: Job, *, is_json: bool) -> _Leaving:
        return _Leaving(self.connection, job, is_json)


@dataclass(frozen=True)
class _Leaving:
    """On Ctrl-C, asks whether the job should end too; without a terminal, it goes on."""

    connection: Connection
    job: Job
    is_json: bool

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None or not issubclass(kind, KeyboardInterrupt):
            return
        stops = not self.is_json and sys.stdin.isatty() and _is_to_stop()
        facts = {"model": self.job.model_name, "job": self.job.id, "stopped": stops}
        if stops:
            self.connection.ask("POST", f"jobs/{self.job.id}/stop")
            raise Interrupted(
                "Asked it to stop; what was learnt is kept. Go on with `racecraft jobs resume "
                f"{self.job.model_name}`.",
                facts,
            ) from None
        raise Interrupted(
            f"The job goes on without you on {self.connection.url}. `racecraft jobs list` shows "
            f"it, and `racecraft jobs stop {self.job.id}` ends it.",
            facts,
        ) from None


def _is_to_stop() -> bool:
    try:
        return typer.confirm("\nStop the job? Otherwise it goes on without you.", default=False)
    except (typer.Abort, KeyboardInterrupt):
        return False


def _refuse_unfinished(job: Job) -> None:
    if job.status is JobStatus.FAILED:
        raise TrainingFailed(job.message)
    if job.status is JobStatus.CANCELED:
        raise Interrupted(
            f"The job was cancelled: {job.message}", {"model": job.model_name, "job": job.id}
        )
    if not job.status.is_over:
        raise ServiceUnreachable("The server stopped telling about the job; look at it later.")


def _trial(row: dict[str, Any]) -> Trial:
    counts = {name: value for name, value in row.items() if name.endswith("_count")}
    counts.pop("reset_count", None)  # the sum of the others
    return Trial(
        trial=row["trial"],
        time_ms=row["time_ms"],
        completion_percent=row["completion_percent"],
        status=_LABELS.get(row["status"], EpisodeStatus.OFF_TRACK),
        **counts,
    )
