"""Policies frozen for the car: OpenVINO and ONNX Runtime compute what our own network does."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import openvino
import pytest
import torch
from numpy.typing import NDArray

from racecraft.domain.action_space import ContinuousActionSpace
from racecraft.domain.errors import CorruptCheckpoint, InvalidSpec
from racecraft.domain.hyperparameters import AlgorithmName, Critic
from racecraft.domain.sensors import Sensor
from racecraft.domain.spec import ModelSpec, Network
from racecraft.service.real_car.onnx import onnx_model
from racecraft.service.real_car.plan import Plan, plan_policy
from racecraft.service.real_car.tensorflow import frozen_graph
from racecraft.service.real_car.weights import read_weights
from racecraft.service.real_car.wire import varint
from racecraft.sim.observations import Observations, make_observations
from racecraft.sim.simulator import Simulator
from racecraft.tracks.library import load_track
from racecraft.training.checkpoint import checkpoint_path, save_policy
from racecraft.training.driving import Actor
from racecraft.training.inputs import InputBuffer
from racecraft.training.networks import ActorCritic, kernel_mask
from racecraft.training.sac.networks import SoftActor
from racecraft.training.trunk import Inputs

FRAMES = 1000
MAX_DIFFERENCE = 1e-4
FRONT, LEFT, STEREO = "FRONT_FACING_CAMERA", "LEFT_CAMERA", "STEREO_CAMERAS"
LIDAR, SECTORS = "LIDAR", "SECTOR_LIDAR"
CONTINUOUS = ContinuousActionSpace()
Fed = dict[str, NDArray[np.float32]]


def driven(model: ModelSpec, count: int) -> Observations:
    """What a car of full resolution sees from everywhere on a track."""
    return seen_with(model.sensors, count)


@lru_cache(maxsize=2)
def seen_with(sensors: tuple[Sensor, ...], count: int) -> Observations:
    """The same by sensors alone; what the network is makes no difference."""
    full = ModelSpec(sensors=sensors, network=Network.SHALLOW)
    simulator = Simulator(
        [load_track("harbour-loop")], 50, camera=full.camera, lidar=full.lidar, seed=4
    )
    random = np.random.default_rng(7)
    seen = make_observations((count // 50, 50), full.camera, full.lidar)
    for part in range(count // 50):
        simulator.restart(0, 50, jitter=1.0)
        for _ in range(3):
            commands = np.stack([random.uniform(-0.5, 0.5, 50), random.uniform(0.5, 3, 50)], axis=1)
            simulator.step(commands, 0, 50)
        simulator.observe(seen[part], 0, 50)
    if seen.scans is not None and not simulator.has_objects:
        seen.scans[:] = random.uniform(*full.lidar.limits, seen.scans.shape)  # type: ignore[union-attr]
    return seen.flat(2)


def an_actor(model: ModelSpec, algorithm: AlgorithmName) -> Actor:
    """With weights that are not small, so that outputs differ."""
    actor: Actor
    if algorithm == "SAC":
        actor = SoftActor(model, uses_bf16=False, seed=3)
    else:
        actor = ActorCritic(model, Critic.TRACK, uses_bf16=False, seed=3)
    with torch.no_grad():
        actor.policy.head.weight.mul_(300.0)
        for parameter in actor.policy.parameters():
            size = 0.3 / math.sqrt(parameter[0].numel()) if parameter.ndim > 1 else 0.01
            parameter.add_(torch.randn(parameter.shape, generator=torch.manual_seed(1)) * size)
        mask = kernel_mask(actor.policy)
        if mask is not None:  # what is no part of the kernel weighs nothing
            actor.policy.first_weight.mul_(mask)
    return actor


def plan_of(folder: Path, model: ModelSpec, algorithm: AlgorithmName = "PPO") -> tuple[Actor, Plan]:
    actor = an_actor(model, algorithm)
    save_policy(folder, 0, actor.policy, {"algorithm": algorithm})
    return actor, plan_policy(model, algorithm, checkpoint_path(folder, 0))


def own_answers(actor: Actor, model: ModelSpec, seen: Observations) -> NDArray[np.float32]:
    """Of our own network; the light one sees the means of squares of pixels."""
    inputs = None
    if model.network is Network.LIGHT and seen.frames is not None:
        pictures = torch.from_numpy(seen.frames).float() / 255.0
        pictures = pictures.reshape(len(pictures), 120, 160, -1)
        small = pictures.reshape(-1, 60, 2, 80, 2, pictures.shape[-1]).mean(dim=(2, 4))
        count, _, _, channels = small.shape
        blocks = small.reshape(count, 15, 4, 20, 4, channels).permute(0, 2, 4, 5, 1, 3)
        scans = None if seen.scans is None else torch.from_numpy(seen.scans)
        inputs = Inputs(blocks.reshape(count, 16 * channels, 15, 20), scans)
    else:
        count = len(seen.frames if seen.frames is not None else seen.scans)  # type: ignore[arg-type]
        buffer = InputBuffer(count, actor.policy, uses_bf16=False)
        buffer.fill(seen, np.arange(count))
        inputs = buffer.inputs(0, count)
    with torch.inference_mode():
        outputs = actor.policy(inputs)
        if isinstance(actor, SoftActor):
            return torch.tanh(outputs[:, :2]).numpy()
        if model.action_space.kind == "continuous":
            return outputs[:, :2].numpy()
        return torch.softmax(outputs, dim=1).numpy()


def fed(plan: Plan, seen: Observations) -> Fed:
    """The inputs by name, as the car gives them: floats from 0 to 255."""
    inputs: Fed = {}
    if plan.eye is not None and seen.frames is not None:
        shape = (-1, plan.eye.height, plan.eye.width, plan.eye.channels)
        inputs[plan.eye.input_name] = seen.frames.astype(np.float32).reshape(shape)
    if plan.scan is not None and seen.scans is not None:
        inputs[plan.scan.input_name] = seen.scans
    return inputs


def of_openvino(path: Path, plan: Plan, inputs: Fed) -> NDArray[np.float32]:
    """Answers of the graph, one observation at a time, as on the car."""
    core = openvino.Core()
    network = core.read_model(path)
    # TensorFlow counts the outputs of a node: its first one is `name:0`.
    network.reshape({f"{name}:0": [1, *values.shape[1:]] for name, values in inputs.items()})
    exact = {"INFERENCE_PRECISION_HINT": "f32", "INFERENCE_NUM_THREADS": 1}
    compiled = core.compile_model(network, "CPU", exact)
    assert compiled.output(0).any_name == f"{plan.output_name}:0"
    count = len(next(iter(inputs.values())))
    return np.concatenate(
        [
            compiled({f"{name}:0": values[k : k + 1] for name, values in inputs.items()})[0]
            for k in range(count)
        ]
    )


KINDS = [
    pytest.param(ModelSpec(), "PPO", FRAMES, id="shallow"),
    pytest.param(ModelSpec(network=Network.DEEP), "PPO", 100, id="deep"),
    pytest.param(ModelSpec(network=Network.DEEP_DEEP), "PPO", 100, id="deeper"),
    pytest.param(ModelSpec(network=Network.LIGHT), "PPO", FRAMES, id="light"),
    pytest.param(ModelSpec(sensors=(LEFT,)), "PPO", 50, id="left"),
    pytest.param(ModelSpec(sensors=(STEREO,)), "PPO", 100, id="stereo"),
    pytest.param(
        ModelSpec(sensors=(STEREO,), network=Network.DEEP_DEEP), "PPO", 50, id="stereo-deeper"
    ),
    pytest.param(ModelSpec(sensors=(FRONT, LIDAR)), "PPO", 100, id="lidar"),
    pytest.param(ModelSpec(sensors=(STEREO, SECTORS)), "PPO", 100, id="sectors"),
    pytest.param(ModelSpec(sensors=(LIDAR,)), "PPO", 100, id="lidar-alone"),
    pytest.param(ModelSpec(action_space=CONTINUOUS), "PPO", 100, id="continuous"),
    pytest.param(ModelSpec(action_space=CONTINUOUS), "SAC", FRAMES, id="sac"),
]


EVERY_KIND = [
    pytest.param(
        ModelSpec(network=network, sensors=sensors, **space),
        algorithm,
        id=f"{network.name}-{'+'.join(sensors)}-{algorithm}-{'ranges' if space else 'list'}",
    )
    for sensors in [
        *((camera,) for camera in (FRONT, LEFT, STEREO)),
        *((camera, lidar) for camera in (FRONT, LEFT, STEREO) for lidar in (LIDAR, SECTORS)),
        *((lidar,) for lidar in (LIDAR, SECTORS)),
    ]
    for network in Network
    for algorithm, space in (
        ("PPO", {}),
        ("PPO", {"action_space": CONTINUOUS}),
        ("SAC", {"action_space": CONTINUOUS}),
    )
]
"""Everything that the car supports."""


def differences(
    model: ModelSpec, algorithm: AlgorithmName, count: int, folder: Path
) -> tuple[float, float]:
    """The largest of OpenVINO and of ONNX Runtime against our own network, in so many frames."""
    actor, plan = plan_of(folder, model, algorithm)
    seen = driven(model, count)
    expected = own_answers(actor, model, seen)
    assert expected.std(axis=0).max() > 50 * MAX_DIFFERENCE  # frames do differ
    inputs = fed(plan, seen)

    graph, other = folder / "model.pb", folder / "model.onnx"
    graph.write_bytes(frozen_graph(plan))
    other.write_bytes(onnx_model(plan, "test"))
    onnx.checker.check_model(onnx.load(other), full_check=True)
    session = onnxruntime.InferenceSession(other, providers=["CPUExecutionProvider"])
    (answers,) = session.run([plan.output_name], dict(inputs))
    of_car = of_openvino(graph, plan, inputs)
    return float(np.abs(of_car - expected).max()), float(np.abs(answers - expected).max())


@pytest.mark.parametrize(("model", "algorithm", "count"), KINDS)
def test_openvino_and_onnx_runtime_answer_as_our_own_network_does(
    model: ModelSpec, algorithm: AlgorithmName, count: int, tmp_path: Path
) -> None:
    assert max(differences(model, algorithm, count, tmp_path)) <= MAX_DIFFERENCE


@pytest.mark.slow
@pytest.mark.parametrize(("model", "algorithm"), EVERY_KIND)
def test_whatever_the_car_supports_answers_the_same_in_a_thousand_frames(
    model: ModelSpec,
    algorithm: AlgorithmName,
    tmp_path: Path,
    record_property: Callable[[str, object], None],
) -> None:
    found = differences(model, algorithm, FRAMES, tmp_path)
    record_property("largest_difference", max(found))
    assert max(found) <= MAX_DIFFERENCE


@pytest.mark.parametrize(
    ("model", "algorithm", "inputs", "output"),
    [
        (
            ModelSpec(),
            "PPO",
            {"main/online/network_0/FRONT_FACING_CAMERA/FRONT_FACING_CAMERA": [-1, 120, 160, 1]},
            "main/online/network_1/ppo_head_0/policy",
        ),
        (
            ModelSpec(sensors=(STEREO, LIDAR)),
            "PPO",
            {
                "main/online/network_0/STEREO_CAMERAS/STEREO_CAMERAS": [-1, 120, 160, 2],
                "main/online/network_0/LIDAR/LIDAR": [-1, 64],
            },
            "main/online/network_1/ppo_head_0/policy",
        ),
        (
            ModelSpec(action_space=CONTINUOUS),
            "SAC",
            {"policy/online/network_0/FRONT_FACING_CAMERA/FRONT_FACING_CAMERA": [-1, 120, 160, 1]},
            "policy/online/network_0/sac_policy_head_0/policy",
        ),
    ],
)
def test_inputs_and_output_are_called_as_the_car_calls_them(
    model: ModelSpec,
    algorithm: AlgorithmName,
    inputs: dict[str, list[int]],
    output: str,
    tmp_path: Path,
) -> None:
    _, plan = plan_of(tmp_path, model, algorithm)
    path = tmp_path / "model.pb"
    path.write_bytes(frozen_graph(plan))
    network = openvino.Core().read_model(path)
    found = {each.any_name: each for each in network.inputs}
    shapes = {f"main_level/agent/{name}:0": shape for name, shape in inputs.items()}
    assert {
        name: [-1 if size.is_dynamic else size.get_length() for size in each.partial_shape]
        for name, each in found.items()
    } == shapes
    assert plan.output_name == f"main_level/agent/{output}"


def test_weights_of_sixteen_bits_are_read_without_loss(tmp_path: Path) -> None:
    actor = ActorCritic(ModelSpec(), Critic.TRACK, uses_bf16=True, seed=3)
    save_policy(tmp_path, 0, actor.policy, {})
    weights = read_weights(checkpoint_path(tmp_path, 0) / "policy.safetensors")
    assert np.array_equal(weights["head.weight"], actor.policy.head.weight.detach().float().numpy())


def test_the_same_policy_makes_the_same_bytes(tmp_path: Path) -> None:
    _, plan = plan_of(tmp_path, ModelSpec(network=Network.LIGHT))
    assert frozen_graph(plan) == frozen_graph(replace(plan))
    assert onnx_model(plan, "x") == onnx_model(replace(plan), "x")


def test_a_sensor_that_the_car_does_not_have_is_refused(tmp_path: Path) -> None:
    model = ModelSpec(sensors=(FRONT, "DISCRETIZED_SECTOR_LIDAR"))
    with pytest.raises(InvalidSpec, match="which the physical car does not have"):
        plan_of(tmp_path, model)


def test_a_damaged_or_foreign_checkpoint_is_a_sentence(tmp_path: Path) -> None:
    plan_of(tmp_path, ModelSpec(network=Network.LIGHT))
    folder = checkpoint_path(tmp_path, 0)
    with pytest.raises(CorruptCheckpoint, match="another network"):
        plan_policy(ModelSpec(network=Network.DEEP_DEEP), "PPO", folder)
    file = folder / "policy.safetensors"
    whole = file.read_bytes()
    for damaged in (b"", whole[:20], whole[:-8], b"\xff" * 64):
        file.write_bytes(damaged)
        with pytest.raises(CorruptCheckpoint, match="choose another"):
            plan_policy(ModelSpec(network=Network.LIGHT), "PPO", folder)


@pytest.mark.parametrize(
    ("value", "written"), [(0, b"\0"), (1, b"\1"), (300, b"\xac\x02"), (-1, b"\xff" * 9 + b"\1")]
)
def test_numbers_are_written_as_protocol_buffers_have_them(value: int, written: bytes) -> None:
    assert varint(value) == written
