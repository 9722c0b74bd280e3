"""What stands in the steps of the form, and fields that are bound to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from racecraft.interfaces.web.toasts import say
from racecraft.interfaces.web.widgets.fields import (
    About,
    ChoiceField,
    Field,
    NumberField,
    TickField,
)
from racecraft.service.drafts.faults import Fault, faults_of
from racecraft.service.drafts.sheet import Part, Sheet

if TYPE_CHECKING:
    from racecraft.interfaces.web.visit import Asking, Visit
    from racecraft.interfaces.web.widgets.wizards import Wizard
    from racecraft.service.drafts.beginnings import Parent
    from racecraft.service.garage import Vehicle
    from racecraft.service.rewards import Example
    from racecraft.service.tracks import TrackCard

_TABLES = ("boxes", "bots", "grid", "ranges")


@dataclass(frozen=True)
class Stock:
    """What there is to choose from, when the page was opened."""

    tracks: tuple[TrackCard, ...]
    vehicles: tuple[Vehicle, ...]
    examples: tuple[Example, ...]


@dataclass
class Form:
    """One opened form."""

    visit: Visit
    stock: Stock
    sheet: Sheet
    parent: Parent | None = None
    """The model that is cloned."""
    fields: dict[str, Field] = field(default_factory=dict)
    """By the names that faults have."""
    on_change: Callable[[], None] = lambda: None
    """Called after every change."""
    after_stop: Callable[[], Any] = lambda: None
    """Called when the time of the training was changed."""
    wizard: Wizard | None = None

    def get(self, path: str) -> Any:
        """What stands in a field, by the name that faults have."""
        table, _, name = path.rpartition(".")
        if table == "hyperparameters":
            return self.sheet.values.get(name)
        if table in _TABLES:
            return getattr(self.sheet, table).get(name)
        return getattr(self.sheet, name)

    def put(self, path: str, value: Any) -> None:
        """Write something down, by the name that faults have."""
        table, _, name = path.rpartition(".")
        if table == "hyperparameters":
            tables = self.sheet.hyperparameters
            own = {**self.sheet.values, name: value}
            self.set(hyperparameters={**tables, self.sheet.algorithm: own})
        elif table in _TABLES:
            self.set(**{table: {**getattr(self.sheet, table), name: value}})
        else:
            self.set(**{name: value})

    def set(self, **fields: Any) -> None:
        """Write fields of the sheet down."""
        self.sheet = self.sheet.changed(**fields)
        self.on_change()

    async def fits(self, part: Part) -> bool:
        """Whether a step fits; says beside its fields what does not."""
        faults = await self.visit.run(lambda asking: self._faults(asking, part))
        # Steps that were made anew have left their old fields behind.
        self.fields = {name: one for name, one in self.fields.items() if not one.root.is_deleted}
        for each in self.fields.values():
            each.show_error("")
        for fault in reversed(faults):  # the first one of a field is what stays
            self._show(fault)
        return not faults

    def _faults(self, asking: Asking, part: Part) -> list[Fault]:
        return faults_of(
            asking.store, asking.settings, asking.actor, self.sheet, part=part, parent=self.parent
        )

    def _show(self, fault: Fault) -> None:
        place = fault.field
        while place and place not in self.fields:
            place = place.rpartition(".")[0]
        if place:
            self.fields[place].show_error(fault.sentence)
        else:
            say(self.visit, fault.sentence, "bad")

    def number(
        self,
        path: str,
        about: About,
        *,
        unit: str = "",
        then: Callable[[], Any] | None = None,
        **attributes: Any,
    ) -> NumberField:
        """A number that stands under a name; `then` is called after it changed."""

        def change(value: float | None) -> None:
            self.put(path, _whole(value))
            if then is not None:
                then()

        attributes.setdefault("step", "any")
        made = NumberField(about, self.get(path), change, unit=unit, **attributes)
        self.fields[path] = made
        return made

    def choice(
        self,
        path: str,
        about: About,
        options: Mapping[Any, str],
        then: Callable[[], Any] | None = None,
    ) -> ChoiceField:
        """One of some values that stands under a name."""
        by_text = {str(value): value for value in options}

        def change(text: str) -> None:
            self.put(path, by_text[text])
            if then is not None:
                then()

        shown = {str(value): text for value, text in options.items()}
        made = ChoiceField(about, shown, str(self.get(path)), change)
        self.fields[path] = made
        return made

    def tick(self, path: str, about: About, then: Callable[[], Any] | None = None) -> TickField:
        """Yes or no under a name."""

        def change(value: bool) -> None:
            self.put(path, value)
            if then is not None:
                then()

        made = TickField(about, bool(self.get(path)), change)
        self.fields[path] = made
        return made


def _whole(value: float | None) -> float | int | None:
    """A whole number as such, so that it is written without a point."""
    return int(value) if value is not None and value.is_integer() else value
