"""Racing lines for reward functions that ask for them; for processes that may load scipy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from racecraft.service.files import write_whole
from racecraft.service.limits import limit_of
from racecraft.tracks.library import load_track
from racecraft.tracks.racing_lines import FILE, line_of, lines_text, names_racing_line

if TYPE_CHECKING:
    from pathlib import Path

    from racecraft.domain.car import CarSpec
    from racecraft.domain.spec import ModelSpec, TrackChoice
    from racecraft.domain.track import RacingLine, Track
    from racecraft.service.settings import Settings


def racing_line(
    settings: Settings, choice: TrackChoice, car: CarSpec, *, top_mps: float
) -> RacingLine:
    """The line that reward functions are told, for a car that may choose up to some speed.

    Raises:
        TrackNotFound: there is no such track.
        StorageFailed: what was worked out cannot be kept.
    """
    from racecraft.analysis.fastest_lap import SPEED_GAIN

    road = load_track(choice.name, is_reversed=choice.is_reversed, folders=(settings.tracks,))
    lap = limit_of(settings, choice, car, top_mps=top_mps)
    return line_of(road, lap, speed_gain=SPEED_GAIN)


def keep_racing_lines(
    settings: Settings,
    folder: Path,
    model: ModelSpec,
    tracks: Sequence[TrackChoice],
    source: str,
    *,
    resume: bool = False,
) -> None:
    """Write the lines of a training beside its model, if its reward function asks for them.

    A training that goes on keeps those that it has: limits are worked out anew now and then, and
    it is told what it was told before.

    Raises:
        TrackNotFound: there is no such track.
        StorageFailed: they cannot be kept.
    """
    if not names_racing_line(source):
        (folder / FILE).unlink(missing_ok=True)
        return
    if resume and (folder / FILE).is_file():
        return
    top_mps = model.action_space.speed_range_mps[1]
    lines = [racing_line(settings, each, model.car, top_mps=top_mps) for each in tracks]
    write_whole(folder / FILE, lines_text(lines) + "\n")


def guided(
    settings: Settings,
    road: Track,
    choice: TrackChoice,
    source: str,
    *,
    car: CarSpec,
    top_mps: float,
) -> Track:
    """A track with its racing line, if a reward function asks for it."""
    if not names_racing_line(source):
        return road
    return replace(road, racing_line=racing_line(settings, choice, car, top_mps=top_mps))
