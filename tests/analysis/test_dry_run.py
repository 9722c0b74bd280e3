"""Dry runs: drawn laps, recorded laps, what they are paid and what is said about it."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from racecraft.analysis.dry_run import (
    DryRun,
    Lap,
    Mark,
    PaidLap,
    Speeds,
    drawn_laps,
    dry_run,
    recorded_laps,
)
from racecraft.analysis.dry_run.drawn import STEERING_GAIN
from racecraft.analysis.dry_run.verdict import number
from racecraft.analysis.figures.look import ASPHALT, PAPER, Look
from racecraft.analysis.figures.reward_map import draw_reward_map
from racecraft.domain.car import CarSpec, Grip
from racecraft.domain.episode import CONTROL_HZ, EpisodeStatus
from racecraft.domain.errors import InvalidReward, RewardFailed
from racecraft.domain.reward import COLUMN
from racecraft.domain.trace_table import TraceTable
from racecraft.domain.track import Track
from racecraft.sandbox.builtin import builtin_reward
from racecraft.sim import dynamics
from racecraft.sim.simulator import Simulator
from racecraft.tracks.library import load_track
from tests.sim.roads import circle

HARBOUR = load_track("harbour-loop")


def source(body: str) -> str:
    """A reward function of one expression of its `params`, called p."""
    return f"def reward_function(p):\n    return {body}\n"


def column(lap: Lap, name: str) -> NDArray[np.float64]:
    return lap.rows[:, COLUMN[name]]


def by_name(laps: list[Lap]) -> dict[str, Lap]:
    return {lap.name: lap for lap in laps}


def paid(rewards: list[float], *, gamma: float = 0.9, is_complete: bool = True) -> PaidLap:
    rows = np.zeros((len(rewards), len(COLUMN)))
    return PaidLap(Lap("lap", "Lap", rows, is_complete, 1.0), np.array(rewards), gamma)


def bad_subjects(run: DryRun) -> list[str]:
    return [one.subject for one in run.verdict if one.mark is Mark.BAD]


def said(run: DryRun) -> str:
    return "\n".join(one.message for one in run.verdict)


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
    assert STEERING_GAIN == dynamics.STEERING_GAIN


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


def drive(
    track: Track, *, start_share: float, commands: Callable[[int], list[float]], most: int = 400
) -> tuple[TraceTable, NDArray[np.float64]]:
    """A simulated episode as a trace, and the simulator's own rows but the first."""
    simulator = Simulator([track], 1)
    simulator.place_at(0, start_share * track.length_m)
    rows, statuses = [simulator.cars.table[0].copy()], [EpisodeStatus.PREPARE]
    while len(rows) < most and statuses[-1] in (EpisodeStatus.PREPARE, EpisodeStatus.IN_PROGRESS):
        simulator.step(np.array([commands(len(rows))]), 0, 1)
        rows.append(simulator.cars.table[0].copy())
        statuses.append(EpisodeStatus(int(simulator.cars.status[0])))
    table = np.array(rows)

    def value(name: str) -> NDArray[np.float64]:
        return table[:, COLUMN[name]]

    count = len(table)
    trace = TraceTable.from_columns(
        {
            "episode": np.zeros(count),
            "steps": value("steps"),
            "x_m": value("x_m"),
            "y_m": value("y_m"),
            "yaw_rad": value("heading_rad"),
            "steering_rad": value("steering_rad"),
            "speed_mps": value("speed_mps"),
            "action": np.zeros(count),
            "reward": np.zeros(count),
            "is_done": np.arange(count) == count - 1,
            "all_wheels_on_track": value("all_wheels_on_track") > 0,
            "progress_percent": value("progress_percent"),
            "closest_waypoint": value("closest_waypoint"),
            "track_length_m": np.full(count, track.length_m),
            "time_s": value("sim_time_s"),
            "status": [int(status) for status in statuses],
        }
    )
    return trace, table[1:]


def round_the_circle(step: int) -> list[float]:
    return [math.atan(0.16397 / 0.5 / 3.0), 1.0]


def straight_on(step: int) -> list[float]:
    return [0.0, 1.0]


def renumbered(trace: TraceTable, episode: int) -> TraceTable:
    return TraceTable.from_columns({**vars(trace), "episode": np.full(len(trace), episode)})


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


