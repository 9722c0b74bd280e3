"""The files of a model that can be had."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from racecraft.interfaces.web.icons import icon
from racecraft.interfaces.web.tags import drawing, tag
from racecraft.interfaces.web.times import megabytes
from racecraft.interfaces.web.widgets.dialogs import dialog
from racecraft.service.drives import traced_iterations, training_trace
from racecraft.service.evaluations import recording
from racecraft.service.model_folders import folder_of
from racecraft.service.pictures import DRIVEN_LINES, REPLAY, REWARD_GRAPH
from racecraft.service.records import LOG_FILE

if TYPE_CHECKING:
    from pathlib import Path

    from racecraft.interfaces.web.pages.model.opened import OpenedModel
    from racecraft.interfaces.web.pages.model.reading import Sheet
    from racecraft.interfaces.web.visit import Asking

_FILES = (
    (LOG_FILE, "Log of the training", "What the training said, and what your reward printed."),
    (REWARD_GRAPH, "Reward graph", "As a picture (PNG)."),
    (DRIVEN_LINES, "Driven lines", "Of the newest evaluation, as a picture (PNG)."),
    (REPLAY, "Film", "Of the best lap of the newest evaluation (MP4)."),
)


@dataclass(frozen=True)
class Download:
    """One file."""

    title: str
    text: str
    path: str
    """Of the API."""
    size_bytes: int | None
    """None for what is made when it is asked for."""


async def ask(page: OpenedModel) -> None:
    """Show what there is."""
    found = await page.visit.run(lambda asking: files_of(asking, page.sheet))
    with dialog("Download"):
        if not found:
            tag("p", "dim", "There is nothing yet; the first files come with the first iteration.")
        with tag("ul", "downloads"):
            for file in found:
                with tag("li"), tag("a", "download", href=f"/api/{file.path}", download=""):
                    drawing(icon("download"))
                    with tag("span"):
                        tag("span", "strong", file.title)
                        size = "" if file.size_bytes is None else megabytes(file.size_bytes)
                        tag("span", "dim", f"{file.text} {size}".strip())


def files_of(asking: Asking, sheet: Sheet) -> list[Download]:
    """The files that are there, in the order in which they are shown."""
    folder = folder_of(asking.settings, sheet.model)
    base = f"models/{sheet.model.id}"
    found = _archives(sheet, base) + [
        Download(title, text, f"{base}/files/{name}", (folder / name).stat().st_size)
        for name, title, text in _FILES
        if (folder / name).is_file()
    ]
    traces = traces_of(folder)
    best = next((row.iteration for row in sheet.checkpoints if row.is_best), None)
    for iteration, what in ((best, "the best"), (max(traces, default=None), "the newest")):
        if iteration in traces and iteration is not None:
            path = training_trace(folder, iteration)
            text = f"Iteration {iteration}, every step (CSV)."
            link = f"{base}/traces/{iteration}"
            found.append(Download(f"Trace of {what} iteration", text, link, _size(path)))
            traces.discard(iteration)
    for row in sheet.evaluations[:1]:
        path, link = recording(folder, row.stamp).trace, f"{base}/evaluations/{row.stamp}/trace"
        if path.is_file():
            text = "Every step of every lap (CSV)."
            found.append(Download("Trace of the newest evaluation", text, link, _size(path)))
    found += _made(base) if traces_of(folder) or sheet.evaluations else []
    return found + (_for_the_car(base) if sheet.is_ready and sheet.suits_car else [])


def _for_the_car(base: str) -> list[Download]:
    """The best policy for other programs."""
    return [
        Download(
            "For the physical car",
            "The best iteration as the archive that the car's own console takes (tar.gz).",
            f"{base}/car",
            None,
        ),
        Download(
            "As ONNX",
            "The same policy for other programs.",
            f"{base}/car?kind=onnx",
            None,
        ),
    ]


def _made(base: str) -> list[Download]:
    """What is made of all traces when somebody asks for it."""
    return [
        Download(
            "All logs as a folder",
            "Traces, metrics and text logs as deepracer-for-cloud has them (ZIP).",
            f"{base}/logs?shape=drfc",
            None,
        ),
        Download(
            "All logs as an archive",
            "The same as DeepRacer on AWS gives them (tar.gz).",
            f"{base}/logs?shape=droa",
            None,
        ),
        Download(
            "Text log with SIM_TRACE_LOG",
            "A line a step of the whole training, for older log tools.",
            f"{base}/logs/training",
            None,
        ),
    ]


def traces_of(folder: Path) -> set[int]:
    """Iterations with traces."""
    return set(traced_iterations(folder))


def _archives(sheet: Sheet, base: str) -> list[Download]:
    """The model as one file, once it has learnt something."""
    if not sheet.is_ready or sheet.job is not None:
        return []
    text = "Everything but older checkpoints (.zip); it can be imported again. At most"
    small = f"{base}/archive?checkpoints=best&state=false"
    size = sheet.model.size_bytes
    more = "With all checkpoints, and what a training needs to go on (.zip). At most"
    return [
        Download("The model", text, small, size),
        Download("The model with its history", more, f"{base}/archive", size),
    ]


def _size(path: Path) -> int:
    return path.stat().st_size
