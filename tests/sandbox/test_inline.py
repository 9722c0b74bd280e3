"""Without a process of its own: the same answers, and a word about what is missing."""

import sys

import numpy as np
import pytest

from racecraft.domain.errors import InvalidReward, RewardFailed
from racecraft.domain.reward import COLUMN, COLUMNS
from racecraft.sandbox import channel
from racecraft.sandbox.check import check_reward
from racecraft.sandbox.inline import InlineChannel
from racecraft.sandbox.runner import RewardRunner
from racecraft.tracks.library import load_track

TRACK = load_track("thimble")
SOURCE = """
count = 0

def reward_function(params):
    global count
    count += 1
    print("call", count)
    return count + params["speed"]
"""


@pytest.fixture
def without_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a system that has no pipes of the right kind."""
    monkeypatch.setattr(sys, "platform", "win32")


def drive() -> tuple[list[float], str]:
    table = np.zeros((6, len(COLUMNS)))
    table[:, COLUMN["steps"]] = [2, 2, 3, 3, 4, 4]
    table[:, COLUMN["speed_mps"]] = np.arange(6) / 10
    with RewardRunner(SOURCE, [TRACK], 2) as runner:
        return runner.rewards(table, np.arange(6) % 2).tolist(), runner.printed()


def test_rewards_are_those_of_a_locked_process(monkeypatch: pytest.MonkeyPatch) -> None:
    locked, printed = drive()
    monkeypatch.setattr(sys, "platform", "win32")
    inline, told = drive()

    assert inline == locked
    first, *rest = told.splitlines()
    assert first.endswith("it lacks a process of its own")
    assert rest == printed.splitlines()


@pytest.mark.usefixtures("without_process")
def test_failures_are_told_in_the_same_words(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(InvalidReward, match="Line 1 of the reward function is not Python"):
        RewardRunner("x = = 1", [TRACK])
    source = "def reward_function(params):\n    print('here')\n    return 1 / 0\n"
    with (
        RewardRunner(source, [TRACK]) as runner,
        pytest.raises(RewardFailed, match="ZeroDivisionError: division by zero in line 3"),
    ):
        runner.rewards(np.zeros((1, len(COLUMNS))), np.array([0]))
    assert isinstance(channel.open_channel("", runner.limits), InlineChannel)
    assert capsys.readouterr().out == ""


@pytest.mark.usefixtures("without_process")
def test_a_check_works_too() -> None:
    assert check_reward("def reward_function(p):\n    return p['speed']\n", TRACK).is_usable
