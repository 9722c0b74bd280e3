"""Importing a model from a file or a folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from racecraft.interfaces.web.frame import page_head
from racecraft.interfaces.web.tags import tag
from racecraft.interfaces.web.widgets.cards import panel
from racecraft.interfaces.web.widgets.uploads import Upload, upload_form
from racecraft.service.archives.exchange import MOST_UPLOAD_BYTES

if TYPE_CHECKING:
    from racecraft.interfaces.web.visit import Visit

_MODEL = Upload(
    route="/api/models/import",
    most_bytes=MOST_UPLOAD_BYTES,
    accept=".zip,.tar,.gz,.tgz",
    file_help="Choose or drop a .zip that was downloaded from racecraft, or the archive (.zip, "
    ".tar.gz) of a model of the original console, of deepracer-for-cloud or for the physical car.",
    folder_help="Or the folder of such a model; its documents, logs, reward function and weights "
    "are sent.",
    endings=".json .yaml .yml .csv .py .pb .ckpt.index .data-00000-of-00001 .log .txt",
    verb="Import model",
    sent="Everything is here; it is being checked …",
    name_label="Model name (optional)",
    name_help="As in the file if left empty.",
)


async def import_model(visit: Visit) -> None:
    """A file or a folder and, if wanted, another name."""
    with page_head(visit, trail=[("Models", "/models")], info="import"):
        pass
    with tag("div", "import"), panel("Archive of a model"):
        upload_form(_MODEL, "/models")
