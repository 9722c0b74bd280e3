"""A frozen TensorFlow graph as the arrays of its layers, from the output back to the sensors.

Names differ from one program to the next, so the way is found by what the nodes do: the output is a
softmax (or the last sum), each layer is a product or a convolution with a bias, and what two
sensors gave is put side by side once.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from racecraft.domain.errors import InvalidInput
from racecraft.service.foreign.wire import fields

Array = NDArray[np.float32]
_FLOAT = 1
_MOST_NODES = 20_000
_MOST_LAYERS = 40
_MOST_AXES, _MOST_NUMBERS = 4, 100_000_000
_PASSING = ("AvgPool", "Identity", "Relu", "Reshape", "Softmax", "StopGradient", "Squeeze", "Tanh")
_JOINTS = ("Concat", "ConcatV2")
_ENDS = ("Placeholder", "RealDiv", "Mul", "Sub", *_JOINTS)
_MOST_SENSORS = 2
_OUTPUTS = ("ppo_head_0/policy", "sac_policy_head_0/policy")


@dataclass
class Node:
    """One node."""

    name: str = ""
    operation: str = ""
    inputs: list[str] = field(default_factory=list)
    value: Array | None = None
    """Of constants that are floats."""


@dataclass(frozen=True)
class GraphLayer:
    """A product or a convolution, with its bias."""

    weight: Array
    """(inputs, outputs), or (k, k, channels, filters)."""
    bias: Array

    @property
    def is_convolution(self) -> bool:
        """Whether it reads a picture."""
        return self.weight.ndim == 4


@dataclass(frozen=True)
class GraphPolicy:
    """The layers of a policy, each list in the order of computing."""

    branches: tuple[list[GraphLayer], ...]
    """One of each sensor, in the order in which their values are put side by side; a single one
    goes on to the output."""
    shared: list[GraphLayer]
    """Of all sensors together; empty with one branch."""


def read_policy(data: bytes) -> GraphPolicy:
    """The layers of the policy in a frozen graph, from the sensors to the output.

    Raises:
        InvalidInput: it is no such graph, or one whose layers do not follow each other.
    """
    nodes = _nodes(data)
    layers, end = _chain(nodes, _output(nodes))
    if not layers:
        raise _odd("it has no layers")
    if end is None or end.operation not in _JOINTS:
        return GraphPolicy((layers,), [])
    parts = [name for name in end.inputs if not _is_axis(nodes, name)]
    branches = []
    for name in parts[:_MOST_SENSORS]:
        branch, its_end = _chain(nodes, name)
        if its_end is not None and its_end.operation in _JOINTS:
            raise _odd(f"{its_end.name} puts values side by side a second time")
        branches.append(branch)
    if len(branches) != len(parts) or not all(branches):
        raise _odd(f"{end.name} puts {len(parts)} things side by side that are no two sensors")
    return GraphPolicy(tuple(branches), layers)


def _chain(nodes: Mapping[str, Node], start: str) -> tuple[list[GraphLayer], Node | None]:
    """The layers up to a node, and the node before them: a sensor, or where two come together."""
    place: str | None = start
    layers: list[GraphLayer] = []
    bias: Array | None = None
    node: Node | None = None
    for _ in range(10 * _MOST_LAYERS):
        node = nodes.get(_plain(place)) if place else None
        if node is None or node.operation in _ENDS:
            break
        if node.operation in ("BiasAdd", "Add", "AddV2"):
            bias = _constant(nodes, _second(node))
        elif node.operation in ("MatMul", "Conv2D"):
            weight = _constant(nodes, _second(node))
            if weight is None or not weight.ndim:
                raise _odd(f"{node.name} has no constant weights")
            count = weight.shape[-1]
            layers.append(GraphLayer(weight, np.zeros(count, np.float32) if bias is None else bias))
            bias = None
        elif node.operation not in _PASSING:
            raise _odd(f"{node.name} is {node.operation}, which none of our networks has")
        place = node.inputs[0] if node.inputs else None
    return layers[::-1], node


def _second(node: Node) -> str:
    if len(node.inputs) < 2:
        raise _odd(f"{node.name} is {node.operation} of one thing alone")
    return node.inputs[1]


def _is_axis(nodes: Mapping[str, Node], name: str) -> bool:
    """Whether this says along what is joined, and is nothing that is joined."""
    node = nodes.get(_plain(name))
    return node is not None and node.operation == "Const"


def _nodes(data: bytes) -> dict[str, Node]:
    found: dict[str, Node] = {}
    for number, value in fields(memoryview(data)):
        if number == 1 and isinstance(value, memoryview):
            node = _node(value)
            found[node.name] = node
            if len(found) > _MOST_NODES:
                raise _odd(f"it has more than {_MOST_NODES} nodes")
    if not found:
        raise _odd("it has no nodes")
    return found


def _node(message: memoryview) -> Node:
    node = Node()
    for number, value in fields(message):
        if not isinstance(value, memoryview):
            continue
        if number == 1:
            node.name = _text(value)
        elif number == 2:
            node.operation = _text(value)
        elif number == 3:
            node.inputs.append(_text(value))
        elif number == 5:
            entry = dict(fields(value))
            key, attribute = entry.get(1), entry.get(2)
            if isinstance(key, memoryview) and _text(key) == "value":
                node.value = _tensor(attribute)
    return node


def _tensor(attribute: int | memoryview | None) -> Array | None:
    """The array of a constant; None if it holds no floats."""
    tensor = dict(fields(attribute)).get(8) if isinstance(attribute, memoryview) else None
    if not isinstance(tensor, memoryview):
        return None
    shape: list[int] = []
    kind, content, single = 0, b"", b""
    for number, value in fields(tensor):
        if number == 1 and isinstance(value, int):
            kind = value
        elif number == 2 and isinstance(value, memoryview):
            shape = [_size(each) for n, each in fields(value) if n == 2]
        elif number == 4 and isinstance(value, memoryview):
            content = bytes(value)
        elif number == 5 and isinstance(value, memoryview):
            single += bytes(value)
    return _array(shape, content or single) if kind == _FLOAT else None


def _array(shape: list[int], data: bytes) -> Array:
    """Read only: the numbers are where they came from."""
    if len(data) % 4:
        raise _odd(f"an array has {len(data)} bytes, which are no floats")
    values = np.frombuffer(data, "<f4")
    count = math.prod(shape)
    if len(shape) > _MOST_AXES or count > _MOST_NUMBERS or min(shape, default=1) < 0:
        raise _odd(f"an array has the shape {shape}")
    if len(values) == 1:  # one number stands for all; however often that is said, it is one
        return np.broadcast_to(values[0], shape)
    if len(values) != count:
        raise _odd(f"an array of shape {shape} has {len(values)} numbers")
    return values.reshape(shape)


def _size(dimension: int | memoryview) -> int:
    found = dict(fields(dimension)).get(1, 0) if isinstance(dimension, memoryview) else 0
    return found if isinstance(found, int) else 0


def _output(nodes: Mapping[str, Node]) -> str:
    for name in nodes:
        if name.endswith(_OUTPUTS):
            return name
    used = {_plain(each) for node in nodes.values() for each in node.inputs}
    ends = [name for name, node in nodes.items() if name not in used and node.operation != "Const"]
    for name in ends:
        if nodes[name].operation == "Softmax":
            return name
    raise _odd("it has no output that is called as the car's policy")


def _constant(nodes: Mapping[str, Node], name: str) -> Array | None:
    node = nodes.get(_plain(name))
    for _ in range(5):
        if node is None or node.value is not None or not node.inputs:
            break
        node = nodes.get(_plain(node.inputs[0]))
    return None if node is None else node.value


def _plain(name: str) -> str:
    return name.removeprefix("^").partition(":")[0]


def _text(value: memoryview) -> str:
    return bytes(value[:2000]).decode("utf-8", "replace")


def _odd(why: str) -> InvalidInput:
    return InvalidInput(f"The frozen graph cannot be taken over: {why}.")
