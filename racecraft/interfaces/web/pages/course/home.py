"""The course's first page: its three parts, how far one has come, and what teachers need."""

from __future__ import annotations

from typing import TYPE_CHECKING

from racecraft.interfaces.web.pages.course.opened import (
    OpenedCourse,
    course_page,
    meter,
    open_course,
)
from racecraft.interfaces.web.tags import tag
from racecraft.interfaces.web.widgets.buttons import link_button
from racecraft.interfaces.web.widgets.cards import grid, panel
from racecraft.service.access import Operation
from racecraft.service.course.plan import CHAPTERS

if TYPE_CHECKING:
    from racecraft.interfaces.web.visit import Visit

_MINUTES = {"lesson": 10, "missions": 45, "quiz": 5}


async def home(visit: Visit) -> None:
    """The three parts of the course."""
    opened = await open_course(visit)
    view, texts = opened.view, opened.texts
    missions_done = sum(mission.is_done for mission in view.missions)
    parts = (
        ("lesson", "chapters_done", len(view.chapters), len(CHAPTERS)),
        ("missions", "missions_done", missions_done, len(view.missions)),
        ("quiz", "quiz_done", view.score.right, view.score.of),
    )
    here = next((name for name, _, done, of in parts if done < of), "")
    with course_page(opened, "home"):
        tag("p", text=texts("course.home.intro"))
        with grid("cols-3"):
            for number, (name, key, done, of) in enumerate(parts, 1):
                told = texts(f"course.home.{key}", done=done, of=of)
                _part(opened, (number, name), (told, done, of), is_here=name == here)
        if visit.me.actor.may(Operation.VIEW_CLASS):
            with panel(texts("course.home.teaching")):
                tag("p", "dim", texts("course.home.teaching_text"))
                with tag("div", "actions"):
                    link_button(texts("course.home.notes"), "/learn/teacher", icon="book")
                    link_button(texts("course.home.class"), "/learn/class", icon="people")


def _part(
    opened: OpenedCourse, part: tuple[int, str], progress: tuple[str, int, int], *, is_here: bool
) -> None:
    (number, name), (told, done, of) = part, progress
    texts = opened.texts
    with panel(f"{number}. {texts(f'course.{name}.title')}", classes="course-part"):
        tag("p", text=texts(f"course.home.{name}"))
        tag("p", "dim", texts("course.home.minutes", minutes=_MINUTES[name]))
        tag("p", "strong", told)
        meter(done, of)
        verb = "again" if done == of else "go_on" if done else "begin"
        kind = "primary" if is_here else ""
        made = link_button(texts(f"course.home.{verb}"), f"/learn/{name}", kind=kind)
        made.props["aria-label"] = (
            f"{texts(f'course.home.{verb}')}: {texts(f'course.{name}.title')}"
        )
