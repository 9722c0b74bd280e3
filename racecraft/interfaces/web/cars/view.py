"""A car that turns by itself, by dragging, or by the arrow keys."""

from __future__ import annotations

from collections.abc import Sequence

from nicegui.element import Element
from nicegui.elements import scene  # noqa: F401  (its module is where three.js comes from)


class CarView(Element, component="view.js", esm={"racecraft-cars": "shapes"}):
    """A vehicle in 3D; `repaint` shows a change at once."""

    def __init__(self, label: str, shell: str, colour: str, sensors: Sequence[str]) -> None:
        """Make it.

        Args:
            label: what screen readers say.
            shell: name of the shell.
            colour: name of the trim colour.
            sensors: what it sees with.
        """
        super().__init__()
        self.props["label"] = label
        self.repaint(shell=shell, colour=colour, sensors=sensors)

    def repaint(
        self,
        *,
        shell: str | None = None,
        colour: str | None = None,
        sensors: Sequence[str] | None = None,
    ) -> None:
        """Change some of it."""
        given = {"shell": shell, "colour": colour, "sensors": sensors and list(sensors)}
        for name, value in given.items():
            if value is not None:
                self.props[name] = value
        self.update()
