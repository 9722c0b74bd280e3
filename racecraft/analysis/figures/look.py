"""The colours of our pictures, and how a picture becomes a file."""

from __future__ import annotations

import contextlib
import errno
import io
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from racecraft.domain.errors import StorageFailed

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Look:
    """One theme; colours as `#rrggbb`."""

    background: str
    panel: str
    line: str
    ink: str
    dim: str
    accent: str
    good: str
    info: str
    bad: str
    road: str
    border: str
    speeds: tuple[str, ...]
    """From the slowest to the fastest."""


ASPHALT = Look(
    background="#101317",
    panel="#181c22",
    line="#2b323c",
    ink="#eef1f4",
    dim="#8e99a8",
    accent="#ff7a1a",
    good="#3ddc97",
    info="#5aa9ff",
    bad="#ff5a5f",
    road="#2a313b",
    border="#c9d0d9",
    speeds=("#5aa9ff", "#3ddc97", "#ffd166", "#ff7a1a"),
)
"""Dark, the default."""

PAPER = Look(
    background="#f4f2ee",
    panel="#ffffff",
    line="#e2ddd4",
    ink="#1b1f24",
    dim="#5f6772",
    accent="#c85600",
    good="#0b7d57",
    info="#1f6fd1",
    bad="#c62f36",
    road="#dfdad1",
    border="#5f6772",
    speeds=("#1f6fd1", "#0b7d57", "#b58900", "#c85600"),
)
"""Light, for print."""


def empty_figure(width_in: float, height_in: float, look: Look) -> Figure:
    """A figure that belongs to no window and no global state, so threads can draw at once."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width_in, height_in), dpi=120, facecolor=look.background)
    FigureCanvasAgg(figure)
    return figure


def save_png(figure: Figure, path: Path) -> None:
    """Replace `path` by the figure in one move; the folders above it are made.

    Raises:
        StorageFailed: the picture could not be written.
    """
    picture = io.BytesIO()
    # Little compression: the files stay small, and it takes half the time.
    figure.savefig(picture, format="png", pil_kwargs={"compress_level": 3})
    temporary = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        with os.fdopen(handle, "wb") as file:
            file.write(picture.getbuffer())
        # A temporary file is readable by its owner only; a picture is for everybody.
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except OSError as error:
        if temporary is not None:
            with contextlib.suppress(OSError):
                os.unlink(temporary)
        reason = "the disk is full" if error.errno == errno.ENOSPC else error.strerror or str(error)
        raise StorageFailed(
            f"The picture {path} could not be written ({reason}); "
            "check the folder and the free space."
        ) from error
