"""Tables: count, search, sort, pages, preferences, selection of a row."""

from __future__ import annotations

import json
import math
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from racecraft.interfaces.web.frame import heading
from racecraft.interfaces.web.icons import icon
from racecraft.interfaces.web.tags import drawing, pressed, tag, words
from racecraft.interfaces.web.widgets.buttons import button, enable, icon_button
from racecraft.interfaces.web.widgets.columns import Column as Column
from racecraft.interfaces.web.widgets.dialogs import dialog
from racecraft.interfaces.web.widgets.fields import ChoiceField, TickField
from racecraft.interfaces.web.widgets.lines import Lines

if TYPE_CHECKING:
    from nicegui.element import Element

    from racecraft.interfaces.web.visit import Visit

R = TypeVar("R")
PAGE_SIZES = (10, 25, 50, 100)


@dataclass(frozen=True)
class TableLook:
    """What a table is called and how it begins."""

    name: str
    """Under which the browser keeps the preferences."""
    title: str
    info: str | None = None
    sorted_by: str = ""
    is_descending: bool = False
    finds: str = "Find"
    """Label of the search box."""
    nothing: str = "Nothing here fits the search."
    selects: bool = False
    """Whether one row can be chosen."""


class Table(Generic[R]):
    """Rows of one kind, sorted, searched and shown a page at a time."""

    def __init__(
        self,
        visit: Visit,
        look: TableLook,
        columns: Sequence[Column[R]],
        *,
        row_id: Callable[[R], str],
        load: Callable[[], Awaitable[Sequence[R]]] | None = None,
        on_select: Callable[[R | None], Any] | None = None,
    ) -> None:
        """Make it; `show` gives it its rows.

        Args:
            visit: the opened page.
            look: name, title and first order.
            columns: from left to right; the first one names the row.
            row_id: what tells a row from the others.
            load: gets the rows anew, for the refresh button.
            on_select: gets the chosen row.
        """
        self._visit, self._look, self._columns = visit, look, columns
        self._row_id, self._load, self._on_select = row_id, load, on_select
        kept = visit.kept(look.name)
        self._size: int = kept["size"] if kept.get("size") in PAGE_SIZES else PAGE_SIZES[0]
        hidden = kept.get("hidden")
        first = [column.key for column in columns if not column.is_shown]
        self._hidden = set(hidden if isinstance(hidden, list) else first)
        self._sorted_by, self._is_down = look.sorted_by or columns[0].key, look.is_descending
        self._rows: Sequence[R] = ()
        self._search, self._page = "", 0
        self._head: list[str] | None = None
        """Columns that are on the page; None without rows."""
        self._order = (self._sorted_by, self._is_down)
        """In which the rows on the page are."""
        self._top: Element
        self._lines: Lines[R]
        self.selected: R | None = None
        with tag("section", "panel table-panel", aria_label=look.title):
            self._make_top()
            self._frame = tag("div", "table-scroll")
            self._found = words("p", "", "only-read", role="status")

    def show(self, rows: Sequence[R]) -> None:
        """Give it rows; the chosen row stays chosen if it is still there."""
        self._rows = rows
        self._count.text = f"({len(rows)})"
        if self.selected is not None:
            chosen = self._row_id(self.selected)
            self._choose(next((row for row in rows if self._row_id(row) == chosen), None))
        self._draw()

    def _make_top(self) -> None:
        with tag("div", "table-top"):
            with tag("div", "table-name"):
                heading(self._look.title, info=self._look.info)
                self._count = words("span", "", "count dim")
            with tag("div", "search"):
                drawing(icon("search", 16))
                box = tag("input", "control", type="search", placeholder=self._look.finds)
                box.props["aria-label"] = self._look.finds
                box.on("input", self._find, js_handler="(e) => emit(e.target.value)", throttle=0.1)
            with tag("div", "actions"):
                if self._load is not None:
                    icon_button("Refresh", "refresh", self.refresh)
                self._back = icon_button("Page before", "left", lambda: self._turn(-1))
                self._where = words("span", "1", "page-number", aria_live="polite")
                self._forth = icon_button("Page after", "right", lambda: self._turn(1))
                icon_button("Preferences of this table", "gear", self._ask_preferences)

    async def refresh(self) -> None:
        """Get the rows anew."""
        if self._load is not None:
            self.show(await self._load())

    def _find(self, event: Any) -> None:
        self._search, self._page = str(event.args).casefold().strip(), 0
        self._draw()
        self._found.text = f"{len(self._fitting())} found"

    def _turn(self, by: int) -> None:
        self._page += by
        self._draw()

    def _sort(self, key: str) -> None:
        self._is_down = not self._is_down if key == self._sorted_by else False
        self._sorted_by = key
        self._draw()
        self._frame.client.run_javascript(
            f"racecraft.focusSort({self._frame.id}, {json.dumps(key)})"
        )

    def _choose(self, row: R | None) -> None:
        self.selected = row
        if self._on_select is not None:
            self._on_select(row)

    def _fitting(self) -> list[R]:
        """Rows that the search lets through, in order."""
        columns = self._columns
        rows = [
            row
            for row in self._rows
            if not self._search
            or any(self._search in column.text(row).casefold() for column in columns)
        ]
        by = next((c for c in columns if c.key == self._sorted_by), columns[0])
        order = by.order or (lambda row: by.text(row).casefold())
        return sorted(rows, key=order, reverse=self._is_down)

    def _draw(self) -> None:
        rows = self._fitting()
        pages = max(math.ceil(len(rows) / self._size), 1)
        self._page = min(max(self._page, 0), pages - 1)
        self._where.text = f"{self._page + 1} of {pages}"
        enable(self._back, self._page > 0)
        enable(self._forth, self._page + 1 < pages)
        shown = rows[self._page * self._size : (self._page + 1) * self._size]
        columns = [c for k, c in enumerate(self._columns) if k == 0 or c.key not in self._hidden]
        head = [column.key for column in columns] if shown else None
        if head != self._head or not shown:
            self._draw_frame(columns, is_empty=not shown)
        elif (self._sorted_by, self._is_down) != self._order:
            self._top.clear()
            with self._top:
                self._draw_head(columns)
        self._head, self._order = head, (self._sorted_by, self._is_down)
        if shown:
            chosen = None if self.selected is None else self._row_id(self.selected)
            self._lines.show(shown, chosen)

    def _draw_frame(self, columns: list[Column[R]], *, is_empty: bool) -> None:
        """The table without its rows, or the sentence in its place."""
        self._frame.clear()
        with self._frame:
            if is_empty:
                tag("p", "table-nothing dim", self._look.nothing)
                return
            with tag("table", "table"):
                self._top = tag("thead")
                with self._top:
                    self._draw_head(columns)
                choose = self._choose if self._look.selects else None
                self._lines = Lines(columns, self._row_id, group=self._look.name, on_choose=choose)

    def _draw_head(self, columns: list[Column[R]]) -> None:
        with tag("tr"):
            if self._look.selects:
                with tag("th", "choice", scope="col"):
                    tag("span", "only-read", "Choose")
            for column in columns:
                is_by = column.key == self._sorted_by
                order = "descending" if self._is_down else "ascending"
                cell = tag("th", "number" if column.is_number else "", scope="col")
                cell.props["aria-sort"] = order if is_by else "none"
                with cell:
                    sorter = tag("button", "sorter", type="button", data_sort=column.key)
                    pressed(sorter, partial(self._sort, column.key))
                    with sorter:
                        tag("span", text=column.title)
                        if is_by:
                            drawing(icon("down" if self._is_down else "up", 14))

    def _ask_preferences(self) -> None:
        with dialog(f"Preferences: {self._look.title}") as asked:
            sizes = {str(size): f"{size} rows" for size in PAGE_SIZES}
            size = ChoiceField("Rows on a page", sizes, str(self._size))
            tag("p", "field-label", "Columns")
            ticks = {
                column.key: TickField(column.title, column.key not in self._hidden)
                for column in self._columns[1:]
            }

            def save() -> None:
                self._size = int(size.value)
                self._hidden = {key for key, tick in ticks.items() if not tick.value}
                preferences = {"size": self._size, "hidden": sorted(self._hidden)}
                self._visit.keep(self._look.name, preferences)
                asked.close()
                self._draw()

            with asked.foot:
                button("Cancel", asked.close, kind="quiet")
                button("Save", save, kind="primary")
