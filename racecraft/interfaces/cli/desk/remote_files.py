"""A server: what models left behind, as files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from racecraft.interfaces.cli.desk.remote_models import named
from racecraft.interfaces.client.connection import Connection, part_of_path
from racecraft.service.logs.entries import Shape
from racecraft.service.real_car.files import CarFile


@dataclass(frozen=True)
class RemoteFiles:
    """Asked of the server."""

    connection: Connection

    def logs(self, name: str, target: Path, shape: Shape) -> None:
        self.connection.fetch(f"{self._path(name)}/logs", target, shape=shape.value)

    def log_text(
        self, name: str, *, stamp: str | None = None, first_iteration: int = 0
    ) -> Iterator[str]:
        base = f"{self._path(name)}/logs"
        if stamp is not None:
            return self.connection.text(f"{base}/evaluations/{part_of_path(stamp)}")
        return self.connection.text(f"{base}/training", first_iteration=first_iteration)

    def car(self, name: str, target: Path, *, kind: CarFile, checkpoint: str) -> None:
        place = f"{self._path(name)}/car"
        self.connection.fetch(place, target, kind=kind.value, checkpoint=checkpoint)

    def _path(self, name: str) -> str:
        return f"models/{named(self.connection, name)['model']['id']}"
