"""The picture of a dry run: a map of what is paid where."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from racecraft.analysis.dry_run import Speeds, drawn_laps, dry_run, recorded_laps
from racecraft.analysis.figures.look import ASPHALT, PAPER, Look
from racecraft.analysis.figures.reward_map import draw_reward_map
from racecraft.domain.trace_table import TraceTable
from tests.analysis.recordings import (
    HARBOUR,
    drive,
    renumbered,
    round_the_circle,
    source,
    straight_on,
)
from tests.sim.roads import circle


def assert_picture(path: Path, look: Look = ASPHALT) -> None:
    with Image.open(path) as picture:
        picture.load()
        assert picture.format == "PNG"
        assert picture.width >= 1600
        assert 800 <= picture.height <= 3000
        pixels = np.asarray(picture.convert("RGB"))
    background = [int(look.background[k : k + 2], 16) for k in (1, 3, 5)]
    assert pixels[2, 2].tolist() == background
    assert 0.05 < (pixels != background).any(axis=2).mean() < 0.9


@pytest.mark.parametrize(
    "body",
    [
        "p['speed'] - p['distance_from_center']",
        "-p['distance_from_center']",
        "0",
        "1e5 if p['progress'] >= 100 else 1e-3",
        "-50 if p['is_offtrack'] else p['speed']",
    ],
)
def test_a_map_is_drawn_whatever_the_rewards(tmp_path: Path, body: str) -> None:
    draw_reward_map(dry_run(source(body), HARBOUR), tmp_path / "map.png")

    assert_picture(tmp_path / "map.png")


def test_a_map_shows_recorded_laps_in_the_light_look_too(tmp_path: Path) -> None:
    track = circle()
    lap, _ = drive(track, start_share=0.0, commands=round_the_circle)
    failure, _ = drive(track, start_share=0.5, commands=straight_on)
    text = TraceTable.joined([lap, renumbered(failure, 1)]).csv_text()
    run = dry_run(
        source("p['speed']"),
        track,
        laps=[*drawn_laps(track, Speeds()), *recorded_laps(track, [text])],
    )

    draw_reward_map(run, tmp_path / "new" / "map.png", title="My reward", look=PAPER)

    assert_picture(tmp_path / "new" / "map.png", PAPER)
