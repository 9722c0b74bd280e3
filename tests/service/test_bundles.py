"""TensorFlow checkpoints, written by hand, are read; damaged ones are a sentence."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from racecraft.analysis.places import open_place
from racecraft.domain.action_space import ContinuousActionSpace
from racecraft.domain.errors import InvalidInput
from racecraft.domain.spec import ModelSpec, Network
from racecraft.service.foreign.bundles import read_array, read_index
from racecraft.service.foreign.checkpoints import read_checkpoint
from racecraft.service.foreign.policies import weights_of
from racecraft.service.foreign.taking import import_foreign
from racecraft.service.real_car.plan import Plan
from racecraft.service.real_car.weights import read_weights
from racecraft.service.real_car.wire import block, varint, whole
from racecraft.service.settings import Settings
from racecraft.training.checkpoint import checkpoint_path
from tests.service.test_foreign import a_drfc_model
from tests.service.test_real_car import plan_of

Arrays = dict[str, NDArray[np.generic]]
_KINDS = {"float32": 1, "int64": 9}


def a_table(pairs: list[tuple[bytes, bytes]], *, per_block: int = 4) -> bytes:
    """A sorted string table as LevelDB has it, unpacked."""
    data, index = b"", []
    for start in range(0, len(pairs), per_block):
        part = pairs[start : start + per_block]
        content = _block(part)
        index.append((part[-1][0], varint(len(data)) + varint(len(content))))
        data += content + b"\0" * 5
    metadata = _block([])
    handles = varint(len(data)) + varint(len(metadata))
    data += metadata + b"\0" * 5
    content = _block(index)
    handles += varint(len(data)) + varint(len(content))
    data += content + b"\0" * 5
    return data + handles.ljust(40, b"\0") + struct.pack("<Q", 0xDB4775248B80FB57)


def _block(pairs: list[tuple[bytes, bytes]]) -> bytes:
    content, before = b"", b""
    for name, value in pairs:
        shared = next((k for k, (a, b) in enumerate(zip(name, before, strict=False)) if a != b),
                      min(len(name), len(before)))  # fmt: skip
        own = name[shared:]
        content += varint(shared) + varint(len(own)) + varint(len(value)) + own + value
        before = name
    return content + struct.pack("<II", 0, 1)


def a_bundle(folder: Path, stem: str, arrays: Arrays) -> None:
    """The two files of a checkpoint."""
    data, pairs = b"", [(b"", whole(1, 1))]
    for name in sorted(arrays):
        array = np.ascontiguousarray(arrays[name])
        shape = b"".join(block(2, whole(1, size)) for size in array.shape)
        entry = whole(1, _KINDS[array.dtype.name]) + block(2, shape)
        entry += whole(4, len(data)) + whole(5, array.nbytes) + b"\x35" + b"\1\2\3\4"
        pairs.append((name.encode(), entry))
        data += array.tobytes()
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{stem}.index").write_bytes(a_table(pairs))
    (folder / f"{stem}.data-00000-of-00001").write_bytes(data)


def variables(plan: Plan) -> Arrays:
    """The arrays of a policy as the original's trainer calls them, among others."""
    scope = "main_level/agent/main/online/network_1"
    arrays: Arrays = {}
    for k, layer in enumerate(plan.eye.convolutions if plan.eye else ()):
        arrays[f"{scope}/observation/Conv2d_{k}/kernel"] = layer.kernel.transpose(2, 3, 1, 0)
        arrays[f"{scope}/observation/Conv2d_{k}/bias"] = layer.bias
    count = len(plan.eye.convolutions) if plan.eye else 0
    groups = [
        ("observation", plan.eye.embedding if plan.eye else (), count + 1),
        ("LIDAR", plan.scan.embedding if plan.scan else (), 0),
        ("middleware_fc_embedder", plan.middleware, 0),
    ]
    for group, layers, first in groups:
        for k, dense in enumerate(layers):
            arrays[f"{scope}/{group}/Dense_{first + 10 * k}/kernel"] = dense.weight.T
            arrays[f"{scope}/{group}/Dense_{first + 10 * k}/bias"] = dense.bias
    arrays[f"{scope}/ppo_head_0/policy_fc/kernel"] = plan.head.weight.T
    arrays[f"{scope}/ppo_head_0/policy_fc/bias"] = plan.head.bias
    others = {f"{name}/Adam": np.zeros_like(each) for name, each in arrays.items()}
    others |= {name.replace("/online/", "/target/"): each * 0 for name, each in arrays.items()}
    critic = "main_level/agent/main/online/network_0/v_values_head_0/output"
    others |= {f"{critic}/kernel": np.ones((512, 1), np.float32)}
    return arrays | others | {"global_step": np.array(7, np.int64)}


