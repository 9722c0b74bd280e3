"""The guided course: one's own progress, and that of a class."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from racecraft.interfaces.rest.shared import Done, Page
from racecraft.interfaces.rest.who import Asker, Here
from racecraft.service.course import classroom, learner
from racecraft.service.course.classroom import PupilView
from racecraft.service.course.learner import CourseView, Verdict

router = APIRouter(tags=["course"])


class _Wish(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Language(_Wish):
    """In which language somebody reads the course."""

    language: str = Field(max_length=20, description="en or de")


class Choice(_Wish):
    """An answer in the quiz."""

    choice: str = Field(max_length=100, description="key of the choice")


@router.get("/course")
def look(actor: Asker, here: Here) -> CourseView:
    """One's own progress; checks of missions are read off from what was really done."""
    return learner.look_at_course(here.store, here.settings, actor)


@router.put("/course/language")
def choose_language(wish: Language, actor: Asker, here: Here) -> Done:
    """Choose the language of the course's pages."""
    learner.choose_language(here.store, actor, wish.language)
    return Done()


@router.put("/course/chapters/{chapter}")
def finish_chapter(chapter: str, actor: Asker, here: Here) -> Done:
    """Say that one did what a chapter of the lesson asks for."""
    learner.finish_chapter(here.store, actor, chapter)
    return Done()


@router.put("/course/quiz/{question}")
def answer(question: str, wish: Choice, actor: Asker, here: Here) -> Verdict:
    """Answer a question of the quiz; the newest answer counts, and the first is kept too."""
    return learner.answer_question(here.store, actor, question, wish.choice)


@router.delete("/course/quiz")
def forget_answers(actor: Asker, here: Here) -> Done:
    """Begin the quiz again from nothing."""
    learner.forget_answers(here.store, actor)
    return Done()


@router.get("/course/class")
def view_class(
    actor: Asker,
    here: Here,
    event_id: Annotated[str | None, Query(max_length=64, description="people of an event")] = None,
) -> Page[PupilView]:
    """Who is at which mission; for organisers."""
    found = classroom.view_class(here.store, here.settings, actor, event_id)
    return Page(items=found, total=len(found))
