"""The record of logs that somebody uploaded: whose they are, and what they are called."""

from __future__ import annotations

from typing import ClassVar

from racecraft.service.store import Record


class LogUpload(Record):
    """Logs of another program."""

    TABLE: ClassVar[str] = "log_uploads"

    owner_id: str
    size_bytes: int = 0
    """Of the file and of what was made of it."""

    name: str
    """What the owner calls them."""
    file: str
    """Of the uploaded file, in the folder of the upload."""
    kind: str = ""
    """Who wrote them, in a word."""
    track: str = ""
    steps: int = 0
    """Of the training."""
    iterations: tuple[int, ...] = ()
    """Those with traces."""
    evaluations: tuple[str, ...] = ()
    """Names of the evaluations."""
