"""Reads the pages of the documentation: code blocks with their marks, headings and links."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path

from markdown.extensions.toc import slugify
from markdown_it import MarkdownIt
from markdown_it.token import Token

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
LOOSE = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md")]
PAGES = [*sorted(DOCS.rglob("*.md")), *LOOSE]
MARKS = ("runs slowly", "shortened", "checked only")
_MARK = re.compile(r"<!-- block: (?P<mark>[a-z ]+)(; (?P<reason>.+))? -->")


@dataclass(frozen=True)
class Block:
    """One block of code on a page."""

    page: str
    line: int
    language: str
    text: str
    mark: str = ""
    """How it is tested, if not just so."""
    reason: str = ""

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"


@cache
def tokens(page: Path) -> list[Token]:
    return MarkdownIt("commonmark").enable("table").parse(page.read_text(encoding="utf-8"))


def name_of(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def blocks_of(page: Path) -> Iterator[Block]:
    """Code blocks, each with the mark in the comment before it."""
    before = ""
    for token in tokens(page):
        if token.type == "fence":
            found = _MARK.fullmatch(before.strip())
            line = (token.map or [0])[0] + 1
            mark, reason = (found["mark"], found["reason"] or "") if found else ("", "")
            assert before.count("block:") == bool(found), f"{name_of(page)}:{line}: {before}"
            yield Block(name_of(page), line, token.info.strip(), token.content, mark, reason)
        if token.type not in ("list_item_close", "paragraph_close", "paragraph_open"):
            before = token.content if token.type == "html_block" else ""


BLOCKS = [block for page in PAGES for block in blocks_of(page)]


def of_language(language: str) -> list[Block]:
    return [block for block in BLOCKS if block.language == language]


@cache
def anchors_of(page: Path) -> frozenset[str]:
    """What can stand behind `#` for a page, on the site and where the repository is read."""
    found: list[str] = []
    for heading, text in pairwise(tokens(page)):
        if heading.type == "heading_open":
            words = [one for one in text.children or [] if one.type in ("text", "code_inline")]
            anchor = slugify("".join(one.content for one in words), "-")
            same = found.count(anchor)
            found += [anchor, f"{anchor}_{same}"] if same else [anchor]
    return frozenset(found)


def mentions_of(page: Path) -> Iterator[str]:
    """Commands that are named within sentences and tables."""
    for token in tokens(page):
        for child in token.children or []:
            if child.type == "code_inline" and child.content.startswith(("racecraft ", "make ")):
                yield child.content


def links_of(page: Path) -> Iterator[str]:
    """Targets of links and pictures."""
    for token in tokens(page):
        for child in token.children or []:
            target = child.attrGet("href") if child.type == "link_open" else child.attrGet("src")
            if target:
                yield str(target)
