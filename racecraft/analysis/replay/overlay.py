"""What is written over the film: a bar with the numbers, a map, and how the lap ended."""

from __future__ import annotations

import importlib.util
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from racecraft.analysis.replay.drawing import blend, fill_disc
from racecraft.analysis.replay.lap import Frames
from racecraft.domain.episode import format_lap_time
from racecraft.domain.track import Points, Track

Picture = NDArray[np.uint8]
Colour = tuple[int, int, int]

WHITE, SOFT, ORANGE = (255, 255, 255), (196, 206, 216), (255, 173, 51)
PANEL = (14, 20, 28, 168)
BAR_HEIGHT, MARGIN, FINE = 46, 12, 3
MAP_BOX = (150, 116)
TITLE_WIDTH = 276
"""Pixels up to the lap time."""


class Overlay:
    """The overlay of one film; made once, then laid over each frame."""

    def __init__(self, track: Track, title: str, size: tuple[int, int]) -> None:
        self.width, self.height = size
        self.bar = np.zeros((BAR_HEIGHT, self.width, 4), dtype=np.uint8)
        self.bar[:] = PANEL
        self.title = text(_shortened(title, 17), 17, WHITE)
        self.map, self.to_map = _map(track)
        self.map_corner = (self.width - MARGIN - self.map.shape[1], BAR_HEIGHT + MARGIN)

    def draw(self, frame: Picture, frames: Frames, number: int) -> None:
        """Write frame `number` of the film over its (H, W, 3) picture."""
        blend(frame, self.bar, 0, 0)
        blend(frame, self.title, MARGIN, 14)
        self._numbers(frame, frames, number)
        done = float(np.clip(frames.progress_percent[number] / 100.0, 0.0, 1.0))
        frame[BAR_HEIGHT - 3 : BAR_HEIGHT, : round(done * self.width)] = ORANGE
        column, row = self.map_corner
        blend(frame, self.map, column, row)
        for place in self.to_map(frames.objects[number, :, :2]):
            fill_disc(frame, column + place[0], row + place[1], 3.0, np.array(ORANGE))
        place = self.to_map(frames.car[number, :2])
        for radius, colour in ((5.5, WHITE), (4.0, (226, 62, 48))):
            fill_disc(frame, column + place[0], row + place[1], radius, np.array(colour))
        if frames.ending and number >= frames.ending_from:
            self._ending(frame, frames.ending)

    def _numbers(self, frame: Picture, frames: Frames, number: int) -> None:
        """Lap time, speed and progress, right-aligned in columns that never jump."""
        entries = (
            (f"{frames.progress_percent[number]:.0f}", "%", self.width - MARGIN),
            (f"{max(frames.speed_mps[number], 0.0):.1f}", "m/s", self.width - 94),
            (format_lap_time(int(frames.time_ms[number])), "", self.width - 204),
        )
        for value, unit, right in entries:
            if unit:
                picture = text(unit, 14, SOFT)
                right -= picture.shape[1]
                blend(frame, picture, right, 17)
                right -= 5
            for character in reversed(value):
                glyph = text(character, 21, WHITE)
                advance = _advance(character, 21)
                right -= advance
                blend(frame, glyph, right + (advance - glyph.shape[1]) // 2, 11)

    def _ending(self, frame: Picture, ending: str) -> None:
        words = text(ending, 30, WHITE)
        height, width = words.shape[0] + 20, words.shape[1] + 44
        panel = np.zeros((height, width, 4), dtype=np.uint8)
        panel[:] = PANEL
        column, row = (self.width - width) // 2, self.height // 2 - 90
        blend(frame, panel, column, row)
        blend(frame, words, column + 22, row + 10)


def _shortened(title: str, size: int) -> str:
    """The title, or as much of it as there is room for."""
    font, kept = _font(size), title
    while font.getlength(kept) > TITLE_WIDTH:
        kept = kept.removesuffix("…")[:-1].rstrip() + "…"
    return kept


@cache
def text(words: str, size: int, colour: Colour) -> Picture:
    """(h, w, 4) words on nothing, all of one size equally high."""
    font = _font(size)
    width = max(1, round(font.getlength(words)))
    image = Image.new("RGBA", (width + 2, round(1.3 * size)), (*colour, 0))
    ImageDraw.Draw(image).text((1, 1), words, font=font, fill=(*colour, 255))
    return np.array(image)


@cache
def _advance(character: str, size: int) -> int:
    """Width that a character takes; all digits the same."""
    return round(_font(size).getlength("0" if character.isdigit() else character))


@cache
def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """DejaVu, which comes with matplotlib, or else what comes with pillow."""
    package = importlib.util.find_spec("matplotlib")
    for folder in (package.submodule_search_locations or []) if package else []:
        file = Path(folder) / "mpl-data" / "fonts" / "ttf" / "DejaVuSans-Bold.ttf"
        if file.is_file():
            return ImageFont.truetype(str(file), size)
    return ImageFont.load_default(size)


class _ToMap:
    """World to pixels of the map: north is up."""

    def __init__(self, low: Points, high: Points) -> None:
        space = np.array(MAP_BOX) - 2.0 * MARGIN
        self.scale = float((space / np.maximum(high - low, 1e-6)).min())
        self.size = np.ceil((high - low) * self.scale + 2.0 * MARGIN).astype(int)
        self.low = low

    def __call__(self, points: Points) -> Points:
        """(..., 2) column and row of (..., 2) positions."""
        place = (points - self.low) * self.scale + MARGIN
        place[..., 1] = self.size[1] - place[..., 1]
        return place


def _map(track: Track) -> tuple[Picture, _ToMap]:
    """The map as an (h, w, 4) picture, drawn finer and then reduced so that its lines are soft."""
    borders = np.concatenate((track.inner, track.outer))
    to_map = _ToMap(borders.min(axis=0), borders.max(axis=0))
    columns, rows = to_map.size * FINE
    image = Image.new("RGBA", (int(columns), int(rows)), PANEL)
    draw = ImageDraw.Draw(image)
    inner, outer = (to_map(line) * FINE for line in (track.inner, track.outer))
    for k in range(len(inner) - 1):
        corners = [tuple(point) for point in (inner[k], inner[k + 1], outer[k + 1], outer[k])]
        draw.polygon(corners, fill=(98, 104, 114, 255))
    for line in (inner, outer):
        draw.line([tuple(point) for point in line], fill=(*WHITE, 255), width=FINE, joint="curve")
    finish = to_map(np.stack((track.inner[0], track.outer[0]))) * FINE
    draw.line([tuple(point) for point in finish], fill=(*ORANGE, 255), width=2 * FINE + 1)
    reduced = image.resize((int(columns) // FINE, int(rows) // FINE), Image.Resampling.BOX)
    return np.array(reduced), to_map
