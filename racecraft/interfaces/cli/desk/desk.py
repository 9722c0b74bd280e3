"""What commands can ask for. `racecraft.interfaces.cli.place` decides who answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from racecraft.domain.episode import Trial
from racecraft.domain.limit import LapLimit
from racecraft.domain.spec import EvaluationSpec, TrackChoice, TrainingSpec
from racecraft.service.training_files import TrainingFile

if TYPE_CHECKING:
    from racecraft.interfaces.cli.desk.results import DrivenAgain
    from racecraft.service.access import Role
    from racecraft.service.archives.importing import ImportReport
    from racecraft.service.garage import Vehicle
    from racecraft.service.jobs.job import Job
    from racecraft.service.jobs.nodes import Node, WorkerToken
    from racecraft.service.jobs.quotas import Usage
    from racecraft.service.logs.entries import Shape
    from racecraft.service.people.invitations import Invitation
    from racecraft.service.people.person import Person
    from racecraft.service.rankings import Ranking
    from racecraft.service.real_car.files import CarFile
    from racecraft.service.tracks import TrackCard


@dataclass(frozen=True)
class ModelCard:
    """One row of the list of models."""

    name: str
    status: str
    description: str
    network: str
    sensors: tuple[str, ...]
    actions: str
    tracks: tuple[str, ...]
    iterations: int | None
    """None where the list does not tell."""
    created_at_s: float
    size_bytes: int
    folder: Path | None = None
    """None on a server."""
    problem: str | None = None


@dataclass(frozen=True)
class Order:
    """A training that somebody asks for."""

    document: TrainingFile
    folder: Path = Path()
    """Where the path of its reward file starts."""
    clone_of: str | None = None
    checkpoint: str = "best"


@dataclass(frozen=True)
class Trained:
    """What a training left behind."""

    name: str
    training_s: float
    env_steps: int
    iterations: int
    best_iteration: int
    is_clean: bool
    stop_reason: str
    tracks: tuple[Mapping[str, Any], ...] = ()
    folder: Path | None = None
    files: tuple[Path, ...] = ()
    where: str = ""
    """The folder or the server, for people."""


@dataclass(frozen=True)
class Driven:
    """What an evaluation found."""

    trials: tuple[Trial, ...]
    folder: Path | None = None
    files: tuple[Path, ...] = ()
    limit: LapLimit | None = None
    """How fast the track can be driven; None from servers that do not know."""

    @property
    def is_clean(self) -> bool:
        """Every trial was a full lap without a reset."""
        return all(trial.is_clean for trial in self.trials)


class ModelDesk(Protocol):
    """Models by their names."""

    @property
    def empty(self) -> str:
        """What to say when there are none."""

    def cards(self) -> Sequence[ModelCard]:
        """All models, newest first."""

    def facts(self, name: str) -> dict[str, Any]:
        """`model`, `training` and `race` where they can be read, and `last_iteration`."""

    def card(self, name: str) -> ModelCard:
        """One model."""

    def checkpoints(self, name: str) -> list[dict[str, Any]]:
        """Its checkpoints, oldest first."""

    def clone(self, name: str, new_name: str, checkpoint: str) -> Path | None:
        """Make a model that starts from the weights of another; gives its folder if it is here."""

    def rename(self, name: str, new_name: str) -> Path | None:
        """Give a model another name; gives its folder if it is here."""

    def deletion(self, name: str) -> str:
        """What exactly would be deleted, and whether it can be put back."""

    def delete(self, name: str) -> None:
        """Delete a model."""

    def undelete(self, name: str) -> str:
        """Put a deleted model back; gives the name that it has now."""

    def export(self, name: str, target: Path, *, checkpoints: str, has_state: bool) -> None:
        """Write a model to a file."""

    def import_from(self, path: Path, name: str | None) -> ImportReport:
        """Make a model of a file that was exported."""


class WorkDesk(Protocol):
    """Trainings and evaluations, with somebody waiting for them."""

    def train(self, order: Order, *, is_json: bool) -> Trained:
        """Make a model and train it."""

    def train_on(self, name: str, stop: Mapping[str, Any], *, is_json: bool) -> Trained:
        """Go on with the training of a model."""

    def training_of(self, name: str) -> TrainingSpec:
        """How a model was trained."""

    def evaluate(self, name: str, spec: EvaluationSpec, *, draws_replay: bool) -> Driven:
        """Let a model drive."""

    def evaluate_on(
        self, name: str, spec: EvaluationSpec, tracks: Sequence[TrackChoice]
    ) -> Iterator[tuple[TrackChoice, Driven]]:
        """Let a model drive on one track after the other."""

    def rank(
        self,
        name: str,
        spec: EvaluationSpec,
        iterations: tuple[int, ...],
        *,
        say: Callable[[str], None],
    ) -> Ranking:
        """Let checkpoints of a model drive the same laps; `say` is told how far that is."""


class FileDesk(Protocol):
    """What models left behind, as files."""

    def logs(self, name: str, target: Path, shape: Shape) -> None:
        """Write every trace, log and table of a model to a file."""

    def log_text(
        self, name: str, *, stamp: str | None = None, first_iteration: int = 0
    ) -> Iterator[str]:
        """The simulator's text log of the training, or of the evaluation with a stamp."""

    def car(self, name: str, target: Path, *, kind: CarFile, checkpoint: str) -> None:
        """Write the policy of a model for the physical car, or as ONNX."""


