"""What the drives and the training of a model say: findings, figures, tables.

Another process makes it; this page shows what it wrote.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nicegui import ui

from racecraft.interfaces.web.frame import heading, page_head
from racecraft.interfaces.web.tags import tag
from racecraft.interfaces.web.toasts import say
from racecraft.interfaces.web.widgets.buttons import button, link_button
from racecraft.interfaces.web.widgets.cards import figure, panel, scrolled
from racecraft.interfaces.web.widgets.notices import badge, empty_state
from racecraft.service.analyses import Analysis, analysis_for
from racecraft.service.collection import view_model
from racecraft.service.drives import traced_iterations
from racecraft.service.evaluations import list_evaluations
from racecraft.service.model_folders import folder_of

if TYPE_CHECKING:
    from racecraft.interfaces.web.visit import Asking, Visit
    from racecraft.service.model_records import Model

_KINDS = {"good": "good", "note": "info", "warning": "bad"}
_WORDS = {"good": "Good", "note": "Note", "warning": "Look here"}


async def analysis(visit: Visit) -> None:
    """The analysis of one model."""
    model_id = visit.params["model_id"]
    model, found, has_logs = await visit.run(lambda asking: _load(asking, model_id))
    trail = [("Models", "/models"), (model.name, f"/models/{model.id}")]

    async def make() -> None:
        say(visit, "The analysis takes some seconds.")
        await visit.run(
            lambda asking: analysis_for(
                asking.store, asking.settings, asking.actor, model_id, makes_anew=True
            )
        )
        ui.navigate.reload()

    with page_head(visit, f"Analysis of {model.name}", info="analysis", trail=trail):
        if has_logs and (found is None or not found.is_fresh):
            word = "Analyse" if found is None else "Analyse again"
            button(word, make, kind="primary", icon="model")
        link_button("Download all logs", f"/api/models/{model.id}/logs", icon="download")
    if found is None:
        _nothing(model, has_logs=has_logs)
        return
    _show(f"/api/models/{model.id}/analysis", found)


def _load(asking: Asking, model_id: str) -> tuple[Model, Analysis | None, bool]:
    found = analysis_for(asking.store, asking.settings, asking.actor, model_id)
    model = view_model(asking.store, asking.actor, model_id).model
    folder = folder_of(asking.settings, model)
    return model, found, bool(traced_iterations(folder) or list_evaluations(folder))


def _nothing(model: Model, *, has_logs: bool) -> None:
    if has_logs:
        text = (
            "An analysis looks at every step that this model drove: which iteration was best, "
            "where "
            "cars leave the road, which actions it does not need, and whether the reward pays for "
            "fast laps."
        )
        with empty_state("Not analysed yet", text):
            pass
        return
    text = "It has driven nothing that was written down. Train or evaluate it first."
    with empty_state("Nothing to analyse yet", text):
        link_button("Go to the model", f"/models/{model.id}", kind="primary")


def _show(base: str, found: Analysis) -> None:
    report = found.report
    with panel("Findings", info="findings"):
        with tag("div", "figures"):
            figure(f"{report.get('training_steps', 0):,}", "steps of training")
            figure(f"{report.get('training_episodes', 0):,}", "episodes")
            figure(f"{report.get('iterations', 0):,}", "iterations")
        with tag("ul", "findings"):
            for each in report.get("findings", ()):
                with tag("li"):
                    badge(_WORDS.get(each["weight"], "Note"), _KINDS.get(each["weight"], "info"))
                    tag("p", text=each["text"])
                    if each["advice"]:
                        tag("p", "dim", each["advice"])
    for chapter in report.get("chapters", ()):
        _chapter(base, chapter)


def _chapter(base: str, chapter: dict[str, Any]) -> None:
    title = str(chapter["title"])
    with tag("section", "panel analysis-chapter", aria_label=title):
        heading(title)
        tag("p", "dim", str(chapter["text"]))
        if chapter.get("picture"):
            source = f"{base}/{chapter['picture']}"
            tag("img", "analysis-figure", src=source, alt=f"Figure: {title}", loading="lazy")
        shown = chapter.get("head") or {}
        if shown.get("rows"):
            _table(title, shown)
        with tag("div", "actions"):
            made = link_button("Data (CSV)", f"{base}/{chapter['table']}")
            made.props["aria-label"] = f"Data (CSV) of {title}"
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
