"""Checkpoints: the policy of every iteration, and the full state to resume the newest from.

A checkpoint appears in one rename, so a killed process never leaves half of one. Weights are
safetensors, never pickles. Policies are stored in the usual convolution layout, whatever the
layout that computed them.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file
from safetensors.torch import load_file as load_torch
from safetensors.torch import save_file as save_torch
from torch import Tensor

from racecraft.domain.errors import CorruptCheckpoint, StorageFailed
from racecraft.training.networks import Policy, from_blocks, to_blocks

POLICY_FILE = "policy.safetensors"
FACTS_FILE = "checkpoint.json"
STATE_FILE = "state.safetensors"
STATE_FOLDER = "state"
CHECKPOINTS = "checkpoints"
_FIRST = "trunk.0.weight"
"""The first convolution of a network with a camera."""


def checkpoint_path(model_folder: Path, iteration: int) -> Path:
    """Folder of one iteration's checkpoint."""
    return model_folder / CHECKPOINTS / str(iteration)


def save_policy(
    model_folder: Path, iteration: int, policy: Policy, facts: Mapping[str, Any]
) -> None:
    """Keep an iteration's policy and the figures that go with it.

    Raises:
        StorageFailed: the disk is full or the folder cannot be written.
    """
    weights = {name: tensor.contiguous() for name, tensor in policy.state_dict().items()}
    if policy.camera is not None:
        weights[_FIRST] = from_blocks(weights[_FIRST], policy).contiguous()

    def write(folder: Path) -> None:
        save_torch(weights, folder / POLICY_FILE)
        (folder / FACTS_FILE).write_text(json.dumps(dict(facts), indent=1), encoding="utf-8")

    _write_folder(checkpoint_path(model_folder, iteration), write)


def read_facts(folder: Path) -> dict[str, Any]:
    """The figures kept with a checkpoint.

    Raises:
        CorruptCheckpoint: they cannot be read.
    """
    try:
        facts = json.loads((folder / FACTS_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CorruptCheckpoint(
            f"The checkpoint {folder} cannot be read ({error}); choose another checkpoint."
        ) from error
    if not isinstance(facts, dict):
        raise CorruptCheckpoint(
            f"The file {folder / FACTS_FILE} holds {type(facts).__name__} instead of the "
            "checkpoint's figures; choose another checkpoint."
        )
    return facts


def load_policy(folder: Path, policy: Policy) -> None:
    """Fill a policy with a checkpoint's weights.

    Raises:
        CorruptCheckpoint: the files are damaged, or belong to another network.
    """
    path = folder / POLICY_FILE
    try:
        weights = load_torch(path)
    except (SafetensorError, OSError, ValueError) as error:
        raise CorruptCheckpoint(
            f"The checkpoint {folder} cannot be read ({error}); choose another checkpoint."
        ) from error
    own = policy.state_dict()
    if weights.keys() != own.keys():
        raise CorruptCheckpoint(
            f"The checkpoint {folder} holds the weights of another network; "
            f"it has {len(weights)} arrays, this model has {len(own)}."
        )
    try:
        if policy.camera is not None:
            weights[_FIRST] = to_blocks(weights[_FIRST], policy)
        with torch.no_grad():
            for name, tensor in own.items():
                _copy_checked(name, weights[name], tensor)
    except (RuntimeError, ValueError) as error:
        raise CorruptCheckpoint(
            f"The checkpoint {folder} does not fit this model: {error}."
        ) from error


def _copy_checked(name: str, source: Tensor, target: Tensor) -> None:
    if source.shape != target.shape:
        raise ValueError(
            f"{name} has the shape {tuple(source.shape)}, this model needs {tuple(target.shape)}"
        )
    if not bool(torch.isfinite(source.float()).all()):
        raise ValueError(f"{name} holds values that are not finite numbers")
    target.copy_(source)


def save_state(
    model_folder: Path, arrays: Mapping[str, NDArray[Any]], facts: Mapping[str, Any]
) -> None:
    """Keep everything that a training needs to go on exactly; replaces the state before.

    Raises:
        StorageFailed: the disk is full or the folder cannot be written.
    """

    def write(folder: Path) -> None:
        save_file(
            {name: np.ascontiguousarray(a) for name, a in arrays.items()}, folder / STATE_FILE
        )
        (folder / FACTS_FILE).write_text(json.dumps(dict(facts)), encoding="utf-8")

    _write_folder(model_folder / CHECKPOINTS / STATE_FOLDER, write)


def load_state(model_folder: Path) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
    """The newest complete state.

    Raises:
        CorruptCheckpoint: there is none, or it is damaged.
    """
    folder = _recovered(model_folder / CHECKPOINTS / STATE_FOLDER)
    try:
        facts = json.loads((folder / FACTS_FILE).read_text(encoding="utf-8"))
        return load_file(folder / STATE_FILE), facts
    except (SafetensorError, OSError, ValueError) as error:
        raise CorruptCheckpoint(
            f"The training state in {folder} cannot be read ({error}); "
            "clone a checkpoint of the model to train on from there."
        ) from error


def part(arrays: Mapping[str, NDArray[Any]], prefix: str) -> dict[str, NDArray[Any]]:
    """The arrays of a state whose names begin so, under what follows in their names."""
    return {k.removeprefix(prefix): v for k, v in arrays.items() if k.startswith(prefix)}


def has_state(model_folder: Path) -> bool:
    """Whether there is something to resume from."""
    return (_recovered(model_folder / CHECKPOINTS / STATE_FOLDER) / FACTS_FILE).exists()


def _recovered(target: Path) -> Path:
    """The folder, or the one before if a crash came between two renames."""
    before = target.with_name(target.name + ".before")
    if not target.exists() and before.exists():
        os.replace(before, target)
    return target


def _write_folder(target: Path, write: Any) -> None:
    """Write a folder beside its place, then rename it there."""
    temporary = target.with_name(target.name + ".writing")
    before = target.with_name(target.name + ".before")
    try:
        shutil.rmtree(temporary, ignore_errors=True)
        temporary.mkdir(parents=True)
        write(temporary)
        if target.exists():
            shutil.rmtree(before, ignore_errors=True)
            os.replace(target, before)
        os.replace(temporary, target)
        shutil.rmtree(before, ignore_errors=True)
    except (OSError, SafetensorError) as error:
        shutil.rmtree(temporary, ignore_errors=True)
        raise StorageFailed(
            f"The checkpoint {target} could not be written ({error}); "
            "free some disk space or choose a folder that you may write to."
        ) from error
