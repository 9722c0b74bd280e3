"""The figures of the lesson: elements of `static/course`, by the chapter that they belong to."""

from __future__ import annotations

TOY = "learner"
"""The chapter whose figure stands beside the whole lesson."""
FIGURES = {
    "loop": "course-loop",
    "reward": "course-rewards",
    "exploration": "course-exploration",
    "discount": "course-discount",
    "clip": "course-clip",
    TOY: "course-toy",
}
"""Names of the elements; their pictures in the documentation are called the same."""
