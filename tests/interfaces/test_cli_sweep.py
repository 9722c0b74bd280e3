"""Sweeps and tunings from the command line, with real trainings in processes of their own."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from racecraft.service.locks import current_work

SPEC = """
trials = 3
steps = 384
laps = 1
workers = 2
method = "grid"
prunes = false

[base.model]
network = "LIGHT"

[base.training]
tracks = [{ name = "thimble" }]
evaluation_trials = 1

[base.training.hyperparameters]
num_cars = 8
num_epochs = 3
max_steps_per_iteration = 128

[space]
"hyperparameters.gamma" = [0.9, 0.95]
"reward" = ["progress", "mine.py"]
"""
REWARD = "GAIN = 2.0\n\n\ndef reward_function(params):\n    return GAIN * params['speed']\n"


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    (tmp_path / "hunt.toml").write_text(SPEC)
    (tmp_path / "mine.py").write_text(REWARD)
    return {**os.environ, "RACECRAFT_HOME": str(tmp_path / "home")}


def run(environment: dict[str, str], *words: str) -> tuple[int, Any, str]:
    done = subprocess.run(
        [sys.executable, "-m", "racecraft.interfaces.cli", *words, "--json"],
        capture_output=True,
        text=True,
        env=environment,
    )
    return done.returncode, json.loads(done.stdout), done.stderr


def test_a_sweep_keeps_its_best_model_goes_on_and_repeats_to_the_digit(
    environment: dict[str, str], tmp_path: Path
) -> None:
    code, facts, errors = run(environment, "sweep", str(tmp_path / "hunt.toml"))
    assert code == 0, errors
    assert facts["trials"] == 3
    folder = Path(facts["folder"])
    assert facts["best"]["model"] in [each.name for each in (tmp_path / "home/models").iterdir()]
    assert len([p for p in (tmp_path / "home/models").iterdir() if p.is_dir()]) == 1
    with (folder / "results.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["reward"] for row in rows] == ["progress", "mine.py", "progress"]
    assert all(Path(file).stat().st_size for file in facts["files"])

    # One result is lost with the power; the rest stays, and the lost one comes again as it was.
    lost = folder / "trials" / "0002.json"
    kept = {path: path.stat().st_mtime_ns for path in folder.glob("trials/*.json") if path != lost}
    before = json.loads(lost.read_text())
    lost.unlink()
    code, _, errors = run(environment, "sweep", str(tmp_path / "hunt.toml"))
    assert code == 0, errors
    assert {path: path.stat().st_mtime_ns for path in kept} == kept
    after = json.loads(lost.read_text())
    clocks = {"training_s": 0, "took_s": 0}
    assert before | clocks == after | clocks
    assert before["took_s"] > before["training_s"] > 0

    # Two rewards under one name would make a table of nothing.
    (tmp_path / "mine.py").write_text(REWARD.replace("2.0", "3.0"))
    code, facts, _ = run(environment, "sweep", str(tmp_path / "hunt.toml"))
    assert "There is a sweep 'hunt' already, with another reward function" in facts["error"]

    (tmp_path / "mine.py").write_text(REWARD)
    (tmp_path / "hunt.toml").write_text(SPEC.replace("steps = 384", "steps = 512"))
    code, facts, _ = run(environment, "sweep", str(tmp_path / "hunt.toml"))
    assert code != 0
    assert "There is a sweep 'hunt' already, with another steps" in facts["error"]


def test_failing_trainings_have_their_reason_and_are_tried_again_when_it_is_gone(
    environment: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "mine.py").write_text("def reward_function(params):\n    return 'much'\n")
    text = SPEC.replace("trials = 3", "trials = 2").replace("workers = 2", "workers = 1")
    (tmp_path / "hunt.toml").write_text(text.replace('"progress", ', ""))
    code, facts, errors = run(environment, "sweep", str(tmp_path / "hunt.toml"))
    assert code == 8
    assert facts["best"] is None
    assert "No training came to its end" in facts["findings"][0]
    assert "failed: " in errors
    assert not any(each.is_dir() for each in (tmp_path / "home/models").glob("[!.]*"))

    (tmp_path / "mine.py").write_text(REWARD)
    code, facts, errors = run(environment, "sweep", str(tmp_path / "hunt.toml"))
    assert code == 0, errors
    assert facts["best"]["status"] == "done"


@pytest.fixture(autouse=True)
def ends_are_heard() -> Iterator[None]:
    """Whoever runs the tests may have these ignored, and what is ignored stays so."""
    before = {n: signal.signal(n, signal.SIG_DFL) for n in (signal.SIGTERM, signal.SIGHUP)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("end", [signal.SIGHUP, signal.SIGKILL])
def test_a_sweep_that_is_killed_leaves_nothing_that_trains_on(
    environment: dict[str, str], tmp_path: Path, end: signal.Signals
) -> None:
    text = SPEC.replace("steps = 384", "steps = 50_000_000").replace("workers = 2", "workers = 1")
    (tmp_path / "hunt.toml").write_text(text)
    words = [sys.executable, "-m", "racecraft.interfaces.cli", "sweep", str(tmp_path / "hunt.toml")]
    model = tmp_path / "home/models/hunt-0001"
    with subprocess.Popen(words, env=environment, stdout=subprocess.DEVNULL) as sweep:
        try:
            until(lambda: current_work(model) == "TRAINING")
            sweep.send_signal(end)
            code = sweep.wait(60)
        finally:
            sweep.kill()
    assert code == (130 if end is signal.SIGHUP else -signal.SIGKILL)
    until(lambda: current_work(model) is None)
    assert not (tmp_path / "home/sweeps/hunt/trials/0001.json").exists()


def until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.slow
def test_a_model_is_tuned_by_its_reward_and_told_what_helped(
    environment: dict[str, str], tmp_path: Path
) -> None:
    small = ["--network", "LIGHT", "--track", "thimble", "--num-cars", "8", "--num-epochs", "3"]
    code, _, errors = run(
        environment, "train", *small, "--name", "slow", "--steps", "256", "--evaluation-trials",
        "1", "--max-steps-per-iteration", "128", "--reward", str(tmp_path / "mine.py"),
    )  # fmt: skip
    assert code == 0, errors
    code, facts, errors = run(
        environment, "tune", "slow", "--what", "reward", "--trials", "2", "--steps", "256",
        "--laps", "1",
    )  # fmt: skip
    assert code == 0, errors
    assert facts["sweep"] == "slow-tuned"
    assert "1 (base): " in errors
    assert facts["findings"]
    values = facts["best"]["trial"]["values"]
    assert set(values) <= {"reward.GAIN"}


def test_what_cannot_be_tuned_is_told(environment: dict[str, str]) -> None:
    code, facts, _ = run(environment, "tune", "nobody")
    assert (code != 0, "nobody" in facts["error"]) == (True, True)
    code, facts, _ = run(environment, "tune", "nobody", "--what", "luck")
    assert "What may change is 'luck'; choose some of actions" in facts["error"]
