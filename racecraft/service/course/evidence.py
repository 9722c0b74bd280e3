"""What somebody has really done, read off from the records and folders of the service."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from racecraft.domain.errors import RacecraftError
from racecraft.domain.job import JobKind, JobStatus
from racecraft.domain.sensors import Sensor
from racecraft.service.analyses import FOLDER, REPORT
from racecraft.service.course.plan import MISSIONS
from racecraft.service.drafts.records import Draft
from racecraft.service.evaluations import EvaluationRow, list_evaluations
from racecraft.service.files import read_text
from racecraft.service.garage import Vehicle
from racecraft.service.jobs.job import Job
from racecraft.service.model_folders import folder_of
from racecraft.service.model_records import Model, ModelState
from racecraft.service.models import REWARD_FILE
from racecraft.service.people.person import Avatar, Person
from racecraft.service.races.race import Submission, SubmissionStatus
from racecraft.service.stamps import stamp_of
from racecraft.service.store import Record

if TYPE_CHECKING:
    from racecraft.service.settings import Settings
    from racecraft.service.store import Work

R = TypeVar("R", bound=Record)
_DRIVEN = (SubmissionStatus.RANKED, SubmissionStatus.UNRANKED)


@dataclass
class Deeds:
    """What the records know of one person; files are read only when a check asks for them."""

    settings: Settings
    person: Person
    vehicles: list[Vehicle] = field(default_factory=list)
    models: list[Model] = field(default_factory=list)
    """Their own, also deleted ones; without the samples."""
    drafts: list[Draft] = field(default_factory=list)
    jobs: list[Job] = field(default_factory=list)
    submissions: list[Submission] = field(default_factory=list)
    """Without those of the samples."""

    @cached_property
    def evaluations(self) -> dict[str, list[EvaluationRow]]:
        """By the model's id; without damaged ones, and without those that an archive brought."""
        found = {}
        for model in self.models:
            since = stamp_of(model.created_at_s) if model.was_imported else ""
            with suppress(RacecraftError):
                rows = list_evaluations(folder_of(self.settings, model))
                found[model.id] = [row for row in rows if row.stamp >= since]
        return found

    @property
    def clones(self) -> list[Model]:
        """Models that began with the weights of another one."""
        return [model for model in self.models if model.parent_id]

    def has_learnt(self) -> bool:
        """Whether a model of theirs was trained by them, be it from the command line."""
        return any(
            model.state is ModelState.READY and not model.was_imported for model in self.models
        )

    def has_begun_training(self) -> bool:
        """Whether a training of theirs has begun; one from the command line has no job."""
        return self.has_learnt() or any(
            job.kind is JobKind.TRAINING and job.started_at_s is not None for job in self.jobs
        )

    def has_ended(self, kind: JobKind, model_ids: Iterable[str]) -> bool:
        """Whether a job of a kind came to its end with one of some models."""
        wanted = set(model_ids)
        return any(
            job.kind is kind and job.status is JobStatus.COMPLETED and job.model_id in wanted
            for job in self.jobs
        )

    def has_written_reward(self) -> bool:
        """Whether a draft or a model of theirs pays as no shipped function does."""
        known = shipped_rewards()
        texts = [str(draft.sheet.get("reward_source", "")) for draft in self.drafts]
        return any(_bare(text) not in known for text in (*texts, *self._kept_rewards()))

    def has_driven_race(self) -> bool:
        """Whether a submission was driven; its own record may not tell so before somebody looks."""
        ended = {job.id for job in self.jobs if job.status is JobStatus.COMPLETED}
        return any(each.status in _DRIVEN or each.job_id in ended for each in self.submissions)

    def has_analysed(self) -> bool:
        """Whether a model of theirs was analysed in the console or by the API."""
        return any((folder / FOLDER / REPORT).is_file() for folder in self._folders())

    def _folders(self) -> list[Path]:
        found = []
        for model in self.models:
            with suppress(RacecraftError):  # the folder is gone
                found.append(folder_of(self.settings, model))
        return found

    def _kept_rewards(self) -> list[str]:
        found = []
        for folder in self._folders():
            with suppress(RacecraftError):
                found.append(read_text(folder / REWARD_FILE))
        return found


Check = Callable[[Deeds], bool]
CHECKS: Mapping[str, Check] = {
    "garage.vehicle": lambda it: bool(it.vehicles),
    "garage.camera": lambda it: any(
        vehicle.sensors == (Sensor.FRONT_FACING_CAMERA,) for vehicle in it.vehicles
    ),
    "garage.profile": lambda it: it.person.avatar != Avatar() or it.person.country != "",
    "reward.begun": lambda it: bool(it.drafts or it.models),
    "reward.goal": Deeds.has_written_reward,
    "training.started": Deeds.has_begun_training,
    "training.learnt": Deeds.has_learnt,
    "evaluation.laps": lambda it: any(it.evaluations.values()),
    "evaluation.clean": lambda it: any(
        row.clean_laps for rows in it.evaluations.values() for row in rows
    ),
    "race.entered": lambda it: bool(it.submissions),
    "race.driven": Deeds.has_driven_race,
    "improvement.analysed": Deeds.has_analysed,
    "improvement.cloned": lambda it: bool(it.clones),
    "improvement.trained": lambda it: it.has_ended(
        JobKind.TRAINING, (model.id for model in it.clones)
    ),
    "improvement.compared": lambda it: any(it.evaluations.get(clone.id) for clone in it.clones),
}
"""Whether a check is seen, by its id."""


def deeds_of(settings: Settings, work: Work, people: Sequence[Person]) -> dict[str, Deeds]:
    """What the records know of some people, by their ids, with one search for each kind."""
    ids = [person.id for person in people]
    vehicles = _by(work.find(Vehicle, owner_id=ids), lambda it: it.owner_id)
    models = _by(work.find(Model, owner_id=ids), lambda it: it.owner_id)
    drafts = _by(work.find(Draft, owner_id=ids), lambda it: it.owner_id)
    jobs = _by(work.find(Job, owner_id=ids), lambda it: it.owner_id)
    samples = {model.id for own in models.values() for model in own if model.is_sample}
    submissions = _by(
        (it for it in work.find(Submission, person_id=ids) if it.model_id not in samples),
        lambda it: it.person_id,
    )
    return {
        person.id: Deeds(
            settings,
            person,
            vehicles[person.id],
            [model for model in models[person.id] if not model.is_sample],
            drafts[person.id],
            jobs[person.id],
            submissions[person.id],
        )
        for person in people
    }


def seen_now(deeds: Deeds, known: Iterable[str] = ()) -> list[str]:
    """Ids of the checks that are seen and were not known yet, in the order of the missions."""
    before = set(known)
    open_ids = [name for mission in MISSIONS for name in mission.ids if name not in before]
    return [name for name in open_ids if CHECKS[name](deeds)]


@cache
def shipped_rewards() -> frozenset[str]:
    """The shipped reward functions, and no text at all, as they are compared with others."""
    from racecraft.sandbox.builtin import BUILTIN_REWARDS, builtin_reward

    return frozenset({"", *(_bare(builtin_reward(name)) for name in BUILTIN_REWARDS)})


def _bare(source: str) -> str:
    """A text without what does not change it: space at the ends of lines, and empty lines."""
    return "\n".join(line.rstrip() for line in source.splitlines() if line.strip())


def _by(records: Iterable[R], owner: Callable[[R], str]) -> defaultdict[str, list[R]]:
    found: defaultdict[str, list[R]] = defaultdict(list)
    for record in records:
        found[owner(record)].append(record)
    return found
