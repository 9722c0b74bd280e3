"""This machine: models are folders, and trainings run in this process."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from racecraft.domain.errors import Conflict
from racecraft.domain.spec import EvaluationSpec, TrackChoice, TrainingSpec
from racecraft.interfaces.cli.desk.desk import Desk, Driven, ModelCard, Order, Trained
from racecraft.interfaces.cli.output import say_findings
from racecraft.interfaces.cli.running import run_training
from racecraft.service import clones, models, summaries, trainings
from racecraft.service.checkpoints import list_checkpoints
from racecraft.service.files import write_parts
from racecraft.service.models import load_model, load_training, model_folder
from racecraft.service.worker import EvaluationOutcome, TrainingOutcome

if TYPE_CHECKING:
    from racecraft.service.archives.importing import ImportReport
    from racecraft.service.rankings import Ranking
    from racecraft.service.settings import Settings
    from racecraft.service.summaries import ModelSummary
    from racecraft.service.tracks import TrackCard


def local_desk(settings: Settings) -> Desk:
    """Everything of this machine."""
    from racecraft.interfaces.cli.desk.local_files import LocalFiles
    from racecraft.interfaces.cli.desk.local_records import LocalRecords
    from racecraft.interfaces.cli.desk.results import LocalResults

    return Desk(
        models=LocalModels(settings),
        work=LocalWork(settings),
        records=LocalRecords(settings),
        tracks=LocalTracks(settings),
        files=LocalFiles(settings),
        results=LocalResults(settings),
    )


@dataclass(frozen=True)
class LocalModels:
    """Folders of the home folder."""

    settings: Settings

    @property
    def empty(self) -> str:
        return (
            f"There are no models in {self.settings.models} yet. Start with `racecraft quickstart`."
        )

    def cards(self) -> Sequence[ModelCard]:
        return [_card(row) for row in summaries.list_models(self.settings)]

    def card(self, name: str) -> ModelCard:
        return _card(summaries.summarise(model_folder(self.settings, name)))

    def facts(self, name: str) -> dict[str, Any]:
        folder, facts = model_folder(self.settings, name), dict[str, Any]()
        if self.card(name).network:  # its documents can be read
            facts["model"] = load_model(folder).model_dump(mode="json")
            spec = load_training(folder)
            facts |= {"training": spec.model_dump(mode="json"), "race": spec.race.summary}
        reports = summaries.read_progress(folder)
        return facts | {"last_iteration": reports[-1] if reports else None}

    def checkpoints(self, name: str) -> list[dict[str, Any]]:
        found = list_checkpoints(model_folder(self.settings, name))
        return [row.model_dump() for row in found]

    def clone(self, name: str, new_name: str, checkpoint: str) -> Path | None:
        return clones.clone_model(self.settings, name, new_name, checkpoint=checkpoint)

    def rename(self, name: str, new_name: str) -> Path | None:
        return models.rename_model(self.settings, name, new_name)

    def deletion(self, name: str) -> str:
        return str(model_folder(self.settings, name))

    def delete(self, name: str) -> None:
        models.delete_model(self.settings, name)

    def undelete(self, name: str) -> str:
        raise Conflict(
            f"The model {name!r} cannot be put back: what is deleted on this machine is gone at "
            "once. A server keeps deleted models for a day; name it with --server."
        )

    def export(self, name: str, target: Path, *, checkpoints: str, has_state: bool) -> None:
        from racecraft.service.archives.export import export_model

        folder = model_folder(self.settings, name)
        parts = export_model(folder, checkpoints=checkpoints, has_state=has_state)
        write_parts(target, parts)

    def import_from(self, path: Path, name: str | None) -> ImportReport:
        from racecraft.service.archives.importing import check_archive, report_of, unpack_archive

        checked = check_archive(path)
        folder = unpack_archive(self.settings, path, checked, name=name)
        return report_of(self.settings, checked, folder)


@dataclass(frozen=True)
class LocalWork:
    """Trainings and evaluations in this process."""

    settings: Settings

    def train(self, order: Order, *, is_json: bool) -> Trained:
        plan = trainings.plan_training(
            self.settings,
            order.document,
            folder=order.folder,
            clone_of=order.clone_of,
            checkpoint=order.checkpoint,
        )
        made = trainings.start(self.settings, plan)
        say_findings(made.findings)
        return _trained(run_training(self.settings, made.name, is_json=is_json))

    def train_on(self, name: str, stop: Mapping[str, Any], *, is_json: bool) -> Trained:
        has_state = trainings.prepare_resume(self.settings, name, stop)
        return _trained(run_training(self.settings, name, resume=has_state, is_json=is_json))

    def training_of(self, name: str) -> TrainingSpec:
        return load_training(model_folder(self.settings, name))

    def evaluate(self, name: str, spec: EvaluationSpec, *, draws_replay: bool) -> Driven:
        from racecraft.service.pictures import Pictures
        from racecraft.service.worker import evaluate_model

        pictures = Pictures.FILM if draws_replay else Pictures.LINES
        return _driven(evaluate_model(self.settings, name, spec, pictures=pictures))

    def evaluate_on(
        self, name: str, spec: EvaluationSpec, tracks: Sequence[TrackChoice]
    ) -> Iterator[tuple[TrackChoice, Driven]]:
        from racecraft.service.worker import evaluate_on

        for track, outcome in evaluate_on(self.settings, name, spec, tracks):
            yield track, _driven(outcome)

    def rank(
        self,
        name: str,
        spec: EvaluationSpec,
        iterations: tuple[int, ...],
        *,
        say: Callable[[str], None],
    ) -> Ranking:
        from racecraft.service.worker import rank_model

        def on_driven(ranking: Ranking) -> None:
            say(f"{len(ranking.checkpoints)} of {len(ranking.asked)} checkpoints have driven")

        return rank_model(self.settings, name, spec, iterations, on_driven=on_driven)


@dataclass(frozen=True)
class LocalTracks:
    """Tracks that come with racecraft, and files in the home folder."""

    settings: Settings

    def cards(self) -> Sequence[TrackCard]:
        from racecraft.service.tracks import list_tracks

        return list_tracks(self.settings.home)

    def receive(self, path: Path, name: str | None, *, replace: bool) -> TrackCard:
        from racecraft.service.tracks import import_track

        return import_track(self.settings.home, path, name, replace=replace)

    def give(self, name: str, path: Path, *, is_reversed: bool, replace: bool) -> Path:
        from racecraft.service.tracks import export_track

        write = partial(export_track, self.settings.home, name, path)
        return write(is_reversed=is_reversed, replace=replace)


def _card(row: ModelSummary) -> ModelCard:
    names = (name for name in ModelCard.__dataclass_fields__ if name != "status")
    return ModelCard(status=row.status.value, **{name: getattr(row, name) for name in names})


def _trained(outcome: TrainingOutcome) -> Trained:
    names = [name for name in Trained.__dataclass_fields__ if name != "where"]
    return Trained(where=str(outcome.folder), **{name: getattr(outcome, name) for name in names})


def _driven(outcome: EvaluationOutcome) -> Driven:
    return Driven(outcome.trials, outcome.folder, outcome.files, outcome.limit)
