"""Users' reward functions: what they are given, what they may return, what errors tell."""

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from racecraft.domain.errors import InvalidReward, NotFound, RewardFailed
from racecraft.domain.reward import COLUMN, COLUMNS
from racecraft.domain.track import RacingLine, Track
from racecraft.sandbox.builtin import builtin_reward
from racecraft.sandbox.runner import RewardRunner


def a_track(radius_m: float = 3.0) -> Track:
    angle = np.linspace(0, 2 * np.pi, 121)
    circle = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    circle[-1] = circle[0]
    return Track("ring", radius_m * circle, (radius_m - 0.5) * circle, (radius_m + 0.5) * circle)


def table_of(*rows: dict[str, float]) -> NDArray[np.float64]:
    """Reward inputs; what is not given is as on the first waypoint, in driving direction."""
    usual = {
        "x_m": 3.0,
        "heading_rad": math.pi / 2,
        "steps": 2.0,
        "speed_mps": 1.0,
        "track_width_m": 1.0,
        "waypoint_ahead": 1.0,
        "all_wheels_on_track": 1.0,
    }
    table = np.zeros((len(rows), len(COLUMNS)))
    for index, row in enumerate(rows):
        for name, value in {**usual, **row}.items():
            table[index, COLUMN[name]] = value
    return table


def rewards_of(source: str, *rows: dict[str, float]) -> list[float]:
    """Rewards of one row a car."""
    with RewardRunner(source, [a_track()], len(rows)) as runner:
        return runner.rewards(table_of(*rows), np.arange(len(rows))).tolist()


def reward_of(source: str, **row: float) -> float:
    return rewards_of(source, row)[0]


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
    rows = [
        {
            "distance_from_center_m": random.uniform(0, 0.7),
            "track_width_m": random.uniform(0.6, 1.2),
            "steering_rad": math.radians(random.choice([-30, -20, -10, 0, 10, 20, 30])),
            "speed_mps": random.choice([0.4, 0.5, 1.0]),
        }
        for _ in range(300)
    ]

    ours = rewards_of(builtin_reward(name), *rows)
    theirs = rewards_of(BANDS.replace("PENALTY", guide_style), *rows)

    assert ours == theirs
    assert len(set(ours)) >= 4


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


def test_an_unknown_built_in_name_is_answered_with_the_nearest() -> None:
    with pytest.raises(NotFound, match=r"'center-line'.*Did you mean 'centre-line'"):
        builtin_reward("center-line")


def test_rewards_come_back_in_the_order_of_the_rows() -> None:
    source = "def reward_function(params):\n    return params['speed']"
    table = table_of({"speed_mps": 1.0}, {"speed_mps": 2.0}, {"speed_mps": 3.0})
    with RewardRunner(source, [a_track()], 3) as runner:
        rewards = runner.rewards(table[[2, 0]], np.array([2, 0]))
        nothing = runner.rewards(table[:0], np.zeros(0, dtype=np.int64))

    assert rewards.tolist() == [3.0, 1.0]
    assert rewards.dtype == np.float64
    assert nothing.shape == (0,)


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


@pytest.mark.parametrize("leave", ["raise SystemExit", "reward_function(params)"])
def test_leaving_the_program_and_endless_recursion_are_errors_of_the_function(leave: str) -> None:
    with pytest.raises(RewardFailed, match=r"(SystemExit|RecursionError).* in line 2"):
        reward_of(f"def reward_function(params):\n    {leave}\n")


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("def reward_function(params)\n    return 1", r"Line 1 .* is not Python \(`def reward_fu"),
        ("def reward_function(params):\n\treturn 1\n        return 2", "Line 3 .* is not Python"),
        ("x = 1\nreturn x", r"Line 2 .*'return' outside function"),
        ("", r"No line of the reward source defines `reward_function\(params\)`"),
        ("\n\ndef reward(params):\n    return 1", r"it defines `reward` in line 3"),
        ("reward_function = 3", r"`reward_function` is 3 \(int\)"),
        ("\ndef reward_function():\n    return 1", r"Line 2, `def reward_function\(\):`, does not"),
        ("def reward_function(a, b):\n    return 1", "does not take exactly one argument"),
        ("async def reward_function(params):\n    return 1", "is `async`"),
        ("def reward_function(params):\n    yield 1", "uses `yield`"),
        ("import math\nmath.nothing", r"AttributeError: .* loaded, in line 2, `math.nothing`"),
        ("import math\nimport no_such_module_here", "ImportError: .* in line 2"),
        ("raise SystemExit", "SystemExit"),
        ("a\0b", "reward function"),
    ],
)
def test_unusable_source_is_told_with_its_line(source: str, words: str) -> None:
    with pytest.raises(InvalidReward, match=words):
        RewardRunner(source, [a_track()])


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


LINE = "def reward_function(p):\n    i = p['closest_waypoints'][1]\n    return {}\n"


def test_the_racing_line_is_handed_in_for_each_track_and_told_at_its_waypoints() -> None:
    small, large = a_track(), a_track(4.0)
    told = RacingLine(0.9 * large.centre, np.linspace(1.0, 3.0, 121))
    given = Track("given", large.centre, large.inner, large.outer, racing_line=told)
    for text, wanted in (
        ("p['racing_line'][i][0]", [3.0 * math.cos(math.tau / 120), told.points[1, 0]]),
        ("p['racing_speed'][i]", [4.0, told.speed_mps[1]]),
        ("len(p['racing_line']) - len(p['waypoints'])", [0.0, 0.0]),
    ):
        with RewardRunner(LINE.format(text), [small, given], 2) as runner:
            found = runner.rewards(table_of({}, {}), np.arange(2))
        assert found.tolist() == pytest.approx(wanted)


def test_changing_the_racing_line_changes_it_for_nobody_else() -> None:
    text = "p['racing_line'].clear() or p['racing_speed'].clear() or float(p['steps'])"
    assert rewards_of(LINE.format(text), {"steps": 2.0}, {"steps": 3.0}) == [2.0, 3.0]
