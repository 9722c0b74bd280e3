"""Reading on in a file to which lines are added."""

from __future__ import annotations

from pathlib import Path


class Tail:
    """The lines that are added to a file. Not for several threads at a time."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._offset = 0
        self.is_anew = True
        """Whether the newest lines are all that there are: the file is another one than before."""

    def lines(self) -> list[str]:
        """Whole lines since the last time; all of them once the file was written anew."""
        self.is_anew = self._offset == 0
        try:
            size = self._path.stat().st_size
            if size == self._offset:
                return []
            if size < self._offset:
                self._offset, self.is_anew = 0, True
            with self._path.open("rb") as file:
                file.seek(self._offset)
                data = file.read()
        except FileNotFoundError:
            self._offset, self.is_anew = 0, True
            return []
        whole = data[: data.rfind(b"\n") + 1]
        self._offset += len(whole)
        return whole.decode("utf-8", errors="replace").splitlines()
