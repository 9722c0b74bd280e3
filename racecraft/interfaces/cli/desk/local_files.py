"""This machine: what models left behind, as files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from racecraft.service.evaluations import recording
from racecraft.service.files import write_bytes, write_parts
from racecraft.service.logs.entries import Shape, entries, evaluation_log
from racecraft.service.logs.exchange import training_text
from racecraft.service.logs.packing import packed
from racecraft.service.models import model_folder
from racecraft.service.real_car.files import CarFile, car_file

if TYPE_CHECKING:
    from racecraft.service.settings import Settings


@dataclass(frozen=True)
class LocalFiles:
    """Made from the folders of the home folder."""

    settings: Settings

    def logs(self, name: str, target: Path, shape: Shape) -> None:
        folder = model_folder(self.settings, name)
        write_parts(target, packed(entries(folder, shape), shape))

    def log_text(
        self, name: str, *, stamp: str | None = None, first_iteration: int = 0
    ) -> Iterator[str]:
        folder = model_folder(self.settings, name)
        if stamp is not None:
            return evaluation_log(recording(folder, stamp))
        return training_text(folder, first_iteration=first_iteration)

    def car(self, name: str, target: Path, *, kind: CarFile, checkpoint: str) -> None:
        folder = model_folder(self.settings, name)
        write_bytes(target, car_file(folder, kind, checkpoint=checkpoint))
