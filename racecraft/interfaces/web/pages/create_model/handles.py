"""Handles on the half disc by which limits are dragged, or moved with the arrow keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from racecraft.interfaces.web.pages.create_model.graph import HEIGHT, WIDTH, place, range_ring
from racecraft.interfaces.web.tags import tag

if TYPE_CHECKING:
    from nicegui.element import Element

_LABELS = {
    "angle_high": "Furthest left",
    "angle_low": "Furthest right",
    "speed_low": "Slowest",
    "speed_high": "Fastest",
}


class Handles:
    """Four sliders; create_model.js moves the number that belongs to each."""

    def __init__(self, inputs: dict[str, Element]) -> None:
        """Make them; `inputs` are the numbers that they move."""
        self._handles = {}
        for name, label in _LABELS.items():
            is_angle = name.startswith("angle")
            handle = tag("div", "polar-handle", role="slider", tabindex="0", aria_label=label)
            handle.props["aria-valuemin"] = -30 if is_angle else 0.1
            handle.props["aria-valuemax"] = 30 if is_angle else 4
            handle.props["data-handle"] = name
            handle.props["data-moves"] = inputs[name].html_id
            self._handles[name] = handle

    def move(self, ranges: dict[str, float]) -> None:
        """Put them where the limits are."""
        middle_deg = 0.5 * (ranges["angle_low"] + ranges["angle_high"])
        middle_mps = 0.5 * (ranges["speed_low"] + ranges["speed_high"])
        ring_mps = range_ring(ranges)
        for name, handle in self._handles.items():
            value, is_angle = ranges[name], name.startswith("angle")
            x, y = place(value, middle_mps, ring_mps) if is_angle else (0.0, 0.0)
            if not is_angle:
                x, y = place(middle_deg, value, ring_mps)
            handle.style(f"left: {100 * x / WIDTH:.2f}%; top: {100 * y / HEIGHT:.2f}%")
            handle.props["data-rim"] = ring_mps
            handle.props["aria-valuenow"] = value
            handle.props["aria-valuetext"] = f"{value:g}°" if is_angle else f"{value:g} m/s"
            handle.update()
