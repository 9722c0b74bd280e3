"""Importing a model from a file.

The browser sends the file to the API itself, in one stream; it never passes through the page's own
connection.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from racecraft.interfaces.web.frame import page_head
from racecraft.interfaces.web.tags import tag
from racecraft.interfaces.web.widgets.cards import panel

if TYPE_CHECKING:
    from racecraft.interfaces.web.visit import Visit


async def import_model(visit: Visit) -> None:
    """A file and, if wanted, another name."""
    with page_head(visit, trail=[("Models", "/models")], info="import"):
        pass
    with (
        tag("div", "import"),
        panel("Archive of a model"),
        tag("form", "form", data_import="", novalidate=True),
    ):
        tag("p", "form-error", "", role="alert", data_form_error="")
        with tag("div", "field"):
            tag("label", "field-label", "File", for_="import-file")
            tag(
                "input",
                "control",
                type="file",
                id="import-file",
                accept=".zip",
                aria_describedby="import-file-help import-file-error",
            )
            tag(
                "p",
                "field-help",
                "Choose or drop a .zip that was downloaded from racecraft, here or elsewhere.",
                id="import-file-help",
            )
            tag("p", "field-error", "", id="import-file-error", role="alert")
        with tag("div", "field"):
            tag("label", "field-label", "Model name (optional)", for_="import-name")
            tag(
                "input",
                "control",
                type="text",
                id="import-name",
                maxlength=64,
                autocomplete="off",
                aria_describedby="import-name-help import-name-error",
            )
            tag("p", "field-help", "As in the archive if left empty.", id="import-name-help")
            tag("p", "field-error", "", id="import-name-error", role="alert")
        tag("progress", "import-progress", max=1, value=0, hidden=True, aria_label="Sent so far")
        with tag("div", "actions"):
            tag("button", "button primary", "Import model", type="submit")
            tag("a", "button quiet", "Cancel", href="/models")
