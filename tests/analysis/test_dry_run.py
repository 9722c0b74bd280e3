"""Dry runs: what laps are paid, and what is said about it."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

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
from racecraft.analysis.dry_run.verdict import number
from racecraft.domain.errors import InvalidReward, RewardFailed
from racecraft.domain.reward import COLUMN
from racecraft.domain.trace_table import TraceTable
from racecraft.sandbox.builtin import builtin_reward
from tests.analysis.recordings import HARBOUR, drive, renumbered, source, straight_on
from tests.sim.roads import circle


def paid(rewards: list[float], *, gamma: float = 0.9, is_complete: bool = True) -> PaidLap:
    rows = np.zeros((len(rewards), len(COLUMN)))
    return PaidLap(Lap("lap", "Lap", rows, is_complete, 1.0), np.array(rewards), gamma)


def bad_subjects(run: DryRun) -> list[str]:
    return [one.subject for one in run.verdict if one.mark is Mark.BAD]


def said(run: DryRun) -> str:
    return "\n".join(one.message for one in run.verdict)


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

    laps = [*drawn_laps(track, Speeds()), *recorded_laps(track, [trace.csv_text()])]

    good = dry_run(source("p['speed']"), track, laps=laps)
    bad = dry_run(source("-p['speed']"), track, laps=laps)

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
