"""From what the sensors give to features: the layers before a head."""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor, nn

from racecraft.domain.car import CameraSpec
from racecraft.domain.layouts import LIDAR_EMBEDDING, Layout, feature_size, layout_of
from racecraft.domain.spec import Network


class Inputs(NamedTuple):
    """What the networks read of a batch of observations."""

    blocks: Tensor | None
    """(B, C, H, W) picture blocks; None without a camera."""
    scans: Tensor | None
    """(B, L) LIDAR values; None without a LIDAR."""


class FlattenChannelsLast(nn.Module):
    """(B, C, H, W) -> (B, H·W·C): the car's order, and free with channels last in memory."""

    def forward(self, values: Tensor) -> Tensor:
        """Flatten."""
        return values.permute(0, 2, 3, 1).flatten(1)


class Trunk(nn.Module):
    """What the sensors give -> features (B, out_features).

    The layers of the camera and of all sensors together are numbered through. LIDAR values pass
    dense layers of their own (`lidar`) and are put beside what the camera gave.
    """

    def __init__(self, network: Network, camera: CameraSpec | None, lidar_values: int = 0) -> None:
        super().__init__()
        layout = layout_of(network, camera)
        layers = _camera_layers(layout, camera) if camera is not None else []
        joint = len(layers)
        size = 0
        if camera is not None:
            size = layout.embedding[-1] if layout.embedding else feature_size(layout, camera)
        if lidar_values:
            size += LIDAR_EMBEDDING[-1]
        layers += _dense_layers(size, layout.middleware)
        for index, layer in enumerate(layers):
            self.add_module(str(index), layer)
        self.camera_layers, self.middleware = tuple(layers[:joint]), tuple(layers[joint:])
        embedding = _dense_layers(lidar_values, LIDAR_EMBEDDING) if lidar_values else None
        self.lidar = None if embedding is None else nn.Sequential(*embedding)
        self.out_features = layout.middleware[-1]

    def forward(self, inputs: Inputs) -> Tensor:
        """Features of a batch."""
        seen = inputs.blocks
        for layer in self.camera_layers:
            seen = layer(seen)
        hidden = joined(seen, None if self.lidar is None else self.lidar(inputs.scans))
        for layer in self.middleware:
            hidden = layer(hidden)
        return hidden


def joined(seen: Tensor | None, scanned: Tensor | None) -> Tensor:
    """(B, F) what the camera gave, what the LIDAR gave, or both side by side."""
    given = [each for each in (seen, scanned) if each is not None]
    return given[0] if len(given) == 1 else torch.cat(given, dim=1)


def _camera_layers(layout: Layout, camera: CameraSpec) -> list[nn.Module]:
    layers: list[nn.Module] = []
    channels = camera.channels
    for index, (filters, kernel, stride) in enumerate(layout.convolutions):
        if index == 0:
            blocks = math.ceil(kernel / stride)
            layers.append(nn.Conv2d(channels * stride * stride, filters, blocks))
        else:
            layers.append(nn.Conv2d(channels, filters, kernel, stride))
        layers.append(nn.ReLU(inplace=True))
        channels = filters
    layers.append(FlattenChannelsLast())
    return layers + _dense_layers(feature_size(layout, camera), layout.embedding)


def _dense_layers(size: int, widths: tuple[int, ...]) -> list[nn.Module]:
    layers: list[nn.Module] = []
    for width in widths:
        layers += [nn.Linear(size, width), nn.ReLU(inplace=True)]
        size = width
    return layers
