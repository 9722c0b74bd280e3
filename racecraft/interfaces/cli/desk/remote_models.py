"""A server: models and tracks, asked over HTTP."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from racecraft.domain.errors import Conflict, InvalidInput, ModelNotFound
from racecraft.domain.spec import ModelSpec, TrainingSpec
from racecraft.interfaces.cli.desk.desk import ModelCard
from racecraft.interfaces.client.connection import Connection, part_of_path
from racecraft.service.archives.importing import ImportReport
from racecraft.service.documents import near
from racecraft.service.files import storage
from racecraft.service.model_records import Model

if TYPE_CHECKING:
    from racecraft.service.tracks import TrackCard

MOST_TRACK_BYTES = 5_000_000


@dataclass(frozen=True)
class RemoteModels:
    """One's own models on a server."""

    connection: Connection

    @property
    def empty(self) -> str:
        return (
            f"You have no models on {self.connection.url} yet. Start with "
            "`racecraft train --minutes 10`."
        )

    def cards(self) -> Sequence[ModelCard]:
        return [_card(row) for row in self.connection.pages("models")]

    def card(self, name: str) -> ModelCard:
        row = named(self.connection, name)
        documents = self.connection.ask("GET", f"models/{row['model']['id']}/documents")
        spec = ModelSpec.model_validate(documents["model"])
        done = len(self._progress(row["model"]["id"]))
        return _card(row, actions=spec.action_space.summary, iterations=done)

    def facts(self, name: str) -> dict[str, Any]:
        model_id = named(self.connection, name)["model"]["id"]
        documents = self.connection.ask("GET", f"models/{model_id}/documents")
        spec = TrainingSpec.model_validate(documents["training"])
        reports = self._progress(model_id)
        return {
            "model": documents["model"],
            "training": documents["training"],
            "race": spec.race.summary,
            "last_iteration": reports[-1] if reports else None,
        }

    def checkpoints(self, name: str) -> list[dict[str, Any]]:
        model_id = named(self.connection, name)["model"]["id"]
        rows: list[dict[str, Any]] = self.connection.ask("GET", f"models/{model_id}/checkpoints")[
            "items"
        ]
        return rows

    def clone(self, name: str, new_name: str, checkpoint: str) -> Path | None:
        wish = {
            "model": {"name": new_name},
            "clone_of": named(self.connection, name)["model"]["id"],
            "checkpoint": checkpoint,
            "starts": False,
        }
        self.connection.ask("POST", "models", wish)
        return None

    def rename(self, name: str, new_name: str) -> Path | None:
        model_id = named(self.connection, name)["model"]["id"]
        self.connection.ask("PATCH", f"models/{model_id}", {"name": new_name})
        return None

    def deletion(self, name: str) -> str:
        named(self.connection, name)
        return (
            f"{name} on {self.connection.url} (`racecraft models undelete {name}` puts it back for "
            "a day)"
        )

    def delete(self, name: str) -> None:
        self.connection.ask("DELETE", f"models/{named(self.connection, name)['model']['id']}")

    def undelete(self, name: str) -> str:
        rows = self.connection.pages("models", is_deleted=True, text=name[:100])
        for row in rows:  # the newest of the name
            if row["model"]["name"] == name:
                back = self.connection.ask("POST", f"models/{row['model']['id']}/restore")
                return str(back["name"])
        raise ModelNotFound(
            f"There is no deleted model {name!r} on {self.connection.url}; a deleted model can be "
            "put back for a day."
        )

    def export(self, name: str, target: Path, *, checkpoints: str, has_state: bool) -> None:
        model_id = named(self.connection, name)["model"]["id"]
        chosen: dict[str, str | int | bool] = {"checkpoints": checkpoints, "state": has_state}
        self.connection.fetch(f"models/{model_id}/archive", target, **chosen)

    def import_from(self, path: Path, name: str | None) -> ImportReport:
        wanted: dict[str, str | int | bool] = {"name": name} if name else {}
        with storage(path):
            data = path.read_bytes()
        made = self.connection.send("POST", "models/import", data, **wanted)
        return ImportReport.model_validate(made["report"])

    def _progress(self, model_id: str) -> list[dict[str, Any]]:
        lines: list[dict[str, Any]] = self.connection.ask("GET", f"models/{model_id}/progress")
        return lines


@dataclass(frozen=True)
class RemoteTracks:
    """The tracks of a server."""

    connection: Connection

    def cards(self) -> Sequence[TrackCard]:
        from racecraft.service.tracks import TrackCard

        items = self.connection.ask("GET", "tracks")["items"]
        return [TrackCard.model_validate(item) for item in items]

    def receive(self, path: Path, name: str | None, *, replace: bool) -> TrackCard:
        from racecraft.service.tracks import TrackCard

        with storage(path):
            if path.stat().st_size > MOST_TRACK_BYTES:
                raise InvalidInput(
                    f"{path} has more than {MOST_TRACK_BYTES} bytes; that is no track file."
                )
            data = path.read_bytes()
        place = f"tracks/{part_of_path(name or path.stem)}/file"
        return TrackCard.model_validate(self.connection.send("PUT", place, data, replace=replace))

    def give(self, name: str, path: Path, *, is_reversed: bool, replace: bool) -> Path:
        file = path / f"{name}.npy" if path.is_dir() else path
        if file.exists() and not replace:
            raise Conflict(f"{file} is there already; choose another name, or add --replace.")
        place = f"tracks/{part_of_path(name)}/file"
        self.connection.fetch(place, file, reversed=is_reversed)
        return file


def named(connection: Connection, name: str) -> dict[str, Any]:
    """What the server tells of one's own model of a name: `model`, `status` and `job`.

    Raises:
        ModelNotFound: there is none.
    """
    for row in connection.pages("models", text=name[:100]):
        if row["model"]["name"] == name:
            return row
    names = [row["model"]["name"] for row in connection.pages("models")]
    raise ModelNotFound(
        f"There is no model {name!r} of yours on {connection.url}.{near(name, names)} "
        "`racecraft models list` shows what there is."
    )


def _card(row: dict[str, Any], *, actions: str = "", iterations: int | None = None) -> ModelCard:
    model = Model.model_validate(row["model"])
    return ModelCard(
        name=model.name,
        status=row["status"],
        description=model.description,
        network=model.network,
        sensors=model.sensors,
        actions=actions,
        tracks=model.tracks,
        iterations=iterations,
        created_at_s=model.created_at_s,
        size_bytes=model.size_bytes,
        problem=model.problem or None,
    )
