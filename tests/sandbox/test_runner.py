"""Users' reward functions: what they are given, what they may return, what errors tell."""

import math
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

from racecraft.domain.errors import InvalidReward, NotFound, RewardFailed
from racecraft.domain.reward import COLUMN, COLUMNS, RewardInputs
from racecraft.domain.track import Track
from racecraft.sandbox.builtin import BUILTIN_REWARDS, builtin_reward
from racecraft.sandbox.runner import PRINTED_LIMIT, RewardRunner


def a_track(radius_m: float = 3.0) -> Track:
    angle = np.linspace(0, 2 * np.pi, 121)
    circle = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    circle[-1] = circle[0]
    return Track("ring", radius_m * circle, (radius_m - 0.5) * circle, (radius_m + 0.5) * circle)


def inputs_of(*cars: dict[str, float]) -> RewardInputs:
    """One row a car; what is not given is as on the first waypoint, in driving direction."""
    usual = {
        "x_m": 3.0,
        "heading_rad": math.pi / 2,
        "steps": 2.0,
        "speed_mps": 1.0,
        "track_width_m": 1.0,
        "waypoint_ahead": 1.0,
        "all_wheels_on_track": 1.0,
    }
    table = np.zeros((len(cars), len(COLUMNS)))
    for row, car in enumerate(cars):
        for name, value in {**usual, **car}.items():
            table[row, COLUMN[name]] = value
    return RewardInputs(table, [a_track()], np.zeros(len(cars), dtype=np.int64))


def reward_of(source: str, **car: float) -> float:
    return float(RewardRunner(source).rewards(inputs_of(car), np.array([0]))[0])


BANDS = """
def reward_function(params):
    '''
    Follow the centre line
    '''
    # Three marks at growing distance
    marker_1 = 0.1 * params['track_width']
    marker_2 = 0.25 * params['track_width']
    marker_3 = 0.5 * params['track_width']

    if params['distance_from_center'] <= marker_1:
        reward = 1.0
    elif params['distance_from_center'] <= marker_2:
        reward = 0.5
    elif params['distance_from_center'] <= marker_3:
        reward = 0.1
    else:
        reward = 1e-3  # probably off track

    PENALTY
    return float(reward)
"""
STEERING = "if abs(params['steering_angle']) > 15:\n        reward *= 0.5"
CRAWLING = "if params['speed'] < 0.5:\n        reward *= 0.5"


@pytest.mark.parametrize("penalty", ["", STEERING, CRAWLING], ids=["bands", "steer", "slow"])
@pytest.mark.parametrize("indent", ["    ", "\t"], ids=["spaces", "tabs"])
def test_guide_style_functions_run_unchanged(penalty: str, indent: str) -> None:
    source = BANDS.replace("PENALTY", penalty).replace("    ", indent)

    assert reward_of(source, distance_from_center_m=0.05) == 1.0


@pytest.mark.parametrize(
    ("name", "guide_style"),
    [("centre-line", ""), ("steady-steering", STEERING), ("no-crawling", CRAWLING)],
)
def test_built_in_functions_pay_as_the_documented_ones(name: str, guide_style: str) -> None:
    random = np.random.default_rng(1)
    inputs = inputs_of(
        *(
            {
                "distance_from_center_m": random.uniform(0, 0.7),
                "track_width_m": random.uniform(0.6, 1.2),
                "steering_rad": math.radians(random.choice([-30, -20, -10, 0, 10, 20, 30])),
                "speed_mps": random.choice([0.4, 0.5, 1.0]),
            }
            for _ in range(300)
        )
    )
    cars = np.arange(300)

    ours = RewardRunner(builtin_reward(name)).rewards(inputs, cars)
    theirs = RewardRunner(BANDS.replace("PENALTY", guide_style)).rewards(inputs, cars)

    assert ours.tolist() == theirs.tolist()
    assert len(set(ours.tolist())) >= 4


@pytest.mark.parametrize(
    ("distance", "reward"), [(0.0, 1.0), (0.1, 1.0), (0.2, 0.5), (0.4, 0.1), (0.6, 1e-3)]
)
def test_the_centre_line_pays_in_bands(distance: float, reward: float) -> None:
    assert reward_of(builtin_reward("centre-line"), distance_from_center_m=distance) == reward


def test_progress_pays_for_speed_along_the_road_and_nearly_nothing_off_it() -> None:
    source = builtin_reward("progress")

    assert reward_of(source, speed_mps=4.0) == pytest.approx(1.0, abs=0.001)
    assert reward_of(source, speed_mps=2.0) == pytest.approx(0.5, abs=0.001)
    assert reward_of(source, heading_rad=math.pi / 2 + math.pi / 3) == pytest.approx(
        0.125, abs=0.02
    )
    assert reward_of(source, heading_rad=-math.pi / 2) == 1e-3
    assert reward_of(source, all_wheels_on_track=0.0) == 1e-3


