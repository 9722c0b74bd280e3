"""Downloads that are packed while they are sent: nothing of them is kept on the disk."""

from __future__ import annotations

import io
import zipfile

_DATE = (1980, 1, 1, 0, 0, 0)
"""The oldest that the format knows: the same files make the same bytes whenever they are packed."""


def zip_entry(name: str, *, is_packed: bool = True) -> zipfile.ZipInfo:
    """A file of a ZIP archive.

    Args:
        name: its path in the archive.
        is_packed: make it smaller; what is packed already is stored as it is.
    """
    info = zipfile.ZipInfo(name, _DATE)
    info.compress_type = zipfile.ZIP_DEFLATED if is_packed else zipfile.ZIP_STORED
    info.create_system = 3
    info.external_attr = 0o100644 << 16
    return info


class Pipe(io.RawIOBase):
    """What is written comes out at the other end; there is no way back."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def writable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return False

    def write(self, data: bytes | bytearray | memoryview) -> int:  # type: ignore[override]
        self._parts.append(bytes(data))
        return len(data)

    def take(self) -> bytes:
        """Everything that came since the last time."""
        whole = b"".join(self._parts)
        self._parts.clear()
        return whole
