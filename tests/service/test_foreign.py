"""Models of other programs come in as far as they go, and a report tells what did not."""

from __future__ import annotations

import io
import json
import tarfile
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from racecraft.domain.action_space import ContinuousActionSpace
from racecraft.domain.errors import Conflict, InvalidInput, InvalidSpec
from racecraft.domain.hyperparameters import AlgorithmName, PPOHyperparameters
from racecraft.domain.spec import ModelSpec, Network
from racecraft.interfaces.cli.app import run
from racecraft.service import models
from racecraft.service.archives.export import export_model
from racecraft.service.drives import traced_iterations, training_drives
from racecraft.service.evaluations import list_evaluations
from racecraft.service.foreign.graphs import GraphLayer, GraphPolicy, read_policy
from racecraft.service.foreign.policies import weights_of
from racecraft.service.foreign.taking import import_foreign, is_foreign
from racecraft.service.real_car.plan import plan_policy
from racecraft.service.real_car.tensorflow import frozen_graph
from racecraft.service.real_car.weights import read_weights
from racecraft.service.settings import Settings
from racecraft.training.checkpoint import checkpoint_path, load_policy, save_policy
from tests.analysis.logs_made import METADATA, a_folder, packed
from tests.service.test_real_car import an_actor

REWARD = "def reward_function(params):\n    return 2.0\n"


def car_archive(target: Path, model: ModelSpec, algorithm: AlgorithmName = "PPO") -> Path:
    """What the physical car takes, of a made-up policy; its checkpoint lies beside."""
    from racecraft.domain.vehicle_description import vehicle_description

    actor = an_actor(model, algorithm)
    save_policy(target, 0, actor.policy, {"algorithm": algorithm})
    graph = frozen_graph(plan_policy(model, algorithm, checkpoint_path(target, 0)))
    (target / "model.pb").write_bytes(graph)
    path = target / "some car.tar.gz"
    with tarfile.open(path, "w:gz", compresslevel=1) as archive:
        metadata = json.dumps(vehicle_description(model, algorithm)).encode()
        for name, data in (("model_metadata.json", metadata), ("agent/model.pb", graph)):
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return path


@pytest.mark.parametrize(
    ("model", "algorithm"),
    [
        (ModelSpec(), "PPO"),
        (ModelSpec(network=Network.DEEP), "PPO"),
        (ModelSpec(network=Network.DEEP_DEEP, sensors=("STEREO_CAMERAS",)), "PPO"),
        (ModelSpec(network=Network.LIGHT), "PPO"),
        (ModelSpec(network=Network.LIGHT, sensors=("FRONT_FACING_CAMERA", "LIDAR")), "PPO"),
        (ModelSpec(network=Network.DEEP_DEEP, sensors=("STEREO_CAMERAS", "SECTOR_LIDAR")), "PPO"),
        (ModelSpec(network=Network.LIGHT, sensors=("LIDAR",)), "PPO"),
        (
            ModelSpec(
                network=Network.LIGHT,
                sensors=("LEFT_CAMERA", "LIDAR"),
                action_space=ContinuousActionSpace(),
            ),
            "SAC",
        ),
        (ModelSpec(action_space=ContinuousActionSpace()), "PPO"),
        (ModelSpec(action_space=ContinuousActionSpace()), "SAC"),
    ],
    ids=[
        "shallow",
        "deep",
        "stereo",
        "light",
        "lidar",
        "stereo-sectors",
        "lidar-alone",
        "lidar-sac",
        "continuous",
        "sac",
    ],
)
def test_a_model_for_the_car_comes_back_with_the_same_weights(
    model: ModelSpec, algorithm: AlgorithmName, tmp_path: Path
) -> None:
    archive = car_archive(tmp_path, model, algorithm)
    settings = Settings(home=tmp_path / "home")
    report = import_foreign(settings, archive)
    assert report.name == "some-car"
    assert report.can_drive
    folder = settings.models / "some-car"
    before = read_weights(checkpoint_path(tmp_path, 0) / "policy.safetensors")
    after = read_weights(checkpoint_path(folder, 0) / "policy.safetensors")
    assert before.keys() == after.keys()
    for name, array in before.items():
        if name == "log_std":
            continue
        means = slice(None, 2) if algorithm == "SAC" and name.startswith("head") else slice(None)
        assert np.array_equal(after[name][means], array[means]), name
    spec = models.load_model(folder)
    assert spec.action_space == model.action_space
    assert spec.network is model.network
    load_policy(checkpoint_path(folder, 0), an_actor(spec, algorithm).policy)