@pytest.mark.parametrize("name", BUILTIN_REWARDS)
def test_every_built_in_function_is_deterministic_and_without_memory(name: str) -> None:
    inputs = inputs_of(
        *({"distance_from_center_m": k / 20, "speed_mps": 0.3 + k} for k in range(9))
    )
    runner = RewardRunner(builtin_reward(name))

    forward = runner.rewards(inputs, np.arange(9))
    backward = runner.rewards(inputs, np.arange(9)[::-1])

    assert forward.tolist() == backward[::-1].tolist()
    assert (forward > 0).all()


def test_an_unknown_built_in_name_is_answered_with_the_nearest() -> None:
    with pytest.raises(NotFound, match=r"'center-line'.*Did you mean 'centre-line'"):
        builtin_reward("center-line")


def test_rewards_come_back_in_the_order_of_the_cars() -> None:
    inputs = inputs_of({"speed_mps": 1.0}, {"speed_mps": 2.0}, {"speed_mps": 3.0})
    runner = RewardRunner("def reward_function(params):\n    return params['speed']")

    rewards = runner.rewards(inputs, np.array([2, 0]))

    assert rewards.tolist() == [3.0, 1.0]
    assert rewards.dtype == np.float64
    assert runner.rewards(inputs, np.array([], dtype=np.int64)).shape == (0,)


@pytest.mark.parametrize(
    ("expression", "reward"),
    [
        ("1", 1.0),
        ("True", 1.0),
        ("np.float32(0.5)", 0.5),
        ("np.float64(0.25)", 0.25),
        ("np.int64(3)", 3.0),
        ("np.bool_(True)", 1.0),
        ("np.array(2.0)", 2.0),
        ("Fraction(1, 2)", 0.5),
        ("1e5", 1e5),
        ("-1e5", -1e5),
        ("0", 0.0),
    ],
)
def test_whatever_is_a_number_is_a_reward(expression: str, reward: float) -> None:
    source = (
        "import numpy as np\nfrom fractions import Fraction\n"
        f"def reward_function(params):\n    return {expression}"
    )

    assert reward_of(source) == reward


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("float('nan')", r"returned nan \(float\)"),
        ("float('inf')", r"returned inf \(float\)"),
        ("None", r"returned None \(NoneType\) \(a `return` may be missing\)"),
        ("'1.0'", r"returned '1.0' \(str\)"),
        ("b'1'", r"returned b'1' \(bytes\)"),
        ("[1.0]", r"returned \[1.0\] \(list\)"),
        ("[[1], [1, 2]]", r"\(list\)"),
        ("1j", r"returned 1j \(complex\)"),
        ("np.complex64(1)", r"\(complex64\)"),
        ("np.array([1.0])", r"returned array\(\[1.\]\) \(ndarray\)"),
        ("100000.1", r"returned 100000.1 \(float\)"),
        ("10**400", r"\(int\)"),
        ("np.float32('nan')", r"returned"),
        ("params", r"returned \{.*\.\.\. \(dict\)"),
    ],
)
def test_what_is_no_usable_number_is_shown_with_the_line_of_def(
    expression: str, words: str
) -> None:
    source = f"import numpy as np\n\n\ndef reward_function(params):\n    return {expression}"

    with pytest.raises(RewardFailed, match=words) as caught:
        reward_of(source)

    assert "line 4, `def reward_function(params):`" in str(caught.value)
    assert "from -100,000 to 100,000" in str(caught.value)
    assert "speed 1" in str(caught.value)


def test_an_exception_names_the_users_line_the_error_and_the_inputs() -> None:
    source = (
        "def helper(params):\n"
        "    return params['speeed']  # misspelt\n"
        "\n"
        "def reward_function(params):\n"
        "    params['speed'] = 99.0\n"
        "    return helper(params)\n"
    )

    with pytest.raises(RewardFailed) as caught:
        reward_of(source, speed_mps=1.5, progress_percent=12.345)

    assert str(caught.value) == (
        "The reward function raised KeyError: 'speeed' in line 2, "
        "`return params['speeed']  # misspelt`; the inputs were steps 2, progress 12.35, x 3, y 0, "
        "heading 90, speed 1.5, steering_angle 0, distance_from_center 0, track_width 1, "
        "all_wheels_on_track True, closest_waypoints [0, 1]. Correct the line and try again."
    )


def test_an_exception_inside_a_library_names_the_users_line() -> None:
    source = "import math\ndef reward_function(params):\n    return math.sqrt(-1)"

    with pytest.raises(RewardFailed, match=r"ValueError: .* in line 3, `return math.sqrt\(-1\)`"):
        reward_of(source)


