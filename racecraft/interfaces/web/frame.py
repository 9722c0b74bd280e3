"""What is around every page: header, menu, breadcrumb, title, Info drawer, messages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from nicegui import ui

from racecraft.interfaces.web import drawer
from racecraft.interfaces.web.icons import LOGO, icon
from racecraft.interfaces.web.place import Group, Place
from racecraft.interfaces.web.tags import drawing, tag
from racecraft.interfaces.web.toasts import toast_region

if TYPE_CHECKING:
    from nicegui.element import Element

    from racecraft.interfaces.web.visit import Visit


def open_frame(visit: Visit, places: Sequence[Place]) -> Element:
    """Everything around a page; what is made inside the element is the page's content.

    Args:
        visit: the opened page.
        places: all pages; the menu shows those that this person may open.
    """
    client = ui.context.client
    with client.layout:
        tag("a", "skip", "Skip to the content", href="#content")
        _header(visit)
        if visit.person is not None:
            _menu(visit, places)
        drawer.make(visit)
        visit.toasts = toast_region()
    # Reading order: the page comes after header and menu, the drawer and messages after the page.
    made = client.layout.default_slot.children
    made.insert(3 if visit.person is not None else 2, made.pop(0))
    client.layout.classes("signed-in" if visit.person is not None else "signed-out")
    with client.content:
        return tag("div", "content", id="content", tabindex="-1")


@contextmanager
def page_head(
    visit: Visit,
    title: str | None = None,
    *,
    info: str | None = None,
    trail: Sequence[tuple[str, str]] = (),
) -> Iterator[None]:
    """Breadcrumb and title; the buttons of the page are made inside the `with` block.

    Args:
        visit: the opened page.
        title: when it is not the place's own, such as a model's name.
        info: key of the help section about the whole page.
        trail: (title, path) of the pages above this one, after the product itself.
    """
    name = title or visit.place.title
    ui.page_title(f"{name} · racecraft")
    _breadcrumb(name, trail, is_home=visit.place.path == "/")
    with tag("div", "page-head"):
        with tag("div", "page-title"):
            tag("h1", text=name)
            if info is not None:
                drawer.info(info)
        with tag("div", "actions"):
            yield


def heading(text: str, *, info: str | None = None, level: int = 2) -> None:
    """A heading with its Info link."""
    with tag("div", "heading"):
        tag(f"h{level}", text=text)
        if info is not None:
            drawer.info(info)


def _breadcrumb(name: str, trail: Sequence[tuple[str, str]], *, is_home: bool) -> None:
    with tag("nav", "breadcrumb", aria_label="Breadcrumb"), tag("ol"):
        for title, path in () if is_home else (("racecraft", "/"), *trail):
            with tag("li"):
                tag("a", text=title, href=path)
        with tag("li"):
            tag("span", text=name, aria_current="page")


def _header(visit: Visit) -> None:
    with tag("header", "top"):
        with tag("a", "brand", href="/", aria_label="racecraft, first page"):
            drawing(LOGO)
            tag("span", text="racecraft")
        tag("span", "grow")
        theme = tag("button", "icon-button", type="button", data_theme_switch="")
        theme.props["aria-label"] = "Change between light and dark"
        with theme:
            drawing(icon("moon"), "when-light")
            drawing(icon("sun"), "when-dark")
        if visit.person is None:
            return
        with tag("a", "who", href="/profile", aria_label=f"Racer profile of {visit.me.name}"):
            drawing(icon("profile"))
            tag("span", "who-name", text=visit.me.name)
        if visit.here.is_hosted:
            leave = tag("button", "icon-button", type="button", data_sign_out="", title="Sign out")
            leave.props["aria-label"] = "Sign out"
            with leave:
                drawing(icon("leave"))


def _menu(visit: Visit, places: Sequence[Place]) -> None:
    actor = visit.me.actor
    open_to_me = [
        place
        for place in places
        if place.group is not None
        and (place.needs is None or actor.may(place.needs))
        and (visit.here.is_hosted or not place.is_for_many)
    ]
    with tag("nav", "menu", id="menu", aria_label="Main menu"):
        for group in Group:
            rows = [place for place in open_to_me if place.group is group]
            if rows:
                tag("h2", "menu-group", text=group.value)
                with tag("ul"):
                    for place in rows:
                        _menu_row(visit, place)
        with tag("button", "menu-more", type="button", data_menu_more="", aria_expanded="false"):
            drawing(icon("menu", 22))
            tag("span", text="More")


def _menu_row(visit: Visit, place: Place) -> None:
    here = visit.place.path
    is_here = here == place.path
    is_above = visit.place.under == place.path or (
        place.path != "/" and here.startswith(place.path + "/")
    )
    with tag("li", "on-phone" if place.on_phone else ""):
        link = tag("a", "here" if is_here or is_above else "", href=place.path)
        if is_here:
            link.props["aria-current"] = "page"
        with link:
            drawing(icon(place.icon))
            tag("span", text=place.title)
