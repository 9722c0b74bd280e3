"""What the reader says about lines that do something else than was meant."""

import pytest

from racecraft.sandbox.findings import Severity
from racecraft.sandbox.reading import read
from tests.sandbox.reading.functions import ERROR, HINT, ONE, WARNING, function, said

RETURNS = {
    "one way": (function("if params['x'] > 1:", "    return 1.0"), WARNING, 2, "without `return`"),
    "bands": (
        function("d = params['x']", "if d < 1:", "    return 1", "elif d < 2:", "    return 0.5"),
        WARNING,
        3,
        "can end here",
    ),
    "perhaps all": (
        function("d = params['x']", "if d < 1:", "    return 1", "elif d > 1:", "    return 0"),
        HINT,
        3,
        "may end here",
    ),
    "after a loop": (
        function("for x, y in params['waypoints']:", "    if x > y:", "        return 1"),
        HINT,
        2,
        "may end here",
    ),
    "after an error": (
        function("try:", "    return 1", "except ValueError:", "    print('no')"),
        WARNING,
        2,
        "can end here",
    ),
    "in what it calls": (
        f"def f(p):\n    if p['x'] > 1:\n        return 1\n{function('return float(f(params))')}",
        WARNING,
        2,
        "`f()` can end here",
    ),
    "bare": (function("if params['x']:", "    return", "return 1"), WARNING, 3, "no reward"),
    "tuple": (function("return 1, 2"), ERROR, 2, "several values"),
    "text": (function("return '1'"), ERROR, 2, "a text"),
    "print": (function("return print(1)"), ERROR, 2, "`print`"),
    "dead": (function("return 1", "x = params['x']", "return x"), WARNING, 3, "never run"),
    "dead by indent": (
        function("for i in range(3):", "    break", "    print(i)", "    x = i", "return 1"),
        WARNING,
        4,
        "line 3 has left",
    ),
    "after all ways": (
        function("if params['x']:", "    return 1", "else:", "    return 2", "y = 1", "return y"),
        WARNING,
        6,
        "never run",
    ),
    "overwritten": (
        function(
            "if params['x'] > 1:",
            "    reward = 1",
            "else:",
            "    reward = 2",
            "reward = params['speed']",
            "return reward",
        ),
        WARNING,
        6,
        "overwrites what line 2",
    ),
    "overwritten at once": (
        function("reward = params['x']", "reward = params['y']", "return reward"),
        WARNING,
        3,
        "overwrites what line 2",
    ),
    "unused": (function("reward = 1", "reward += 2", "return 1.0"), WARNING, 3, "nothing uses it"),
    "unused part": (function("speed_reward = 1", "return 1.0"), HINT, 2, "nothing uses it"),
    "perhaps without value": (
        function("if params['x'] > 1:", "    reward = 1", "return float(reward)"),
        WARNING,
        4,
        "may have no value",
    ),
}


@pytest.mark.parametrize(("source", "severity", "line", "part"), RETURNS.values(), ids=RETURNS)
def test_rewards_that_get_lost_are_found(
    source: str, severity: Severity, line: int, part: str
) -> None:
    said(source, severity, line, part)


def test_nothing_is_said_about_code_that_never_runs_but_that_it_does_not() -> None:
    source = function("return 1", "x = undefined + params['speeed']", "return x")

    assert [finding.line for finding in read(source)] == [3]


