"""What a reward function pays, drawn on the road, and the laps that it was tried on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from racecraft.domain.obstacles import BOX_WIDTH_M
from racecraft.interfaces.web.tags import picture, tag
from racecraft.interfaces.web.widgets.notices import badge
from racecraft.service.track_choices import track_words

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from racecraft.analysis.dry_run import DryRun, PaidLap

COLOURS = ("#3d4db3", "#2b7bbb", "#1f9a9a", "#3fb370", "#9ac544", "#f2c230", "#ff8a1f")
"""From the least to the most, told apart by lightness too."""
CLEARLY = 0.02
SIDE, MARGIN = 420.0, 16.0


def show_run(run: DryRun, lap: int, choose: Callable[[int], None]) -> None:
    """The map of one lap, the table of all, and what they say.

    Args:
        run: the dry run.
        lap: number of the lap to draw.
        choose: called with the number of another lap.
    """
    paid = run.laps[lap]
    low, high = run.scale
    label = (
        f"What {paid.lap.title} is paid on {track_words(run.track.name)}: from "
        f"{paid.rewards.min():.3g} to {paid.rewards.max():.3g} a step"
    )
    picture(_map(run, paid), label, "heat-map")
    with tag("div", "heat-scale", aria_hidden="true"):
        tag("span", "number", f"{low:.3g}")
        tag("span", "heat-bar")
        tag("span", "number", f"{high:.3g} a step")
    _verdict(run)
    _table(run, lap, choose)
    with tag("details", "fold"):
        tag("summary", text="What this means")
        with tag("ul", "said"):
            for one in run.verdict:
                with tag("li", f"said-{one.mark.value}"):
                    tag("span", "said-sign", _SIGNS[one.mark.value], aria_hidden="true")
                    tag("span", text=one.message)
        tag("p", "dim", run.footnote)
    if run.printed.strip():
        with tag("details", "fold"):
            tag("summary", text="What it printed")
            tag("pre", "printed", run.printed[:4000], tabindex="0")


_SIGNS = {"good": "✓", "bad": "!", "note": "·"}


def _verdict(run: DryRun) -> None:
    kind = "good" if run.driving_well_pays else "bad"
    with tag("p", "verdict", role="status"):
        badge("Good" if run.driving_well_pays else "Look again", kind)
        tag("span", text=run.headline)


def _table(run: DryRun, lap: int, choose: Callable[[int], None]) -> None:
    best = _best([paid.mean for paid in run.laps])
    with tag("table", "table lap-table keeps-columns"):
        with tag("thead"), tag("tr"):
            tag("th", text="Lap", scope="col")
            for text in ("Time", "A step", "In all"):
                tag("th", "number", text, scope="col")
        with tag("tbody"):
            for number, paid in enumerate(run.laps):
                with tag("tr", "here" if number == lap else ""):
                    with tag("th", scope="row"):
                        row = tag(
                            "button",
                            "lap-link",
                            paid.lap.title,
                            type="button",
                            aria_pressed="true" if number == lap else "false",
                        )
                        row.on("click", lambda number=number: choose(number), args=[])
                        if number == best:
                            tag("span", "best", " pays best ✓")
                    tag("td", "number", f"{paid.lap.time_s:.1f} s")
                    tag("td", "number", f"{paid.mean:.3g}")
                    tag("td", "number", f"{paid.total:.4g}")


def _best(means: list[float]) -> int | None:
    """The lap that pays best by the step; None when another pays about as well."""
    order = sorted(range(len(means)), key=lambda k: -means[k])
    first, second = means[order[0]], means[order[1]]
    return order[0] if first - second > CLEARLY * abs(first) else None


def _map(run: DryRun, paid: PaidLap) -> str:
    outer, inner = run.track.outer, run.track.inner
    low, high = outer.min(axis=0), outer.max(axis=0)
    scale = (SIDE - 2 * MARGIN) / float((high - low).max())
    size = (high - low) * scale + 2 * MARGIN

    def put(points: NDArray[np.float64]) -> NDArray[np.float64]:
        moved = (points - low) * scale + MARGIN
        return np.stack([moved[:, 0], size[1] - moved[:, 1]], axis=1)

    road = f"{_line(put(outer))}Z{_line(put(inner))}Z"
    width = float(np.clip(0.3 * run.track.width_m * scale, 4.0, 16.0))
    # The other laps lie thin beneath the chosen one.
    laps = [*(each for each in run.drawn if each is not paid), paid]
    drawn = "".join(
        f'<path d="{path}" stroke="{colour}" stroke-width="{width if lap is paid else 2:.1f}"/>'
        for lap in laps
        for colour, path in _bands(put(lap.lap.points), lap.rewards, run.scale)
    )
    side = BOX_WIDTH_M * scale
    boxes = "".join(
        f'<rect x="{x - side / 2:.1f}" y="{y - side / 2:.1f}" width="{side:.1f}" '
        f'height="{side:.1f}" rx="2" fill="#b98a4e" stroke="#14171a"/>'
        for x, y in put(run.standing)
    )
    ideal = "" if run.ideal is None else _dashed(put(run.ideal.points))
    x, y = put(run.track.centre[:1])[0]
    return (
        f'<svg viewBox="0 0 {size[0]:.0f} {size[1]:.0f}" fill="none" stroke-linecap="round" '
        f'stroke-linejoin="round"><path d="{road}" fill="var(--road)" fill-rule="evenodd" '
        'stroke="var(--edge)" stroke-width="3"/>'
        f'{boxes}{drawn}{ideal}<circle cx="{x:.1f}" cy="{y:.1f}" r="{width * 0.7:.1f}" fill="#fff" '
        'stroke="#14171a" stroke-width="2"/></svg>'
    )


def _dashed(points: NDArray[np.float64]) -> str:
    """The fastest line, seen on light and dark."""
    path = _line(points)
    return (
        f'<path d="{path}" stroke="#14171a" stroke-width="2.6" stroke-opacity="0.55"/>'
        f'<path d="{path}" stroke="#fff" stroke-width="1.4" stroke-dasharray="5 5"/>'
    )


def _bands(
    points: NDArray[np.float64], rewards: NDArray[np.float64], scale: tuple[float, float]
) -> list[tuple[str, str]]:
    """Each colour with the pieces of the lap that are paid so."""
    low, high = scale
    share = np.clip((rewards - low) / (high - low), 0.0, 1.0)
    band = np.minimum((share * len(COLOURS)).astype(int), len(COLOURS) - 1)
    found = []
    for k, colour in enumerate(COLOURS):
        steps = np.flatnonzero(band[:-1] == k)
        path = "".join(_line(points[step : step + 2]) for step in steps)
        if path:
            found.append((colour, path))
    return found


def _line(points: NDArray[np.float64]) -> str:
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
