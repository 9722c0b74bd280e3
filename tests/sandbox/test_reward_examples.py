"""The reward functions that come with racecraft: never failing, and paying for what they teach."""

from __future__ import annotations

import ast
import math
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from racecraft.analysis.dry_run import dry_run
from racecraft.domain.episode import CONTROL_HZ
from racecraft.domain.reward import COLUMN, facts_of, params
from racecraft.domain.reward_rows import Drive, object_rows, reward_rows
from racecraft.domain.track import Track
from racecraft.sandbox import rewards
from racecraft.sandbox.builtin import BUILTIN_REWARDS, builtin_descriptions, builtin_reward
from racecraft.sandbox.check import check_reward
from racecraft.sandbox.findings import Severity
from racecraft.sandbox.imports import ALLOWED
from racecraft.sandbox.states import scenes
from racecraft.tracks.library import load_track

GUIDES = ("centre-line", "steady-steering", "no-crawling")
PAYS_FOR_SPEED = (
    "progress",
    "progress-per-step",
    "finish-bonus",
    "smooth-steering",
    "racing-line",
    "milestones",
)
REMEMBERS = ("progress-per-step", "finish-bonus", "smooth-steering", "milestones")
LOOKS_WHERE_IT_DRIVES = (
    "progress",
    "heading",
    "aim-ahead",
    "progress-per-step",
    "finish-bonus",
    "racing-line",
    "milestones",
)
CLOSE_TO_NOTHING = 1e-3

Reward = Callable[[dict[str, Any]], float]


def fresh(name: str, **changed: object) -> Reward:
    """A copy of an example as one car gets it, with other values of its capitals if wanted."""
    names: dict[str, Any] = {}
    exec(compile(builtin_reward(name), f"{name}.py", "exec"), names)
    assert set(changed) <= set(names)
    names.update(changed)
    function: Reward = names["reward_function"]
    return function


@cache
def road(name: str = "harbour-loop", is_reversed: bool = False) -> Track:
    return load_track(name, is_reversed=is_reversed)


def turning(track: Track, here_m: float, there_m: float) -> float:
    """By how much the road turns on the way (rad), to the left is positive."""
    here, there = track.heading_at(np.array([here_m, there_m])).tolist()
    return math.remainder(there - here, math.tau)


def most_turning(track: Track) -> tuple[float, float]:
    """Distances along the track (m) in front of its straightest metre and of its most bent one."""
    along = np.linspace(0.0, track.length_m, 400, endpoint=False)
    bent = np.array([abs(turning(track, here, here + 1.0)) for here in along])
    return float(along[bent.argmin()]), float(along[bent.argmax()])


@dataclass(frozen=True)
class Lap:
    """A drive along a track, step after step; single values hold for all of it."""

    along_m: Any
    offset_m: Any = 0.0
    turn_deg: Any = 0.0
    steering_deg: Any = 0.0
    speed_mps: Any = 1.0

    def params(self, track: Track, objects: list[list[float]] | None = None) -> list[Any]:
        along = np.atleast_1d(np.asarray(self.along_m, float))
        offset, turn, steering, speed = (
            np.broadcast_to(np.asarray(value, float), along.shape)
            for value in (self.offset_m, self.turn_deg, self.steering_deg, self.speed_mps)
        )
        heading = track.heading_at(along)
        left = np.stack([-np.sin(heading), np.cos(heading)], axis=1)
        yaw = heading + np.radians(turn)
        nose = track.point_at(along) + offset[:, None] * left
        # The car is located by its nose, and a pose is that of the middle of its axles.
        places = nose - 0.14 * np.stack([np.cos(yaw), np.sin(yaw)], axis=1)
        yaw = np.mod(yaw + np.pi, 2 * np.pi) - np.pi
        commands = np.stack([np.radians(steering), speed], axis=1)
        drive = Drive(np.column_stack([places, yaw]), commands, float(along[0] / track.length_m))
        rows = reward_rows(track, drive)
        # Where the first step is, rounding decides whether a whole lap was driven.
        if rows[0, COLUMN["progress_percent"]] > 50:
            rows[0, COLUMN["progress_percent"]] = 0.0
        return [params(row, facts_of(track), objects or ()) for row in rows.tolist()]


def pay(function: Reward, lap: Lap, track: Track | None = None) -> float:
    """What a drive earns in all."""
    return sum(function(each) for each in lap.params(track or road()))


def whole_lap(speed_mps: float, **how: Any) -> Lap:
    """A lap of harbour-loop at one speed, short of the finish."""
    return Lap(np.arange(0.0, road().length_m - 0.2, speed_mps / CONTROL_HZ), **how)


