"""Draw what the car does: the picture of `docs/explanation/physics.md`.

Run it with `python -m benchmarks.physics_plots [FILE]`; takes some seconds.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.physics import FORWARD, LEFT, YAW_RATE, drive, held, steady_circle
from racecraft.domain.car import Grip, Response
from racecraft.domain.episode import CONTROL_HZ
from racecraft.sim.dynamics import TYRE_B, TYRE_C

if TYPE_CHECKING:
    from matplotlib.axes import Axes

PICTURE = Path(__file__).parents[1] / "docs" / "pictures" / "physics.svg"
COLOURS = ("#1f6f8b", "#d1495b", "#66a182", "#edae49")


def steady_circles(axes: Axes) -> None:
    """Lateral acceleration that a held steering angle ends in, at some speeds."""
    angles_deg = np.arange(0.0, 30.1, 1.0)
    for colour, speed_mps in zip(COLOURS, (1.0, 2.0, 3.0, 4.0), strict=True):
        held_mps2 = [steady_circle(float(a), speed_mps)[1] if a else 0.0 for a in angles_deg]
        axes.plot(angles_deg, held_mps2, color=colour, label=f"{speed_mps:g} m/s")
    axes.axhline(Grip.STANDARD.lateral_mps2, color="grey", linestyle=":", linewidth=1)
    axes.set(title="Steady circle", xlabel="steering (degrees)", ylabel="lateral (m/s²)")


def step_steers(axes: Axes) -> None:
    """Yaw rate after steering by 10° at once, from driving straight."""
    for colour, speed_mps in zip(COLOURS, (1.0, 2.0, 3.0, 4.0), strict=True):
        start = drive(held(0.0, speed_mps, 2.0))[-1]
        rate = drive(held(10.0, speed_mps, 1.5), start=start)[:, YAW_RATE]
        seconds = np.arange(len(rate) + 1) / CONTROL_HZ
        axes.plot(seconds, np.degrees([0.0, *rate]), color=colour, label=f"{speed_mps:g} m/s")
    axes.set(title="Step to 10° of steering", xlabel="seconds", ylabel="yaw rate (degrees/s)")


def accelerations(axes: Axes) -> None:
    """From rest to the top speed and back, with each response."""
    commands = np.concatenate([held(0.0, 4.0, 2.0), held(0.0, 0.5, 2.0)])
    lines = zip(COLOURS, Response, (4.0, 2.5, 1.5, 1.0), strict=True)
    for colour, response, width in lines:
        speed = np.append(0.0, drive(commands, response=response)[:, FORWARD])
        seconds = np.arange(len(speed)) / CONTROL_HZ
        axes.plot(seconds, speed, color=colour, linewidth=width, label=response.value)
    axes.set(title="4 m/s, then 0.5 m/s", xlabel="seconds", ylabel="speed (m/s)")


def slips(axes: Axes) -> None:
    """Sideways force of an axle by its slip, and how far the car turns across its way."""
    slip_deg = np.linspace(0.0, 45.0, 200)
    for colour, grip in zip(COLOURS, Grip, strict=False):
        force = np.sin(TYRE_C * np.arctan(TYRE_B * np.radians(slip_deg)))
        axes.plot(slip_deg, grip.lateral_mps2 * force, color=colour, label=grip.value)
    for speed_mps, marker in ((2.0, "o"), (3.0, "s"), (4.0, "^")):
        found = [_across(angle, speed_mps) for angle in (3.0, 5.0, 8.0, 12.0)]
        label = f"steady circles, {speed_mps:g} m/s"
        axes.plot(*zip(*found, strict=True), marker, color="black", markersize=4, label=label)
    axes.set(title="Grip over slip", xlabel="slip of the rear axle (degrees)")
    axes.set(ylabel="lateral (m/s²)")


def _across(steering_deg: float, speed_mps: float) -> tuple[float, float]:
    """Slip of the rear axle (degrees) and lateral acceleration (m/s²) of a steady circle."""
    states = drive(held(steering_deg, speed_mps, 10.0))[-2 * CONTROL_HZ :]
    rear = states[:, LEFT] - 0.081663 * states[:, YAW_RATE]
    slip = np.degrees(np.abs(np.arctan2(rear, states[:, FORWARD])))
    speed = np.hypot(states[:, FORWARD], states[:, LEFT])
    return float(slip.mean()), float(np.mean(speed * np.abs(states[:, YAW_RATE])))


PANELS: tuple[Callable[[Axes], None], ...] = (steady_circles, step_steers, accelerations, slips)


def draw(path: Path) -> None:
    """Write the picture; the same bytes each time."""
    import matplotlib as mpl
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    with mpl.rc_context({"svg.hashsalt": "racecraft", "svg.fonttype": "none", "font.size": 9}):
        figure = Figure(figsize=(9.0, 6.6), layout="constrained", facecolor="white")
        FigureCanvasSVG(figure)
        for axes, panel in zip(figure.subplots(2, 2).flat, PANELS, strict=True):
            panel(axes)
            axes.grid(visible=True, alpha=0.25)
            axes.legend(frameon=False, fontsize=8)
            axes.set_xlim(left=0.0)
            axes.set_ylim(bottom=0.0)
        figure.savefig(path, metadata={"Date": None})


def main() -> None:
    """Draw the picture of the documentation, or into the file that is named."""
    parser = argparse.ArgumentParser(description="Draw what the car does.")
    parser.add_argument("file", nargs="?", type=Path, default=PICTURE, help="where to")
    draw(parser.parse_args().file)


if __name__ == "__main__":
    main()
