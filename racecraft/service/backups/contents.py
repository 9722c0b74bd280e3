"""What a backup is: a ZIP file with a list of all that is in it, digests of everything included.

records/<table>.jsonl   every record, a line each
files/<number>          every file of the home folder, under the path that the list has
manifest.json           the list, written last
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from racecraft.service.store.dumps import TableSum

MANIFEST = "manifest.json"
MOST_MANIFEST_BYTES = 1_000_000_000
VERSION = 1
"""Of the format; raised when an older program would read a backup wrongly."""
TRASH = ".trash"


class SavedFile(BaseModel):
    """One file of the home folder."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    path: str = Field(min_length=1, max_length=1000)
    member: str = Field(max_length=40, description="under which the backup has it")
    size: int = Field(ge=0)
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    mode: int = Field(ge=0, le=0o777, description="who may read and write it")


class BackupManifest(BaseModel):
    """What is in a backup."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal["racecraft-backup"] = "racecraft-backup"
    version: int = Field(VERSION, ge=1)
    racecraft: str = Field(max_length=40, description="version of the program that wrote it")
    tables_version: str = Field(max_length=40, description="version of the tables of the records")
    database: str = Field(max_length=20, description="what they were in: sqlite or postgresql")
    made_at_s: float
    tables: tuple[TableSum, ...]
    files: tuple[SavedFile, ...]
    gone: tuple[str, ...] = Field((), description="folders of models that were not there")

    @property
    def rows(self) -> int:
        """Of all tables."""
        return sum(table.rows for table in self.tables)

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(file.size for file in self.files)


def member_of(table: str) -> str:
    """Under which name a backup has the rows of a table."""
    return f"records/{table}.jsonl"


def is_saved(parts: tuple[str, ...]) -> bool:
    """Whether a path inside the home folder belongs into a backup.

    Locks, what is just being written, and the database itself (its records are there as such) do
    not.
    """
    if any(part.startswith(".") and part != TRASH for part in parts):
        return False
    if any(part.endswith(".writing") for part in parts):
        return False
    return not (len(parts) == 1 and parts[0].startswith("racecraft.db"))
