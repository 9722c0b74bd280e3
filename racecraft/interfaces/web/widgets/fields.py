"""Fields of forms: label, control, help, and the error beside it.

What is typed stays in the browser and is told to the server as it changes; the server writes into
a control only when `set_value` says so, so nobody's typing is ever overwritten.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from racecraft.interfaces.web.drawer import info as info_link
from racecraft.interfaces.web.icons import icon
from racecraft.interfaces.web.tags import drawing, tag, words

if TYPE_CHECKING:
    from nicegui.element import Element

    from racecraft.interfaces.web.tags import Tag

Changed = Callable[[Any], Any]
"""Gets the new value."""


@dataclass(frozen=True)
class About:
    """What every field tells about itself."""

    label: str
    help: str = ""
    """A sentence below the control."""
    info: str | None = None
    """Key of a help section behind an Info link."""
    is_optional: bool = False


class Field:
    """A control with what belongs to it; `value` is what stands in it now."""

    def __init__(self, about: About | str, value: Any, on_change: Changed | None = None) -> None:
        self.about = About(about) if isinstance(about, str) else about
        self.value = value
        self._on_change = on_change
        self.control: Element
        self._error: Tag
        self.root = tag("div", "field")

    def show_error(self, sentence: str) -> None:
        """Say beside the field what does not fit; an empty sentence takes it back."""
        self._error.text = sentence
        self.root.classes(
            add="has-error" if sentence else "", remove="" if sentence else "has-error"
        )
        self.control.props["aria-invalid"] = "true" if sentence else "false"
        self.control.update()

    def focus(self) -> None:
        """Put the cursor here."""
        self.control.client.run_javascript(f"getHtmlElement({self.control.id})?.focus()")

    def set_value(self, value: Any) -> None:
        """Write something into the control."""
        self.value = value
        text = json.dumps(str(value))
        self.control.client.run_javascript(f"getHtmlElement({self.control.id}).value = {text}")

    def change(self, value: Any) -> Any:
        """The browser tells a new value."""
        self.value = value
        if self._error.text:
            self.show_error("")
        return self._on_change(value) if self._on_change is not None else None

    def _label(self, for_id: str | None) -> None:
        with tag("div", "field-top"):
            tag("label", "field-label", self.about.label, for_=for_id)
            if self.about.is_optional:
                tag("span", "dim", "optional")
            if self.about.info is not None:
                info_link(self.about.info)

    def _below(self) -> None:
        if self.about.help:
            tag("p", "field-help", self.about.help, id=f"help-{self.control.id}")
        self._error = words("p", "", "field-error", id=f"error-{self.control.id}", role="alert")
        self.control.props["aria-describedby"] = (
            f"help-{self.control.id} " if self.about.help else ""
        ) + f"error-{self.control.id}"


class TextField(Field):
    """A line of text, or several."""

    def __init__(
        self,
        about: About | str,
        value: str = "",
        on_change: Changed | None = None,
        *,
        lines: int = 1,
        **attributes: Any,
    ) -> None:
        """Make it.

        Args:
            about: what it tells about itself.
            value: what stands in it at first.
            on_change: gets the new text.
            lines: more than one makes a larger field.
            **attributes: of HTML, such as `placeholder`, `maxlength` or `type="password"`.
        """
        super().__init__(about, value, on_change)
        name, more = ("input", {"type": "text"}) if lines == 1 else ("textarea", {"rows": lines})
        with self.root:
            top = tag("div")
            self.control = tag(name, "control", defaultValue=value, **{**more, **attributes})
            self.control.props["data-1p-ignore"] = ""
            with top:
                self._label(self.control.html_id)
            self._below()
        self.control.on(
            "input", lambda e: self.change(e.args), js_handler="(e) => emit(e.target.value)"
        )


class NumberField(Field):
    """A number with its unit; None while what stands there is no number."""

    def __init__(
        self,
        about: About | str,
        value: float | None,
        on_change: Changed | None = None,
        *,
        unit: str = "",
        **attributes: Any,
    ) -> None:
        """Make it.

        Args:
            about: what it tells about itself.
            value: what stands in it at first.
            on_change: gets the new number, or None.
            unit: behind the number.
            **attributes: `min`, `max`, `step`.
        """
        super().__init__(about, value, on_change)
        start = "" if value is None else f"{value:g}"
        with self.root:
            top = tag("div")
            with tag("div", "with-unit"):
                self.control = tag(
                    "input", "control number", type="number", defaultValue=start, **attributes
                )
                if unit:
                    tag("span", "unit", unit)
            with top:
                self._label(self.control.html_id)
            self._below()
        self.control.on(
            "input",
            lambda e: self.change(_number(e.args)),
            js_handler="(e) => emit(e.target.value)",
        )


class ChoiceField(Field):
    """One of a list, in HTML's own select box."""

    def __init__(
        self,
        about: About | str,
        options: Mapping[str, str],
        value: str,
        on_change: Changed | None = None,
    ) -> None:
        """Make it; `options` are values and what people read."""
        super().__init__(about, value, on_change)
        with self.root:
            top = tag("div")
            with tag("div", "select"):
                with tag("select", "control") as self.control:
                    for key, text in options.items():
                        is_it = True if key == value else None
                        tag("option", text=text, value=key, selected=is_it)
                drawing(icon("down", 16))
            with top:
                self._label(self.control.html_id)
            self._below()
        self.control.on(
            "change", lambda e: self.change(e.args), js_handler="(e) => emit(e.target.value)"
        )


