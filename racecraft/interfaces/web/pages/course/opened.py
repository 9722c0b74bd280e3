"""What all pages of the course begin with: progress, language, head, and the language switch."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from nicegui import ui

from racecraft.interfaces.web.course.catalogue import Texts, language_for, texts_in
from racecraft.interfaces.web.frame import page_head
from racecraft.interfaces.web.icons import icon
from racecraft.interfaces.web.markdown import html_of
from racecraft.interfaces.web.tags import drawing, pressed, tag
from racecraft.service.course.learner import CourseView, choose_language, look_at_course
from racecraft.service.course.plan import LANGUAGES
from racecraft.service.upkeep import reconcile

if TYPE_CHECKING:
    from nicegui.element import Element

    from racecraft.interfaces.web.visit import Asking, Visit


@dataclass(frozen=True)
class OpenedCourse:
    """A page of the course for whoever opened it."""

    visit: Visit
    view: CourseView
    texts: Texts

    async def look(self) -> CourseView:
        """Their progress at this moment."""
        return await self.visit.run(_look)


async def open_course(visit: Visit) -> OpenedCourse:
    """Read progress and language of whoever opened a page."""
    view = await visit.run(_first_look)
    accepted = visit.request.headers.get("accept-language", "")
    return OpenedCourse(visit, view, texts_in(language_for(view.language, accepted)))


@contextmanager
def course_page(opened: OpenedCourse, part: str) -> Iterator[Element]:
    """Head and content of a page, marked with its language; the content is made inside the block.

    Args:
        opened: the page.
        part: table of its words in the catalogue `course`, and its section of the help.
    """
    texts = opened.texts
    trail = [] if part == "home" else [(texts("course.home.title"), "/learn")]
    with tag("div", "course", lang=texts.language) as made:
        with page_head(opened.visit, texts(f"course.{part}.title"), info=part, trail=trail):
            _language_switch(opened)
        yield made


def prose(text: str, classes: str = "") -> Element:
    """A Markdown text of a catalogue."""
    return ui.html(html_of(text), sanitize=False).classes(f"course-prose {classes}")


def sign() -> Element:
    """The round field of a tick; its parent's class `done` sets it."""
    with tag("span", "check-sign", aria_hidden="true") as made:
        drawing(icon("check", 14))
    return made


def meter(done: int, of: int) -> None:
    """A bar of how much is done; a text beside it says so."""
    with tag("span", "meter", aria_hidden="true"):
        tag("span", style=f"--share: {done / of if of else 0:.3f}")


def _language_switch(opened: OpenedCourse) -> None:
    label = opened.texts("course.home.switch")
    with tag("div", "course-languages", role="group", aria_label=label):
        for language in LANGUAGES:
            name = texts_in(language)("course.language")
            is_here = str(language == opened.texts.language).lower()
            made = tag("button", "", name, type="button", lang=language, aria_pressed=is_here)
            pressed(made, partial(_choose, opened.visit, language))


async def _choose(visit: Visit, language: str) -> None:
    await visit.run(lambda asking: choose_language(asking.store, asking.actor, language))
    ui.navigate.reload()


def _first_look(asking: Asking) -> CourseView:
    # Models that were trained on the command line are seen as well.
    reconcile(asking.store, asking.settings, asking.actor.person_id)
    return _look(asking)


def _look(asking: Asking) -> CourseView:
    return look_at_course(asking.store, asking.settings, asking.actor)
