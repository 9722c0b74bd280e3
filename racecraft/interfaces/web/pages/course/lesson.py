"""The lesson: six chapters with a figure each, and the toy car that learns beside them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from nicegui import ui

from racecraft.interfaces.web import files
from racecraft.interfaces.web.course.figures import FIGURES, TOY
from racecraft.interfaces.web.pages.course.opened import (
    OpenedCourse,
    course_page,
    open_course,
    prose,
    sign,
)
from racecraft.interfaces.web.tags import Tag, tag, words
from racecraft.interfaces.web.widgets.buttons import link_button
from racecraft.interfaces.web.widgets.cards import panel
from racecraft.service.course.learner import finish_chapter
from racecraft.service.course.plan import CHAPTERS

if TYPE_CHECKING:
    from nicegui.element import Element

    from racecraft.interfaces.web.visit import Visit


async def lesson(visit: Visit) -> None:
    """Reinforcement learning in ten minutes."""
    opened = await open_course(visit)
    ui.add_head_html(
        f'<script type="module" src="{files.static_address()}/course/page.js"></script>'
    )
    tasks: dict[str, tuple[Element, Tag]] = {}

    async def finish(event: Any) -> None:
        chapter = str(event.args)
        if chapter in tasks:
            await visit.run(lambda asking: finish_chapter(asking.store, asking.actor, chapter))
            task, state = tasks[chapter]
            task.classes("done")
            state.text = opened.texts("course.lesson.done")

    ui.on("racecraft_chapter", finish)
    with course_page(opened, "lesson"), tag("div", "lesson"):
        with tag("div", "lesson-text"):
            prose(opened.texts("lesson.intro"))
            for number, chapter in enumerate(CHAPTERS, 1):
                tasks[chapter] = _chapter(opened, number, chapter)
            link_button(opened.texts("course.lesson.next"), "/learn/missions", kind="primary")
        name = opened.texts("course.lesson.toy")
        with tag("aside", "lesson-toy", aria_label=name), panel(name, classes="course-toy"):
            _figure(opened, TOY, seed="1")


def _chapter(opened: OpenedCourse, number: int, chapter: str) -> tuple[Element, Tag]:
    """A chapter; gives its task and the word that says whether it is done."""
    texts = opened.texts.under(f"lesson.{chapter}")
    with panel(f"{number}. {texts['title']}"):
        tag("p", "dim", opened.texts("course.missions.minutes", minutes=texts["minutes"]))
        prose(texts["text"])
        is_done = chapter in opened.view.chapters
        with tag("div", f"chapter-task {'done' if is_done else ''}") as task:
            sign()
            with tag("div"):
                state = words(
                    "p",
                    opened.texts("course.lesson.done" if is_done else "course.lesson.task"),
                    "strong",
                    role="status",
                )
                tag("p", text=texts["task"])
        if chapter != TOY:
            _figure(opened, chapter)
        prose(texts["after"])
    return task, state


def _figure(opened: OpenedCourse, chapter: str, **attributes: str) -> None:
    told = json.dumps(opened.texts.under(f"figures.{chapter}"), ensure_ascii=False)
    with tag("div", "course-figure" if chapter != TOY else "course-figure-bare"):
        tag(FIGURES[chapter], chapter=chapter, words=told, **attributes)
