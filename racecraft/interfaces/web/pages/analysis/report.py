"""A report of an analysis on a page: findings, figures, tables."""

from __future__ import annotations

from typing import Any

from racecraft.interfaces.web.frame import heading
from racecraft.interfaces.web.tags import tag
from racecraft.interfaces.web.widgets.buttons import link_button
from racecraft.interfaces.web.widgets.cards import figure, panel, scrolled
from racecraft.interfaces.web.widgets.notices import badge

_KINDS = {"good": "good", "note": "info", "warning": "bad"}
_WORDS = {"good": "Good", "note": "Note", "warning": "Look here"}


def show_report(base: str, report: dict[str, Any]) -> None:
    """The report of one model, or of a part of it.

    Args:
        base: path of the API below which its files are.
        report: what was written of it.
    """
    with panel("Findings", info="findings"):
        with tag("div", "figures"):
            figure(f"{report.get('training_steps', 0):,}", "steps of training")
            figure(f"{report.get('training_episodes', 0):,}", "episodes")
            figure(f"{report.get('iterations', 0):,}", "iterations")
            if report.get("evaluation_steps"):
                figure(f"{report['evaluation_steps']:,}", "steps of evaluations")
        show_findings(report)
        for note in report.get("notes", ()):
            tag("p", "dim", str(note))
    show_chapters(base, report)


def show_findings(report: dict[str, Any]) -> None:
    """What was found, in plain words."""
    with tag("ul", "findings"):
        for each in report.get("findings", ()):
            with tag("li"):
                badge(_WORDS.get(each["weight"], "Note"), _KINDS.get(each["weight"], "info"))
                tag("p", text=each["text"])
                if each["advice"]:
                    tag("p", "dim", each["advice"])


def show_chapters(base: str, report: dict[str, Any], *, level: int = 2) -> None:
    """Each figure with what it means, its table, and its data.

    Args:
        base: path of the API below which the files are.
        report: what was written.
        level: of the headings.
    """
    whose = f" of {report.get('model', '')}" if level > 2 else ""
    for chapter in report.get("chapters", ()):
        _chapter(base, chapter, level, whose)


def _chapter(base: str, chapter: dict[str, Any], level: int, whose: str) -> None:
    title = str(chapter["title"])
    with tag("section", "panel analysis-chapter", aria_label=title + whose):
        heading(title, level=level)
        tag("p", "dim", str(chapter["text"]))
        if chapter.get("picture"):
            source = f"{base}/{chapter['picture']}"
            tag("img", "analysis-figure", src=source, alt=f"Figure: {title}{whose}", loading="lazy")
        shown = chapter.get("head") or {}
        if shown.get("rows"):
            _table(title + whose, shown)
        with tag("div", "actions"):
            made = link_button("Data (CSV)", f"{base}/{chapter['table']}")
            made.props["aria-label"] = f"Data (CSV) of {title}{whose}"
            made.props["download"] = ""


def _table(title: str, shown: dict[str, Any]) -> None:
    with scrolled(f"Table: {title}"), tag("table", "table"):
        with tag("thead"), tag("tr"):
            for name in shown["columns"]:
                tag("th", text=str(name).replace("_", " "), scope="col")
        with tag("tbody"):
            for row in shown["rows"]:
                with tag("tr"):
                    for cell in row:
                        tag("td", "number-left", str(cell))
