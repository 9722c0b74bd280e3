"""The guided course: its home, the lesson, the missions, the quiz, and what teachers need.

All texts are in `interfaces/web/course/texts`; figures are in `static/course`.
"""

from racecraft.interfaces.web.pages.course.home import home
from racecraft.interfaces.web.pages.course.lesson import lesson
from racecraft.interfaces.web.pages.course.missions import missions
from racecraft.interfaces.web.pages.course.quiz import quiz
from racecraft.interfaces.web.pages.course.teaching import class_progress, notes

__all__ = ["class_progress", "home", "lesson", "missions", "notes", "quiz"]
