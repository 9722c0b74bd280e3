"""The rows of a table on the page: only what has changed is made anew.

Whoever is just clicking at something would lose the click if it were replaced in that moment.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from racecraft.interfaces.web.tags import tag

if TYPE_CHECKING:
    from nicegui.element import Element

    from racecraft.interfaces.web.widgets.columns import Column

R = TypeVar("R")


@dataclass(eq=False)
class _Line(Generic[R]):
    row: R
    element: Element
    cells: list[Element] = field(default_factory=list)
    choice: Element | None = None
    """The button that chooses the row, where rows can be chosen."""


class Lines(Generic[R]):
    """The body of a table with some columns."""

    def __init__(
        self,
        columns: Sequence[Column[R]],
        row_id: Callable[[R], str],
        *,
        group: str,
        on_choose: Callable[[R], Any] | None,
    ) -> None:
        """Make it, without rows.

        Args:
            columns: from left to right; the first one names the row.
            row_id: what tells a row from the others.
            group: name of the buttons that choose a row.
            on_choose: gets the row that is chosen; without it none can be.
        """
        self._columns, self._row_id = list(columns), row_id
        self._group, self._on_choose = group, on_choose
        self._lines: dict[str, _Line[R]] = {}
        self._body = tag("tbody")

    def show(self, rows: Sequence[R], chosen: str | None) -> None:
        """Show these rows in this order; what is the same in them stays.

        Args:
            rows: no two with the same id.
            chosen: id of the row that is chosen.
        """
        wanted = {self._row_id(row): row for row in rows}
        for gone in [name for name in self._lines if name not in wanted]:
            self._lines.pop(gone).element.delete()
        for place, (name, row) in enumerate(wanted.items()):
            line = self._lines.get(name)
            if line is None:
                with self._body:
                    line = self._lines[name] = self._make(name, row, is_chosen=name == chosen)
            else:
                self._change(line, row)
            if self._body.default_slot.children[place] is not line.element:
                line.element.move(target_index=place)

    def _make(self, name: str, row: R, *, is_chosen: bool) -> _Line[R]:
        line = _Line(row, tag("tr"))
        with line.element:
            if self._on_choose is not None:
                line.choice = self._make_choice(name, row, is_chosen=is_chosen)
            for k, column in enumerate(self._columns):
                cell = tag(
                    "th" if k == 0 else "td",
                    "number" if column.is_number else "",
                    data_label=column.title,
                    scope="row" if k == 0 else None,
                )
                line.cells.append(cell)
                _fill(cell, column, row)
        return line

    def _make_choice(self, name: str, row: R, *, is_chosen: bool) -> Element:
        with tag("td", "choice"):
            choice = tag("input", type="radio", name=f"choice-{self._group}")
            choice.props["aria-label"] = self._asks(row)
            choice.props["defaultChecked"] = is_chosen
            choice.on("change", lambda: self._choose(name), args=[])
        return choice

    def _asks(self, row: R) -> str:
        return f"Choose {self._columns[0].text(row)}"

    def _choose(self, name: str) -> None:
        line = self._lines.get(name)
        if line is not None and self._on_choose is not None:
            self._on_choose(line.row)

    def _change(self, line: _Line[R], row: R) -> None:
        before, line.row = line.row, row
        if before == row:
            return
        if line.choice is not None and self._asks(before) != self._asks(row):
            line.choice.props["aria-label"] = self._asks(row)
            line.choice.update()
        for cell, column in zip(line.cells, self._columns, strict=True):
            if _shown(column, before) != _shown(column, row):
                cell.clear()
                _fill(cell, column, row)


def _shown(column: Column[R], row: R) -> Hashable:
    """Changes with what stands in a cell."""
    if column.draw is None:
        return column.text(row)
    return (column.text(row), column.depends(row)) if column.depends is not None else repr(row)


def _fill(cell: Element, column: Column[R], row: R) -> None:
    with cell:
        if column.draw is None:
            tag("span", text=column.text(row) or "–")
        else:
            column.draw(row)