HABITS = {
    "is": (function("return 1 if params['speed'] is 3 else 0"), WARNING, 2, "`==`"),
    "is not": (function("return 1 if params['x'] is not 'a' else 0"), WARNING, 2, "`!=`"),
    "text for a truth": (
        function("return 1 if params['is_left_of_center'] == 'True' else 0"),
        WARNING,
        2,
        "True or False, never a text",
    ),
    "text by another name": (
        function("left = params['is_left_of_center']", "return 1 if left != 'no' else 0"),
        WARNING,
        3,
        "True or False, never a text",
    ),
    "text for a number": (
        function("return 1 if params['speed'] == '3' else 0"),
        WARNING,
        2,
        "Compare with a number",
    ),
    "list like a number": (
        function("return 1 if params['closest_waypoints'] == 3 else 0"),
        WARNING,
        2,
        "`[behind, ahead]`",
    ),
    "list above a number": (
        function("w = params['closest_waypoints']", "return 1 if w > 3 else 0"),
        ERROR,
        3,
        "`params['closest_waypoints'][0]`",
    ),
    "cosine of degrees": (
        "import math\n" + function("return math.cos(params['heading'])"),
        WARNING,
        3,
        "wants radians",
    ),
    "sine of degrees by another name": (
        "import numpy as np\n" + function("a = params['steering_angle']", "return np.sin(abs(a))"),
        WARNING,
        4,
        "wants radians",
    ),
    "degrees of degrees": (
        "from math import degrees\n" + function("return degrees(params['heading'])"),
        WARNING,
        3,
        "in degrees already",
    ),
    "radians of radians": (
        "import math\n" + function("return math.radians(params['objects_heading'][0])"),
        WARNING,
        3,
        "in radians already",
    ),
    "two units": (
        "import math\n"
        + function("way = math.atan2(1, 2)", "h = params['heading']", "return abs(way - h)"),
        WARNING,
        5,
        "`way` is in radians and `h` in degrees",
    ),
    "division": (function("return 1 / params['steering_angle']"), HINT, 2, "can be 0"),
    "division at the start": (function("return 1 / (params['steps'] - 2)"), HINT, 2, "first call"),
    "plus turned": (function("reward = 1", "reward =+ 2", "return reward"), WARNING, 3, "`+=`"),
    "minus turned": (function("reward = 1", "reward =- 2", "return reward"), WARNING, 3, "`-=`"),
    "compared for set": (function("x = 1", "x == 2", "return x"), WARNING, 3, "one `=`"),
    "or": (
        function("return 1 if params['speed'] == 1 or 2 else 0"),
        WARNING,
        2,
        "always holds",
    ),
    "missing comma": (f"LINE = [[1, 2]\n        [3, 4]]\n{ONE}", ERROR, 1, "comma"),
    "sleep": ("import time\n" + function("time.sleep(1)", "return 1"), WARNING, 3, "wait"),
    "twice": (f"{ONE}{ONE}", HINT, 1, "defined again in line 3"),
    "global": ("n = 0\n" + function("global n", "n += 1", "return n"), HINT, 3, "set back"),
    "chance": ("import random\n" + function("return random.random()"), HINT, 3, "noisy"),
    "numpy's chance": (
        "import numpy as np\n" + function("return np.random.normal()"),
        HINT,
        3,
        "noisy",
    ),
    "clock": ("import time\n" + function("return time.time()"), HINT, 3, "`params['sim_time']`"),
    "first step": (
        function("return 1 if params['steps'] == 1 else 0"),
        HINT,
        2,
        "`params['steps'] <= 2`",
    ),
}


@pytest.mark.parametrize(("source", "severity", "line", "part"), HABITS.values(), ids=HABITS)
def test_lines_that_do_something_else_than_was_meant_are_found(
    source: str, severity: Severity, line: int, part: str
) -> None:
    said(source, severity, line, part)


@pytest.mark.parametrize(
    "line",
    [
        "return 1 / params['steps']",
        "return 1 / (params['steps'] - 1)",
        "return 1 / max(0.1, params['steering_angle'])",
        "return 1 / params['heading'] if params['heading'] else 0",
        "return 1 if params['x'] is None or params['is_reversed'] is True else 0",
        "return 1 if params['closest_waypoints'][0] > 3 else 0",
        "return 1 if params['closest_waypoints'] == [0, 1] else 0",
        "return params['heading'] - params['steering_angle']",
        "return -5 if params['is_crashed'] == 1 else 0",
    ],
)
def test_lines_that_only_look_like_a_slip_are_left_alone(line: str) -> None:
    assert read(function(line)) == []
