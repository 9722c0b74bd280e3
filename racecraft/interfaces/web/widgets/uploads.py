"""A form for a file or a folder, which the browser sends to the API itself, in one stream.

It never passes through the page's own connection; `static/uploads.js` does the sending.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from racecraft.interfaces.web.tags import tag


@dataclass(frozen=True)
class Upload:
    """What is sent where."""

    route: str
    """Of the API."""
    most_bytes: int
    accept: str
    """Endings of files, with commas, as a file chooser takes them."""
    file_help: str
    folder_help: str
    endings: str
    """Endings of the files of a folder that are sent, with spaces."""
    verb: str
    """On the button."""
    sent: str
    """What is told while the answer is awaited."""
    name_label: str
    name_help: str


def upload_form(upload: Upload, cancel_path: str = "") -> None:
    """The form."""
    with tag(
        "form",
        "form",
        data_upload=upload.route,
        data_most_bytes=upload.most_bytes,
        data_endings=upload.endings,
        data_sent=upload.sent,
        novalidate=True,
    ):
        _field("upload-file", "File", upload.file_help, type="file", accept=upload.accept)
        _field(
            "upload-folder",
            "Folder",
            upload.folder_help,
            type="file",
            webkitdirectory="",
            multiple="",
        )
        _field(
            "upload-name",
            upload.name_label,
            upload.name_help,
            type="text",
            maxlength=64,
            autocomplete="off",
        )
        tag("progress", "import-progress", max=1, value=0, hidden=True, aria_label="Sent so far")
        tag("p", "dim", "", role="status")
        with tag("div", "actions"):
            tag("button", "button primary", upload.verb, type="submit")
            if cancel_path:
                tag("a", "button quiet", "Cancel", href=cancel_path)


def _field(name: str, label: str, help_text: str, **attributes: Any) -> None:
    with tag("div", "field"):
        tag("label", "field-label", label, for_=name)
        tag(
            "input",
            "control",
            id=name,
            aria_describedby=f"{name}-help {name}-error",
            **attributes,
        )
        tag("p", "field-help", help_text, id=f"{name}-help")
        tag("p", "field-error", "", id=f"{name}-error", role="alert")