@pytest.mark.parametrize(
    "model",
    [
        ModelSpec(network=Network.LIGHT),
        ModelSpec(network=Network.DEEP),
        ModelSpec(network=Network.LIGHT, sensors=("STEREO_CAMERAS", "LIDAR")),
        ModelSpec(network=Network.LIGHT, sensors=("LIDAR",)),
        ModelSpec(network=Network.LIGHT, action_space=ContinuousActionSpace()),
    ],
    ids=["light", "deep", "stereo-lidar", "lidar", "continuous"],
)
def test_the_policy_of_a_checkpoint_is_found_by_its_names(model: ModelSpec, tmp_path: Path) -> None:
    _, plan = plan_of(tmp_path / "ours", model)
    a_bundle(tmp_path / "other", "12_Step-900.ckpt", variables(plan))
    with open_place(tmp_path / "other") as place:
        policy = read_checkpoint(place, "12_Step-900.ckpt.index")
    found = weights_of(model, "PPO", policy)
    kept = read_weights(checkpoint_path(tmp_path / "ours", 0) / "policy.safetensors")
    assert found.keys() == kept.keys()
    assert all(np.array_equal(found[name], kept[name]) for name in found if name != "log_std")


def test_a_training_is_taken_over_with_its_best_checkpoint(tmp_path: Path) -> None:
    source = a_drfc_model(tmp_path / "rl-model")
    settings = Settings(home=tmp_path / "home")
    spec = ModelSpec.model_validate(
        {"action_space": {"actions": [
            {"steering_angle": a, "speed": 1.0} for a in (-30, -15, 0, 15, 30)]}}
    )  # fmt: skip
    _, plan = plan_of(tmp_path / "ours", spec)
    arrays = variables(plan)
    a_bundle(source / "model", "12_Step-900.ckpt", arrays)
    zeros = {name: each * 0 for name, each in arrays.items()}
    a_bundle(source / "model", "13_Step-999.ckpt", zeros)
    (source / "model/deepracer_checkpoints.json").write_text(
        '{"best_checkpoint": {"name": "12_Step-900.ckpt"}}'
    )
    report = import_foreign(settings, source, name="mine")
    assert report.can_drive, report.left
    assert "the weights of model/12_Step-900.ckpt.index, as checkpoint 0" in report.taken
    weights = read_weights(checkpoint_path(settings.models / "mine", 0) / "policy.safetensors")
    assert np.array_equal(weights["head.weight"], plan.head.weight)


def test_arrays_are_where_the_index_says(tmp_path: Path) -> None:
    arrays: Arrays = {
        f"a/long/scope/of/names_{k}": np.full((k + 1, 2), k, np.float32) for k in range(40)
    }
    a_bundle(tmp_path, "x.ckpt", {**arrays, "b": np.arange(3)})
    entries = read_index((tmp_path / "x.ckpt.index").read_bytes())
    data = (tmp_path / "x.ckpt.data-00000-of-00001").read_bytes()
    assert set(entries) == set(arrays)  # whole numbers are no weights
    for name, entry in entries.items():
        assert np.array_equal(read_array(entry, lambda shard: data), arrays[name])
    with pytest.raises(InvalidInput, match="cut short"):
        read_array(entries["a/long/scope/of/names_39"], lambda shard: data[:900])


def test_damaged_indices_never_raise_anything_else(tmp_path: Path) -> None:
    a_bundle(tmp_path, "x.ckpt", {f"n/{k}": np.zeros((3, 3), np.float32) for k in range(9)})
    whole_file = (tmp_path / "x.ckpt.index").read_bytes()
    for odd in (b"", b"x" * 47, b"x" * 48, whole_file[:-1], whole_file[48:]):
        with pytest.raises(InvalidInput):
            read_index(odd)
    random = np.random.default_rng(3)
    for _ in range(500):
        data = bytearray(whole_file)
        for place in random.integers(0, len(data) - 8, 4):
            data[place] = random.integers(0, 256)
        try:
            entries = read_index(bytes(data))
            for entry in entries.values():
                read_array(entry, lambda shard: b"\0" * 400)
        except InvalidInput:
            continue