@pytest.mark.parametrize("leave", ["exit()", "raise SystemExit", "reward_function(params)"])
def test_leaving_the_program_and_endless_recursion_are_errors_of_the_function(leave: str) -> None:
    with pytest.raises(RewardFailed, match=r"(SystemExit|RecursionError).* in line 2"):
        reward_of(f"def reward_function(params):\n    {leave}\n")


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("def reward_function(params)\n    return 1", r"Line 1 .* is not Python \(`def reward_fu"),
        ("def reward_function(params):\n\treturn 1\n        return 2", "Line 3 .* is not Python"),
        ("x = 1\nreturn x", r"Line 2 .*'return' outside function"),
        ("", r"has 0 lines, but none defines `reward_function\(params\)`"),
        ("\n\ndef reward(params):\n    return 1", r"it defines `reward` in line 3"),
        ("reward_function = 3", r"`reward_function` is 3 \(int\)"),
        ("\ndef reward_function():\n    return 1", r"Line 2, `def reward_function\(\):`, does not"),
        ("def reward_function(a, b):\n    return 1", "does not take exactly one argument"),
        ("async def reward_function(params):\n    return 1", "is `async`"),
        ("def reward_function(params):\n    yield 1", "uses `yield`"),
        ("import math\nmath.nothing", r"AttributeError: .* loaded, in line 2, `math.nothing`"),
        ("import no_such_module_here", "ModuleNotFoundError: .* in line 1"),
        ("exit()", "SystemExit"),
        ("a\0b", "reward function"),
    ],
)
def test_unusable_source_is_told_with_its_line(source: str, words: str) -> None:
    with pytest.raises(InvalidReward, match=words):
        RewardRunner(source)


@pytest.mark.parametrize(
    "source",
    [
        "\ufeffdef reward_function(params):\n    return 1.0",
        "def reward_function(params):\r\n    return 1.0\r\n",
        "def reward_function(params, bonus=0):\n    return 1.0 + bonus",
        "class R:\n    def __call__(self, params):\n        return 1.0\nreward_function = R()",
        "reward_function = lambda params: 1.0",
        "X = '\\d'\ndef reward_function(params):\n    return 1.0",
        "from dataclasses import dataclass\n@dataclass\nclass A:\n    b: float = 1.0\n"
        "def reward_function(params):\n    return A().b",
    ],
)
def test_unusual_but_usable_source_runs(source: str) -> None:
    assert reward_of(source) == 1.0


def test_what_is_printed_is_kept_until_it_is_fetched(capsys: pytest.CaptureFixture[str]) -> None:
    runner = RewardRunner(
        "print('loaded')\n"
        "def reward_function(params):\n"
        "    print('speed', params['speed'], sep='=', end=';')\n"
        "    return 1.0"
    )
    runner.rewards(inputs_of({"speed_mps": 1.0}, {"speed_mps": 2.0}), np.array([0, 1]))

    assert runner.printed() == "loaded\nspeed=1.0;speed=2.0;"
    assert runner.printed() == ""
    assert capsys.readouterr().out == ""


def test_only_the_newest_printed_text_is_kept() -> None:
    runner = RewardRunner(
        "def reward_function(params):\n    print(params['speed'])\n    return 1.0"
    )
    cars = inputs_of(*({"speed_mps": float(k)} for k in range(100)))
    for _ in range(500):
        runner.rewards(cars, np.arange(100))

    printed = runner.printed()

    assert len(printed) == PRINTED_LIMIT
    assert printed.endswith("98.0\n99.0\n")


def test_threads_can_share_a_runner() -> None:
    source = "def reward_function(params):\n    print('x' * 99)\n    return params['speed']"
    runner = RewardRunner(source)
    cars = inputs_of(*({"speed_mps": float(k)} for k in range(50)))

    with ThreadPoolExecutor(2) as pool:
        batches = list(pool.map(lambda _: runner.rewards(cars, np.arange(50)), range(40)))

    assert all(batch.tolist() == list(range(50)) for batch in batches)
    assert set(runner.printed()) == {"x", "\n"}


def test_a_function_that_spoils_its_inputs_spoils_only_its_own() -> None:
    source = (
        "def reward_function(params):\n"
        "    count = len(params['waypoints'])\n"
        "    assert type(params['waypoints']) is list\n"
        "    params['waypoints'].clear()\n"
        "    params['closest_waypoints'][0] = 7\n"
        "    params.clear()\n"
        "    return count"
    )
    runner = RewardRunner(source)

    rewards = runner.rewards(inputs_of({}, {}), np.array([0, 1, 0]))

    assert rewards.tolist() == [121.0, 121.0, 121.0]


def test_the_function_sees_every_documented_input() -> None:
    source = "def reward_function(params):\n    print(sorted(params))\n    return 1.0"
    runner = RewardRunner(source)
    runner.rewards(inputs_of({}), np.array([0]))

    seen: Any = runner.printed()

    for name in ("waypoints", "closest_objects", "object_in_camera", "is_offtrack", "sim_time"):
        assert f"'{name}'" in seen