# What laps are worth


@given(
    st.lists(st.floats(-10, 10), min_size=2, max_size=60),
    st.sampled_from([0.0, 0.5, 0.9, 0.99, 0.999]),
)
@settings(deadline=None)
def test_the_return_of_a_full_lap_is_its_mean_reward_over_one_minus_gamma(
    rewards: list[float], gamma: float
) -> None:
    lap = paid(rewards, gamma=gamma)

    np.testing.assert_allclose(lap.discounted, lap.mean / (1 - gamma), rtol=1e-9, atol=1e-7)


def test_a_failure_is_followed_by_nothing() -> None:
    lap = paid([1.0, 2.0, -4.0], gamma=0.5, is_complete=False)

    assert lap.returns.tolist() == [1.0 + 1.0 - 1.0, 2.0 - 2.0, -4.0]
    assert lap.total == -1.0


def test_without_discount_the_return_is_large_but_a_number() -> None:
    assert paid([1.0] * 10, gamma=1.0).discounted == pytest.approx(10_000)


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0, "0"), (0.12345, "0.123"), (-12.345, "-12.3"), (999.9, "1,000"), (12345.6, "12,346")],
)
def test_rewards_are_written_with_three_digits(value: float, text: str) -> None:
    assert number(value) == text


# The verdict, with real reward functions in the real locked process

PROGRESS_PER_STEP = """
class Memory:
    progress = 0.0

def reward_function(params):
    if params["steps"] <= 2:
        Memory.progress = 0.0
    moved = params["progress"] - Memory.progress
    Memory.progress = params["progress"]
    return moved if params["all_wheels_on_track"] else 0.0
"""


def test_progress_per_step_pays_for_all_that_is_good() -> None:
    run = dry_run(PROGRESS_PER_STEP, HARBOUR)

    assert run.driving_well_pays
    assert run.headline == "Driving well pays better than driving badly."
    assert [one.mark for one in run.verdict] == [Mark.GOOD] * 4
    full = [one for one in run.laps if one.lap.is_complete]
    np.testing.assert_allclose([one.total for one in full], 100.0, atol=1e-6)


def test_staying_in_the_centre_pays_for_dawdling_and_the_verdict_says_why() -> None:
    run = dry_run(builtin_reward("centre-line"), HARBOUR)

    assert bad_subjects(run) == ["slow driving"]
    assert run.headline == "Driving badly pays as well, or better: slow driving."
    assert "a step earns 1 at 1 m/s, 1 at 0.5 m/s" in said(run)
    slow, fast = run.laps[:2]
    assert f"({number(slow.total)} against {number(fast.total)})" in said(run)
    assert "because it has more steps" in said(run)


def test_a_lap_that_adds_up_to_more_by_being_slow_does_not_pay_better() -> None:
    run = dry_run(source("0.8 + 0.2 * p['speed'] - 2 * p['distance_from_center']"), HARBOUR)

    slow, fast = run.laps[:2]
    assert slow.total > fast.total
    assert slow.mean < fast.mean
    assert run.driving_well_pays
    assert "only because it has more steps" in said(run)


def test_a_reward_for_slowness_is_found_out() -> None:
    run = dry_run(source("4 - p['speed'] - p['distance_from_center']"), HARBOUR)

    assert bad_subjects(run) == ["slow driving"]
    assert "Slow driving pays better than fast" in said(run)


def test_a_function_that_looks_at_the_speed_only_pays_for_zigzags() -> None:
    run = dry_run(source("p['speed']"), HARBOUR)

    assert bad_subjects(run) == ["zigzagging"]
    assert "says little about what is better there" in said(run)


def test_where_steps_cost_something_leaving_the_track_pays() -> None:
    run = dry_run(source("-1.0 - p['distance_from_center'] + 0.5 * p['speed']"), HARBOUR)

    assert bad_subjects(run) == ["leaving the track"]
    assert "an early end is a way to pay less" in said(run)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("0", "earn nothing (0)"),
        ("1.5", "earn the same (1.5)"),
        ("-1", "leave the road as soon as it can"),
    ],
)
def test_a_constant_is_said_to_teach_next_to_nothing(value: str, words: str) -> None:
    run = dry_run(source(value), HARBOUR)

    assert len(run.verdict) == 1
    assert words in said(run)
    assert not run.driving_well_pays


