"""What all reward functions that come with racecraft have in common, or several of them."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from racecraft.analysis.dry_run import dry_run
from racecraft.domain.reward import facts_of, params
from racecraft.domain.reward_rows import object_rows
from racecraft.domain.track import Track
from racecraft.sandbox import rewards
from racecraft.sandbox.builtin import BUILTIN_REWARDS, builtin_descriptions, builtin_reward
from racecraft.sandbox.check import check_reward
from racecraft.sandbox.findings import Severity
from racecraft.sandbox.imports import ALLOWED
from racecraft.sandbox.states import scenes
from tests.sandbox.example_laps import CLOSE_TO_NOTHING, Lap, fresh, pay, road

GUIDES = ("centre-line", "steady-steering", "no-crawling")
PAYS_FOR_SPEED = (
    "progress",
    "progress-per-step",
    "lap-time",
    "finish-bonus",
    "smooth-steering",
    "racing-line",
    "fastest-lap",
    "milestones",
)
USES_THE_BORDER = "lap-time"
"""Pays as long as one wheel is on the road."""
REMEMBERS = ("progress-per-step", "lap-time", "finish-bonus", "smooth-steering", "milestones")
LOOKS_WHERE_IT_DRIVES = (
    "progress",
    "heading",
    "aim-ahead",
    "progress-per-step",
    "lap-time",
    "finish-bonus",
    "racing-line",
    "fastest-lap",
    "milestones",
)


@pytest.mark.parametrize("is_reversed", [False, True], ids=["forward", "reversed"])
@pytest.mark.parametrize("name", BUILTIN_REWARDS)
def test_it_pays_a_finite_positive_number_in_every_state(name: str, is_reversed: bool) -> None:
    for track_name in ("harbour-loop", "granite-pass"):
        track = road(track_name, is_reversed)
        for scene in scenes(track):
            function = fresh(name)
            for k, row in enumerate(scene.rows.tolist()):
                objects = () if scene.objects is None else scene.objects[k].tolist()
                reward = function(params(row, facts_of(track), objects))
                assert type(reward) is float, scene.name
                assert 0.0 < reward < 100.0, scene.name


@pytest.mark.parametrize("name", BUILTIN_REWARDS)
def test_it_can_be_asked_first_about_any_state_and_in_any_order(name: str) -> None:
    random = np.random.default_rng(5)
    track = road("needle-eye")
    count = 60
    states = Lap(
        random.uniform(0.0, track.length_m, count),
        offset_m=random.uniform(-2.0, 2.0, count),
        turn_deg=random.uniform(-180.0, 180.0, count),
        steering_deg=random.choice([-30.0, 0.0, 30.0], count),
        speed_mps=random.choice([0.1, 4.0], count),
    ).params(track)
    for state in states:
        state["steps"] = float(random.integers(2, 5000))
        state["progress"] = float(random.choice([-0.5, -1e-9, 0.0, 50.0, 100.0]))
    in_a_row = fresh(name)

    paid = [(fresh(name)(dict(state)), in_a_row(dict(state))) for state in states]

    assert all(type(reward) is float for pair in paid for reward in pair)
    assert all(0.0 < reward < 100.0 for pair in paid for reward in pair)


@pytest.mark.parametrize("name", BUILTIN_REWARDS)
@pytest.mark.parametrize("count", [13, 121])
def test_all_places_of_a_ring_are_alike_also_where_its_waypoints_begin_again(
    name: str, count: int
) -> None:
    angle = np.linspace(0.0, 2 * np.pi, count)
    circle = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    circle[-1] = circle[0]
    track = Track("ring", 3.0 * circle, 2.4 * circle, 3.6 * circle)
    middles = (np.arange(count - 1) + 0.5) / (count - 1) * track.length_m
    paid = [
        pay(fresh(name), Lap([middle], offset_m=0.1, steering_deg=15.0), track)
        for middle in middles
    ]
    assert paid == pytest.approx([paid[0]] * len(paid), rel=1e-6)
    # Which pay from a 2nd step:
    if name not in ("progress-per-step", "lap-time", "finish-bonus", "milestones"):
        assert paid[0] > 0.1


@pytest.mark.parametrize("name", BUILTIN_REWARDS)
def test_it_leaves_its_inputs_as_they_are(name: str) -> None:
    function = fresh(name)
    boxes = object_rows(road(), np.array([1.0]), np.array([0.1])).tolist()
    for state in Lap([0.0, 0.1]).params(road(), boxes):
        before = {key: repr(value) for key, value in state.items()}
        function(state)
        assert {key: repr(value) for key, value in state.items()} == before


@pytest.mark.parametrize(
    "name", [name for name in BUILTIN_REWARDS if name not in (*GUIDES, USES_THE_BORDER)]
)
def test_a_wheel_beyond_the_border_earns_next_to_nothing(name: str) -> None:
    function = fresh(name)
    states = Lap(np.arange(0.0, 3.0, 0.05), offset_m=0.05).params(road())
    assert sum(map(function, states)) > 100 * CLOSE_TO_NOTHING
    function = fresh(name)
    paid = [function({**state, "all_wheels_on_track": False}) for state in states]
    assert paid == [CLOSE_TO_NOTHING] * len(states)


def test_a_lap_time_counts_also_with_one_wheel_on_the_road_and_not_beyond_it() -> None:
    states = Lap(np.arange(0.0, 3.0, 0.2)).params(road())
    function, beyond = fresh(USES_THE_BORDER), fresh(USES_THE_BORDER)
    paid = [function({**state, "all_wheels_on_track": False}) for state in states]
    assert paid[1:] == pytest.approx([0.75] * (len(states) - 1), rel=0.02)  # 3 of 4 m/s
    off = [beyond({**state, "is_offtrack": True}) for state in states]
    assert off == [CLOSE_TO_NOTHING] * len(states)


@pytest.mark.parametrize("name", PAYS_FOR_SPEED)
def test_a_second_of_fast_driving_earns_more_than_one_of_slow_driving(name: str) -> None:
    fast = Lap(np.linspace(0.0, 2.0, 30))
    slow = Lap(np.linspace(0.0, 1.0, 30), speed_mps=0.5)
    assert pay(fresh(name), fast) > 1.5 * pay(fresh(name), slow)


@pytest.mark.parametrize("name", LOOKS_WHERE_IT_DRIVES)
def test_driving_the_wrong_way_round_earns_next_to_nothing(name: str) -> None:
    way = np.linspace(0.0, 2.0, 30)
    back = Lap(way[::-1], turn_deg=180.0)
    assert pay(fresh(name), back) <= 30 * 2 * CLOSE_TO_NOTHING
    assert pay(fresh(name), Lap(way)) > 1.0


@pytest.mark.parametrize("name", REMEMBERS)
@pytest.mark.parametrize("end_m", [9.0, 1.0], ids=["driven on", "driven back"])
def test_a_new_episode_owes_nothing_to_the_last_one(name: str, end_m: float) -> None:
    function = fresh(name)
    first = Lap(np.linspace(2.0, end_m, 90), steering_deg=30.0)
    second = Lap(np.linspace(4.0, 8.0, 40), steering_deg=-10.0)

    pay(function, first)
    after_another = [function(state) for state in second.params(road())]
    alone_function = fresh(name)
    alone = [alone_function(state) for state in second.params(road())]

    assert after_another == alone


@pytest.mark.parametrize("name", REMEMBERS)
def test_waking_up_in_the_middle_of_a_lap_is_no_windfall(name: str) -> None:
    states = Lap(np.linspace(0.0, 9.0, 90)).params(road())
    function, late = fresh(name), fresh(name)
    usual = [function(state) for state in states]
    # A training that is resumed loads the function anew while its cars are on their way.
    woken = [late(state) for state in states[50:]]
    assert max(woken) <= 1.01 * max(usual)


def test_every_file_is_in_the_list_and_says_in_a_sentence_what_it_is() -> None:
    (folder,) = rewards.__path__
    files = {path.stem.replace("_", "-") for path in Path(folder).glob("*.py")}
    assert files - {"--init--"} == set(BUILTIN_REWARDS)
    assert list(builtin_descriptions()) == list(BUILTIN_REWARDS)
    for name, sentence in builtin_descriptions().items():
        assert sentence == (ast.get_docstring(ast.parse(builtin_reward(name))) or "").split("\n")[0]
        assert sentence.endswith(".")
        assert 30 <= len(sentence) <= 100
    assert len(set(builtin_descriptions().values())) == len(BUILTIN_REWARDS)


@pytest.mark.parametrize("name", BUILTIN_REWARDS)
def test_it_is_short_imports_what_is_allowed_and_turns_on_capitals(name: str) -> None:
    source = builtin_reward(name)
    syntax = ast.parse(source)
    imported = [
        alias.name
        for node in ast.walk(syntax)
        if isinstance(node, ast.Import)
        for alias in node.names
    ]
    assert not any(isinstance(node, ast.ImportFrom) for node in ast.walk(syntax))
    assert set(imported) <= ALLOWED
    assert len(source.splitlines()) <= 65
    assert max(map(len, source.splitlines())) <= 100


@pytest.mark.parametrize("name", BUILTIN_REWARDS)
def test_the_check_finds_nothing_wrong_with_it(name: str) -> None:
    found = check_reward(builtin_reward(name), road())
    assert [each for each in found.findings if each.severity is not Severity.HINT] == []


@pytest.mark.parametrize("name", [name for name in BUILTIN_REWARDS if name not in GUIDES])
def test_driving_well_pays_better_than_driving_badly(name: str) -> None:
    tried = dry_run(builtin_reward(name), road())
    assert tried.driving_well_pays, tried.headline


def test_the_names_are_known_without_loading_numpy() -> None:
    code = (
        "import sys; from racecraft.sandbox.builtin import builtin_descriptions;"
        "builtin_descriptions(); sys.exit('numpy' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
