"""Step 3: what the car can do: a list of actions, or ranges of angle and speed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nicegui import ui

from racecraft.domain.action_space import DiscreteActionSpace
from racecraft.domain.errors import InvalidSpec
from racecraft.interfaces.web.pages.create_model import drawings, graph
from racecraft.interfaces.web.pages.create_model.action_list import ActionList
from racecraft.interfaces.web.pages.create_model.handles import Handles
from racecraft.interfaces.web.tags import tag, words
from racecraft.interfaces.web.widgets.cards import panel
from racecraft.interfaces.web.widgets.fields import About, TickField, Tile, TilesField

if TYPE_CHECKING:
    from nicegui.element import Element

    from racecraft.interfaces.web.pages.create_model.form import Form

_TILES = (
    Tile(
        "discrete",
        "Discrete",
        "A list of actions; the network picks one of them in every step. Learns sooner.",
        drawings.DISCRETE,
    ),
    Tile(
        "continuous",
        "Continuous",
        "Any angle and speed within limits. Can drive more smoothly; takes longer.",
        drawings.CONTINUOUS,
    ),
)
FAST_MPS = 3.0
_RANGES = (
    ("angle_high", "Furthest left", "°", -30, 30, 1),
    ("angle_low", "Furthest right", "°", -30, 30, 1),
    ("speed_low", "Slowest", "m/s", 0.1, 4, 0.1),
    ("speed_high", "Fastest", "m/s", 0.1, 4, 0.1),
)


def build(form: Form) -> None:
    """The fields of the step."""
    _Actions(form)


class _Actions:
    def __init__(self, form: Form) -> None:
        self._form = form
        if form.parent is not None:
            with panel("Kind", info="action-space"):
                tag(
                    "p",
                    text=f"{form.parent.spec.action_space.kind.capitalize()}, as in the cloned "
                    "model: its network has that many outputs. Angles and speeds may change.",
                )
        else:
            with panel("Kind", info="action-space"):
                form.fields["action_kind"] = TilesField(
                    About("Kind of action space"), _TILES, form.sheet.action_kind, self._choose
                )
                form.fields["action_kind"].root.classes("label-hidden")
        with tag("div", "actions-grid"):
            with tag("div", "stack") as self._left:
                pass
            with panel("All actions", info="polar-graph", classes="polar-panel"):
                self._picture = ui.html("", sanitize=False).props("role=img")
                with tag("div", "polar-place") as place:
                    self._picture.move(place)
                    self._handles: Element = tag("div", "polar-handles")
                self._said = words("p", "", "dim", role="status")
                self._warned = words("p", "", "hint")
        self._fill()

    def _choose(self, kind: str) -> None:
        self._form.set(action_kind=kind)
        self._fill()

    def _fill(self) -> None:
        form = self._form
        for name in [n for n in form.fields if n.startswith(("grid.", "ranges.", "actions"))]:
            del form.fields[name]
        self._left.clear()
        self._handles.clear()
        with self._left:
            if form.sheet.action_kind == "continuous":
                self._ranges()
            else:
                self._list_panel()
        self.draw()

    def _list_panel(self) -> None:
        form = self._form
        with panel("Actions", info="action-list"):
            if form.parent is None:
                TickField(
                    About(
                        "Advanced: edit every action",
                        "2 to 30 actions, each with an angle and a speed of its own.",
                    ),
                    form.sheet.is_advanced,
                    self._advance,
                )
            if not form.sheet.is_advanced:
                self._grid()
            self._list = ActionList(form, self.draw)

    def _grid(self) -> None:
        form = self._form
        with tag("div", "form two"):
            form.choice(
                "grid.steering_granularity",
                About("Steering angles", "How many, evenly from right to left."),
                {3: "3", 5: "5", 7: "7"},
                self.draw,
            )
            form.number(
                "grid.max_steering_deg",
                About("Largest angle", "1° to 30°. Wide angles take tight bends, and can zigzag."),
                unit="°",
                then=self.draw,
                min=1,
                max=30,
            )
            form.choice(
                "grid.speed_granularity",
                About("Speeds", "How many, evenly up to the largest; standing is none."),
                {1: "1", 2: "2", 3: "3"},
                self.draw,
            )
            form.number(
                "grid.max_speed_mps",
                About("Largest speed", "0.1 to 4 m/s. Fast cars take longer to learn."),
                unit="m/s",
                then=self.draw,
                min=0.1,
                max=4,
            )

    def _advance(self, is_on: bool) -> None:
        form = self._form
        actions = form.sheet.actions
        if is_on:  # what is on the list goes on being there, to be changed
            try:
                space = form.sheet.action_space()
                if isinstance(space, DiscreteActionSpace):
                    actions = tuple(action.model_dump() for action in space.actions)
            except InvalidSpec:
                pass
        form.set(is_advanced=is_on, actions=actions)
        self._fill()

    def _ranges(self) -> None:
        form = self._form
        with panel("Limits", info="action-space"):
            tag("p", "dim", "Type, or drag the round handles of the picture; arrow keys move them.")
            inputs: dict[str, Element] = {}
            with tag("div", "form two"):
                for name, label, unit, low, high, step in _RANGES:
                    about = About(label, f"{low:g} to {high:g} {unit}.".replace(" °", "°"))
                    made = form.number(f"ranges.{name}", about, unit=unit, then=self.draw)
                    made.control.props.update({"min": low, "max": high, "step": step})
                    inputs[name] = made.control
        with self._handles:
            self._drag = Handles(inputs)

    def draw(self) -> None:
        """Draw what the fields say now, if they fit."""
        sheet = self._form.sheet
        try:
            space = sheet.action_space()
        except InvalidSpec:
            self._said.text = "The picture waits until the numbers fit."
            return
        if sheet.action_kind == "continuous":
            self._show(graph.range_graph(sheet.ranges))
            self._drag.move(sheet.ranges)
        else:
            assert isinstance(space, DiscreteActionSpace)
            pairs = [(action.steering_angle, action.speed) for action in space.actions]
            self._show(graph.list_graph(pairs))
            self._list.show(space)
        self._said.text = graph.in_words(space) + "."
        self._picture.props["aria-label"] = graph.in_words(space)
        self._warned.text = _warning(space)

    def _show(self, svg: str) -> None:
        self._picture.set_content(svg)


def _warning(space: Any) -> str:
    _, fast = space.speed_range_mps
    if fast > FAST_MPS:
        return (
            f"At {fast:g} m/s the car spins in tight bends; models up to {FAST_MPS:g} m/s learn "
            "much sooner."
        )
    if fast > 1.0:
        return "Above 1 m/s a larger learning rate and smaller batches help; see step 2."
    return ""
