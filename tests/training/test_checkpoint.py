"""Checkpoints: whole or not there, and never loaded when something is wrong with them."""

from __future__ import annotations

import resource
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from racecraft.domain.action_space import action_grid
from racecraft.domain.errors import CorruptCheckpoint, StorageFailed
from racecraft.domain.spec import ModelSpec, Network
from racecraft.training.checkpoint import (
    FACTS_FILE,
    POLICY_FILE,
    STATE_FILE,
    checkpoint_path,
    has_state,
    load_policy,
    load_state,
    read_facts,
    save_policy,
    save_state,
)
from racecraft.training.networks import Policy, from_blocks

FACTS = {"iteration": 3, "uses_bf16": False}
STATE = {"a.b": np.arange(6.0).reshape(2, 3), "streams": np.array([2**63 + 5], np.uint64)}


def a_policy(
    network: Network = Network.LIGHT, *, actions: int = 3, seed: int = 1, narrow: bool = False
) -> Policy:
    torch.manual_seed(seed)
    policy = Policy(network, ModelSpec(network=network).camera, actions)
    return policy.to(torch.bfloat16) if narrow else policy


def weights(policy: Policy) -> list[torch.Tensor]:
    """In the usual layout, so that what is beyond the first kernel does not count."""
    named = dict(policy.state_dict())
    named["trunk.0.weight"] = from_blocks(named["trunk.0.weight"], policy)
    return list(named.values())


