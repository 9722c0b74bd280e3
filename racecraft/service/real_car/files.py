"""Models for the physical car: one archive that it takes, and the same policy as ONNX."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
from enum import StrEnum
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from racecraft.domain.vehicle_description import vehicle_description
from racecraft.service.access import Actor, Operation
from racecraft.service.clones import checkpoint_folder
from racecraft.service.collection import view_model
from racecraft.service.model_folders import folder_of
from racecraft.service.models import load_model, load_training
from racecraft.service.real_car.onnx import onnx_model
from racecraft.service.real_car.plan import plan_policy
from racecraft.service.real_car.tensorflow import frozen_graph

if TYPE_CHECKING:
    from racecraft.service.settings import Settings
    from racecraft.service.store import Store


class CarFile(StrEnum):
    """What to make of a policy."""

    CAR = "car"
    ONNX = "onnx"

    @property
    def ending(self) -> str:
        """Of the file's name."""
        return ".tar.gz" if self is CarFile.CAR else ".onnx"

    @property
    def media_type(self) -> str:
        """Of the file."""
        return "application/gzip" if self is CarFile.CAR else "application/octet-stream"


def car_file(folder: Path, kind: CarFile, *, checkpoint: str = "best") -> bytes:
    """The policy of a model as a file for other programs.

    Args:
        folder: of the model.
        kind: the car's archive (`model_metadata.json` and `agent/model.pb`), or ONNX.
        checkpoint: `best`, `last` or the number of an iteration.

    Raises:
        InvalidInput: the model has learnt nothing yet.
        NotFound: it has no such checkpoint.
        InvalidSpec: the car has no such sensor.
        CorruptCheckpoint: the checkpoint is damaged.
    """
    model = load_model(folder)
    algorithm = load_training(folder).hyperparameters.algorithm
    plan = plan_policy(model, algorithm, checkpoint_folder(folder, checkpoint))
    if kind is CarFile.ONNX:
        return onnx_model(plan, version("racecraft"))
    metadata = json.dumps(vehicle_description(model, algorithm), indent=2).encode()
    return _archive(metadata + b"\n", frozen_graph(plan))


def car_file_for(
    store: Store,
    settings: Settings,
    actor: Actor,
    model_id: str,
    *,
    kind: CarFile,
    checkpoint: str,
) -> tuple[str, bytes]:
    """Name and bytes of `car_file` for somebody of a service.

    Raises:
        NotFound: there is no such model, or it is somebody else's.
        Forbidden: the actor may see it but not download it.
    """
    model = view_model(store, actor, model_id).model
    actor.demand(Operation.DOWNLOAD_MODEL, model.owner_id)
    folder = folder_of(settings, model)
    return f"{folder.name}{kind.ending}", car_file(folder, kind, checkpoint=checkpoint)


def _archive(metadata: bytes, graph: bytes) -> bytes:
    """The two files as tar.gz; the same model makes the same bytes."""
    target = io.BytesIO()
    with (
        gzip.GzipFile(filename="", mode="wb", fileobj=target, mtime=0, compresslevel=6) as packer,
        tarfile.open(fileobj=packer, mode="w", format=tarfile.USTAR_FORMAT) as archive,
    ):
        for name, data in (("model_metadata.json", metadata), ("agent/model.pb", graph)):
            info = tarfile.TarInfo(name)
            info.size, info.mode = len(data), 0o644
            archive.addfile(info, io.BytesIO(data))
    return target.getvalue()
