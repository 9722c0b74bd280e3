"""The laps of a dry run: those that are drawn, and those that were recorded."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from numpy.typing import NDArray

from racecraft.analysis.dry_run import Lap, Speeds, drawn_laps, recorded_laps
from racecraft.domain.car import CarSpec, Grip
from racecraft.domain.episode import CONTROL_HZ, EpisodeStatus
from racecraft.domain.reward import COLUMN
from racecraft.domain.trace_table import TraceTable
from racecraft.sim.simulator import Simulator
from racecraft.tracks.library import load_track
from tests.analysis.recordings import HARBOUR, drive, renumbered, round_the_circle, straight_on
from tests.sim.roads import circle


def column(lap: Lap, name: str) -> NDArray[np.float64]:
    return lap.rows[:, COLUMN[name]]


def by_name(laps: list[Lap]) -> dict[str, Lap]:
    return {lap.name: lap for lap in laps}


# Drawn laps


@pytest.mark.parametrize("is_reversed", [False, True], ids=["forward", "reversed"])
@pytest.mark.parametrize("name", ["harbour-loop", "lantern-alley", "needle-eye", "fox-hollow"])
def test_all_drawn_laps_but_the_crash_stay_on_the_road_and_come_round(
    name: str, is_reversed: bool
) -> None:
    track = load_track(name, is_reversed=is_reversed)

    laps = by_name(drawn_laps(track, Speeds()))

    assert list(laps) == ["slow", "fast", "racing-line", "zigzag", "crash"]
    for lap in laps.values():
        assert column(lap, "steps").tolist() == list(range(2, len(lap) + 2))
        np.testing.assert_allclose(lap.time_s, len(lap) / CONTROL_HZ)
        assert lap.is_complete is (lap.name != "crash")
        if lap.is_complete:
            assert column(lap, "all_wheels_on_track").all()
            assert column(lap, "progress_percent")[-1] == 100.0
            assert (np.diff(column(lap, "progress_percent")) > 0).all()
    assert laps["slow"].time_s > 1.9 * laps["fast"].time_s
    assert laps["racing-line"].time_s < laps["fast"].time_s < laps["zigzag"].time_s
    np.testing.assert_allclose(laps["fast"].time_s, track.length_m, rtol=0.02)


def test_the_centred_laps_are_in_the_centre_and_the_zigzag_is_not() -> None:
    laps = by_name(drawn_laps(HARBOUR, Speeds()))

    assert column(laps["slow"], "distance_from_center_m").max() < 0.02
    assert column(laps["fast"], "distance_from_center_m").max() < 0.02
    assert column(laps["zigzag"], "distance_from_center_m").max() > 0.15
    steering = np.degrees(column(laps["zigzag"], "steering_rad"))
    assert steering.max() > 20
    assert steering.min() < -20
    assert np.abs(steering).max() <= 30.0 + 1e-9


def test_the_crash_is_the_fast_lap_until_a_bend_and_off_the_road_at_its_end_only() -> None:
    laps = by_name(drawn_laps(HARBOUR, Speeds()))

    crash, fast = laps["crash"], laps["fast"]

    assert column(crash, "is_offtrack").tolist() == [0.0] * (len(crash) - 1) + [1.0]
    together = np.abs(crash.points - fast.points[: len(crash)]).max(axis=1) < 1e-9
    assert 0.3 < together.mean() < 1.0
    assert np.abs(column(crash, "steering_rad")[-5:]).max() == 0.0


def test_steering_is_what_holds_the_simulated_car_in_the_same_bend() -> None:
    track = circle(radius_m=1.5, width_m=1.0)
    fast = by_name(drawn_laps(track, Speeds()))["fast"]
    command = [float(np.median(column(fast, "steering_rad"))), 1.0]
    simulator = Simulator([track], 1)
    simulator.place_at(0, 0.0)

    for _ in range(60):
        simulator.step(np.array([command]), 0, 1)

    _, _, _, forward, _, yaw_rate, _ = simulator.cars.state[0]
    np.testing.assert_allclose(forward / yaw_rate, 1.5, rtol=0.08)


def test_laps_that_are_too_fast_for_a_bend_slow_down_as_grip_and_brakes_allow() -> None:
    car = CarSpec(grip=Grip.SLIPPERY)

    laps = by_name(drawn_laps(HARBOUR, Speeds(1.0, 4.0), car))

    for name in ("fast", "racing-line"):
        speed, yaw = column(laps[name], "speed_mps"), np.unwrap(column(laps[name], "heading_rad"))
        turn = np.diff(yaw) * CONTROL_HZ
        assert (np.abs(turn * speed[1:]) < 1.25 * car.grip.lateral_mps2).all()
        assert np.abs(np.diff(speed)).max() * CONTROL_HZ < 4.0
        assert speed.min() < 2.0 < speed.max()
    assert laps["racing-line"].time_s < laps["fast"].time_s


# Recorded laps


def test_a_recorded_lap_has_the_rows_that_the_simulator_had() -> None:
    track = circle()
    trace, wanted = drive(track, start_share=0.3, commands=round_the_circle)

    (lap,) = recorded_laps(track, [trace.csv_text()])

    assert (lap.name, lap.title) == ("recorded-1", "Recorded lap 1")
    assert lap.is_complete
    assert lap.is_recorded
    np.testing.assert_allclose(lap.time_s, len(wanted) / CONTROL_HZ)
    np.testing.assert_allclose(lap.rows, wanted, atol=1e-9)


def test_the_newest_laps_come_first_and_failures_are_named() -> None:
    track = circle()
    lap, _ = drive(track, start_share=0.0, commands=round_the_circle)
    failure, _ = drive(track, start_share=0.5, commands=straight_on)
    text = TraceTable.joined([lap, renumbered(failure, 1)]).csv_text()

    found = recorded_laps(track, [text, lap.csv_text()])

    assert [one.title for one in found] == [
        "Recorded lap 1, off track",
        "Recorded lap 2",
        "Recorded lap 3",
    ]
    assert [one.is_complete for one in found] == [False, True, True]
    assert len(recorded_laps(track, [text, lap.csv_text()], most=2)) == 2


def test_no_more_traces_are_read_than_laps_are_wanted() -> None:
    track = circle()
    trace, _ = drive(track, start_share=0.0, commands=round_the_circle)
    read = []

    def texts() -> Iterator[str]:
        for file in range(5):
            read.append(file)
            yield trace.csv_text()

    recorded_laps(track, texts(), most=2)

    assert read == [0, 1]


def test_laps_of_other_tracks_and_other_directions_are_left_out() -> None:
    track = circle()
    trace, _ = drive(track, start_share=0.1, commands=round_the_circle)

    assert recorded_laps(circle(radius_m=2.9), [trace.csv_text()]) == []
    assert recorded_laps(track.reversed(), [trace.csv_text()]) == []
    assert recorded_laps(track, [""]) == []


def test_rows_in_which_the_car_waits_are_not_rewarded_and_resets_are_counted() -> None:
    track = circle()
    trace, wanted = drive(track, start_share=0.0, commands=round_the_circle)
    status = trace.status.copy()
    status[40] = EpisodeStatus.OFF_TRACK
    status[41:50] = EpisodeStatus.PAUSE
    trace = TraceTable.from_columns({**vars(trace), "status": status})

    (lap,) = recorded_laps(track, [trace.csv_text()])

    assert lap.title == "Recorded lap 1, 1 reset"
    assert lap.is_complete
    assert len(lap) == len(wanted) - 9
    np.testing.assert_allclose(lap.time_s, len(wanted) / CONTROL_HZ)


def test_laps_driven_in_one_go_are_told_apart() -> None:
    track = circle()
    trace, _ = drive(track, start_share=0.0, commands=round_the_circle)
    again = trace.take(slice(1, None))
    again = TraceTable.from_columns({**vars(again), "time_s": again.time_s + trace.time_s[-1]})
    text = TraceTable.joined([trace, again]).csv_text()

    second, first = recorded_laps(track, [text])

    assert first.is_complete
    assert second.is_complete
    assert abs(second.time_s - first.time_s) < 0.1
