"""Users' code in a training: its memory, its prints, its end, and the death of its process."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from racecraft.domain.errors import RewardFailed
from racecraft.domain.simtrace import CSV_HEADER
from racecraft.domain.spec import ModelSpec, TrainingSpec
from racecraft.training.ppo import train

COUNTING = """
count = 0

def reward_function(params):
    global count
    if params["steps"] <= 2:
        count = 0
    count += 1
    return count
"""


def locked_processes() -> list[psutil.Process]:
    """Processes of ours that run users' code."""
    children = psutil.Process().children()
    return [child for child in children if any("sandbox" in word for word in child.cmdline())]


def rows_of(folder: Path) -> list[dict[str, str]]:
    names = CSV_HEADER.strip().split(",")
    files = sorted((folder / "training-simtrace").glob("*.csv"))
    lines = [line for file in files for line in file.read_text().splitlines()[1:]]
    return [dict(zip(names, line.split(","), strict=True)) for line in lines]


def test_a_function_that_counts_steps_counts_those_of_one_car(
    model: ModelSpec, small: Callable[..., TrainingSpec], tmp_path: Path
) -> None:
    list(train(model, small(1024), reward_source=COUNTING, folder=tmp_path))

    rows = [row for row in rows_of(tmp_path) if row["episode_status"] != "prepare"]
    assert len(rows) > 100
    # The prepare row is step 1 and is not rewarded, so step 2 is the first that counts.
    assert [float(row["reward"]) for row in rows] == [float(row["steps"]) - 1.0 for row in rows]


def test_what_is_printed_is_in_the_report_of_its_iteration(
    model: ModelSpec, small: Callable[..., TrainingSpec], tmp_path: Path
) -> None:
    source = (
        "def reward_function(params):\n    print(params['steps'])\n    return params['speed']\n"
    )
    first, *_ = train(model, small(256), reward_source=source, folder=tmp_path)

    lines = first.printed.splitlines()
    assert lines[0] == "car 0, episode 1, step 2: 2.0"
    assert lines[1] == "car 0, episode 1, step 3: 3.0"


def test_a_training_goes_on_when_the_process_of_the_function_dies_once(
    model: ModelSpec, small: Callable[..., TrainingSpec], tmp_path: Path
) -> None:
    source = "def reward_function(params):\n    return params['speed']\n"

    def driven(folder: Path, deaths: int) -> list[tuple[float, float | None]]:
        reports = train(model, small(512), reward_source=source, folder=folder)
        found = []
        for report in reports:
            found.append((report.policy_loss, report.mean_reward))
            if deaths:
                (process,) = locked_processes()
                process.kill()
                deaths -= 1
            elif "was started anew" in report.printed:
                found.append((0.0, None))
        return found

    undisturbed = driven(tmp_path / "left", 0)
    disturbed = driven(tmp_path / "killed", 1)
    assert [entry for entry in disturbed if entry != (0.0, None)] == undisturbed
    assert (0.0, None) in disturbed
    with pytest.raises(RewardFailed, match=r"ended its process .*\(signal 9\)"):
        driven(tmp_path / "twice", 2)
    assert (tmp_path / "twice" / "checkpoints" / "0").is_dir()
    assert locked_processes() == []


def test_a_function_that_hangs_late_ends_the_training_and_keeps_what_was_learnt(
    model: ModelSpec, small: Callable[..., TrainingSpec], tmp_path: Path
) -> None:
    source = (
        "calls = 0\n"
        "def reward_function(params):\n"
        "    global calls\n"
        "    calls += 1\n"
        "    while calls > 40:\n"
        "        pass\n"
        "    return params['speed']\n"
    )
    reports = train(model, small(2048), reward_source=source, folder=tmp_path)
    next(reports)
    with pytest.raises(RewardFailed, match=r"took too long in line [56]"):
        list(reports)
    assert (tmp_path / "checkpoints" / "0").is_dir()
    assert locked_processes() == []