class RecordDesk(Protocol):
    """Jobs, vehicles and people."""

    def jobs(self, *, is_active: bool) -> Sequence[Job]:
        """One's own jobs, newest first."""

    def stop_job(self, job_id: str) -> Job:
        """Take a job out of the queue, or ask its worker to end."""

    def resume(self, name: str, stop: Mapping[str, Any]) -> Job:
        """Put the training of a model into the queue again."""

    def vehicles(self) -> Sequence[Vehicle]:
        """One's garage."""

    def build_vehicle(self, fields: dict[str, Any]) -> Vehicle:
        """Put a vehicle into it."""

    def mod_vehicle(self, name: str, changes: dict[str, Any]) -> Vehicle:
        """Change a vehicle."""

    def scrap_vehicle(self, name: str) -> None:
        """Delete a vehicle."""

    def me(self) -> Person:
        """One's own profile."""

    def edit_profile(self, changes: dict[str, Any]) -> Person:
        """Change it."""

    def usage(self) -> Usage:
        """What is used of one's quotas."""

    def people(self, text: str) -> Sequence[Person]:
        """People whose name holds a text; for organisers and admins."""

    def set_role(self, name: str, role: Role) -> Person:
        """Give somebody another role; for admins."""

    def set_active(self, name: str, *, is_active: bool) -> Person:
        """Lock somebody out, or let them in again; for admins."""

    def invitations(self) -> Sequence[Invitation]:
        """The invitations that one may see; for organisers and admins."""

    def invite(self, role: Role, heads: int, hours: float | None, note: str) -> Invitation:
        """Make an invitation; for organisers and admins."""

    def revoke_invitation(self, code: str) -> None:
        """Let nobody else in by an invitation."""

    def nodes(self) -> Sequence[Node]:
        """The machines that run jobs; for admins."""

    def make_worker_token(self, name: str) -> tuple[WorkerToken, str]:
        """Make a token for machines, and the secret that they show; for admins."""

    def worker_tokens(self) -> Sequence[WorkerToken]:
        """The tokens of machines; for admins."""

    def revoke_worker_token(self, token_id: str) -> WorkerToken:
        """Give no more jobs to whoever shows a token."""


class TrackDesk(Protocol):
    """Roads."""

    def cards(self) -> Sequence[TrackCard]:
        """All tracks."""

    def receive(self, path: Path, name: str | None, *, replace: bool) -> TrackCard:
        """Check a track file and keep a copy of it."""

    def give(self, name: str, path: Path, *, is_reversed: bool, replace: bool) -> Path:
        """Write a track as a file; gives the file."""


class ResultDesk(Protocol):
    """Results of community races."""

    def export(self, race: str, form: str) -> bytes:
        """All results of a race that count: `json`, `board.csv` or `laps.csv`."""

    def rerun(self, race: str, racer: str) -> DrivenAgain:
        """Let a submission drive again; it must be the same."""


@dataclass(frozen=True)
class Desk:
    """Who answers: this machine, or a server."""

    models: ModelDesk
    work: WorkDesk
    records: RecordDesk
    tracks: TrackDesk
    files: FileDesk
    results: ResultDesk
    server: str | None = field(default=None)
    """Its address."""
