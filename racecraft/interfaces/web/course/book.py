"""The course as pages of the documentation, made from the same texts that the console shows."""

from __future__ import annotations

from racecraft.interfaces.web.course.catalogue import Texts, texts_in
from racecraft.interfaces.web.course.figures import FIGURES
from racecraft.service.course.plan import CHAPTERS, LANGUAGES, MISSIONS, QUIZ

TEACHER = ("goals", "plan", "before", "questions", "trouble")
"""Chapters of the notes, in the order of the book."""
_STILL = (
    "*In this book the figures stand still. In the console they can be played, and the toy car "
    "really learns: run `racecraft up`, then open **Course**.*"
)


def book() -> dict[str, str]:
    """Markdown of each page, by its path below `docs`; in the first of the languages."""
    texts = texts_in(LANGUAGES[0])
    return {
        "course/index.md": _index(texts),
        "course/lesson.md": _lesson(texts),
        "course/missions.md": _missions(texts),
        "course/quiz.md": _quiz(texts),
        "course/teacher.md": _teacher(texts),
    }


def _index(texts: Texts) -> str:
    rows = [
        f"{number}. [{texts(f'course.{part}.title')}]({part}.md). {texts(f'course.home.{part}')}"
        for number, part in enumerate(("lesson", "missions", "quiz"), 1)
    ]
    languages = " and ".join(texts_in(each)("course.language") for each in LANGUAGES)
    return f"""# {texts("course.home.title")}

{texts("course.home.intro")}

{chr(10).join(rows)}

For a class: [{texts("course.teacher.title")}](teacher.md).

In the console (`racecraft up`, then **Course**) the figures can be played, the missions see what
you have done, and the quiz explains each answer at once. It works without a network, in
{languages}.
"""


def _lesson(texts: Texts) -> str:
    parts = [f"# {texts('course.lesson.title')}", texts("lesson.intro"), _STILL]
    for number, chapter in enumerate(CHAPTERS, 1):
        told = texts.under(f"lesson.{chapter}")
        parts += [
            f"## {number}. {told['title']}",
            told["text"],
            f"![{told['title']}](../pictures/{FIGURES[chapter]}.webp)",
            f"*{texts('course.lesson.task')}: {told['task']}*",
            told["after"],
        ]
    return _page(*parts)


def _missions(texts: Texts) -> str:
    parts = [f"# {texts('course.missions.title')}", texts("course.missions.intro")]
    for number, mission in enumerate(MISSIONS, 1):
        told = texts.under(f"missions.{mission.key}")
        minutes = texts("course.missions.minutes", minutes=told["minutes"])
        ticks = "\n".join(f"- {told[f'check_{check}']}" for check in mission.checks)
        parts += [
            f"## {number}. {told['title']}",
            f"**{told['goal']}** ({minutes})",
            told["text"],
            told["how"],
            f"Ticks:\n\n{ticks}",
            f"**{texts('course.missions.stuck')}.** {told['stuck']}",
        ]
    return _page(*parts, texts("course.missions.all_done"))


def _quiz(texts: Texts) -> str:
    parts = [
        f"# {texts('course.quiz.title')}",
        "Decide before you read on: the answers stand below.",
    ]
    for number, question in enumerate(QUIZ, 1):
        told = texts.under(f"quiz.{question.key}")
        choices = "\n".join(f"- {told[choice]}" for choice in question.choices)
        parts += [f"**{number}. {told['question']}**", choices]
    parts.append("## Answers")
    for number, question in enumerate(QUIZ, 1):
        told = texts.under(f"quiz.{question.key}")
        rows = "\n".join(
            f"- {'**Right:** ' if choice == question.right else ''}{told[choice]}. "
            f"*{told[f'{choice}_why']}*"
            for choice in question.choices
        )
        parts += [f"**{number}. {told['question']}**", rows]
    return _page(*parts)


def _teacher(texts: Texts) -> str:
    return _page(
        f"# {texts('course.teacher.title')}", *(texts(f"teacher.{each}") for each in TEACHER)
    )


def _page(*parts: str) -> str:
    return "\n\n".join(parts) + "\n"
