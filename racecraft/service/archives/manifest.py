"""What an archive says about itself: the first file in it."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from racecraft.service.archives.layout import MOST_FILES

MANIFEST = "manifest.json"
FORMAT = "racecraft-model"
VERSION = 1
"""Of the format; raised when an older program would read an archive wrongly."""
MOST_BYTES = 8_000_000


class FileEntry(BaseModel):
    """One file of an archive."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    path: str = Field(min_length=1, max_length=120)
    size: int = Field(ge=0, lt=2**40)
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")


class Manifest(BaseModel):
    """The list of what is in an archive."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal["racecraft-model"] = "racecraft-model"
    version: int = Field(VERSION, ge=1)
    racecraft: str = Field(max_length=40, description="version of the program that wrote it")
    name: str = Field(max_length=64, description="what the model was called")
    files: tuple[FileEntry, ...] = Field(max_length=MOST_FILES)

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(file.size for file in self.files)