def test_sensors_may_be_put_side_by_side_in_either_order(tmp_path: Path) -> None:
    model = ModelSpec(network=Network.LIGHT, sensors=("FRONT_FACING_CAMERA", "LIDAR"))
    car_archive(tmp_path, model)
    graph = (tmp_path / "model.pb").read_bytes()
    policy = read_policy(graph)
    eye, scan = policy.branches
    joint = policy.shared[0]
    size = eye[-1].weight.shape[-1] if not eye[-1].is_convolution else len(joint.weight) - 256
    turned = np.concatenate([joint.weight[size:], joint.weight[:size]])
    other = GraphPolicy((scan, eye), [GraphLayer(turned, joint.bias), *policy.shared[1:]])
    before, after = weights_of(model, "PPO", policy), weights_of(model, "PPO", other)
    assert before.keys() == after.keys()
    assert all(np.array_equal(before[name], after[name]) for name in before)


def test_a_graph_with_other_sensors_than_the_description_is_a_sentence(tmp_path: Path) -> None:
    car_archive(tmp_path, ModelSpec(network=Network.LIGHT, sensors=("LEFT_CAMERA", "LIDAR")))
    policy = read_policy((tmp_path / "model.pb").read_bytes())
    for sensors in (("LEFT_CAMERA",), ("LIDAR",)):
        with pytest.raises(InvalidInput, match="reads 2 sensors"):
            weights_of(ModelSpec(network=Network.LIGHT, sensors=sensors), "PPO", policy)


def a_drfc_model(folder: Path, **settings: object) -> Path:
    a_folder(folder, "drfc", columns=16, radians=True)
    (folder / "reward_function.py").write_text(REWARD)
    values = {"batch_size": 32, "lr": 0.0002, "num_epochs": 5, "beta_entropy": 0.02,
              "discount_factor": 0.99, "term_cond_max_episodes": 1000, **settings}  # fmt: skip
    (folder / "ip/hyperparameters.json").write_text(json.dumps(values))
    (folder / "training_params.yaml").write_text(
        'JOB_TYPE: "TRAINING"\nWORLD_NAME: "pebble-oval"\nREVERSE_DIR: "True"\n'
    )
    return folder


@pytest.mark.parametrize("is_packed", [False, True], ids=["folder", "archive"])
def test_a_training_of_deepracer_for_cloud_is_taken_over(is_packed: bool, tmp_path: Path) -> None:
    source = a_drfc_model(tmp_path / "rl-model")
    settings = Settings(home=tmp_path / "home")
    path = packed(source, tmp_path / "other.tar.gz") if is_packed else source
    assert is_foreign(path)
    report = import_foreign(settings, path, name="mine")
    folder = settings.models / "mine"
    training = models.load_training(folder)
    assert isinstance(training.hyperparameters, PPOHyperparameters)
    assert (training.hyperparameters.batch_size, training.hyperparameters.gamma) == (32, 0.99)
    assert (training.tracks[0].name, training.tracks[0].is_reversed) == ("pebble-oval", True)
    assert (folder / "reward_function.py").read_text() == REWARD
    assert len(models.load_model(folder).action_space.actions) == 5  # type: ignore[union-attr]
    assert traced_iterations(folder) == [0, 1, 2, 3, 4]
    (drive, *_) = training_drives(folder, 3)
    assert set(drive.steering_deg) == {15.0, -15.0}
    (evaluation,) = list_evaluations(folder)
    assert [trial.status for trial in evaluation.trials] == ["Lap complete"] * 2
    assert evaluation.trials[0].time_ms == round(89 / 15 * 1000)
    assert not report.can_drive
    assert any("no weights" in line for line in report.left)
    again = Settings(home=tmp_path / "again")
    archive = tmp_path / "ours.zip"
    archive.write_bytes(b"".join(export_model(folder)))
    from racecraft.service.archives.importing import check_archive, unpack_archive

    assert unpack_archive(again, archive, check_archive(archive)).name == "mine"


