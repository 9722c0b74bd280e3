"""Long trainings keep an evenly spaced hundred of their checkpoints, the best and the last."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from racecraft.domain.spec import ModelSpec, TrainingSpec
from racecraft.training import thinning
from racecraft.training.thinning import MOST_ITERATIONS, spacing_until, thin_out
from tests.training.whole_trainings import run


def checkpoints(folder: Path) -> list[int]:
    return sorted(int(p.name) for p in (folder / "checkpoints").iterdir() if p.name.isdecimal())


def write(folder: Path, iterations: range) -> None:
    for iteration in iterations:
        (folder / "checkpoints" / str(iteration)).mkdir(parents=True)
        (folder / "checkpoints" / str(iteration) / "policy.safetensors").write_bytes(b"weights")


@pytest.mark.parametrize(
    ("iteration", "spacing"), [(0, 1), (99, 1), (100, 2), (199, 2), (200, 4), (5000, 64)]
)
def test_the_spacing_doubles_whenever_there_are_too_many(iteration: int, spacing: int) -> None:
    assert spacing_until(iteration) == spacing


def test_a_short_training_keeps_all(tmp_path: Path) -> None:
    write(tmp_path, range(MOST_ITERATIONS))
    thin_out(tmp_path, MOST_ITERATIONS - 1, [0])
    assert checkpoints(tmp_path) == list(range(MOST_ITERATIONS))


def test_a_long_one_keeps_the_best_the_last_and_evenly_spaced_ones(tmp_path: Path) -> None:
    write(tmp_path, range(252))
    (tmp_path / "checkpoints" / "state").mkdir()
    thin_out(tmp_path, 251, [77])
    assert checkpoints(tmp_path) == sorted({*range(0, 252, 4), 77, 251})
    assert {p.name for p in (tmp_path / "checkpoints").iterdir() if not p.name.isdecimal()} == {
        "state"
    }


def test_later_ones_than_the_last_are_left_alone(tmp_path: Path) -> None:
    """As after a kill, when a training goes on from a state that is older than they are."""
    write(tmp_path, range(108))
    thin_out(tmp_path, 101, [])
    assert checkpoints(tmp_path) == [*range(0, 101, 2), *range(101, 108)]


def test_what_a_crash_left_of_a_removal_is_cleared_away(tmp_path: Path) -> None:
    write(tmp_path, range(2))
    (tmp_path / "checkpoints" / "1.before").mkdir()
    (tmp_path / "checkpoints" / "1.before" / "checkpoint.json").write_text("{}")
    thin_out(tmp_path, 200, [])
    assert [p.name for p in (tmp_path / "checkpoints").iterdir()] == ["0"]


def test_a_training_thins_out_its_own_and_the_best_can_still_be_read(
    tmp_path: Path,
    model: ModelSpec,
    small: Callable[..., TrainingSpec],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(thinning, "MOST_ITERATIONS", 4)
    reports = run(model, small(512 * 11), tmp_path)
    last, best = reports[-1].iteration, reports[-1].best_iteration
    spacing = spacing_until(last)
    assert last >= 8
    assert spacing > 1
    assert checkpoints(tmp_path) == sorted({*range(0, last, spacing), best, last})
    facts = tmp_path / "checkpoints" / str(best) / "checkpoint.json"
    assert json.loads(facts.read_text())["iteration"] == best
