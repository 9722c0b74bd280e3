"""The course of the console as a book."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from made.markdown import NOTE
from racecraft.interfaces.web.course.book import book


def course_page(name: str) -> str:
    """A page of the course, by its path within `docs`."""
    return f"{NOTE}\n{book()[name]}"


COURSE: dict[str, Callable[[], str]] = {name: partial(course_page, name) for name in book()}