class TickField(Field):
    """A tick box; its value is True or False."""

    def __init__(
        self, about: About | str, value: bool = False, on_change: Changed | None = None
    ) -> None:
        super().__init__(about, value, on_change)
        self.root.classes("tick")
        with self.root:
            self.control = tag("input", type="checkbox", defaultChecked=value)
            with tag("div"):
                self._label(self.control.html_id)
                self._below()
        self.control.on(
            "change",
            lambda e: self.change(bool(e.args)),
            js_handler="(e) => emit(e.target.checked)",
        )

    def set_value(self, value: Any) -> None:
        """Tick it or not."""
        self.value = bool(value)
        state = json.dumps(self.value)
        self.control.client.run_javascript(f"getHtmlElement({self.control.id}).checked = {state}")


@dataclass(frozen=True)
class Tile:
    """One choice shown as a card."""

    value: str
    title: str
    text: str = ""
    svg: str = ""
    """A drawing of ours."""
    note: str = ""
    """Small, beside the title."""


class TilesField(Field):
    """Cards of which one is chosen; the whole card can be clicked, arrow keys move."""

    def __init__(
        self,
        about: About | str,
        tiles: Sequence[Tile],
        value: str,
        on_change: Changed | None = None,
        *,
        classes: str = "",
    ) -> None:
        """Make it; `classes` may be "small" for tiles that are mostly picture."""
        super().__init__(about, value, on_change)
        with self.root:
            with tag("fieldset", "tiles-set") as self.control:
                with tag("legend", "field-top"):
                    tag("span", "field-label", self.about.label)
                    if self.about.info is not None:
                        info_link(self.about.info)
                with tag("div", f"tiles {classes}"):
                    for tile in tiles:
                        self._tile(tile)
            self._below()

    def _tile(self, tile: Tile) -> None:
        with tag("label", "tile"):
            choice = tag(
                "input",
                "tile-choice",
                type="radio",
                name=f"tiles-{self.root.id}",
                value=tile.value,
                defaultChecked=tile.value == self.value,
            )
            choice.on("change", lambda: self.change(tile.value), args=[])
            if tile.svg:
                drawing(tile.svg, "tile-picture")
            with tag("span", "tile-words"):
                with tag("span", "tile-title"):
                    tag("span", text=tile.title)
                    if tile.note:
                        tag("span", "dim", tile.note)
                if tile.text:
                    tag("span", "tile-text dim", tile.text)


def _number(text: Any) -> float | None:
    try:
        return float(text)
    except (TypeError, ValueError):
        return None
