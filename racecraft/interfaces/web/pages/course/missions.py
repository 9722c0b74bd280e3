"""The six missions: ticks that come by themselves when the service has seen what was done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nicegui import ui

from racecraft.interfaces.web.pages.course.opened import (
    OpenedCourse,
    course_page,
    meter,
    open_course,
    prose,
    sign,
)
from racecraft.interfaces.web.tags import Tag, tag, words
from racecraft.interfaces.web.widgets.buttons import link_button
from racecraft.interfaces.web.widgets.notices import badge

if TYPE_CHECKING:
    from nicegui.element import Element

    from racecraft.interfaces.web.visit import Visit
    from racecraft.service.course.learner import CourseView, MissionView

LOOK_S = 4.0
"""How often a page looks whether something more was done."""
_PLACES = {
    "garage.vehicle": "/garage/build",
    "garage.camera": "/garage",
    "garage.profile": "/profile",
    "reward.begun": "/models/create",
    "reward.goal": "/models/create",
    "training.started": "/models/create",
    "training.learnt": "/models/{model}",
    "evaluation.laps": "/models/{ready}",
    "evaluation.clean": "/models/{ready}",
    "race.entered": "/races",
    "race.driven": "/races",
    "improvement.analysed": "/models/{ready}/analysis",
    "improvement.cloned": "/models/{ready}/clone",
    "improvement.trained": "/models/{model}",
    "improvement.compared": "/models/{model}",
}
"""Where each check is done; `{model}` is the newest model, `{ready}` the newest that can drive."""


async def missions(visit: Visit) -> None:
    """The lab."""
    opened = await open_course(visit)
    texts = opened.texts
    with course_page(opened, "missions"):
        tag("p", text=texts("course.missions.intro"))
        top = tag("div")
        told = words("p", "", "only-read", role="status")
        with tag("ol", "course"):
            cards = [
                _Card(opened, number, mission)
                for number, mission in enumerate(opened.view.missions, 1)
            ]
        end = tag("div", "course")

    def show(view: CourseView) -> None:
        done = sum(mission.is_done for mission in view.missions)
        top.clear()
        with top:
            said = texts("course.home.missions_done", done=done, of=len(view.missions))
            tag("p", "strong", said)
            meter(done, len(view.missions))
        new = [
            text
            for card, mission in zip(cards, view.missions, strict=True)
            for text in card.show(view, mission)
        ]
        if new:
            told.text = f"{texts('course.missions.seen')}: {'; '.join(new)}."
        end.clear()
        if not view.mission:
            with end:
                tag("p", "strong", texts("course.missions.all_done"))
                link_button(texts("course.missions.to_quiz"), "/learn/quiz", kind="primary")

    shown = opened.view
    show(shown)

    async def follow() -> None:
        nonlocal shown
        now = await opened.look()
        if now != shown:
            shown = now
            show(now)

    ui.timer(LOOK_S, follow, immediate=False)


class _Card:
    """One mission on the page; what is the same stays, so that nothing is lost while one reads."""

    def __init__(self, opened: OpenedCourse, number: int, mission: MissionView) -> None:
        self._texts, self._key = opened.texts, mission.key
        texts = opened.texts.under(f"missions.{mission.key}")
        self._shown: set[str] | None = None
        self._rows: dict[str, tuple[Element, Element, Tag]] = {}
        with tag("li"), tag("article", "panel mission", aria_label=texts["title"]) as self._root:
            tag("span", "mission-number", str(number), aria_hidden="true")
            with tag("div", "mission-body"):
                with tag("div", "mission-head"):
                    tag("h2", text=f"{number}. {texts['title']}")
                    self._badge = tag("span")
                    minutes = opened.texts("course.missions.minutes", minutes=texts["minutes"])
                    tag("span", "dim", minutes)
                tag("p", "strong", texts["goal"])
                prose(texts["text"])
                with tag("ul", "checks"):
                    for check in mission.checks:
                        self._make_row(check.key, texts[f"check_{check.key}"])
                self._fold("how", texts["how"], is_open=mission.key == opened.view.mission)
                self._fold("stuck", texts["stuck"])

    def show(self, view: CourseView, mission: MissionView) -> list[str]:
        """Set ticks and links; gives the texts of checks that were not seen before."""
        seen = {check.key for check in mission.checks if check.seen_at_s is not None}
        state = "done" if mission.is_done else "now" if mission.key == view.mission else ""
        self._root.classes(replace=f"panel mission {state}")
        self._badge.clear()
        with self._badge:
            if state:
                kind = "good" if state == "done" else "info"
                badge(self._texts(f"course.missions.{state}"), kind)
        for key, (row, link, told) in self._rows.items():
            row.classes(replace="done" if key in seen else "")
            link.props["href"] = _place(f"{self._key}.{key}", view)
            link.update()
            state = "done" if key in seen else "to_do"
            told.text = self._texts(f"course.missions.{state}")
        new = [] if self._shown is None else sorted(seen - self._shown)
        self._shown = seen
        return [self._texts(f"missions.{self._key}.check_{key}") for key in new]

    def _make_row(self, key: str, text: str) -> None:
        with tag("li") as row:
            sign()
            with tag("span"):
                told = words("span", "", "only-read")
                link = tag("a", "", text, href="/models")
        self._rows[key] = (row, link, told)

    def _fold(self, key: str, text: str, *, is_open: bool = False) -> None:
        with tag("details", "mission-more", open=True if is_open else None):
            tag("summary", text=self._texts(f"course.missions.{key}"))
            prose(text)


def _place(check: str, view: CourseView) -> str:
    """Address of the page where a check is done; the list of models where there is none yet."""
    path = _PLACES[check]
    if ("{model}" in path and not view.model_id) or ("{ready}" in path and not view.ready_model_id):
        return "/models"
    return path.format(model=view.model_id, ready=view.ready_model_id)
