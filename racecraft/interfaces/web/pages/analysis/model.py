"""What the drives and the training of a model say: findings, figures, tables.

Another process makes it; this page shows what it wrote.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nicegui import ui

from racecraft.interfaces.web.frame import page_head
from racecraft.interfaces.web.pages.analysis.report import show_report
from racecraft.interfaces.web.toasts import say
from racecraft.interfaces.web.widgets.buttons import button, link_button
from racecraft.interfaces.web.widgets.notices import empty_state
from racecraft.service.analyses import Analysis, analysis_for
from racecraft.service.collection import view_model
from racecraft.service.drives import traced_iterations
from racecraft.service.evaluations import list_evaluations
from racecraft.service.model_folders import folder_of

if TYPE_CHECKING:
    from racecraft.interfaces.web.visit import Asking, Visit
    from racecraft.service.model_records import Model


async def analysis(visit: Visit) -> None:
    """The analysis of one model."""
    model_id = visit.params["model_id"]
    model, found, has_logs = await visit.run(lambda asking: _load(asking, model_id))
    trail = [("Models", "/models"), (model.name, f"/models/{model.id}")]

    async def make() -> None:
        say(visit, "The analysis takes some seconds.")
        await visit.run_in_turn(
            lambda asking: analysis_for(
                asking.store, asking.settings, asking.actor, model_id, again=True
            )
        )
        ui.navigate.reload()

    with page_head(visit, f"Analysis of {model.name}", info="analysis", trail=trail):
        if has_logs:
            word = "Analyse" if found is None else "Analyse again"
            is_due = found is None or not found.is_fresh
            button(word, make, kind="primary" if is_due else "quiet", icon="model")
        if has_logs:
            link_button("Compare", f"/analysis/compare?s=model-{model.id}", icon="chart")
        link_button("Download all logs", f"/api/models/{model.id}/logs", icon="download")
    if found is None:
        _nothing(model, has_logs=has_logs)
        return
    show_report(f"/api/models/{model.id}/analysis", found.report)


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
