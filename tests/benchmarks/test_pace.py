"""What the measurements of pace make of their trainings."""

from __future__ import annotations

import pytest

from benchmarks.guide_charts import CHARTS, outcome
from benchmarks.pace import Drive, Plan, row_of

PLAN = Plan(seeds=(100, 101, 102), tracks=())


def drives(*ratios: float | None) -> list[Drive]:
    return [Drive(ratio, training_s=60.0, env_steps=1000) for ratio in ratios]


def test_a_row_is_the_median_of_the_clean_ones_and_a_failed_seed_misses_the_target() -> None:
    row = row_of("champion", "/somewhere/reInvent2019_track.npy", drives(1.2, 1.05, 1.08), PLAN)
    assert (row.value, row.target, row.failures, row.is_met) == (1.08, 1.10, 0, True)
    row = row_of("champion", "/somewhere/reInvent2019_track.npy", drives(1.05, None, 1.08), PLAN)
    assert (row.value, row.failures, row.is_met) == (1.065, 1, False)
    assert "2 of 3 seeds clean" in row.note
    assert row_of("fast", "thimble", drives(None, None, None), PLAN).value is None


def test_each_target_belongs_to_its_preset_and_track() -> None:
    def target(preset: str, track: str) -> float | None:
        return row_of(preset, track, drives(1.0), PLAN).target

    assert target("fast", "reInvent2019_track") == 1.40
    assert target("fast", "thimble") is None
    assert target("champion", "thimble") == 1.30


def test_a_chart_ends_where_its_last_episodes_do() -> None:
    assert outcome([0.0] * 80 + [50.0] * 10 + [100.0] * 10) == pytest.approx(75.0)
    assert outcome([30.0]) == 30.0
    best = max(CHARTS, key=lambda chart: chart.guide_percent)
    assert (best.learning_rate, best.epochs, best.batch) == (0.001, 5, 32)
