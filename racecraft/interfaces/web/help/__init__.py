"""What the Info drawer says: one Markdown file a page, one `## heading` an Info link.

The file's name is the page's help name; the key of a section is its heading in lower case with
hyphens: `## Your garage` is opened by `info("your-garage")`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True)
class Help:
    """One section."""

    title: str
    text: str
    """Markdown, written by us."""


def help_of(page: str, key: str) -> Help:
    """The section that an Info link opens.

    Raises:
        KeyError: the page has no help file, or the file no such section.
    """
    return sections(page)[key]


@cache
def sections(page: str) -> dict[str, Help]:
    """All sections of a page's help file, by key; none without a file."""
    file = files(__name__) / f"{page}.md"
    if not re.fullmatch(r"[a-z0-9_-]+", page) or not file.is_file():
        return {}
    found = {}
    for part in re.split(r"^## ", file.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
        title, _, text = part.partition("\n")
        found[slug(title)] = Help(title.strip(), text.strip())
    return found


def slug(title: str) -> str:
    """The key of a heading."""
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")
