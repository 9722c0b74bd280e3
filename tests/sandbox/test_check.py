"""The check of a reward function: what is said before anything is trained."""

import time

import pytest

from racecraft.domain.race import RaceType
from racecraft.domain.reward import COLUMN
from racecraft.sandbox.builtin import BUILTIN_REWARDS, builtin_reward
from racecraft.sandbox.check import RewardCheck, check_reward
from racecraft.sandbox.findings import Finding, Severity
from racecraft.sandbox.limits import Limits
from racecraft.sandbox.states import FIRST_STEP, scenes
from racecraft.tracks.library import load_track

TRACK = load_track("thimble")
SHORT = Limits(call_s=0.1, reply_s=1.5, load_s=10.0)


def check(body: str, *, race_type: RaceType = RaceType.TIME_TRIAL, head: str = "") -> RewardCheck:
    lines = "\n".join(f"    {line}" for line in body.splitlines())
    source = f"{head}def reward_function(params):\n{lines}\n"
    return check_reward(source, TRACK, race_type=race_type, limits=SHORT)


def only(result: RewardCheck, severity: Severity) -> Finding:
    (finding,) = [f for f in result.findings if f.severity is severity]
    return finding


@pytest.mark.parametrize("name", BUILTIN_REWARDS)
def test_every_built_in_function_is_fit(name: str) -> None:
    result = check_reward(builtin_reward(name), TRACK)

    assert result.is_usable
    assert [f for f in result.findings if f.severity is not Severity.HINT] == []
    assert result.calls > 300
    assert result.call_ms is not None
    assert result.call_ms < 1.0
    assert result.lowest is not None
    assert result.highest is not None
    assert result.lowest < result.highest


def test_a_long_function_is_checked_in_less_than_a_second_and_a_half() -> None:
    lines = "\n".join(f"value += params['speed'] * {k} / 1000" for k in range(97))
    begin = time.perf_counter()
    result = check(f"value = 0.0\n{lines}\nreturn value")
    assert result.is_usable
    assert time.perf_counter() - begin < 1.5


@pytest.mark.parametrize(
    ("body", "scene"),
    [
        ("return 1 / (params['steps'] - 2)", "on a lap along the centre line"),
        ("return 1.0 if not params['is_offtrack'] else None", "off the track"),
        ("return [1.0, 2.0][params['is_reversed'] * 2]", "on the track driven the other way"),
        ("return {False: 1.0}[params['is_crashed']]", "after a crash"),
        ("return 1 / (params['progress'] - 100) + params['x']", "in the last step of a lap"),
        ("assert params['progress'] > -0.01\nreturn params['x']", "while driving backwards"),
    ],
)
def test_what_fails_in_some_state_is_found_with_that_state_and_its_line(
    body: str, scene: str
) -> None:
    result = check(body)

    error = only(result, Severity.ERROR)
    assert not result.is_usable
    assert f"It failed {scene}. The reward function" in error.message
    assert "the inputs were steps" in error.message
    assert error.line in (1, 2)


def test_each_line_that_fails_is_told_once() -> None:
    result = check("if params['x'] > 0:\n    1 / 0\nreturn params['nothing'] + params['y'] / 0")

    assert len(result.findings) <= 3
    assert sorted({f.line for f in result.findings if f.severity is Severity.ERROR}) == [3, 4]


def test_what_fails_with_objects_only_matters_in_races_with_objects() -> None:
    body = "for x, y, z in params['objects_location']:\n    return x\nreturn params['speed']"

    alone = check(body)
    beside = check(body, race_type=RaceType.OBJECT_AVOIDANCE)

    assert alone.is_usable
    assert "It failed with boxes on the track" in only(alone, Severity.HINT).message
    assert "It failed with boxes on the track" in only(beside, Severity.ERROR).message


