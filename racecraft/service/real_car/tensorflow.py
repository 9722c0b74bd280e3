"""A plan as a frozen TensorFlow 1 graph, the `model.pb` of the physical car.

Field numbers are those of TensorFlow's `graph.proto`, `node_def.proto`, `attr_value.proto`,
`tensor.proto` and `tensor_shape.proto`. Pictures come as (B, H, W, C) floats from 0 to 255; the
division stands in the graph.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from racecraft.service.real_car.plan import Dense, Eye, Plan, Scan
from racecraft.service.real_car.wire import block, packed, whole

_FLOAT, _INT32 = 1, 3
_ANY = -1
"""Size of the batch."""
_PRODUCER, _OLDEST_READER = 134, 12
"""Versions of the graph format: of TensorFlow 1.15, and the oldest that can read it."""
Attributes = dict[str, bytes]


def frozen_graph(plan: Plan) -> bytes:
    """The bytes of `model.pb`."""
    graph = _Graph()
    parts = []
    if plan.eye is not None:
        parts.append(_eye(graph, plan.eye))
    if plan.scan is not None:
        parts.append(_scan(graph, plan.scan))
    hidden = parts[0] if len(parts) == 1 else _side_by_side(graph, parts, f"{plan.scope}/concat")
    for layer in plan.middleware:
        hidden = graph.relu(graph.dense(hidden, layer), layer.name)
    values = graph.dense(hidden, plan.head)
    graph.node(plan.ending, plan.output_name, (values,), {"T": _type(_FLOAT)})
    return graph.written()


def _eye(graph: _Graph, eye: Eye) -> str:
    scope = eye.convolutions[0].name.rpartition("/")[0]
    shape = (_ANY, eye.height, eye.width, eye.channels)
    seen = graph.placeholder(eye.input_name, shape)
    scale = graph.constant(f"{scope}/scale", np.float32(255.0))
    seen = graph.node("RealDiv", f"{scope}/truediv", (seen, scale), {"T": _type(_FLOAT)})
    if eye.shrink > 1:
        seen = graph.pool(seen, f"{scope}/shrink", eye.shrink)
    height, width, channels = eye.height // eye.shrink, eye.width // eye.shrink, eye.channels
    for layer in eye.convolutions:
        kernel = layer.kernel.transpose(2, 3, 1, 0)  # (k, k, channels, filters)
        seen = graph.convolution(seen, layer.name, kernel, layer.stride)
        seen = graph.relu(graph.biased(seen, layer.name, layer.bias), layer.name)
        side, channels = layer.kernel.shape[2], layer.kernel.shape[0]
        height, width = (height - side) // layer.stride + 1, (width - side) // layer.stride + 1
    sizes = graph.constant(
        f"{scope}/flatten/shape", np.array([_ANY, height * width * channels], np.int32)
    )
    attributes = {"T": _type(_FLOAT), "Tshape": _type(_INT32)}
    hidden = graph.node("Reshape", f"{scope}/flatten/Reshape", (seen, sizes), attributes)
    for dense in eye.embedding:
        hidden = graph.relu(graph.dense(hidden, dense), dense.name)
    return hidden


def _scan(graph: _Graph, scan: Scan) -> str:
    hidden = graph.placeholder(scan.input_name, (_ANY, scan.values))
    for layer in scan.embedding:
        hidden = graph.relu(graph.dense(hidden, layer), layer.name)
    return hidden


def _side_by_side(graph: _Graph, parts: Sequence[str], name: str) -> str:
    axis = graph.constant(f"{name}/axis", np.array(1, np.int32))
    attributes = {"N": whole(3, len(parts)), "T": _type(_FLOAT), "Tidx": _type(_INT32)}
    return graph.node("ConcatV2", name, (*parts, axis), attributes)


class _Graph:
    """Nodes, in an order in which each comes after those that it reads."""

    def __init__(self) -> None:
        self._nodes: list[bytes] = []

    def written(self) -> bytes:
        versions = whole(1, _PRODUCER) + whole(2, _OLDEST_READER)
        return b"".join(block(1, node) for node in self._nodes) + block(4, versions)

    def node(self, operation: str, name: str, inputs: Sequence[str], attributes: Attributes) -> str:
        """Add a node; gives its name."""
        parts = [block(1, name), block(2, operation)]
        parts += [block(3, each) for each in inputs]
        for key in sorted(attributes):
            parts.append(block(5, block(1, key) + block(2, attributes[key])))
        self._nodes.append(b"".join(parts))
        return name

    def placeholder(self, name: str, shape: Sequence[int]) -> str:
        """An input."""
        return self.node("Placeholder", name, (), {"dtype": _type(_FLOAT), "shape": _shape(shape)})

    def constant(self, name: str, values: NDArray[np.generic] | np.float32) -> str:
        """An array of 32-bit floats or integers."""
        array = np.ascontiguousarray(values)
        kind = _INT32 if array.dtype == np.int32 else _FLOAT
        sizes = b"".join(block(2, whole(1, size)) for size in np.shape(values))
        tensor = whole(1, kind) + block(2, sizes) + block(4, array.tobytes())
        return self.node("Const", name, (), {"dtype": _type(kind), "value": block(8, tensor)})

    def dense(self, hidden: str, layer: Dense) -> str:
        """A product with a matrix, and a bias."""
        weight = self.constant(f"{layer.name}/kernel", layer.weight.T)
        attributes = {
            "T": _type(_FLOAT),
            "transpose_a": whole(5, 0),
            "transpose_b": whole(5, 0),
        }
        product = self.node("MatMul", f"{layer.name}/MatMul", (hidden, weight), attributes)
        return self.biased(product, layer.name, layer.bias)

    def biased(self, values: str, name: str, bias: NDArray[np.float32]) -> str:
        """Values plus a bias for each channel."""
        constant = self.constant(f"{name}/bias", bias)
        attributes = {"T": _type(_FLOAT), "data_format": block(2, "NHWC")}
        return self.node("BiasAdd", f"{name}/BiasAdd", (values, constant), attributes)

    def relu(self, values: str, name: str) -> str:
        """What is above zero."""
        return self.node("Relu", f"{name}/Relu", (values,), {"T": _type(_FLOAT)})

    def convolution(self, values: str, name: str, kernel: NDArray[np.float32], stride: int) -> str:
        """A convolution without padding, of a kernel (k, k, channels, filters)."""
        constant = self.constant(f"{name}/kernel", kernel)
        attributes = {
            "T": _type(_FLOAT),
            "data_format": block(2, "NHWC"),
            "dilations": _list((1, 1, 1, 1)),
            "explicit_paddings": _list(()),
            "padding": block(2, "VALID"),
            "strides": _list((1, stride, stride, 1)),
            "use_cudnn_on_gpu": whole(5, 1),
        }
        return self.node("Conv2D", f"{name}/Conv2D", (values, constant), attributes)

    def pool(self, values: str, name: str, side: int) -> str:
        """The mean of squares of pixels."""
        attributes = {
            "T": _type(_FLOAT),
            "data_format": block(2, "NHWC"),
            "ksize": _list((1, side, side, 1)),
            "padding": block(2, "VALID"),
            "strides": _list((1, side, side, 1)),
        }
        return self.node("AvgPool", f"{name}/AvgPool", (values,), attributes)


def _type(kind: int) -> bytes:
    return whole(6, kind)


def _shape(sizes: Sequence[int]) -> bytes:
    return block(7, b"".join(block(2, whole(1, size)) for size in sizes))


def _list(values: Sequence[int]) -> bytes:
    return block(1, packed(3, values) if values else b"")