@contextmanager
def full_disk(limit: int) -> Iterator[None]:
    """No file can grow beyond this many bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def names(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("network", [Network.LIGHT, Network.DEEP])
def test_a_policy_comes_back_as_it_was(tmp_path: Path, network: Network) -> None:
    kept, loaded = a_policy(network), a_policy(network, seed=2)
    save_policy(tmp_path, 3, kept, FACTS)

    load_policy(checkpoint_path(tmp_path, 3), loaded)

    for one, other in zip(weights(kept), weights(loaded), strict=True):
        assert one.equal(other)
    assert read_facts(checkpoint_path(tmp_path, 3)) == FACTS
    assert names(tmp_path) == {f"checkpoints/3/{POLICY_FILE}", f"checkpoints/3/{FACTS_FILE}"}


def test_sixteen_bit_weights_come_back_in_either_arithmetic(tmp_path: Path) -> None:
    kept, narrow, wide = a_policy(narrow=True), a_policy(seed=2, narrow=True), a_policy(seed=3)
    save_policy(tmp_path, 0, kept, FACTS)
    for policy in (narrow, wide):
        load_policy(checkpoint_path(tmp_path, 0), policy)
        for one, other in zip(weights(kept), weights(policy), strict=True):
            assert one.float().equal(other.float())


def test_the_file_holds_the_first_kernel_in_the_usual_layout(tmp_path: Path) -> None:
    policy = a_policy(Network.DEEP)
    save_policy(tmp_path, 0, policy, FACTS)
    stored = load_file(checkpoint_path(tmp_path, 0) / POLICY_FILE)["trunk.0.weight"]
    assert stored.shape == (32, 1, 5, 5)
    assert stored.equal(from_blocks(policy.first_weight.detach(), policy))


def test_writing_a_checkpoint_again_replaces_it(tmp_path: Path) -> None:
    save_policy(tmp_path, 3, a_policy(seed=1), FACTS)
    save_policy(tmp_path, 3, a_policy(seed=2), {"iteration": 4})
    loaded = a_policy()
    load_policy(checkpoint_path(tmp_path, 3), loaded)
    assert loaded.head.weight.equal(a_policy(seed=2).head.weight)
    assert read_facts(checkpoint_path(tmp_path, 3)) == {"iteration": 4}
    assert len(names(tmp_path)) == 2


@pytest.mark.parametrize("limit", [0, 100, 4096, 100_000])
def test_a_full_disk_leaves_no_half_checkpoint_and_keeps_the_one_before(
    tmp_path: Path, limit: int
) -> None:
    save_policy(tmp_path, 3, a_policy(seed=1), FACTS)
    save_state(tmp_path, STATE, {"n": 1})
    before = {name: (tmp_path / name).read_bytes() for name in names(tmp_path)}
    large = {"big": np.ones(20_000)}

    with full_disk(limit):
        with pytest.raises(StorageFailed, match=r"could not be written .*; free some disk space"):
            save_policy(tmp_path, 3, a_policy(seed=2), FACTS)
        with pytest.raises(StorageFailed, match=r"could not be written .*; free some disk space"):
            save_policy(tmp_path, 4, a_policy(seed=2), FACTS)
        with pytest.raises(StorageFailed, match=r"could not be written .*; free some disk space"):
            save_state(tmp_path, large, {"n": 2})

    assert {name: (tmp_path / name).read_bytes() for name in names(tmp_path)} == before
    assert not checkpoint_path(tmp_path, 4).exists()
    assert load_state(tmp_path)[1] == {"n": 1}


def test_a_folder_that_cannot_be_written_is_told_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "checkpoints").write_text("in the way")
    with pytest.raises(StorageFailed, match="could not be written"):
        save_policy(tmp_path, 0, a_policy(), FACTS)
    with pytest.raises(StorageFailed, match="could not be written"):
        save_state(tmp_path, STATE, {})


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-100])


def empty(path: Path) -> None:
    path.write_bytes(b"")


def scribble(path: Path) -> None:
    path.write_bytes(b"\xff\xfe" + path.read_bytes()[2:])


def lies(path: Path) -> None:
    path.write_bytes((2**60).to_bytes(8, "little") + path.read_bytes()[8:])


DAMAGES = [cut, empty, scribble, lies, Path.unlink]


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_policy_is_refused(tmp_path: Path, damage: Callable[[Path], None]) -> None:
    save_policy(tmp_path, 3, a_policy(), FACTS)
    folder = checkpoint_path(tmp_path, 3)
    damage(folder / POLICY_FILE)
    with pytest.raises(CorruptCheckpoint, match=r"cannot be read .*; choose another checkpoint"):
        load_policy(folder, a_policy())


@pytest.mark.parametrize("text", ["", "{", '{"iteration": 3', "[1]", "3", "\udcff"])
def test_damaged_facts_are_refused(tmp_path: Path, text: str) -> None:
    save_policy(tmp_path, 3, a_policy(), FACTS)
    folder = checkpoint_path(tmp_path, 3)
    (folder / FACTS_FILE).write_text(text, errors="surrogateescape")
    with pytest.raises(CorruptCheckpoint, match="choose another checkpoint"):
        read_facts(folder)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_weights_that_are_no_numbers_are_refused(tmp_path: Path, bad: float) -> None:
    policy = a_policy()
    with torch.no_grad():
        policy.head.bias[1] = bad
    save_policy(tmp_path, 3, policy, FACTS)
    with pytest.raises(CorruptCheckpoint, match=r"head.bias holds values that are not finite"):
        load_policy(checkpoint_path(tmp_path, 3), a_policy())


@pytest.mark.parametrize("other", [network for network in Network if network is not Network.LIGHT])
def test_the_weights_of_another_network_are_refused(tmp_path: Path, other: Network) -> None:
    save_policy(tmp_path, 3, a_policy(Network.LIGHT), FACTS)
    with pytest.raises(CorruptCheckpoint, match=r"another network|does not fit this model"):
        load_policy(checkpoint_path(tmp_path, 3), a_policy(other))


def test_the_weights_of_another_action_space_are_refused(tmp_path: Path) -> None:
    save_policy(tmp_path, 3, a_policy(actions=3), FACTS)
    wanted = len(action_grid())
    with pytest.raises(CorruptCheckpoint, match=r"head\.weight has the shape \(3, 128\)"):
        load_policy(checkpoint_path(tmp_path, 3), a_policy(actions=wanted))


def test_the_deviations_of_continuous_actions_are_kept_in_32_bits(tmp_path: Path) -> None:
    camera = ModelSpec(network=Network.LIGHT).camera
    policy, other = (Policy(Network.LIGHT, camera, 2, is_gaussian=True) for _ in range(2))
    policy.compute_in_bf16()
    assert policy.log_std is not None
    with torch.no_grad():
        policy.log_std.copy_(torch.tensor([-0.123456789, 0.5]))

    save_policy(tmp_path, 3, policy, FACTS)
    load_policy(checkpoint_path(tmp_path, 3), other)

    stored = load_file(checkpoint_path(tmp_path, 3) / POLICY_FILE)
    assert stored["log_std"].dtype == torch.float32
    assert stored["head.weight"].dtype == torch.bfloat16
    assert torch.equal(stored["log_std"], policy.log_std.detach())
    assert other.log_std is not None
    assert torch.equal(other.log_std, policy.log_std)


def test_the_weights_of_the_other_kind_of_action_space_are_refused(tmp_path: Path) -> None:
    camera = ModelSpec(network=Network.LIGHT).camera
    save_policy(tmp_path, 3, Policy(Network.LIGHT, camera, 2, is_gaussian=True), FACTS)
    with pytest.raises(CorruptCheckpoint, match=r"another network; it has 11 arrays, this .* 10"):
        load_policy(checkpoint_path(tmp_path, 3), a_policy(actions=2))


def test_a_missing_and_a_superfluous_array_are_refused(tmp_path: Path) -> None:
    save_policy(tmp_path, 3, a_policy(), FACTS)
    path = checkpoint_path(tmp_path, 3) / POLICY_FILE
    arrays = load_file(path)
    for changed in ({**arrays, "more": torch.ones(1)}, {"head.bias": arrays["head.bias"]}):
        save_file(changed, path)
        with pytest.raises(CorruptCheckpoint, match="another network; it has"):
            load_policy(path.parent, a_policy())


def test_a_state_comes_back_as_it_was(tmp_path: Path) -> None:
    assert not has_state(tmp_path)
    save_state(tmp_path, {"x": np.zeros(3)}, {"n": 0})
    big = {"state": 2**127 + 1, "text": "é"}
    save_state(tmp_path, STATE, big)

    arrays, facts = load_state(tmp_path)

    assert has_state(tmp_path)
    assert facts == big
    assert arrays.keys() == STATE.keys()
    for name, array in STATE.items():
        assert arrays[name].dtype == array.dtype
        assert arrays[name].tolist() == array.tolist()


def test_arrays_that_are_not_contiguous_are_kept_too(tmp_path: Path) -> None:
    array = np.arange(12.0).reshape(3, 4).T
    save_state(tmp_path, {"t": array}, {})
    assert load_state(tmp_path)[0]["t"].tolist() == array.tolist()


@pytest.mark.parametrize("file", [STATE_FILE, FACTS_FILE])
@pytest.mark.parametrize("damage", [empty, scribble, Path.unlink])
def test_a_damaged_state_is_refused(
    tmp_path: Path, file: str, damage: Callable[[Path], None]
) -> None:
    save_state(tmp_path, STATE, {"n": 1})
    damage(tmp_path / "checkpoints" / "state" / file)
    with pytest.raises(CorruptCheckpoint, match=r"cannot be read .*; clone a checkpoint"):
        load_state(tmp_path)


def test_no_state_is_told_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(CorruptCheckpoint, match=r"training state in .* cannot be read"):
        load_state(tmp_path)


def test_a_crash_between_the_two_renames_loses_nothing(tmp_path: Path) -> None:
    save_state(tmp_path, STATE, {"n": 1})
    folder = tmp_path / "checkpoints"
    # As a process leaves it that is killed when the old state is away and the new not yet there.
    shutil.copytree(folder / "state", folder / "state.writing")
    (folder / "state").rename(folder / "state.before")

    assert has_state(tmp_path)
    assert load_state(tmp_path)[1] == {"n": 1}
    save_state(tmp_path, STATE, {"n": 2})
    assert load_state(tmp_path)[1] == {"n": 2}
    assert {path.name for path in folder.iterdir()} == {"state"}


def test_a_crash_while_writing_leaves_what_the_next_write_clears_away(tmp_path: Path) -> None:
    half = tmp_path / "checkpoints" / "3.writing"
    half.mkdir(parents=True)
    (half / POLICY_FILE).write_bytes(b"half")
    save_policy(tmp_path, 3, a_policy(), FACTS)
    load_policy(checkpoint_path(tmp_path, 3), a_policy(seed=2))
    assert len(names(tmp_path)) == 2
