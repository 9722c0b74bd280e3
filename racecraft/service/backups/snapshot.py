"""Files as they are at one moment, while trainings go on writing.

A training replaces the folder with its state as a whole. So all files of such a folder are opened
first, and read afterwards: what is open stays as it is, whoever renames or removes it meanwhile.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, suppress
from pathlib import Path
from typing import IO

from racecraft.service.backups.contents import is_saved
from racecraft.service.files import files_in
from racecraft.service.model_folders import ID_FILE

_TOGETHER = ("checkpoints/state", "checkpoints/replay")
"""Folders of a model whose files belong together."""
_PATIENCE_S, _PAUSE_S = 5.0, 0.01
"""For a moment in which a training leaves its state alone: it saves it every few seconds."""


def files_below(home: Path, moved: set[str]) -> Iterator[tuple[str, IO[bytes]]]:
    """Path and open content of every file of a home folder that belongs into a backup.

    What vanishes meanwhile is left out. Links to folders are followed, each folder once.

    Args:
        home: the folder.
        moved: gets the paths of models that were renamed or deleted while their files were read,
            so that only some of them were.
    """
    seen: set[tuple[int, int]] = set()
    for place, folders, names in os.walk(home, followlinks=True):
        here = Path(place)
        inside = here.relative_to(home)
        facts = here.stat() if here.exists() else None
        if facts is None or (facts.st_dev, facts.st_ino) in seen:
            folders.clear()
            continue
        seen.add((facts.st_dev, facts.st_ino))
        if is_model(here):
            folders.clear()
            yield from model_files(here, inside.as_posix())
            if not is_same_folder(here, facts):
                moved.add(inside.as_posix())
            continue
        folders[:] = sorted(f for f in folders if is_saved((*inside.parts, f)))
        for name in sorted(names):
            if is_saved((*inside.parts, name)):
                yield from _opened(here / name, (inside / name).as_posix())


def is_model(folder: Path) -> bool:
    """Whether a folder is that of a model, or of a frozen one."""
    return (folder / "model.json").is_file()


def is_same_folder(place: Path, facts: os.stat_result) -> bool:
    """Whether a folder is still where it was when its facts were taken."""
    try:
        return os.path.samestat(place.stat(), facts)
    except OSError:
        return False


def model_files(folder: Path, inside: str) -> Iterator[tuple[str, IO[bytes]]]:
    """`files_below` for the folder of a model.

    Args:
        folder: of the model.
        inside: path under which the backup has it.
    """
    with ExitStack() as stack:
        for name, content in _open_together(folder, stack):
            yield f"{inside}/{name}", content
    for path in files_in(folder):
        part = path.relative_to(folder)
        if not part.as_posix().startswith(_TOGETHER) and is_saved(part.parts):
            yield from _opened(path, f"{inside}/{part.as_posix()}")


def id_in(folder: Path) -> str:
    """Which record a folder carries the id of; nothing if it has none."""
    with suppress(OSError):
        return (folder / ID_FILE).read_text(encoding="utf-8").strip()
    return ""


def _open_together(folder: Path, stack: ExitStack) -> list[tuple[str, IO[bytes]]]:
    """The files with the state of a training, all of the same iteration, open."""
    deadline = time.monotonic() + _PATIENCE_S
    while True:
        is_last_try = time.monotonic() > deadline
        with ExitStack() as tried, suppress(FileNotFoundError):
            before = _marks(folder)
            found: list[tuple[str, IO[bytes]]] = [
                (path.relative_to(folder).as_posix(), tried.enter_context(path.open("rb")))
                for name in _TOGETHER
                for path in sorted((folder / name).glob("*"))
                if path.is_file()
            ]
            if is_last_try or (_marks(folder) == before and not _is_between(folder)):
                stack.push(tried.pop_all())
                return found
        if is_last_try:
            return []
        time.sleep(_PAUSE_S)


def _is_between(folder: Path) -> bool:
    """Whether a training has put its old state aside and not yet the new one in its place."""
    state = folder / _TOGETHER[0]
    return not state.exists() and state.with_name(f"{state.name}.before").exists()


def _marks(folder: Path) -> list[tuple[int, int] | None]:
    """What changes whenever one of the folders is replaced, or a file comes into it or goes."""
    return [_mark(folder / name) for name in _TOGETHER]


def _mark(path: Path) -> tuple[int, int] | None:
    try:
        facts = path.stat()
    except FileNotFoundError:
        return None
    return facts.st_ino, facts.st_mtime_ns


def _opened(path: Path, inside: str) -> Iterator[tuple[str, IO[bytes]]]:
    try:
        content = path.open("rb")
    except FileNotFoundError:
        return
    with closing(content):
        yield inside, content
