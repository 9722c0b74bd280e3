"""The layers of a policy out of a TensorFlow checkpoint, by what its variables are called.

A checkpoint has arrays without a graph. Those of the policy lie below the network that has the
policy's head, `…/online/network_1/`: `SENSOR/Conv2d_0/kernel`, `SENSOR/Dense_2/kernel`,
`middleware_fc_embedder/Dense_0/kernel`, `ppo_head_0/policy_fc/kernel`, each with a `bias`.
"""

from __future__ import annotations

import re
from collections import defaultdict

from racecraft.analysis.places import Place
from racecraft.domain.errors import InvalidInput
from racecraft.service.foreign.bundles import Entry, read_array, read_index
from racecraft.service.foreign.graphs import GraphLayer, GraphPolicy

INDEX = ".ckpt.index"
_HEAD = re.compile(r"(?P<scope>.*/online/network_\d+)/ppo_head_0/policy_(?:fc|mean)/kernel$")
_KERNEL = re.compile(r"/(?P<group>[^/]+)/(?P<layer>[^/]+)/kernel$")
_NUMBER = re.compile(r"_(\d+)$")
_MOST_DATA_BYTES = 1_000_000_000


def read_checkpoint(place: Place, index: str) -> GraphPolicy:
    """The policy of a checkpoint.

    Args:
        place: where its files are.
        index: name of its index.

    Raises:
        InvalidInput: it is damaged, or of no network that is known.
    """
    entries = read_index(place.read(index))
    stem = index.removesuffix(".index")
    files = {
        int(found[1]): name
        for name in place.names
        if (found := re.fullmatch(re.escape(stem) + r"\.data-(\d{5})-of-\d{5}", name))
    }
    kept: dict[int, bytes] = {}

    def shard(number: int) -> bytes:
        if number not in files:
            raise InvalidInput(f"The TensorFlow checkpoint {stem} lacks its data file {number}.")
        if number not in kept:
            kept[number] = place.read(files[number])
            if sum(map(len, kept.values())) > _MOST_DATA_BYTES:
                raise InvalidInput(f"The TensorFlow checkpoint {stem} is too large to be read.")
        return kept[number]

    heads = [found for name in entries if (found := _HEAD.fullmatch(name))]
    if len(heads) != 1:
        raise InvalidInput(
            f"The TensorFlow checkpoint {stem} has {len(heads)} policies of PPO; a model of "
            "clipped PPO has one."
        )
    groups = _groups(entries, heads[0]["scope"])

    def layers(group: str) -> list[GraphLayer]:
        found = []
        for name in groups.pop(group):
            bias = entries.get(f"{name.removesuffix('kernel')}bias")
            if bias is None:
                raise InvalidInput(f"The TensorFlow checkpoint {stem} has no bias for {name}.")
            found.append(GraphLayer(read_array(entries[name], shard), read_array(bias, shard)))
        return found

    shared = [each for group in _SHARED if group in groups for each in layers(group)]
    branches = tuple(layers(group) for group in sorted(groups))
    if len(branches) == 1:
        return GraphPolicy((branches[0] + shared,), [])
    return GraphPolicy(tuple(sorted(branches, key=lambda each: not each[0].is_convolution)), shared)


_SHARED = ("middleware_fc_embedder", "middleware", "ppo_head_0")
"""In the order of computing; the other groups are sensors."""


def _groups(entries: dict[str, Entry], scope: str) -> dict[str, list[str]]:
    """Names of the kernels below a scope by sensor, middleware and head, in the order of layers."""
    found: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for name in entries:
        kernel = _KERNEL.fullmatch(name.removeprefix(scope))
        if name.startswith(f"{scope}/") and kernel is not None:
            number = _NUMBER.search(kernel["layer"])
            found[kernel["group"]].append((int(number[1]) if number else 0, name))
    return {group: [name for _, name in sorted(names)] for group, names in found.items()}
