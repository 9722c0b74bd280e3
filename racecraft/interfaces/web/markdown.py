"""Texts of ours that are written in Markdown, as HTML."""

from __future__ import annotations

from functools import cache

from markdown_it import MarkdownIt


@cache
def html_of(text: str) -> str:
    """The HTML of a Markdown text; tags in the text are shown as they are written."""
    return str(MarkdownIt("commonmark", {"html": False}).enable("table").render(text))