def paid_near_box(box_lane: float, box_at_m: float, *, way_m: float, lane: float) -> float:
    """What avoid-objects pays `way_m` before a box; lanes are 1 left, -1 right, 0 the middle."""
    track, quarter = road(), road().width_m / 4
    box = object_rows(track, np.array([box_at_m]), np.array([box_lane * quarter])).tolist()
    along = (box_at_m - way_m) % track.length_m
    (state,) = Lap([along], offset_m=lane * quarter).params(track, box)
    return fresh("avoid-objects")(state)


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
    if name not in ("progress-per-step", "finish-bonus", "milestones"):  # which pay from a 2nd step
        assert paid[0] > 0.1


@pytest.mark.parametrize("name", BUILTIN_REWARDS)
def test_it_leaves_its_inputs_as_they_are(name: str) -> None:
    function = fresh(name)
    boxes = object_rows(road(), np.array([1.0]), np.array([0.1])).tolist()
    for state in Lap([0.0, 0.1]).params(road(), boxes):
        before = {key: repr(value) for key, value in state.items()}
        function(state)
        assert {key: repr(value) for key, value in state.items()} == before


@pytest.mark.parametrize("name", [name for name in BUILTIN_REWARDS if name not in GUIDES])
def test_a_wheel_beyond_the_border_earns_next_to_nothing(name: str) -> None:
    function = fresh(name)
    states = Lap(np.arange(0.0, 3.0, 0.05), offset_m=0.05).params(road())
    assert sum(map(function, states)) > 100 * CLOSE_TO_NOTHING
    function = fresh(name)
    paid = [function({**state, "all_wheels_on_track": False}) for state in states]
    assert paid == [CLOSE_TO_NOTHING] * len(states)


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


def test_the_lane_is_worth_more_than_the_other_one_and_than_its_edges() -> None:
    quarter = road().width_m / 4
    ways = {offset: Lap([0.5], offset_m=offset * quarter) for offset in (-1.0, 0.0, 0.5, 1.0, 1.3)}
    paid = {offset: pay(fresh("stay-in-lane"), lap) for offset, lap in ways.items()}
    assert paid[1.0] == pytest.approx(1.0, abs=0.01)
    assert paid[-1.0] == CLOSE_TO_NOTHING
    assert paid[0.0] < paid[0.5] < paid[1.0] > paid[1.3] > CLOSE_TO_NOTHING
    right = fresh("stay-in-lane", LANE="right")
    assert pay(right, ways[-1.0]) == pytest.approx(1.0, abs=0.01)


def test_heading_pays_for_turning_in_before_the_bend() -> None:
    track = road()
    straight, bend = most_turning(track)
    turn = math.degrees(turning(track, bend, bend + 0.5))
    assert abs(turn) > 20
    heading = fresh("heading")
    assert pay(heading, Lap([bend], turn_deg=turn)) > pay(heading, Lap([bend])) + 0.1
    assert pay(heading, Lap([bend])) > pay(heading, Lap([bend], turn_deg=-turn)) + 0.1
    assert pay(heading, Lap([straight])) > 0.95
    assert pay(heading, Lap([straight], turn_deg=30.0)) < 0.8


@pytest.mark.parametrize("offset", [-0.2, 0.2])
def test_aiming_pays_for_steering_back_to_the_road(offset: float) -> None:
    straight, _ = most_turning(road())
    paid = {
        angle: pay(fresh("aim-ahead"), Lap([straight], offset_m=offset, steering_deg=angle))
        for angle in (-30.0, -15.0, 0.0, 15.0, 30.0)
    }
    best = max(paid, key=lambda angle: paid[angle])
    assert best == math.copysign(15.0, -offset)
    centred = {
        angle: pay(fresh("aim-ahead"), Lap([straight], steering_deg=angle)) for angle in paid
    }
    assert max(centred, key=lambda angle: centred[angle]) == 0.0


@pytest.mark.parametrize("name", ["progress-per-step", "milestones", "finish-bonus"])
def test_a_lap_of_fewer_steps_earns_at_least_as_much(name: str) -> None:
    fast, slow = pay(fresh(name), whole_lap(1.0)), pay(fresh(name), whole_lap(0.5))
    assert fast > 0.95 * slow
    if name != "finish-bonus":  # whose steps add up to the same; its bonus makes the difference
        assert fast > 1.5 * slow


def test_the_finish_pays_a_bonus_and_more_after_a_faster_lap() -> None:
    state = Lap([3.0]).params(road())[0]

    def bonus(steps: float) -> float:
        function = fresh("finish-bonus")
        before = function({**state, "steps": steps - 1, "progress": 99.9})
        return function({**state, "steps": steps, "progress": 100.0}) - before

    lap_steps = road().length_m * CONTROL_HZ
    assert bonus(lap_steps) == pytest.approx(20.0, abs=1.0)
    assert bonus(2 * lap_steps) == pytest.approx(10.0, abs=1.0)
    assert bonus(10.0) <= 31.0
    # Of a whole lap at top speed the bonus is a small part.
    assert pay(fresh("finish-bonus"), whole_lap(1.0)) > 5 * 20.0


