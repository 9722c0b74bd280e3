"""The layers of the networks, as the physical car has them, and our own light one."""

from __future__ import annotations

from dataclasses import dataclass, replace

from racecraft.domain.car import CameraSpec
from racecraft.domain.spec import Network


@dataclass(frozen=True)
class Layout:
    """Layers in the order of computing; all with ReLU."""

    convolutions: tuple[tuple[int, int, int], ...]
    """Of the camera: (filters, kernel, stride), VALID padding."""
    embedding: tuple[int, ...]
    """Dense layers after them."""
    middleware: tuple[int, ...]
    """Dense layers of all sensors together."""


LAYOUTS = {
    Network.SHALLOW: Layout(((32, 8, 4), (64, 4, 2), (64, 3, 1)), (), (512,)),
    Network.DEEP: Layout(((32, 5, 2), (32, 3, 1), (64, 3, 2), (64, 3, 1)), (64,), (512,)),
    Network.DEEP_DEEP: Layout(
        ((32, 8, 4), (32, 4, 2), (64, 4, 2), (64, 3, 1)), (512, 512), (256, 128)
    ),
    Network.LIGHT: Layout(((16, 8, 4), (32, 4, 2), (32, 3, 2)), (), (128,)),
}
LIDAR_EMBEDDING = (256, 256)
"""Dense layers of LIDAR values before they meet what the camera gave."""
_DEEP_STEREO = ((32, 3, 1), (64, 3, 2), (64, 3, 1), (128, 3, 2), (128, 3, 1))
"""Two eyes have convolutions of their own in the two deep networks, and no embedding."""


def layout_of(network: Network, camera: CameraSpec | None) -> Layout:
    """The layers that a network has with a camera, or without one."""
    layout = LAYOUTS[network]
    if camera is None:
        return replace(layout, convolutions=(), embedding=())
    if len(camera.eyes_left_m) > 1 and network in (Network.DEEP, Network.DEEP_DEEP):
        return replace(layout, convolutions=_DEEP_STEREO, embedding=())
    return layout


def block_size(network: Network, camera: CameraSpec) -> int:
    """Side of the pixel blocks that the first convolution reads (its stride)."""
    return layout_of(network, camera).convolutions[0][2]


def feature_size(layout: Layout, camera: CameraSpec) -> int:
    """Number of values after the last convolution (VALID padding)."""
    height, width = camera.height, camera.width
    for _, kernel, stride in layout.convolutions:
        height, width = (height - kernel) // stride + 1, (width - kernel) // stride + 1
    return height * width * layout.convolutions[-1][0]