def test_a_bonus_at_the_finish_is_named_as_the_only_step_that_counts() -> None:
    run = dry_run(source("100 if p['progress'] >= 100 else 0.001"), HARBOUR)

    assert "come in one step, the last" in said(run)
    assert run.driving_well_pays
    assert run.scale == (0.0, 0.001)


def test_recorded_laps_are_compared_too() -> None:
    track = circle()
    steer = math.atan(0.16397 / 0.5 / 3.0)
    fast, _ = drive(track, start_share=0.0, commands=lambda step: [steer, 1.0])
    slow, _ = drive(track, start_share=0.0, commands=lambda step: [steer, 0.7], most=900)
    off, _ = drive(track, start_share=0.5, commands=straight_on)
    trace = TraceTable.joined([fast, renumbered(slow, 1), renumbered(off, 2)])

    good = dry_run(source("p['speed']"), track, recorded=recorded_laps(track, [trace.csv_text()]))
    bad = dry_run(source("-p['speed']"), track, recorded=recorded_laps(track, [trace.csv_text()]))

    assert len(good.recorded) == 3
    assert "Of the 2 recorded full laps the fastest earns 1 a step" in said(good)
    assert "Recorded failures (1) have less than full laps (2) ahead of them" in said(good)
    assert "recorded failures" in bad_subjects(bad)
    assert "slow recorded laps" in bad_subjects(bad)


def test_every_lap_has_its_own_copy_of_the_function() -> None:
    text = (
        "calls = 0\ndef reward_function(p):\n    global calls\n    calls += 1\n    return calls\n"
    )

    run = dry_run(text, HARBOUR)

    for lap in run.laps:
        assert lap.rewards.tolist() == list(range(1, len(lap.rewards) + 1))


def test_what_the_function_prints_is_kept() -> None:
    text = (
        "def reward_function(p):\n    if p['steps'] == 2:\n        print('hello')\n    return 1\n"
    )

    assert "hello" in dry_run(text, HARBOUR).printed


def test_what_cannot_be_run_is_said_in_the_usual_words() -> None:
    with pytest.raises(InvalidReward, match="reward_function"):
        dry_run("x = 1\n", HARBOUR)
    with pytest.raises(RewardFailed, match="ZeroDivisionError"):
        dry_run(source("1 / (p['steps'] - 50)"), HARBOUR)


def test_a_larger_discount_factor_looks_further_and_the_footnote_says_how_far() -> None:
    run = dry_run(source("p['speed']"), HARBOUR, gamma=0.999)

    np.testing.assert_allclose(run.laps[1].discounted, 1000.0, rtol=1e-6)
    assert "about 1,000 steps (67 s)" in run.footnote


def test_a_dry_run_is_plain_values_for_the_console() -> None:
    run = dry_run(builtin_reward("progress"), HARBOUR)

    values = json.loads(json.dumps(run.as_json(), allow_nan=False))

    assert values["track"] == "harbour-loop"
    assert [lap["name"] for lap in values["laps"]][:2] == ["slow", "fast"]
    for lap in values["laps"]:
        assert len(lap["points"]) == len(lap["rewards"]) == lap["steps"]
    assert {one["mark"] for one in values["verdict"]} <= {"good", "bad", "note"}


@pytest.mark.parametrize(
    ("body", "low", "high"),
    [
        ("p['speed']", 0.0, 1.0),
        ("-p['speed']", -1.0, 0.0),
        ("0", 0.0, 1.0),
        ("1e5 if p['progress'] >= 100 else 1", 0.0, 1.0),
        ("-1e5 if p['is_offtrack'] else 0", -1e5, 0.0),
    ],
)
def test_the_colour_scale_holds_zero_and_is_not_led_by_outliers(
    body: str, low: float, high: float
) -> None:
    assert dry_run(source(body), HARBOUR).scale == (low, high)


# The picture


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
    run = dry_run(source("p['speed']"), track, recorded=recorded_laps(track, [text]))

    draw_reward_map(run, tmp_path / "new" / "map.png", title="My reward", look=PAPER)

    assert_picture(tmp_path / "new" / "map.png", PAPER)