def test_zigzag_earns_less_than_an_angle_that_is_held() -> None:
    way = np.linspace(0.0, 3.0, 40)
    zigzag = np.where(np.arange(40) % 2, 15.0, -15.0)
    held = pay(fresh("smooth-steering"), Lap(way, steering_deg=15.0))
    assert pay(fresh("smooth-steering"), Lap(way)) == pytest.approx(held)
    assert pay(fresh("smooth-steering"), Lap(way, steering_deg=zigzag)) < 0.8 * held
    hard = pay(fresh("smooth-steering"), Lap(way, steering_deg=2 * zigzag))
    assert hard < 0.55 * held


def test_fast_pays_on_straights_and_slow_in_bends() -> None:
    straight, bend = most_turning(road())
    speed = fresh("speed-on-straights")
    assert pay(speed, Lap([straight])) > 0.9
    assert pay(speed, Lap([straight])) > 1.5 * pay(speed, Lap([straight], speed_mps=0.6))
    assert pay(speed, Lap([bend], speed_mps=0.6)) > 0.9
    assert pay(speed, Lap([bend], speed_mps=0.6)) > 1.3 * pay(speed, Lap([bend]))
    assert pay(speed, Lap([straight], offset_m=0.3)) < 0.5


def test_without_objects_avoiding_them_is_getting_on() -> None:
    offsets, turns = np.linspace(-0.3, 0.3, 60), np.linspace(-80.0, 80.0, 60)
    states = Lap(np.linspace(0.0, 15.0, 60), offset_m=offsets, turn_deg=turns).params(road())
    avoid, progress = fresh("avoid-objects"), fresh("progress")
    for state in states:
        paid = avoid(state)
        # The two examples take another speed for the best one.
        assert paid == pytest.approx(4 * progress(state)) or paid < 0.004


@pytest.mark.parametrize("box_lane", [1.0, -1.0], ids=["left", "right"])
@pytest.mark.parametrize("box_at_m", [1.5, 0.3], ids=["ahead", "beyond the start line"])
@pytest.mark.parametrize("way_m", [1.2, 0.2, -0.3])
def test_the_more_room_there_is_beside_the_next_object_the_more_it_pays(
    box_lane: float, box_at_m: float, way_m: float
) -> None:
    lanes = (-box_lane, 0.0, 0.5 * box_lane, box_lane)
    free, middle, near, in_the_way = (
        paid_near_box(box_lane, box_at_m, way_m=way_m, lane=lane) for lane in lanes
    )
    assert free > 1.8 * middle > 3.0 * near > 3.0 * CLOSE_TO_NOTHING
    assert in_the_way < 0.1


def test_an_object_far_ahead_or_passed_does_not_matter() -> None:
    for way in (3.0, -0.6):
        for lane in (1.0, -1.0):
            assert paid_near_box(1.0, 5.0, way_m=way, lane=lane) > 0.9


def test_of_two_objects_the_one_with_less_room_counts() -> None:
    track, quarter = road(), road().width_m / 4
    (state,) = Lap([4.0], offset_m=quarter).params(
        track, object_rows(track, np.array([5.2, 4.0]), np.array([quarter, -quarter])).tolist()
    )
    assert fresh("avoid-objects")(state) < 0.1


def test_touching_an_object_earns_next_to_nothing() -> None:
    (state,) = Lap([1.0], offset_m=road().width_m / 4).params(road())
    assert fresh("avoid-objects")(state) > 0.9
    assert fresh("avoid-objects")({**state, "is_crashed": True}) == CLOSE_TO_NOTHING


def test_the_racing_line_runs_inside_in_bends_and_in_the_middle_on_straights() -> None:
    track = road()
    straight, bend = most_turning(track)
    inside = math.copysign(1.0, turning(track, bend, bend + 1.0))
    line = fresh("racing-line")
    middle_of_bend = bend + 0.5
    at = {
        share: pay(line, Lap([middle_of_bend], offset_m=inside * share * track.width_m / 2))
        for share in (-0.4, 0.0, 0.4)
    }
    assert at[0.4] > at[0.0] + 0.05 > at[-0.4] + 0.1
    assert pay(line, Lap([straight])) > 0.9
    assert pay(line, Lap([straight], speed_mps=0.5)) < 0.55
    assert pay(line, Lap([straight], turn_deg=60.0)) < 0.55


def test_a_mark_is_paid_once_however_often_it_is_crossed() -> None:
    there, back = np.linspace(0.0, 1.1, 17), np.linspace(1.1, 0.3, 17)
    states = Lap(np.concatenate([there, back, back[::-1]])).params(road())
    function = fresh("milestones")
    paid = [function(state) for state in states]
    assert sum(reward > CLOSE_TO_NOTHING for reward in paid[:17]) == 4
    assert paid[17:] == [CLOSE_TO_NOTHING] * 34


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
