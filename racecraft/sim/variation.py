"""What differs from episode to episode: drawn for each car, and what it does to its driving.

Every quantity is a column with a least and a most value, both neutral where its switch is off. A
draw always takes one number for each column from the car's own stream, so turning one switch on
leaves the values of the others as they were. What the camera makes of them is in `looks`.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from racecraft.domain.randomisation import RandomisationSpec
from racecraft.sim.dynamics import SUBSTEPS, advance, advance_substeps
from racecraft.sim.kernel import njit
from racecraft.sim.streams import make_streams, next_uniform

MATERIALS = ("road", "field", "dash", "line", "sky", "object")
CHANNELS = ("red", "green", "blue")

_WHOLE = (0.0, 1.0)
_TURN = (-math.pi, math.pi)
COLUMNS = (
    "brightness",
    "contrast",
    "gradient",
    "gradient_direction_rad",
    *(f"{material}_shade" for material in MATERIALS),
    *(f"{material}_{channel}" for material in MATERIALS for channel in CHANNELS),
    "patches",
    "patch_m",
    "patch_east",
    "patch_north",
    "noise",
    "noise_place",
    "camera",
    "turn_rad",
    "blur",
    "grip",
    "steering_gain",
    "steering_offset_rad",
    "speed_gain",
    "response",
    "delay_s",
)
COLUMN = {name: index for index, name in enumerate(COLUMNS)}
NEUTRAL = {"contrast": 1.0, "patch_m": 1.0, "grip": 1.0, "steering_gain": 1.0}
NEUTRAL |= {"speed_gain": 1.0, "response": 1.0}
"""Value of a column that changes nothing; 0 for the others."""

_GRIP, _DELAY, _RESPONSE = COLUMN["grip"], COLUMN["delay_s"], COLUMN["response"]
_STEERING_GAIN, _STEERING_OFFSET = COLUMN["steering_gain"], COLUMN["steering_offset_rad"]
_SPEED_GAIN = COLUMN["speed_gain"]
_KEPT_COMMANDS = 6
"""As many as the longest delay needs, with a control interval shortened by a tenth."""
CHANGING = ("values", "streams", "commands")
"""Arrays of `Variation` that are part of the saved state."""
_STREAM = np.uint64(0x5DEECE66D1CE4E5B)
"""Sets a car's stream for these draws apart from the one for all others."""


class Variation(NamedTuple):
    """What was drawn; without randomisation every array but `ranges` has no rows."""

    values: NDArray[np.float64]
    """(N, len(COLUMNS)) of the episode under way."""
    streams: NDArray[np.uint64]
    """(N,) random streams."""
    commands: NDArray[np.float64]
    """(N, _KEPT_COMMANDS, 2) steering (rad) and speed (m/s), the newest first."""
    ranges: NDArray[np.float64]
    """(len(COLUMNS), 2) least and most value of each column."""


def make_variation(num_cars: int, spec: RandomisationSpec | None, seed: int) -> Variation:
    """Nothing drawn yet: all values neutral."""
    count = num_cars if spec is not None and spec.is_on else 0
    neutral = np.array([NEUTRAL.get(name, 0.0) for name in COLUMNS])
    return Variation(
        values=np.tile(neutral, (count, 1)),
        streams=variation_streams(seed, count),
        commands=np.zeros((count, _KEPT_COMMANDS, 2)),
        ranges=_ranges(spec or RandomisationSpec()),
    )


def variation_streams(seed: int, cars: int) -> NDArray[np.uint64]:
    """(N,) starting states of the streams that these draws are taken from."""
    streams: NDArray[np.uint64] = make_streams(seed, cars) ^ _STREAM
    return streams


