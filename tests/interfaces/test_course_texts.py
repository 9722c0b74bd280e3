"""The texts of the course: complete in every language, and the same in the console and the book."""

from __future__ import annotations

import re
import string
from importlib.resources import files
from pathlib import Path

import pytest

from racecraft.interfaces.web.course.book import TEACHER, book
from racecraft.interfaces.web.course.catalogue import language_for, texts_in
from racecraft.interfaces.web.markdown import html_of
from racecraft.service.course.plan import CHAPTERS, LANGUAGES, MISSIONS, QUIZ

DOCS = Path(__file__).parents[2] / "docs"
OTHERS = LANGUAGES[1:]
FIRST = texts_in(LANGUAGES[0])


def names(text: str) -> set[str]:
    """What is to be filled in."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_every_language_has_a_folder_and_every_folder_is_a_language() -> None:
    folder = files("racecraft.interfaces.web.course") / "texts"
    assert {place.name for place in folder.iterdir() if place.is_dir()} == set(LANGUAGES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_is_empty(language: str) -> None:
    assert [key for key, text in texts_in(language).entries.items() if not text.strip()] == []


@pytest.mark.parametrize("language", OTHERS)
def test_all_languages_have_the_same_keys_with_the_same_names_to_fill_in(language: str) -> None:
    other = texts_in(language)
    assert set(other.entries) == set(FIRST.entries)
    differing = [
        key for key, text in FIRST.entries.items() if names(text) != names(other.entries[key])
    ]
    assert differing == []


@pytest.mark.parametrize("language", OTHERS)
def test_translations_are_translated_and_keep_their_form(language: str) -> None:
    other = texts_in(language)
    long = [key for key, text in FIRST.entries.items() if len(text) > 40]
    assert [key for key in long if other.entries[key] == FIRST.entries[key]] == []
    for key in long:
        tags = [re.findall(r"<(\w+)", html_of(each.entries[key])) for each in (FIRST, other)]
        lists = [[tag for tag in found if tag in ("li", "td", "h2", "p")] for found in tags]
        assert lists[0] == lists[1], key


def test_chapters_missions_and_questions_have_their_texts() -> None:
    wanted = {f"lesson.{key}.{part}" for key in CHAPTERS for part in ("title", "text", "task")}
    wanted |= {f"missions.{m.key}.check_{check}" for m in MISSIONS for check in m.checks}
    wanted |= {f"missions.{m.key}.{part}" for m in MISSIONS for part in ("title", "goal", "how")}
    wanted |= {f"quiz.{q.key}.{choice}" for q in QUIZ for choice in q.choices}
    wanted |= {f"quiz.{q.key}.{choice}_why" for q in QUIZ for choice in q.choices}
    wanted |= {f"teacher.{part}" for part in TEACHER}
    assert wanted <= set(FIRST.entries)
    assert {key.split(".")[1] for key in FIRST.entries if key.startswith("figures.")} == set(
        CHAPTERS
    )


def test_the_lesson_takes_ten_minutes_and_the_missions_forty_five() -> None:
    for language in LANGUAGES:
        texts = texts_in(language)
        assert sum(int(texts(f"lesson.{key}.minutes")) for key in CHAPTERS) == 10
        assert sum(int(texts(f"missions.{each.key}.minutes")) for each in MISSIONS) == 45


def test_the_plan_of_the_lesson_adds_up_to_fifty_minutes() -> None:
    for language in LANGUAGES:
        rows = re.findall(r"^\| (\d+) \| (\d+) \|", texts_in(language)("teacher.plan"), re.M)
        at = 0
        for start, minutes in rows:
            assert int(start) == at
            at += int(minutes)
        assert at == 50


def test_where_the_right_answer_stands_differs() -> None:
    places = [question.choices.index(question.right) for question in QUIZ]
    assert {places.count(place) for place in range(3)} <= {2, 3}


def test_the_book_says_what_the_console_says() -> None:
    pages = book()
    for name, page in pages.items():
        assert (DOCS / name).read_text(encoding="utf-8").endswith(page)
    told = "\n".join(pages.values())
    for part in ("lesson", "missions", "teacher"):
        for key, text in FIRST.under(part).items():
            assert text in told or key.endswith("minutes"), key
    assert all(FIRST(f"quiz.{q.key}.{q.right}_why") in told for q in QUIZ)


def test_the_browsers_language_is_taken_until_somebody_chooses() -> None:
    assert language_for("", "de-CH,de;q=0.9,en;q=0.8") == "de"
    assert language_for("", "fr-FR,de;q=0.5") == "de"
    assert language_for("", "fr") == language_for("") == "en"
    assert language_for("en", "de") == "en"
    assert language_for("fr", "de") == "de"