@pytest.mark.parametrize(
    ("body", "severity", "words"),
    [
        ("return 0", Severity.ERROR, "It returned 0 in all"),
        ("return 2.5", Severity.WARNING, "It returned 2.5 in all"),
        ("return params['speed'] - 9", Severity.WARNING, "A lap along the centre line costs"),
        ("return 'fast'", Severity.ERROR, r"returned 'fast' \(str\)"),
        ("return float('nan')", Severity.ERROR, r"returned nan \(float\)"),
        ("return 1e6 * params['speed']", Severity.ERROR, r"returned .*00\.0 \(float\)"),
        ("sum(range(30000))\nreturn params['speed']", Severity.HINT, r"A call takes [\d.]+ ms"),
        ("sum(range(200000))\nreturn params['speed']", Severity.WARNING, r"A call takes"),
    ],
)
def test_odd_results_are_told(body: str, severity: Severity, words: str) -> None:
    import re

    result = check(body)
    told = [f.message for f in result.findings if f.severity is severity]
    assert any(re.search(words, message) for message in told), result.findings


def test_only_states_that_can_come_up_decide_what_the_rewards_are_like() -> None:
    body = "if not params['objects_location']:\n    return 0.0\nreturn 1.0 + params['speed']"

    assert "It returned 0 in all" in only(check(body), Severity.ERROR).message
    assert check(body, race_type=RaceType.OBJECT_AVOIDANCE).is_usable


def test_what_is_done_once_is_not_called_slow() -> None:
    head = "line = None\n"
    body = "global line\nif line is None:\n    line = sum(range(2000000))\nreturn params['speed']"
    result = check(body, head=head)
    assert not any("A call takes" in finding.message for finding in result.findings)


def test_calls_that_are_cut_short_in_the_last_scene_are_told_as_slow(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Every scene has a copy of the module, and only the last begins in this place.
    monkeypatch.setattr("racecraft.sandbox.check.TRIAL_S", 1.2)
    last = next(scene for scene in scenes(TRACK) if scene.name == FIRST_STEP).rows[-1]
    x_m = float(last[COLUMN["x_m"]])
    body = f"""global first_x
if first_x is None:
    first_x = params['x']
if abs(first_x - {x_m!r}) < 1e-9 and params['steps'] == 2:
    sum(range(4000000))
return params['speed']"""
    result = check(body, head="first_x = None\n")

    assert result.is_usable
    assert result.calls > 300
    assert any("A call takes" in finding.message for finding in result.findings)


def test_a_memory_that_outlives_an_episode_is_hinted_at() -> None:
    body = "global n\nn += 1\nreturn n + params['speed']"
    result = check(body, head="n = 0\n")
    assert result.is_usable
    assert any("not worth the same twice" in f.message for f in result.findings)

    reset = "global n\nn = 0 if params['steps'] <= 2 else n + 1\nreturn n + params['speed']"
    result = check(reset, head="n = 0\n")
    assert not any("not worth the same twice" in f.message for f in result.findings)


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("while True:\n    pass\n\ndef reward_function(params):\n    return 1\n", "took too long"),
        ("def reward_function(params):\n    while True:\n        pass\n", "took too long in line"),
        (
            "def reward_function(params):\n    while True:\n        try:\n"
            "            while True: pass\n        except BaseException: pass\n",
            "took too long in line",
        ),
        (
            "import itertools\ndef reward_function(params):\n    return max(itertools.repeat(1))\n",
            "took too long while it was tried and was stopped",
        ),
        (
            "import random\ndef reward_function(params):\n    random._os._exit(0)\n",
            "ended its process while it was tried",
        ),
        ("import random\nrandom._os._exit(0)\n", "ended its process while it was loaded"),
        (
            "x = [0] * 10 ** 10\ndef reward_function(params):\n    return 1\n",
            "its memory is limited",
        ),
        ("x" * 100_001, "has 100,001 characters"),
        ("a = '\ud800'", "characters that no text has"),
        ("", "reward_function"),
    ],
)
def test_whatever_the_text_does_the_answer_is_a_finding(source: str, words: str) -> None:
    begin = time.perf_counter()
    result = check_reward(source, TRACK, limits=SHORT)
    assert time.perf_counter() - begin < 6.0
    assert not result.is_usable
    assert any(words in finding.message for finding in result.findings), result.findings
