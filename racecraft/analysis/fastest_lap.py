"""The physical limit: the least time in which a car can get round a track at all.

The line is the centre line moved sideways by a spline, within the road and a little beyond it,
because a car is on the track as long as one wheel is. The car corners as hard as its grip lets
it, speeds up and brakes as hard as it can, and turns no tighter than its steering does; it does
all of that at once and without delay. So nobody is faster by more than 1 to 2 %; what drives with
slip, with 15 decisions a second and from pictures is slower.

The offsets are found by L-BFGS-B, on a centre line that is smoothed well: what bends in it the
spline would have to undo. The least of several speeds is softened at first, and less from round to
round; with hard corners from the start the search stops 1 to 8 % too early. It finds a local
optimum: the true limit may be a little faster, by 1 % at most on the tracks that were tried, and by
0.8 % more for what `BEYOND_M` leaves out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter1d
from scipy.optimize import minimize

from racecraft.analysis.closed_line import ClosedLine
from racecraft.analysis.offsets import Bounds, Matrix, Values, offset_room, offset_spline
from racecraft.domain.car import CarSpec
from racecraft.domain.limit import FastestLap
from racecraft.domain.track import Points, Track

ACCELERATION_MPS2 = 8.0
"""Speeding up and braking, as fitted to the boards of three seasons; 5 to 15 fit as well."""
SPEED_GAIN = 1.03
"""The car drives a little faster than it is told: see `docs/explanation/physics.md`."""
BEYOND_M = 0.05
"""How far the car's origin may be beyond the border: wheels of one side are still on the road.

