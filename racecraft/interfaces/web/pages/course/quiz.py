"""The quiz: every answer is explained at once."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from nicegui import ui

from racecraft.interfaces.web.icons import icon
from racecraft.interfaces.web.pages.course.opened import OpenedCourse, course_page, open_course
from racecraft.interfaces.web.tags import Tag, drawing, pressed, tag, words
from racecraft.interfaces.web.widgets.buttons import button
from racecraft.interfaces.web.widgets.cards import panel
from racecraft.service.course.learner import QuizScore, answer_question, forget_answers
from racecraft.service.course.plan import QUIZ, Question

if TYPE_CHECKING:
    from nicegui.element import Element

    from racecraft.interfaces.web.visit import Visit


async def quiz(visit: Visit) -> None:
    """All questions, with the answers that were given before."""
    opened = await open_course(visit)
    texts = opened.texts

    def tell(score: QuizScore) -> None:
        told.text = texts(
            "course.quiz.score", right=score.right, of=score.of, once=score.right_at_once
        )

    async def again() -> None:
        await visit.run(lambda asking: forget_answers(asking.store, asking.actor))
        ui.navigate.reload()

    with course_page(opened, "quiz"):
        tag("p", text=texts("course.quiz.intro"))
        for number, question in enumerate(QUIZ, 1):
            _Asked(opened, number, question, tell)
        with panel(classes="question"):
            told = words("p", "", "strong", role="status")
            button(texts("course.quiz.again"), again, kind="quiet")
    tell(opened.view.score)


class _Asked:
    """A question on the page."""

    def __init__(
        self,
        opened: OpenedCourse,
        number: int,
        question: Question,
        tell: Callable[[QuizScore], None],
    ) -> None:
        self._opened, self._question, self._tell = opened, question, tell
        self._texts = opened.texts.under(f"quiz.{question.key}")
        self._buttons: dict[str, tuple[Element, Element]] = {}
        with tag("section", "panel question", aria_label=self._texts["question"]):
            place = opened.texts("course.quiz.question", number=number, of=len(QUIZ))
            tag("p", "dim", place)
            tag("h2", text=self._texts["question"])
            with tag("div", "answers"):
                for choice in question.choices:
                    self._make_choice(choice)
            self._verdict: Tag = words("p", "", "verdict", role="status")
        given = opened.view.answers.get(question.key)
        if given in question.choices:
            self._show(given)

    def _make_choice(self, choice: str) -> None:
        made = tag("button", "choice-button", type="button", aria_pressed="false")
        with made:
            mark = tag("span", "choice-mark")
            tag("span", text=self._texts[choice])
        pressed(made, partial(self._answer, choice))
        self._buttons[choice] = (made, mark)

    async def _answer(self, choice: str) -> None:
        key = self._question.key
        verdict = await self._opened.visit.run(
            lambda asking: answer_question(asking.store, asking.actor, key, choice)
        )
        self._show(choice)
        self._tell(verdict.score)

    def _show(self, chosen: str) -> None:
        is_right = chosen == self._question.right
        word = "right" if is_right else "wrong"
        for choice, (made, mark) in self._buttons.items():
            made.classes(replace=f"choice-button {word if choice == chosen else ''}")
            made.props["aria-pressed"] = str(choice == chosen).lower()
            made.update()
            mark.clear()
            if choice == chosen:
                with mark:
                    drawing(icon("good" if is_right else "cross", 18))
        self._verdict.classes(replace=f"verdict {word}")
        self._verdict.text = (
            f"{self._opened.texts(f'course.quiz.{word}')} {self._texts[f'{chosen}_why']}"
        )
