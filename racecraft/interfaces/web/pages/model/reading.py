"""Everything that the page of a model shows, read in one go in a thread."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from racecraft.domain.errors import RacecraftError
from racecraft.domain.job import JobKind, JobStatus
from racecraft.domain.sensors import Sensor
from racecraft.service.access import Operation
from racecraft.service.checkpoints import CheckpointRow, list_checkpoints
from racecraft.service.collection import ModelView, view_model
from racecraft.service.evaluations import EvaluationRow, laps_so_far, list_evaluations
from racecraft.service.files import read_text
from racecraft.service.jobs.asking import list_jobs, view_place
from racecraft.service.model_folders import folder_of
from racecraft.service.model_records import Model, ModelState
from racecraft.service.models import REWARD_FILE, load_model, load_training
from racecraft.service.rankings import Ranking, list_rankings
from racecraft.service.tracks import TrackCard, list_tracks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from racecraft.domain.spec import ModelSpec, TrainingSpec
    from racecraft.interfaces.web.visit import Asking
    from racecraft.service.jobs.job import Job
    from racecraft.service.jobs.queue import Place

STOPPABLE = (JobStatus.QUEUED, JobStatus.INITIALIZING, JobStatus.IN_PROGRESS)


@dataclass(frozen=True)
class Documents:
    """What the model is made of."""

    model: ModelSpec
    training: TrainingSpec
    reward_source: str


@dataclass(frozen=True)
class Sheet:
    """One look at a model."""

    view: ModelView
    documents: Documents | None
    problem: str
    """Why the documents cannot be read, if they cannot."""
    trained: Job | None
    """The newest training that was asked for here and begun."""
    evaluated: Job | None
    """The newest evaluation that was asked for here and begun."""
    ranked: Job | None
    """The newest ranking that was asked for here and begun."""
    place: Place | None
    """Where the current job stands in the queue."""
    evaluations: list[EvaluationRow]
    checkpoints: list[CheckpointRow]
    rankings: list[Ranking]
    """Of its checkpoints, newest first."""
    tracks: dict[str, TrackCard]
    may: frozenset[Operation]
    """What whoever looks may do with it."""
    now_s: float

    @property
    def model(self) -> Model:
        """The record."""
        return self.view.model

    @property
    def job(self) -> Job | None:
        """The job that is not over."""
        return self.view.job

    @property
    def is_training(self) -> bool:
        """Whether a training waits or is under way."""
        return self.job is not None and self.job.kind is JobKind.TRAINING

    @property
    def is_evaluating(self) -> bool:
        """Whether laps are driven, or wait to be."""
        others = (JobKind.TRAINING, JobKind.RANKING)
        return self.job is not None and self.job.kind not in others

    @property
    def is_ranking(self) -> bool:
        """Whether all checkpoints drive, or wait to."""
        return self.job is not None and self.job.kind is JobKind.RANKING

    @property
    def suits_car(self) -> bool:
        """Whether the physical car has the sensors of the model."""
        sensors = self.documents.model.sensors if self.documents else ()
        return self.documents is not None and Sensor.DISCRETIZED_SECTOR_LIDAR not in sensors

    @property
    def is_ready(self) -> bool:
        """Whether it can drive."""
        return self.model.state is ModelState.READY and self.model.deleted_at_s is None

    @property
    def key(self) -> tuple[str, ...]:
        """Changes when the page has to be made anew."""
        return _key(self.view)


def read_sheet(asking: Asking, model_id: str, slots: int) -> Sheet:
    """Look at a model.

    Args:
        asking: who asks.
        model_id: which model.
        slots: how many jobs run at once.

    Raises:
        NotFound: there is none, or it is somebody else's.
    """
    store, settings, actor = asking.store, asking.settings, asking.actor
    view = view_model(store, actor, model_id)
    folder = folder_of(settings, view.model)
    own = view.model.owner_id == actor.person_id
    jobs = list_jobs(store, actor, model_id=model_id) if own else [view.job] if view.job else []
    documents, problem = None, ""
    evaluations: list[EvaluationRow] = []
    checkpoints: list[CheckpointRow] = []
    rankings: list[Ranking] = []
    try:
        documents = Documents(
            load_model(folder), load_training(folder), read_text(folder / REWARD_FILE)
        )
        evaluations, checkpoints = list_evaluations(folder), list_checkpoints(folder)
        rankings = list_rankings(folder)
    except RacecraftError as error:
        problem = str(error)
    return Sheet(
        view=view,
        documents=documents,
        problem=problem,
        trained=_newest(jobs, JobKind.TRAINING),
        evaluated=_newest(jobs, JobKind.EVALUATION),
        ranked=_newest(jobs, JobKind.RANKING),
        place=view_place(store, actor, view.job.id, slots=slots) if view.job else None,
        evaluations=evaluations,
        checkpoints=checkpoints,
        rankings=rankings,
        tracks={card.name: card for card in list_tracks(settings.home)},
        may=frozenset(each for each in Operation if actor.may(each, view.model.owner_id)),
        now_s=store.now_s(),
    )


def _newest(jobs: Sequence[Job], kind: JobKind) -> Job | None:
    """The newest one that was not taken out of the queue before it began."""
    told = (job for job in jobs if job.kind is kind and not _was_withdrawn(job))
    return next(told, None)


def _was_withdrawn(job: Job) -> bool:
    return job.status is JobStatus.CANCELED and job.started_at_s is None


def read_key(asking: Asking, model_id: str) -> tuple[str, ...]:
    """`Sheet.key` alone, for looking again and again: two records are read, and no file."""
    return _key(view_model(asking.store, asking.actor, model_id))


def _key(view: ModelView) -> tuple[str, ...]:
    job = view.job
    told = ("", "", "")
    if job:
        told = (job.id, job.status.value, str(len(laps_so_far(job.report))))
    return (*told, view.status, str(view.model.version))
