"""Policy networks, exactly as a real car runs them, and the value functions beside them.

Pictures come as unsigned bytes. The first convolution of each network has few input channels
and a large stride, which processors do badly; it is computed as the same convolution over
blocks of `stride` x `stride` pixels laid out as channels ("space to depth"), which gives equal
sums several times faster. `Policy.conv_weights` gives the kernels back in the usual form.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from racecraft.domain.car import CameraSpec
from racecraft.domain.hyperparameters import Critic
from racecraft.domain.layouts import layout_of
from racecraft.domain.spec import ModelSpec, Network
from racecraft.sim.features import NUM_FEATURES
from racecraft.training.heads import Head, make_head
from racecraft.training.trunk import Inputs, Trunk

_LARGE = 1 << 24
"""Numbers of a weight from which on another way of making it orthogonal is used."""


class Policy(nn.Module):
    """Trunk and a linear head: inputs -> one logit an action, or means and deviations."""

    log_std: nn.Parameter | None
    """(A,) logarithms of standard deviations that depend on no input, always of 32 bits."""

    def __init__(
        self,
        network: Network,
        camera: CameraSpec | None,
        num_outputs: int,
        *,
        lidar_values: int = 0,
        is_gaussian: bool = False,
    ) -> None:
        super().__init__()
        self.network = network
        self.camera = camera
        self.lidar_values = lidar_values
        self.trunk = Trunk(network, camera, lidar_values)
        self.head = nn.Linear(self.trunk.out_features, num_outputs)
        log_std = nn.Parameter(torch.zeros(num_outputs)) if is_gaussian else None
        self.register_parameter("log_std", log_std)

    @property
    def first_weight(self) -> Tensor:
        """Kernel of the first convolution, over pixel blocks; only with a camera."""
        layer = self.trunk.camera_layers[0]
        assert isinstance(layer, nn.Conv2d)
        return layer.weight

    def forward(self, inputs: Inputs) -> Tensor:
        """(B, A) logits, or (B, 2 A) means and log deviations."""
        return self.outputs(self.trunk(inputs))

    def outputs(self, hidden: Tensor) -> Tensor:
        """(B, F) features of the trunk -> what `forward` gives."""
        values: Tensor = self.head(hidden)
        return values if self.log_std is None else with_log_std(values, self.log_std)

    def compute_in_bf16(self) -> None:
        """Turn the weights into 16-bit floats; deviations would not feel small steps in those."""
        self.trunk.to(torch.bfloat16)
        self.head.to(torch.bfloat16)


def with_log_std(means: Tensor, log_std: Tensor) -> Tensor:
    """(B, A) means and (A,) log deviations -> (B, 2 A) of 32 bits."""
    return torch.cat([means.float(), log_std.expand(len(means), -1)], dim=1)


class TrackCritic(nn.Module):
    """Value from the true state of the car on the track; used in training only."""

    def __init__(self, num_features: int, width: int = 128) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Linear(num_features, width), nn.Tanh(), nn.Linear(width, width), nn.Tanh()
        )
        self.head = nn.Linear(width, 1)

    def forward(self, features: Tensor) -> Tensor:
        """(B, F) -> (B,) values."""
        value: Tensor = self.head(self.body(features))
        return value.squeeze(1)


class ActorCritic(nn.Module):
    """The policy and its value function, with the policy perhaps in 16-bit arithmetic."""

    def __init__(
        self,
        model: ModelSpec,
        critic: Critic,
        *,
        uses_bf16: bool,
        seed: int,
        num_features: int = NUM_FEATURES,
        initial_deviation: float = 1.0,
    ) -> None:
        """Fresh weights.

        Args:
            model: network, camera and action space.
            critic: what the value function sees.
            uses_bf16: whether the camera networks compute with 16-bit floats.
            seed: of the initial weights.
            num_features: how many numbers tell the critic about the track and what is on it.
            initial_deviation: of the actions of a continuous action space.
        """
        super().__init__()
        self.kind, self.uses_bf16 = critic, uses_bf16
        self._num_features = num_features
        generator = torch.Generator().manual_seed(seed)
        space = model.action_space
        self.head: Head = make_head(space)
        self.policy = Policy(
            model.network,
            model.camera,
            space.num_outputs,
            lidar_values=lidar_values(model),
            is_gaussian=space.kind == "continuous",
        )
        # A small policy head starts near-uniform; nothing is preferred before it is learned.
        initialise(self.policy, generator, self.policy.head, 0.01)
        if self.policy.log_std is not None:
            nn.init.constant_(self.policy.log_std, math.log(initial_deviation))
        mask = kernel_mask(self.policy)
        if mask is not None:
            with torch.no_grad():
                self.policy.first_weight.mul_(mask)
        self.critic = self._make_critic(model, generator)
        self.masters = [parameter.detach().clone() for parameter in self.parameters()]
        if uses_bf16:
            self.policy.compute_in_bf16()
            if critic is not Critic.TRACK:
                self.critic.to(torch.bfloat16)

    def _make_critic(self, model: ModelSpec, generator: torch.Generator) -> nn.Module:
        if self.kind is Critic.TRACK:
            track = TrackCritic(self._num_features)
            initialise(track, generator, track.head, 1.0)
            return track
        if self.kind is Critic.SHARED:
            head = nn.Linear(self.policy.trunk.out_features, 1)
            initialise(head, generator, head, 1.0)
            return head
        trunk = Trunk(model.network, model.camera, lidar_values(model))
        head = nn.Linear(trunk.out_features, 1)
        separate = nn.Sequential(trunk, head)
        initialise(separate, generator, head, 1.0)
        return separate

    @property
    def value_head(self) -> nn.Linear:
        """The last layer of the value function."""
        if isinstance(self.critic, TrackCritic):
            return self.critic.head
        last = self.critic[-1] if isinstance(self.critic, nn.Sequential) else self.critic
        assert isinstance(last, nn.Linear)
        return last

    def forward(self, inputs: Inputs, features: Tensor) -> tuple[Tensor, Tensor]:
        """Inputs and track features (B, F) -> policy outputs, values (B,)."""
        hidden = self.policy.trunk(inputs)
        return self.policy.outputs(hidden), self._value(inputs, features, hidden)

    def value(self, inputs: Inputs | None, features: Tensor) -> Tensor:
        """(B,) standardised values; `inputs` may be None for a critic that sees the track."""
        hidden = None
        if self.kind is Critic.SHARED:
            hidden = self.policy.trunk(inputs)
        return self._value(inputs, features, hidden).float()

    def _value(self, inputs: Inputs | None, features: Tensor, hidden: Tensor | None) -> Tensor:
        if self.kind is Critic.TRACK:
            value: Tensor = self.critic(features)
        elif self.kind is Critic.SHARED:
            value = self.critic(hidden).squeeze(1)
        else:
            value = self.critic(inputs).squeeze(1)
        return value


def initialise(module: nn.Module, generator: torch.Generator, head: nn.Linear, gain: float) -> None:
    """Orthogonal weights (gain sqrt 2), zero biases, and a head of its own gain, in place.

    Computed in 32 bits: orthogonal initialisation does not exist for 16-bit weights.
    """
    for layer in module.modules():
        if isinstance(layer, nn.Linear | nn.Conv2d):
            scale = gain if layer is head else math.sqrt(2.0)
            _make_orthogonal(layer.weight, scale, generator)
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)


def _make_orthogonal(weight: Tensor, gain: float, generator: torch.Generator) -> None:
    """As `torch.nn.init.orthogonal_`; large weights by Cholesky's way to the same QR, in place.

    A layer of 112,000 inputs takes less than half of the time so.
    """
    if weight.numel() < _LARGE:
        nn.init.orthogonal_(weight, gain, generator=generator)
        return
    with torch.no_grad():
        drawn = weight.new_empty(len(weight), weight[0].numel()).normal_(0, 1, generator=generator)
        tall = drawn if drawn.shape[0] >= drawn.shape[1] else drawn.T
        # R of QR with a positive diagonal, as torch's signs make it, is Cholesky's of AᵀA.
        upper = torch.linalg.cholesky((tall.T @ tall).double(), upper=True).to(tall.dtype)
        tall.copy_(torch.linalg.solve_triangular(upper, tall, upper=True, left=False))
        weight.copy_(drawn.mul_(gain).view_as(weight))


def lidar_values(model: ModelSpec) -> int:
    """L, how many numbers the model's LIDAR gives; 0 without one."""
    return 0 if model.lidar is None else model.lidar.num_values


