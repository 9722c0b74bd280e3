"""The replay memory on disk: written piece by piece, so that keeping it costs little.

A saved state names the segments that make up the memory. Each holds the time slots that were
added since the state before; pictures are compressed. A segment is removed only when neither the
newest state nor the one before it names it, so a killed process always leaves a whole memory.
"""

from __future__ import annotations

import os
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from racecraft.domain.errors import CorruptCheckpoint, StorageFailed
from racecraft.training.checkpoint import CHECKPOINTS
from racecraft.training.sac.replay import Replay

FOLDER = "replay"
_FASTEST = 1


@dataclass(frozen=True)
class Segment:
    """Time slots first..last-1, counted from the beginning of the training."""

    first: int
    last: int

    @property
    def file(self) -> str:
        """Its name."""
        return f"{self.first}-{self.last}.safetensors"


class Segments:
    """What is on disk of one replay memory."""

    def __init__(self) -> None:
        self.named: list[Segment] = []
        """By the newest state."""

    def keep(self, replay: Replay, model_folder: Path) -> list[list[int]]:
        """Write what is new; gives what the state has to name.

        Raises:
            StorageFailed: the disk is full or the folder cannot be written.
        """
        folder = model_folder / CHECKPOINTS / FOLDER
        before, named = self.named, list(self.named)
        oldest = replay.count - replay.slots
        first = max(named[-1].last if named else 0, oldest)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            if first < replay.count:
                named.append(Segment(first, replay.count))
                _write(folder / named[-1].file, replay, named[-1])
            self.named = [each for each in named if each.last > oldest]
            kept = {each.file for each in (*before, *self.named)}
            for path in folder.iterdir():
                if path.name not in kept:
                    path.unlink()
        except (OSError, SafetensorError) as error:
            raise StorageFailed(
                f"The remembered steps in {folder} could not be written ({error}); "
                "free some disk space or choose a folder that you may write to."
            ) from error
        return [[each.first, each.last] for each in self.named]

    def load(self, replay: Replay, model_folder: Path, named: list[list[int]]) -> None:
        """Fill a replay memory with the segments that a state names.

        Raises:
            CorruptCheckpoint: one is damaged or missing.
            KeyError, ValueError: they are of another training.
        """
        folder = model_folder / CHECKPOINTS / FOLDER
        self.named = [Segment(first, last) for first, last in named]
        for segment in self.named:
            try:
                _read(folder / segment.file, replay, segment)
            except (SafetensorError, OSError, zlib.error) as error:
                raise CorruptCheckpoint(
                    f"The remembered steps in {folder / segment.file} cannot be read ({error}); "
                    "clone a checkpoint of the model to train on from there."
                ) from error
            replay.count = segment.last


def _write(path: Path, replay: Replay, segment: Segment) -> None:
    places = np.arange(segment.first, segment.last) % replay.slots
    arrays = {name: np.ascontiguousarray(memory[places]) for name, memory in _memory(replay)}
    if "frames" in arrays:
        frames = zlib.compress(arrays["frames"].tobytes(), _FASTEST)
        arrays["frames"] = np.frombuffer(frames, np.uint8)
    temporary = path.with_name(path.name + ".writing")
    save_file(arrays, temporary)
    os.replace(temporary, path)


def _read(path: Path, replay: Replay, segment: Segment) -> None:
    arrays = load_file(path)
    places = np.arange(segment.first, segment.last) % replay.slots
    like = replay.observations.frames
    if like is not None:
        frames = np.frombuffer(zlib.decompress(arrays["frames"].tobytes()), np.uint8)
        arrays["frames"] = frames.reshape(len(places), *like.shape[1:])
    for name, memory in _memory(replay):
        if arrays[name].shape != (len(places), *memory.shape[1:]):
            raise ValueError(f"{path.name} holds {name} of another shape")
        memory[places] = arrays[name]


def _memory(replay: Replay) -> list[tuple[str, NDArray[Any]]]:
    return list(replay.arrays().items())