def _ranges(spec: RandomisationSpec) -> NDArray[np.float64]:
    """(len(COLUMNS), 2) least and most value of each column."""
    drawn: dict[str, tuple[float, float]] = {}
    if spec.light:
        drawn |= {"brightness": spec.light.brightness, "contrast": spec.light.contrast}
        drawn |= {"gradient": spec.light.gradient, "gradient_direction_rad": _TURN}
    if spec.colours:
        for material in MATERIALS:
            drawn[f"{material}_shade"] = spec.colours.shade
            drawn |= {f"{material}_{channel}": spec.colours.tint for channel in CHANNELS}
    if spec.texture:
        drawn |= {"patches": spec.texture.patches, "patch_m": spec.texture.patch_m}
        drawn |= {"patch_east": _WHOLE, "patch_north": _WHOLE}
        drawn |= {"noise": spec.texture.noise, "noise_place": _WHOLE}
    if spec.camera:
        drawn |= {"camera": _WHOLE, "turn_rad": _radians(spec.camera.turn_deg)}
    if spec.blur:
        drawn["blur"] = spec.blur.blur
    if spec.friction:
        drawn["grip"] = spec.friction.grip
    if spec.actuators:
        drawn |= {"steering_gain": spec.actuators.steering_gain}
        drawn |= {"steering_offset_rad": _radians(spec.actuators.steering_offset_deg)}
        drawn |= {"speed_gain": spec.actuators.speed_gain, "response": spec.actuators.response}
    if spec.latency:
        drawn["delay_s"] = spec.latency.delay_s
    neutral = [NEUTRAL.get(name, 0.0) for name in COLUMNS]
    return np.array(
        [drawn.get(name, (usual, usual)) for name, usual in zip(COLUMNS, neutral, strict=True)]
    )


def _radians(degrees: tuple[float, float]) -> tuple[float, float]:
    return math.radians(degrees[0]), math.radians(degrees[1])


@njit(cache=True, nogil=True)
def vary(variation: Any, car: int) -> None:
    """Draw the values of one car's next episode; nothing without randomisation."""
    if len(variation.streams) == 0:
        return
    for column in range(variation.ranges.shape[0]):
        low, high = variation.ranges[column, 0], variation.ranges[column, 1]
        share = next_uniform(variation.streams, car)
        variation.values[car, column] = low + (high - low) * share
    variation.commands[car] = 0.0


@njit(cache=True, nogil=True)
def drive(state: Any, car: int, command: Any, period_s: float, p: Any, variation: Any) -> None:
    """`dynamics.advance` with what was drawn for the car.

    A command takes effect `delay_s` after it was given; until then the ones before it hold. Before
    the first of an episode the car stands.
    """
    if len(variation.streams) == 0:
        advance(state, car, command, period_s, p)
        return
    values, commands = variation.values[car], variation.commands[car]
    for k in range(commands.shape[0] - 1, 0, -1):
        commands[k, 0], commands[k, 1] = commands[k - 1, 0], commands[k - 1, 1]
    commands[0, 0], commands[0, 1] = command
    grip, response = values[_GRIP], values[_RESPONSE]
    tyres, lags = (p[2] * grip, p[3] * grip), (p[7] * response, p[8] * response)
    own = (p[0], p[1], tyres[0], tyres[1], p[4], p[5], p[6], lags[0], lags[1], p[9], p[10])
    periods = int(values[_DELAY] / period_s)
    late = min(periods, commands.shape[0] - 2)
    wait_s = min(max(values[_DELAY] - late * period_s, 0.0), period_s)
    first = round(SUBSTEPS * wait_s / period_s)
    if first == 0 and wait_s > 0.0:
        first = 1
    first = min(first, SUBSTEPS - 1)
    if first > 0:
        advance_substeps(state, car, _answer(commands[late + 1], values), wait_s, own, first)
    rest_s = period_s - wait_s if first > 0 else period_s
    advance_substeps(state, car, _answer(commands[late], values), rest_s, own, SUBSTEPS - first)


@njit(cache=True, nogil=True)
def _answer(command: Any, values: Any) -> Any:
    """What steering and motor make of a command."""
    steering = values[_STEERING_GAIN] * command[0] + values[_STEERING_OFFSET]
    return steering, values[_SPEED_GAIN] * command[1]