def _first_kernel(policy: Policy) -> tuple[int, int, int, int]:
    """(filters, side of the kernel, stride, channels of the picture)."""
    assert policy.camera is not None
    filters, kernel, stride = layout_of(policy.network, policy.camera).convolutions[0]
    return filters, kernel, stride, policy.camera.channels


def from_blocks(weight: Tensor, policy: Policy) -> Tensor:
    """First kernel over blocks (F, s·s·C, b, b) -> the usual (F, C, k, k)."""
    filters, kernel, side, colours = _first_kernel(policy)
    blocks = math.ceil(kernel / side)
    grid = weight.reshape(filters, side, side, colours, blocks, blocks)
    full = grid.permute(0, 3, 4, 1, 5, 2).reshape(filters, colours, blocks * side, blocks * side)
    return full[:, :, :kernel, :kernel]


def to_blocks(weight: Tensor, policy: Policy) -> Tensor:
    """The inverse of `from_blocks`; pixels beyond the kernel weigh nothing."""
    filters, kernel, side, colours = _first_kernel(policy)
    blocks = math.ceil(kernel / side)
    size = blocks * side
    full = weight.new_zeros(filters, colours, size, size)
    full[:, :, :kernel, :kernel] = weight
    grid = full.reshape(filters, colours, blocks, side, blocks, side)
    return grid.permute(0, 3, 5, 1, 2, 4).reshape(filters, -1, blocks, blocks)


def kernel_mask(policy: Policy) -> Tensor | None:
    """Ones where the first kernel has a weight, zeros beyond it; None if there is no beyond."""
    if policy.camera is None:
        return None
    _, kernel, side, _ = _first_kernel(policy)
    if kernel % side == 0:
        return None
    return to_blocks(torch.ones_like(from_blocks(policy.first_weight.detach(), policy)), policy)