They are up to about 0.08 m, half the gauge; with that the limit of the Thimble is 0.8 % less.
"""
SMOOTHED_M = 0.5
"""Standard deviation of the Gaussian that smooths the centre line."""
STATION_M = 0.1
"""Distance between the places where the speed is known."""
MOST_STATIONS = 800
"""On tracks longer than this allows they are further apart, so that it stays quick."""
SOFTENED_M2PS2 = (3.0, 0.6, 0.12, 0.03)
"""Round by round, how soft the least of some squared speeds is."""
ROUNDS_EACH = 60
BEND_WEIGHT = 2.0
"""What a metre costs that bends more by 1/m than the steering allows (s)."""
_STRAIGHT_PER_M = 0.02
"""Curvatures below this are as good as none."""


def fastest_lap(
    track: Track, car: CarSpec | None = None, *, top_mps: float | None = None
) -> FastestLap:
    """The fastest rolling lap that is physically possible, as near as the search comes to it.

    Args:
        track: the road, in the direction in which it is driven.
        car: the car design; its grip and its steering count.
        top_mps: the fastest speed that the driver may choose; by default the car's. The car is
            a little faster than what is chosen.
    """
    car = car or CarSpec()
    search = _Search.on(track, car, SPEED_GAIN * min(top_mps or np.inf, car.max_speed_mps))
    return search.run(np.zeros(search.spline.shape[1]))


@dataclass(frozen=True, eq=False)
class _Search:
    base: Points
    """(M, 2) the centre line."""
    left: Points
    spline: Matrix
    bounds: Bounds
    top_mps: float
    lateral_mps2: float
    most_per_m: float
    """The tightest bend that the steering allows."""
    reach: int
    """So many stations on the engine reaches the top speed from rest."""

    @classmethod
    def on(cls, track: Track, car: CarSpec, top_mps: float) -> _Search:
        spacing_m = max(STATION_M, track.length_m / MOST_STATIONS)
        even = ClosedLine.through(track.centre, spacing_m=spacing_m).points[:-1]
        smooth = gaussian_filter1d(even, SMOOTHED_M / spacing_m, axis=0, mode="wrap")
        closed = np.concatenate([smooth, smooth[:1]])
        centre = ClosedLine.through(closed, spacing_m=spacing_m)
        spline = offset_spline(centre.length_m, len(centre.points) - 1)
        return cls(
            base=centre.points[:-1],
            left=centre.left[:-1],
            spline=spline,
            bounds=offset_room(track, centre, spline, -BEYOND_M),
            top_mps=top_mps,
            lateral_mps2=car.grip.lateral_mps2,
            reach=min(len(spline) // 2, int(top_mps**2 / (2 * ACCELERATION_MPS2 * spacing_m)) + 4),
            # To the side to which it turns better: what is possible is never told too slow.
            most_per_m=max(car.response.steering_gains)
            * float(np.tan(car.max_steering_rad))
            / car.wheelbase_m,
        )

    def run(self, start: Values) -> FastestLap:
        """The lap that is found from (Q,) offsets."""
        offset = np.clip(start, *self.bounds)
        bounds = np.stack(self.bounds, axis=1)
        for softness in SOFTENED_M2PS2:
            found = minimize(
                self.cost,
                offset,
                args=(softness,),
                jac=True,
                bounds=bounds,
                method="L-BFGS-B",
                options={"maxiter": ROUNDS_EACH},
            )
            offset = found.x
        return self.lap(self.base + (self.spline @ offset)[:, None] * self.left)

    def cost(self, offset: Values, softness: float) -> tuple[float, Values]:
        """Seconds of a lap, its squared speeds softened, and the (Q,) gradient."""
        points = self.base + (self.spline @ offset)[:, None] * self.left
        first = (np.roll(points, -1, axis=0) - np.roll(points, 1, axis=0)) / 2
        second = np.roll(points, -1, axis=0) - 2 * points + np.roll(points, 1, axis=0)
        (x1, y1), (x2, y2) = first.T, second.T
        step = np.hypot(x1, y1)
        bend = (x1 * y2 - y1 * x2) / step**3
        square, by_bend, by_step = _softened(
            self._limits(bend, softness), step, softness, self.reach
        )
        seconds = step / np.sqrt(square)
        excess = np.maximum(np.abs(bend) - self.most_per_m, 0.0)
        by_square = -0.5 * seconds / square
        to_bend = by_bend(by_square) * self._slope(bend, softness)
        to_bend += 2 * BEND_WEIGHT * excess * np.sign(bend) * step
        to_step = 1 / np.sqrt(square) + by_square * by_step + BEND_WEIGHT * excess**2
        to_first = np.stack(
            [
                to_bend * (y2 / step**3 - 3 * bend * x1 / step**2) + to_step * x1 / step,
                to_bend * (-x2 / step**3 - 3 * bend * y1 / step**2) + to_step * y1 / step,
            ],
            axis=1,
        )
        to_second = np.stack([-to_bend * y1 / step**3, to_bend * x1 / step**3], axis=1)
        to_point = (np.roll(to_first, 1, axis=0) - np.roll(to_first, -1, axis=0)) / 2
        to_point += np.roll(to_second, 1, axis=0) + np.roll(to_second, -1, axis=0) - 2 * to_second
        value = float(seconds.sum() + BEND_WEIGHT * (excess**2 * step).sum())
        return value, self.spline.T @ (to_point * self.left).sum(axis=1)

    def _limits(self, bend: Values, softness: float) -> Values:
        """(M,) squares of the speeds that grip and engine allow."""
        top, grip = self._both(bend)
        low = np.minimum(top, grip)
        both = np.exp((low - top) / softness) + np.exp((low - grip) / softness)
        return np.asarray(low - softness * np.log(both / 2))

    def _slope(self, bend: Values, softness: float) -> Values:
        """(M,) how those change with the curvature."""
        top, grip = self._both(bend)
        share = 1.0 / (1.0 + np.exp(np.clip((grip - top) / softness, -60, 60)))
        size = np.sqrt(bend**2 + _STRAIGHT_PER_M**2)
        return np.asarray(-share * self.lateral_mps2 / size**2 * bend / size)

    def _both(self, bend: Values) -> tuple[float, Values]:
        size = np.sqrt(bend**2 + _STRAIGHT_PER_M**2)
        return self.top_mps**2, self.lateral_mps2 / size

    def lap(self, points: Points) -> FastestLap:
        """The lap along a line, nothing softened."""
        first = (np.roll(points, -1, axis=0) - np.roll(points, 1, axis=0)) / 2
        second = np.roll(points, -1, axis=0) - 2 * points + np.roll(points, 1, axis=0)
        bend = np.abs(first[:, 0] * second[:, 1] - first[:, 1] * second[:, 0])
        bend /= np.linalg.norm(first, axis=1) ** 3
        step = np.linalg.norm(np.roll(points, -1, axis=0) - points, axis=1)
        limits = np.minimum(self.top_mps**2, self.lateral_mps2 / np.maximum(bend, 1e-6))
        square = _reached(_reached(limits, step), np.roll(step[::-1], -1), is_backwards=True)
        speed = np.sqrt(np.append(square, square[0]))
        clock = np.append(0.0, np.cumsum(2 * step / (speed[1:] + speed[:-1])))
        return FastestLap(
            time_s=float(clock[-1]),
            points=np.concatenate([points, points[:1]]),
            along_m=np.append(0.0, np.cumsum(step)),
            speed_mps=speed,
            clock_s=clock,
        )


def _reached(limits: Values, step_m: Values, *, is_backwards: bool = False) -> Values:
    """(M,) squared speeds that the engine reaches between limits, twice round the loop."""
    square = (limits[::-1] if is_backwards else limits).tolist()
    gains = (2 * ACCELERATION_MPS2 * step_m).tolist()
    for _ in range(2):
        for k in range(len(square)):
            square[k] = min(square[k], square[k - 1] + gains[k - 1])
    return np.array(square[::-1] if is_backwards else square)


def _softened(
    limits: Values, step_m: Values, softness: float, reach: int
) -> tuple[Values, Callable[[Values], Values], Values]:
    """What brakes and engine make of limits, softened.

    From a limit so far away the square of the speed may differ by twice the acceleration times
    the distance; the least over all limits nearby counts.

    Returns:
        (M,) squared speeds; what turns their (M,) weights into those of the limits; and (M,) how
        they grow with the step.
    """
    count = len(limits)
    gain = 2 * ACCELERATION_MPS2
    ways = np.arange(-reach, reach + 1)
    which = (np.arange(count) + ways[:, None]) % count
    away = gain * np.abs(ways)[:, None]
    allowed = limits[which] + away * step_m
    low = allowed.min(axis=0)
    shares = np.exp((low - allowed) / softness)
    mean = shares.mean(axis=0)  # of which the least is never less than it is
    shares /= len(ways) * mean

    def to_limits(weights: Values) -> Values:
        spread = np.bincount(which.ravel(), (shares * weights).ravel(), minlength=count)
        return np.asarray(spread)

    return low - softness * np.log(mean), to_limits, (shares * away).sum(axis=0)
