"""Where all analyses begin: models, uploaded logs, comparisons."""

from __future__ import annotations

from typing import TYPE_CHECKING

from racecraft.interfaces.web.frame import page_head
from racecraft.interfaces.web.pages.analysis.compare import path_of
from racecraft.interfaces.web.tags import tag
from racecraft.interfaces.web.times import megabytes, moment, moment_text
from racecraft.interfaces.web.widgets.buttons import link_button
from racecraft.interfaces.web.widgets.cards import panel
from racecraft.interfaces.web.widgets.columns import Column
from racecraft.interfaces.web.widgets.notices import empty_state
from racecraft.interfaces.web.widgets.tables import Table, TableLook
from racecraft.service.collection import ModelFilter, list_models
from racecraft.service.comparisons import Comparison, list_comparisons
from racecraft.service.log_records import LogUpload
from racecraft.service.log_uploads import list_logs
from racecraft.service.model_records import ModelState
from racecraft.service.track_choices import track_words

if TYPE_CHECKING:
    from racecraft.interfaces.web.visit import Asking, Visit
    from racecraft.service.collection import ModelView

_MOST_MODELS = 8
_COLUMNS: tuple[Column[LogUpload], ...] = (
    Column(
        "name",
        "Name",
        lambda row: row.name,
        draw=lambda row: tag("a", text=row.name, href=f"/analysis/logs/{row.id}"),
        depends=lambda row: row.id,
    ),
    Column("kind", "Written by", lambda row: row.kind),
    Column("track", "Track", lambda row: row.track or "–"),
    Column(
        "steps", "Steps", lambda row: f"{row.steps:,}", order=lambda row: row.steps, is_number=True
    ),
    Column(
        "created",
        "Uploaded",
        lambda row: moment_text(row.created_at_s),
        order=lambda row: row.created_at_s,
        draw=lambda row: moment(row.created_at_s),
        depends=lambda row: row.created_at_s,
    ),
    Column(
        "size",
        "Size",
        lambda row: megabytes(row.size_bytes),
        order=lambda row: row.size_bytes,
        is_number=True,
    ),
)


async def overview(visit: Visit) -> None:
    """What was analysed, and what can be."""
    models, uploads, comparisons = await visit.run(_load)
    with page_head(visit, info="analysis"):
        link_button("Upload logs", "/analysis/upload", icon="upload")
        link_button("Compare", "/analysis/compare", kind="primary", icon="chart")
    _models(models)
    if comparisons:
        _comparisons(comparisons)
    if uploads:
        look = TableLook(
            "uploaded-logs",
            "Logs of other programs",
            info="logs-of-other-programs",
            sorted_by="created",
            is_descending=True,
            finds="Find logs",
        )
        Table(visit, look, _COLUMNS, row_id=lambda row: row.id).show(uploads)
        return
    with empty_state(
        "No logs of other programs",
        "An old training of the original console, of deepracer-for-cloud or of DeepRacer on AWS "
        "can be analysed here, and compared with your models.",
    ):
        link_button("Upload logs", "/analysis/upload", icon="upload")


def _models(models: list[ModelView]) -> None:
    with panel("Your models"):
        if not models:
            tag("p", "dim", "A model that has been trained can be analysed; you have none yet.")
            with tag("div", "actions"):
                link_button("Create model", "/models/create", icon="plus")
            return
        with tag("ul", "open-races"):
            for view in models[:_MOST_MODELS]:
                model = view.model
                with tag("li"):
                    with tag("div"):
                        tag("p", "strong", model.name)
                        tag(
                            "p", "dim", " · ".join(track_words(track) for track in model.tracks[:3])
                        )
                    made = link_button("Analysis", f"/models/{model.id}/analysis", icon="chart")
                    made.props["aria-label"] = f"Analysis of {model.name}"
        if len(models) > _MOST_MODELS:
            with tag("div", "actions"):
                link_button("All models", "/models", kind="quiet")


def _comparisons(found: list[Comparison]) -> None:
    with panel("Newest comparisons", info="comparisons"), tag("ul", "open-races"):
        for each in found:
            name = str(each.analysis.report.get("model", ""))
            with tag("li"):
                tag("p", text=name)
                made = link_button("Open", path_of(each.subjects))
                made.props["aria-label"] = f"Open the comparison of {name}"


def _load(asking: Asking) -> tuple[list[ModelView], list[LogUpload], list[Comparison]]:
    models, _ = list_models(
        asking.store, asking.actor, ModelFilter(state=ModelState.READY, limit=500)
    )
    uploads = list_logs(asking.store, asking.actor)
    return models, uploads, list_comparisons(asking.store, asking.settings, asking.actor)
