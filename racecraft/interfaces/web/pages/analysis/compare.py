"""Models, iterations, evaluations and uploaded logs side by side.

What is compared stands in the address of the page, so that it can be kept as a bookmark.
"""

from __future__ import annotations

import urllib.parse
from typing import TYPE_CHECKING, Any

from nicegui import ui

from racecraft.domain.errors import RacecraftError
from racecraft.interfaces.web.frame import page_head
from racecraft.interfaces.web.pages.analysis.choosing import Choice, read_choice, show_choice
from racecraft.interfaces.web.pages.analysis.report import (
    show_chapters,
    show_findings,
    show_report,
)
from racecraft.interfaces.web.tags import tag
from racecraft.interfaces.web.toasts import say
from racecraft.interfaces.web.widgets.buttons import button
from racecraft.interfaces.web.widgets.cards import panel
from racecraft.interfaces.web.widgets.notices import banner
from racecraft.service.comparisons import MOST, Comparison
from racecraft.service.comparisons import compare as compared

if TYPE_CHECKING:
    from collections.abc import Sequence

    from racecraft.interfaces.web.visit import Asking, Visit

TRAIL = [("Analysis", "/analysis")]


def path_of(words: Sequence[str]) -> str:
    """The address of the comparison of these."""
    return "/analysis/compare?" + urllib.parse.urlencode([("s", word) for word in words])


async def compare(visit: Visit) -> None:
    """What to compare, and the comparison if it was made."""
    words = list(dict.fromkeys(visit.request.query_params.getlist("s")))[:MOST]
    choice, found, problem = await visit.run(lambda asking: _load(asking, words))

    async def make() -> None:
        say(visit, "The comparison takes some seconds.")
        await visit.run_in_turn(
            lambda asking: compared(asking.store, asking.settings, asking.actor, words, again=True)
        )
        ui.navigate.reload()

    with page_head(visit, info="comparisons", trail=TRAIL):
        if words and not problem:
            verb = "Compare" if len(words) > 1 else "Analyse"
            is_due = found is None or not found.analysis.is_fresh
            kind = "primary" if is_due else "quiet"
            button(verb if found is None else f"{verb} again", make, kind=kind, icon="chart")
    if problem:
        with banner("bad", "Something of this comparison is gone.", problem):
            pass
    show_choice(visit, choice, words, lambda more: ui.navigate.to(path_of(more)))
    if found is not None:
        _show(found)


def _load(asking: Asking, words: list[str]) -> tuple[Choice, Comparison | None, str]:
    choice = read_choice(asking, words)
    if not words:
        return choice, None, ""
    try:
        found = compared(asking.store, asking.settings, asking.actor, words, makes_anew=False)
    except RacecraftError as error:
        return choice, None, str(error)
    return choice, found, ""


def _show(found: Comparison) -> None:
    base, report = f"/api/comparisons/{found.key}", found.analysis.report
    if "models" not in report:
        show_report(base, report)
        return
    with panel("Findings", info="findings"):
        if report.get("findings"):
            show_findings(report)
        else:
            tag("p", "dim", "Nothing stands out in numbers; look at the figures below.")
    show_chapters(base, report)
    for each in report["models"]:
        _one(f"{base}/{each['folder']}", each)


def _one(base: str, each: dict[str, Any]) -> None:
    """Everything about one of them, folded."""
    report = each["report"]
    with tag("details", "panel analysis-one"):
        tag("summary", "strong", text=f"All figures of {each['name']}")
        with tag("div", "stack"):
            show_findings(report)
            show_chapters(base, report, level=3)
