"""The list of actions: as the grid makes it, or edited by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from racecraft.interfaces.web.tags import tag, words
from racecraft.interfaces.web.widgets.buttons import button, enable, icon_button
from racecraft.interfaces.web.widgets.fields import Field

if TYPE_CHECKING:
    from racecraft.domain.action_space import DiscreteActionSpace
    from racecraft.interfaces.web.pages.create_model.form import Form

LEAST, MOST = 2, 30


class _Cell(Field):
    """A number in the table; its label is read out only."""

    def __init__(self, label: str, value: Any, on_change: Callable[[Any], Any], low: float) -> None:
        super().__init__(label, value, on_change)
        self.root.classes("cell")
        with self.root:
            self.control = tag(
                "input",
                "control number",
                type="number",
                step="any",
                min=low,
                aria_label=label,
                defaultValue="" if value is None else f"{value:g}",
            )
            self._below()
        self.control.on(
            "input",
            lambda e: self.change(_number(e.args)),
            js_handler="(e) => emit(e.target.value)",
        )


class _Whole(Field):
    """The list as a field, for what is wrong with all of it."""

    def __init__(self) -> None:
        super().__init__("Actions", None)
        with self.root:
            self.control = tag("div", "only-read", tabindex="-1")
            self._error = words("p", "", "field-error", role="alert")


class ActionList:
    """A table of all actions."""

    def __init__(self, form: Form, then: Callable[[], Any]) -> None:
        self._form, self._then = form, then
        self._is_edited = form.sheet.is_advanced
        form.fields["actions"] = _Whole()
        with tag("div", "action-scroll", tabindex="0", role="region", aria_label="Action list"):
            self._table = tag("table", "table action-table keeps-columns")
        if self._is_edited:
            self._rows()
            if form.parent is None:
                with tag("div", "actions"):
                    self._adder = button("Add action", self._add, icon="plus")
                    self._count()

    def show(self, space: DiscreteActionSpace) -> None:
        """List what a grid makes; a list that is edited by hand stays as it is typed."""
        if self._is_edited:
            return
        self._table.clear()
        with self._table:
            self._head()
            with tag("tbody"):
                for number, action in enumerate(space.actions):
                    with tag("tr"):
                        tag("th", "number", str(number), scope="row")
                        tag("td", "number", f"{action.steering_angle:.1f}°")
                        tag("td", "number", f"{action.speed:.2f} m/s")

    def _head(self, *, has_buttons: bool = False) -> None:
        with tag("thead"), tag("tr"):
            for text in ("Action", "Angle (°)", "Speed (m/s)"):
                tag("th", "number", text, scope="col")
            if has_buttons:
                with tag("th", scope="col"):
                    tag("span", "only-read", "Remove")

    def _rows(self) -> None:
        form, can_remove = self._form, self._form.parent is None
        for name in [each for each in form.fields if each.startswith("actions.")]:
            del form.fields[name]
        self._table.clear()
        with self._table:
            self._head(has_buttons=can_remove)
            with tag("tbody"):
                for number, action in enumerate(form.sheet.actions):
                    self._row(number, action, can_remove)

    def _row(self, number: int, action: dict[str, Any], can_remove: bool) -> None:
        with tag("tr"):
            tag("th", "number", str(number), scope="row")
            for name, label, low in (("steering_angle", "angle", -30), ("speed", "speed", 0.1)):
                with tag("td"):

                    def change(value: Any, name: str = name) -> None:
                        self._write(number, name, value)

                    cell = _Cell(f"Action {number}: {label}", action.get(name), change, low)
                    self._form.fields[f"actions.{number}.{name}"] = cell
            if can_remove:
                with tag("td"):
                    icon_button(f"Remove action {number}", "trash", lambda: self._remove(number))

    def _write(self, number: int, name: str, value: Any) -> None:
        rows = list(self._form.sheet.actions)
        rows[number] = {**rows[number], name: value}
        self._change(rows)

    def _add(self) -> None:
        rows = list(self._form.sheet.actions)
        self._change([*rows, {"steering_angle": 0.0, "speed": _free_speed(rows)}])
        self._rows()

    def _remove(self, number: int) -> None:
        rows = list(self._form.sheet.actions)
        del rows[number]
        self._change(rows)
        self._rows()

    def _change(self, rows: list[dict[str, Any]]) -> None:
        self._form.set(actions=tuple(rows))
        self._form.fields["actions"].show_error("")
        self._count()
        self._then()

    def _count(self) -> None:
        if self._form.parent is None:
            enable(self._adder, len(self._form.sheet.actions) < MOST)


def _free_speed(rows: list[dict[str, Any]]) -> float:
    """A speed straight on that is not on the list yet."""
    taken = {row.get("speed") for row in rows if row.get("steering_angle") == 0}
    return next((k / 10 for k in range(5, 41) if k / 10 not in taken), 0.1)


def _number(text: Any) -> float | None:
    try:
        return float(text)
    except (TypeError, ValueError):
        return None
