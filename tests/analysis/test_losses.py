"""Time lost against the physical limit: laps whose losses are known."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from racecraft.analysis.study.commands import luck_of
from racecraft.analysis.study.losses import (
    Possible,
    best_lap,
    loss_findings,
    losses_of,
    possible_on,
    profile_of,
    stretches_of,
)
from racecraft.analysis.study.road import BINS, Road
from racecraft.domain.car import CarSpec
from racecraft.domain.limit import FastestLap
from racecraft.domain.track import Track
from racecraft.tracks.library import load_track
from racecraft.tracks.limits import shipped_lap

TRACK = load_track("harbour-loop")
LENGTH_M = TRACK.length_m


def road_on(track: Track) -> Road:
    wanted = (np.arange(BINS) + 0.5) / BINS * track.length_m
    return Road(track.point_at(wanted), track.length_m, len(track.centre))


ROAD = road_on(TRACK)


def shipped() -> FastestLap:
    lap = shipped_lap(TRACK, CarSpec(), 4.0)
    assert lap is not None
    return lap


@pytest.fixture(scope="module")
def possible() -> Possible:
    return Possible(TRACK, CarSpec(), shipped(), shipped(), 4.0)


def as_lap(shares: np.ndarray, clock: np.ndarray, track: Track = TRACK) -> pd.DataFrame:
    """A lap along the centre line that is at these places at these times."""
    points = track.point_at(shares * track.length_m)
    return pd.DataFrame(
        {
            "unique_episode": np.zeros(len(shares), np.int64),
            "episode_status": pd.Categorical(["in_progress"] * len(shares)),
            "progress": 100.0 * (shares - shares[0]),
            "x": points[:, 0],
            "y": points[:, 1],
            "tstamp": clock,
        }
    )


def the_limit(*, slower_from_m: float = -1.0, slower_to_m: float = -1.0) -> pd.DataFrame:
    """The fastest lap as one that was driven; half as fast in one place."""
    lap = shipped()
    ahead = np.diff(lap.points, axis=0, append=lap.points[1:2])
    ahead /= np.linalg.norm(ahead, axis=1)[:, None]
    moved = FastestLap(
        lap.time_s, lap.points + 0.14 * ahead, lap.along_m, lap.speed_mps, lap.clock_s
    )
    shares = moved.shares(TRACK)
    fine = np.linspace(shares[0], shares[-1], 2000)
    clock = np.interp(fine, shares, lap.clock_s)
    at_m = np.mod((fine[1:] + fine[:-1]) / 2, 1.0) * LENGTH_M
    is_slow = (at_m >= slower_from_m) & (at_m < slower_to_m)
    spent = np.diff(clock) * np.where(is_slow, 2.0, 1.0)
    return as_lap(fine, np.append(0.0, np.cumsum(spent)))


def test_corners_and_straights_are_the_whole_lap_without_a_gap() -> None:
    parts = stretches_of(ROAD)
    assert parts["part"].str.startswith("corner").sum() >= 3
    begins, ends = parts["from_share"].to_numpy(), parts["to_share"].to_numpy()
    assert (ends[:-1] == begins[1:]).all()
    assert ends[-1] == pytest.approx(begins[0] + 1.0)


def test_the_limit_itself_loses_nothing_anywhere(possible: Possible) -> None:
    losses = losses_of(the_limit(), ROAD, possible)
    assert losses["possible"].sum() == pytest.approx(possible.of_car.time_s, abs=0.001)
    assert np.abs(losses["lost"]).max() < 0.01


def test_what_is_lost_in_a_corner_is_told_there_and_nowhere_else(possible: Possible) -> None:
    parts = losses_of(the_limit(), ROAD, possible)
    corners = parts[parts["part"].str.startswith("corner") & (parts["to_m"] > parts["from_m"])]
    worst = corners.iloc[1]
    lap = the_limit(slower_from_m=worst["from_m"], slower_to_m=worst["to_m"])
    losses = losses_of(lap, ROAD, possible).set_index("part")

    assert losses.loc[worst["part"], "lost"] == pytest.approx(worst["possible"], abs=0.02)
    assert np.abs(losses.drop(worst["part"])["lost"]).max() < 0.02
    time_s = float(lap["tstamp"].iloc[-1])
    assert losses["lost"].sum() == pytest.approx(time_s - possible.of_car.time_s, abs=0.005)
    said = " ".join(each.text for each in loss_findings(losses.reset_index(), possible, time_s))
    assert f"{worst['possible']:.2f} s in {worst['part']}" in said


@pytest.mark.parametrize("begins", [0.0, 0.37, 0.999])
def test_a_lap_may_begin_anywhere(possible: Possible, begins: float) -> None:
    shares = begins + np.linspace(0.0, 1.0, 300)
    losses = losses_of(as_lap(shares, np.linspace(0.0, 30.0, 300)), ROAD, possible)
    widths = stretches_of(ROAD)
    expected = 30.0 * (widths["to_share"] - widths["from_share"]).to_numpy()
    assert losses["time"].to_numpy() == pytest.approx(expected, abs=0.02)


def test_a_slow_car_is_measured_by_what_its_own_actions_allow() -> None:
    actions = [{"steering_angle": 0, "speed": 0.5}, {"steering_angle": 10, "speed": 1.0}]
    possible = possible_on(TRACK, CarSpec(), actions)
    lap = as_lap(np.linspace(0.0, 1.0, 300), np.linspace(0.0, LENGTH_M, 300))  # at 1 m/s
    losses = losses_of(lap, ROAD, possible)
    assert possible.top_mps == 1.0
    assert losses["lost"].sum() == pytest.approx(LENGTH_M - possible.of_car.time_s, abs=0.05)
    assert 0 < losses["own_lost"].sum() < 0.2 * LENGTH_M
    profile = profile_of(lap, possible)
    assert profile["speed"].to_numpy() == pytest.approx(1.0, abs=0.05)
    assert profile["own_possible"].max() <= 1.03 + 1e-6
    said = " ".join(each.text for each in loss_findings(losses, possible, LENGTH_M))
    assert "the limit at 1 m/s" in said


def test_laps_of_other_roads_and_the_other_way_round_are_passed_over(possible: Possible) -> None:
    there = as_lap(np.linspace(0.0, 1.0, 100), np.linspace(0.0, 20.0, 100))
    back = as_lap(np.linspace(0.0, 1.0, 100), np.linspace(0.0, 10.0, 100), TRACK.reversed()).assign(
        unique_episode=1
    )
    other = as_lap(
        np.linspace(0.0, 1.0, 100), np.linspace(0.0, 5.0, 100), load_track("aurora-ring")
    ).assign(unique_episode=2)
    frame = pd.concat([there, back, other], ignore_index=True)
    laps = pd.DataFrame({"unique_episode": [2, 1, 0]})
    found = best_lap(frame, laps, TRACK)
    assert found is not None
    assert found["unique_episode"].unique().tolist() == [0]
    assert best_lap(frame, laps.head(2), TRACK) is None


def test_a_lap_beyond_the_limit_is_told_as_a_defect(possible: Possible) -> None:
    lap = the_limit()
    (first, *_) = loss_findings(losses_of(lap, ROAD, possible), possible, 0.9 * 5.07)
    assert first.weight == "warning"
    assert "defect" in first.text


def test_a_lap_that_the_luck_of_its_draw_allows_is_no_defect(
    possible: Possible, tmp_path: Path
) -> None:
    losses = losses_of(the_limit(), ROAD, possible)
    lucky = {"friction": {"grip": (0.8, 1.44)}}
    place = tmp_path / "evaluation-20260102030405"
    place.mkdir()
    (place / "evaluation.json").write_text(json.dumps({"evaluation": {"randomisation": lucky}}))
    (tmp_path / "training.json").write_text("{}")  # nothing drawn
    drawn = replace(possible, drawn=luck_of(tmp_path))
    (first, *_) = loss_findings(losses, drawn, 0.9 * 5.07)
    assert first.weight == "note"
    assert "luck of what was drawn" in first.text
    (first, *_) = loss_findings(losses, replace(drawn, drawn=luck_of(place)), 0.9 * 5.07)
    assert first.weight == "warning"
