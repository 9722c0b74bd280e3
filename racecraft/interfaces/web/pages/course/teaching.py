"""For teachers: the notes, and who in the class is at which mission."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

from nicegui import ui

from racecraft.interfaces.web.course.book import TEACHER
from racecraft.interfaces.web.course.catalogue import Texts
from racecraft.interfaces.web.pages.course.opened import course_page, meter, open_course, prose
from racecraft.interfaces.web.tags import tag
from racecraft.interfaces.web.times import moment, moment_text
from racecraft.interfaces.web.widgets.cards import panel
from racecraft.interfaces.web.widgets.fields import About, ChoiceField
from racecraft.interfaces.web.widgets.tables import Column, Table, TableLook
from racecraft.service.course.classroom import PupilView, view_class
from racecraft.service.course.plan import MISSIONS
from racecraft.service.events.organising import list_events

if TYPE_CHECKING:
    from nicegui.element import Element

    from racecraft.interfaces.web.visit import Visit

R = TypeVar("R")
LOOK_S = 5.0
REST = 19.0
"""Times as long as a look took is the least until the next one: hundreds of racers take a while."""
_EVERYBODY = "all"
_KEYS = [mission.key for mission in MISSIONS]


async def notes(visit: Visit) -> None:
    """The lesson plan with its timing."""
    opened = await open_course(visit)
    with course_page(opened, "teacher"):
        for key in TEACHER:
            with tag("section", "panel"):
                prose(opened.texts(f"teacher.{key}"))


async def class_progress(visit: Visit) -> None:
    """Everybody of the class, as far as the records tell at this moment."""
    opened = await open_course(visit)
    texts = opened.texts
    events = await visit.run(lambda asking: list_events(asking.store, asking.actor))
    mine = {each.event.id: each.event.name for each in events if each.is_mine}
    asked = visit.request.query_params.get("event", "")
    # Without a wish it is the lesson that goes on now.
    now = next((each.event.id for each in events if each.is_mine and each.is_open), _EVERYBODY)
    chosen = asked if asked in (*mine, _EVERYBODY) else now

    async def look_at(whom: str) -> list[PupilView]:
        event_id = None if whom == _EVERYBODY else whom
        return await visit.run(
            lambda asking: view_class(asking.store, asking.settings, asking.actor, event_id)
        )

    async def load() -> list[PupilView]:
        found = await read_chosen(lambda: chosen, look_at)
        _spread(place, texts, found)
        return found

    async def choose(value: object) -> None:
        nonlocal chosen
        chosen = str(value)
        await table.refresh()

    with course_page(opened, "class"):
        tag("p", text=texts("course.class.intro"))
        if mine:
            choices = {_EVERYBODY: texts("course.class.everybody")} | {
                key: texts("course.class.event", name=name) for key, name in mine.items()
            }
            ChoiceField(About(texts("course.class.who")), choices, chosen, choose)
        with panel(texts("course.class.spread")):
            place = tag("div", "course-spread")
        look = TableLook(
            "class",
            texts("course.class.table"),
            finds=texts("course.class.find"),
            nothing=texts("course.class.nobody"),
        )
        table: Table[PupilView] = Table(
            visit, look, _columns(texts), row_id=lambda row: row.person_id, load=load
        )
    table.show(await load())
    rests_until_s = 0.0

    async def follow() -> None:
        nonlocal rests_until_s
        began_s = time.monotonic()
        if began_s >= rests_until_s:
            await table.refresh()
            rests_until_s = time.monotonic() + REST * (time.monotonic() - began_s)

    ui.timer(LOOK_S, follow, immediate=False)


async def read_chosen(chosen: Callable[[], str], read: Callable[[str], Awaitable[R]]) -> R:
    """What belongs to the choice that stands when it was read.

    A look at one class may end after the look at the next one, and must not take its place.
    """
    while True:
        begun_for = chosen()
        found = await read(begun_for)
        if chosen() == begun_for:
            return found


def _columns(texts: Texts) -> tuple[Column[PupilView], ...]:
    def told(row: PupilView) -> str:
        return _mission_words(texts, row.mission)

    def share(key: str, counted: Callable[[PupilView], tuple[int, int]]) -> Column[PupilView]:
        return Column(
            key,
            texts(f"course.class.{key}"),
            lambda row: " / ".join(map(str, counted(row))),
            order=counted,
            is_number=True,
        )

    return (
        Column("name", texts("course.class.racer"), lambda row: row.name),
        Column(
            "mission",
            texts("course.class.mission"),
            told,
            order=lambda row: (_place_of(row.mission), row.checks_done),
        ),
        share("checks", lambda row: (row.checks_done, row.checks_of)),
        share("chapters", lambda row: (row.chapters_done, row.chapters_of)),
        share("quiz", lambda row: (row.score.right, row.score.of)),
        Column(
            "newest",
            texts("course.class.newest"),
            lambda row: (
                texts("course.class.none")
                if row.newest_at_s is None
                else moment_text(row.newest_at_s)
            ),
            order=lambda row: row.newest_at_s or 0.0,
            draw=lambda row: (
                tag("span", "dim", texts("course.class.none"))
                if row.newest_at_s is None
                else moment(row.newest_at_s)
            ),
        ),
    )


def _spread(place: Element, texts: Texts, rows: list[PupilView]) -> None:
    """How many are at each mission."""
    place.clear()
    with place:
        for key in (*_KEYS, ""):
            count = sum(row.mission == key for row in rows)
            with tag("div", "spread-row"):
                tag("span", "strong", _mission_words(texts, key))
                tag("span", text=texts("course.class.count", count=count))
                meter(count, len(rows))


def _mission_words(texts: Texts, key: str) -> str:
    if not key:
        return texts("course.class.finished")
    return f"{_place_of(key) + 1}. {texts(f'missions.{key}.title')}"


def _place_of(key: str) -> int:
    return _KEYS.index(key) if key else len(_KEYS)
