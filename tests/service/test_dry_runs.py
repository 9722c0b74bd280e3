"""Dry runs happen in processes of their own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from racecraft.domain.errors import InvalidReward, RewardFailed
from racecraft.domain.spec import TrackChoice
from racecraft.service.dry_runs import DryRuns
from racecraft.service.settings import Settings

FAST = "def reward_function(params):\n    print('paid')\n    return params['speed']\n"
TRACK = TrackChoice(name="pebble-oval")
UP = f"""
import time
from racecraft.service.dry_runs import DryRuns
from racecraft.service.settings import Settings
from racecraft.domain.spec import TrackChoice
if __name__ == "__main__":
    DryRuns().run(Settings(), {FAST!r}, track=TrackChoice(name="pebble-oval"))
    print("ready", flush=True)
    time.sleep(60)
"""


@pytest.fixture(scope="module")
def runs() -> DryRuns:
    return DryRuns()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path)


def drawing() -> list[psutil.Process]:
    """The processes that draw laps for this one."""
    return [
        child
        for child in psutil.Process().children()
        if any("spawn_main" in word for word in child.cmdline())
    ]


def test_laps_are_drawn_elsewhere_and_what_was_found_comes_back(
    runs: DryRuns, settings: Settings
) -> None:
    found = runs.run(settings, FAST, track=TRACK)
    assert drawing()
    assert len(found.drawn) == 5
    assert "paid" in found.printed


def test_errors_come_back_as_the_sentences_that_they_are(runs: DryRuns, settings: Settings) -> None:
    with pytest.raises(InvalidReward, match="reward_function"):
        runs.run(settings, "x = 1\n", track=TRACK)
    with pytest.raises(RewardFailed, match="ZeroDivisionError") as failed:
        runs.run(settings, FAST.replace("params['speed']", "1 / 0"), track=TRACK)
    assert failed.value.printed.endswith(": paid")


def test_one_that_was_killed_is_told_and_the_next_goes_on(
    runs: DryRuns, settings: Settings
) -> None:
    runs.run(settings, FAST, track=TRACK)
    for process in drawing():
        process.send_signal(signal.SIGKILL)
        process.wait(10)
    with pytest.raises(RewardFailed, match="ended from outside"):
        runs.run(settings, FAST, track=TRACK)
    assert len(runs.run(settings, FAST, track=TRACK).drawn) == 5


def test_they_do_not_outlive_a_service_that_was_killed(tmp_path: Path) -> None:
    script = tmp_path / "up.py"
    script.write_text(UP)
    service = subprocess.Popen(
        [sys.executable, str(script)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "RACECRAFT_HOME": str(tmp_path)},
    )
    assert service.stdout is not None
    assert service.stdout.readline() == "ready\n"
    children = psutil.Process(service.pid).children(recursive=True)
    assert children
    service.kill()
    service.wait()
    deadline = time.monotonic() + 20
    while any(child.is_running() and child.status() != "zombie" for child in children):
        assert time.monotonic() < deadline, children
        time.sleep(0.05)
    service.stdout.close()
