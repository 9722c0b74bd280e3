"""Logs of other programs: uploading them, and what they say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nicegui import ui

from racecraft.interfaces.web.frame import page_head
from racecraft.interfaces.web.pages.analysis.report import show_report
from racecraft.interfaces.web.tags import tag
from racecraft.interfaces.web.toasts import say
from racecraft.interfaces.web.widgets.buttons import button, link_button
from racecraft.interfaces.web.widgets.cards import panel
from racecraft.interfaces.web.widgets.dialogs import confirm
from racecraft.interfaces.web.widgets.notices import empty_state
from racecraft.interfaces.web.widgets.uploads import Upload, upload_form
from racecraft.service.log_uploads import (
    MOST_BYTES,
    delete_logs,
    logs_analysis,
    view_logs,
)

if TYPE_CHECKING:
    from racecraft.interfaces.web.visit import Asking, Visit
    from racecraft.service.analyses import Analysis
    from racecraft.service.log_records import LogUpload

TRAIL = [("Analysis", "/analysis")]
_LOGS = Upload(
    route="/api/logs",
    most_bytes=MOST_BYTES,
    accept=".zip,.tar,.gz,.tgz,.csv,.log",
    file_help="An archive (.zip, .tar.gz) of the original console, of deepracer-for-cloud or of "
    "DeepRacer on AWS; or a single trace (.csv) or text log (.log).",
    folder_help="Or the folder of a training; traces, metrics, documents and text logs in it are "
    "sent.",
    endings=".csv .json .jsonl .log .yaml .yml .txt",
    verb="Upload and analyse",
    sent="Everything is here; it is being analysed, which takes some seconds …",
    name_label="Name (optional)",
    name_help="What to call them here; as the file if left empty.",
)


async def upload(visit: Visit) -> None:
    """A file or a folder."""
    with page_head(visit, info="logs-of-other-programs", trail=TRAIL):
        pass
    with tag("div", "import"), panel("Logs of another program"):
        upload_form(_LOGS, "/analysis")


async def logs(visit: Visit) -> None:
    """What uploaded logs say."""
    logs_id = visit.params["logs_id"]
    record, found = await visit.run(lambda asking: _load(asking, logs_id))

    async def again() -> None:
        say(visit, "The analysis takes some seconds.")
        await visit.run_in_turn(
            lambda asking: logs_analysis(
                asking.store, asking.settings, asking.actor, logs_id, makes_anew=True
            )
        )
        ui.navigate.reload()

    async def delete() -> None:
        await visit.run(
            lambda asking: delete_logs(asking.store, asking.settings, asking.actor, logs_id)
        )
        ui.navigate.to("/analysis")

    def ask() -> None:
        text = "The file, its analysis and its comparisons are gone for good."
        confirm(f"Delete {record.name}?", text, "Delete", delete)

    with page_head(visit, record.name, info="logs-of-other-programs", trail=TRAIL):
        button("Delete", ask, kind="quiet", icon="trash")
        link_button("Download", f"/api/logs/{logs_id}/file", icon="download")
        button("Analyse again", again, icon="refresh")
        path = f"/analysis/compare?s=logs-{logs_id}"
        link_button("Compare", path, kind="primary", icon="chart")
    if found is None:
        with empty_state("Not analysed", "What was made of these logs is gone."):
            pass
        return
    tag("p", "dim", _about(record))
    show_report(f"/api/logs/{logs_id}/analysis", found.report)


def _about(record: LogUpload) -> str:
    parts = [f"Written by: {record.kind}" if record.kind else "", record.file]
    if record.track:
        parts.append(f"track {record.track}")
    return ", ".join(part for part in parts if part)


def _load(asking: Asking, logs_id: str) -> tuple[LogUpload, Analysis | None]:
    record = view_logs(asking.store, asking.actor, logs_id)
    return record, logs_analysis(asking.store, asking.settings, asking.actor, logs_id)