def test_what_is_not_possible_here_is_told(tmp_path: Path) -> None:
    source = a_drfc_model(tmp_path / "rl-model", batch_size=99, lr=5.0)
    (source / "reward_function.py").write_text("def reward_function(params:\n")
    (source / "training_params.yaml").write_text('WORLD_NAME: "Mars"\n')
    (source / "model/5_Step-100.ckpt.index").write_bytes(b"x")
    (source / "training-simtrace/2-iteration.csv").write_text("episode,steps\n1,2\n")
    report = import_foreign(Settings(home=tmp_path / "home"), source)
    left = " ".join(report.left)
    for words in ("batch_size is 99", "lr is 5.0", "not Python", "Mars is not here",
                  "TensorFlow checkpoint cannot", "2-iteration.csv cannot be read"):  # fmt: skip
        assert words in left, left


def test_what_is_no_model_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "home")
    (tmp_path / "empty").mkdir()
    with pytest.raises(InvalidInput, match=r"no model_metadata\.json"):
        import_foreign(settings, tmp_path / "empty")
    odd = tmp_path / "odd"
    odd.mkdir()
    (odd / "model_metadata.json").write_text('{"action_space": [{"speed": 99}]}')
    with pytest.raises(InvalidSpec):
        import_foreign(settings, odd)
    (odd / "model_metadata.json").write_text(METADATA)
    import_foreign(settings, odd)
    with pytest.raises(Conflict):
        import_foreign(settings, odd, name="odd")
    assert [path.name for path in settings.models.iterdir()] == ["odd"]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x00" * 50,
        b"\xff" * 50,
        b"\x0a\xff\xff\xff\xff\x0f",
        b"\x0a\x05hello",
        b"\x0a\x02\x0a\x00",
    ],
)
def test_a_graph_that_is_none_is_a_sentence(data: bytes) -> None:
    with pytest.raises(InvalidInput, match=r"graph|protocol"):
        read_policy(data)


def test_damaged_graphs_never_raise_anything_else(tmp_path: Path) -> None:
    archive = car_archive(tmp_path, ModelSpec(network=Network.LIGHT))
    with tarfile.open(archive) as tar:
        whole = tar.extractfile("agent/model.pb").read()  # type: ignore[union-attr]
    random = np.random.default_rng(2)
    small = whole[:4000]
    for _ in range(300):
        data = bytearray(small)
        for place in random.integers(0, len(data), 5):
            data[place] = random.integers(0, 256)
        try:
            read_policy(bytes(data))
        except InvalidInput:
            continue


def test_a_short_graph_of_endless_arrays_takes_no_memory() -> None:
    shape = _field(2, _field(2, b"\x08" + _varint(10_000_000)))  # TensorShapeProto.dim.size
    tensor = b"\x08\x01" + shape + _field(5, np.float32(1.0).tobytes())
    entry = _field(1, b"value") + _field(2, _field(8, tensor))
    nodes = (
        _field(1, f"c{k}".encode()) + _field(2, b"Const") + _field(5, entry) for k in range(5_000)
    )
    data = b"".join(_field(1, node) for node in nodes)
    assert len(data) < 500_000
    tracemalloc.start()
    with pytest.raises(InvalidInput, match="output"):
        read_policy(data)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 50_000_000


def _varint(value: int) -> bytes:
    low, rest = value & 0x7F, value >> 7
    return bytes([low | 0x80]) + _varint(rest) if rest else bytes([low])


def _field(number: int, content: bytes) -> bytes:
    return bytes([number << 3 | 2]) + _varint(len(content)) + content


def test_a_graph_of_another_network_leaves_the_model_without_weights(tmp_path: Path) -> None:
    archive = car_archive(tmp_path, ModelSpec(network=Network.LIGHT))
    other = tmp_path / "other"
    with tarfile.open(archive) as tar:
        tar.extractall(other, filter="data")
    (other / "model_metadata.json").write_text(METADATA)
    report = import_foreign(Settings(home=tmp_path / "home"), other)
    assert not report.can_drive
    assert any("were not taken over" in line for line in report.left)


def test_the_command_line_imports_models_of_other_programs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RACECRAFT_HOME", str(tmp_path / "home"))
    archive = car_archive(tmp_path, ModelSpec(network=Network.LIGHT))
    assert run(["models", "import", str(archive), "--name", "back", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["can_drive"]
    assert run(["evaluate", "back", "--trials", "1", "--track", "pebble-oval", "--no-replay"]) == 0
    assert run(["models", "import", str(a_drfc_model(tmp_path / "cloud"))]) == 0
    assert "Not taken over" in capsys.readouterr().out
