"""Ordinary ways to write a reward function, of which the reader has nothing bad to say."""

from pathlib import Path

import pytest

from racecraft.domain.reward import PARAMETERS
from racecraft.sandbox import rewards
from racecraft.sandbox.findings import Finding, Severity
from racecraft.sandbox.reading import read

STYLES = {
    "one line": "def reward_function(params): return params['speed']",
    "a lambda": "reward_function = lambda params: params['speed'] ** 2",
    "another argument name": "def reward_function(p):\n    return p['speed'] + p.get('x', 0.0)",
    "type hints": """
from __future__ import annotations
from typing import Any, Dict, List, Optional, Tuple

Point = Tuple[float, float]

def ahead(points: List[Point], index: int) -> Point:
    return points[index % len(points)]

def reward_function(params: Dict[str, Any]) -> float:
    chosen: Optional[Point] = ahead(params["waypoints"], params["closest_waypoints"][1])
    x, y = chosen
    return float(x * y)
""",
    "bands of the guide": """
def reward_function(params):
    '''
    Three bands
    '''
    # Read input parameters
    track_width = params['track_width']
    distance_from_center = params['distance_from_center']
    marker_1 = 0.1 * track_width
    marker_2 = 0.25 * track_width
    marker_3 = 0.5 * track_width
    if distance_from_center <= marker_1:
        reward = 1.0
    elif distance_from_center <= marker_2:
        reward = 0.5
    elif distance_from_center <= marker_3:
        reward = 0.1
    else:
        reward = 1e-3  # probably off track
    ABS_STEERING_THRESHOLD = 15
    if abs(params['steering_angle']) > ABS_STEERING_THRESHOLD:
        reward *= 0.5
    SPEED_THRESHOLD = 0.5
    if params['speed'] < SPEED_THRESHOLD:
        reward *= 0.5
    return float(reward)
""",
    "imports inside, functions inside, functions below": """
def reward_function(params):
    import math
    import json

    reward = 1e-3

    def angle(a, b):
        return math.degrees(math.atan2(b[1] - a[1], b[0] - a[0]))

    behind, ahead = params['closest_waypoints']
    track = angle(params['waypoints'][behind], params['waypoints'][ahead])
    diff = abs(track - params['heading'])
    if diff > 180:
        diff = 360 - diff
    reward += bonus(diff)
    params['log_key'] = 'a'
    params['diff'] = diff
    print(json.dumps(params), params['diff'])
    return float(reward)

def bonus(diff):
    if diff < 10:
        return 1
    elif diff < 30:
        return 0.5
    return 0
""",
    "an object made at import": """
import math

class Reward:
    LIMIT = 60

    def __init__(self, verbose=False):
        self.first_index = None
        self.verbose = verbose
        self.params = None

    def reward_function(self, params):

        def distance(x1, x2, y1, y2):
            return abs(abs(x1 - x2) ** 2 + abs(y1 - y2) ** 2) ** 0.5

        def nearest(points, car):
            distances = []
            for i in range(len(points)):
                distances.append(distance(x1=points[i][0], x2=car[0], y1=points[i][1], y2=car[1]))
            return distances.index(min(distances))

        table = [[3.0, 0.5, 4.0, 0.04], [2.9, 0.6, 3.5, 0.05]]
        self.params = params
        x = self.params['x']
        y = params['y']
        index = nearest(table, [x, y])
        if params['steps'] == 2.0:
            self.first_index = index
        else:
            pass
        reward = 1
        speed_reward = table[index][2] - params['speed']
        if not params['all_wheels_on_track']:
            reward = 1e-3
        else:
            reward += speed_reward * self.LIMIT / Reward.LIMIT
        if self.verbose == True:
            print("Closest: %i, reward %f" % (index, reward))
        return float(reward)


reward_object = Reward(verbose=True)


def reward_function(params):
    return reward_object.reward_function(params)
""",
    "state in globals": """
import time
last_speed = None
step_log = []
best = {'reward': 0}

def reset():
    global last_speed
    last_speed = None
    del step_log[:]

def reward_function(params):
    global last_speed, laps
    if params['steps'] <= 2:
        reset()
        laps = 0
    try:
        change = abs(params['speed'] - last_speed)
    except TypeError:
        change = 0.0
    try:
        unheard
    except NameError:
        unheard = 1
    last_speed = params['speed']
    step_log.append(change)
    best['reward'] = max(best['reward'], change)
    return 1.0 - change / (1 + len(step_log)) + unheard * 0
""",
    "dataclasses, enums, decorators": """
import enum
import functools
from dataclasses import dataclass, field

class Turn(enum.Enum):
    LEFT = 1
    RIGHT = enum.auto()

@dataclass(frozen=True)
class Weights:
    speed: float = 1.0
    points: list = field(default_factory=list)

def never_negative(function):
    @functools.wraps(function)
    def inner(*args, **kwargs):
        return max(1e-3, function(*args, **kwargs))
    return inner

WEIGHTS = Weights()

@never_negative
def reward_function(params):
    turn = Turn.LEFT if params['steering_angle'] > 0 else Turn.RIGHT
    if turn is Turn.LEFT:
        return WEIGHTS.speed * params['speed']
    return 0.5
""",
    "walrus, match, comprehensions, star": """
def total(*parts, scale=1, **named):
    return scale * (sum(parts) + sum(named.values()))

def reward_function(params):
    waypoints = params['waypoints']
    xs = [x for x, _ in waypoints]
    lengths = {i: (b[0] - a[0]) ** 2 for i, (a, b) in enumerate(zip(waypoints, waypoints[1:]))}
    if (n := len(xs)) > 3 and any(v > 0 for v in lengths.values()):
        first, *rest, last = xs
        scale = len(rest) / n + first - last
    else:
        scale = 1.0
    match params['closest_waypoints']:
        case [0, ahead]:
            kind = 'start'
        case [behind, ahead] if behind < ahead:
            kind = 'middle'
        case _:
            kind, ahead = 'end', 0
    match {'kind': kind}:
        case {'kind': 'start' | 'middle' as name, **others}:
            return total(1, scale, scale=0.5, more=len(name) + len(others) + ahead)
        case _:
            return total(*[1, 2], **{'a': scale})
""",
    "numpy, scipy and shapely": """
import numpy as np
from numpy import array, linalg as la
import scipy.stats as st
from scipy.spatial import KDTree
from scipy import interpolate
from shapely.geometry import Point, LineString, Polygon
from shapely.geometry.polygon import LinearRing

LINE = array([[3.1, 0.7], [2.9, 0.8],
              [2.7, 0.9]])
TREE = KDTree(LINE)

def reward_function(params):
    car = Point(params['x'], params['y'])
    away = LineString(LINE).distance(car)
    _, index = TREE.query([params['x'], params['y']])
    heading = np.deg2rad(params['heading'])
    way = np.array([np.cos(heading), np.sin(heading)])
    near = st.norm.pdf(away, 0, 0.3) * la.norm(way) + 0 * index
    return float(np.clip(near, 1e-3, 1e3))
""",
    "an import that may fail": """
try:
    import numpy as np
    HAS_NUMPY = True
except ImportError:
    np = None
    HAS_NUMPY = False

def reward_function(params):
    if HAS_NUMPY:
        return float(np.exp(-params['distance_from_center']))
    return 1.0
""",
    "everything of a module": """
from math import *
def reward_function(params):
    angle = radians(params['heading'])
    return sqrt(params['speed']) * cos(angle) + pi
""",
    "errors caught and shown": """
import traceback
def reward_function(params):
    try:
        reward = params['progress'] / params['steps']
        return float(reward)
    except Exception as error:
        print('Error: {}'.format(error))
        traceback.print_exc()
        return 1e-3
    finally:
        print('done')
""",
    "loops that end": """
def reward_function(params):
    waypoints = params['waypoints']
    index = params['closest_waypoints'][1]
    while True:
        x, y = waypoints[index % len(waypoints)]
        if (x - params['x']) ** 2 + (y - params['y']) ** 2 > 1.25:
            break
        index += 1
    for step in range(10):
        if step > 5:
            reward = step
            break
    else:
        reward = 0.1
    return reward + index
""",
    "every case returns": """
def lane(index):
    if index < 10:
        return 'left'
    if index >= 10:
        return 'right'

def reward_function(params):
    left = params['is_left_of_center']
    if params['all_wheels_on_track'] == False:
        return 1e-3
    elif params['all_wheels_on_track'] == True:
        if left and lane(params['closest_waypoints'][0]) == 'left':
            return 1.0
        elif not left:
            return 0.5
        else:
            return 0.1
""",
    "a return that cannot be reached": """
def reward_function(params):
    if params['is_offtrack']:
        return 0.0
    else:
        return 1.0
    return 0.0
""",
    "several texts on one line": """
def reward_function(params):
    if params.get("is_reversed", False): return 1e-6
    x = float(params["x"]); y = float(params["y"])
    n = len(params["waypoints"])
    def wp(i): return params["waypoints"][i % n]
    def diff(a, b):
        d = a - b
        while d > 180: d -= 360
        while d < -180: d += 360
        return d
    steps = int(params.get("steps", 1) or 1)
    norm = wp(steps)[0] if x > y else diff(x, y)
    reward = 1e-3 if norm < 1e-3 else norm
    return float(reward)
""",
    "objects": """
import math
def reward_function(params):
    _, next_object_index = params['closest_objects']
    objects_location = params['objects_location']
    reward = 1e-3
    if objects_location:
        x, y = objects_location[next_object_index]
        distance = math.sqrt((params['x'] - x) ** 2 + (params['y'] - y) ** 2)
        same = params['objects_left_of_center'][next_object_index] == params['is_left_of_center']
        if same and 0.5 <= distance < 0.8: reward *= 0.5
        elif distance < 0.3: reward = 1e-3
    speed = params['objects_speed'] or [0]
    heading = math.cos(sum(params['objects_heading']))
    return float(reward + heading + max(speed) + params['object_in_camera'] * 1)
""",
    "logging and formats": """
import logging
logger = logging.getLogger(__name__)
logging.basicConfig(level=logging.INFO)
DEBUG, LEVELS = False, ('a', 'b')

def reward_function(params):
    if DEBUG:
        logger.info("%s", params)
    print(f"progress={params['progress']:.2f} {params['speed']!r:>{10}} {LEVELS[0]}")
    return 1.0
""",
    "a finish bonus": """
def reward_function(params):
    reward = 1e-3
    reward = progress_reward(reward, params)
    if params['progress'] == 100.0:
        reward += 89999
    elif params['progress'] >= 50 or params['steps'] == 300:
        reward = max(reward, 0.5)
    return float(reward)

def progress_reward(reward, params):
    reward += params['progress'] / params['steps']
    return reward
""",
    "closures and nonlocal": """
def counter():
    count = 0
    def more():
        nonlocal count
        count += 1
        return count
    return more

more = counter()
ease = {'linear': lambda x: x, 'square': lambda x, p=2: x ** p}

def reward_function(params):
    return ease['square'](params['speed']) + more()
""",
    "names of one's own for known things": """
def reward_function(params):
    time = params['steps'] / 15
    pi = int(params['progress'] / 10)
    input = params['speed']
    id, type, open = 1, 2, 3
    random = sum([input, open, id, type])
    return float(time + pi + random)
""",
    "other languages": """
# -*- coding: utf-8 -*-
# 중앙으로 안전하게 — デフォルトの報酬値
def reward_function(params):
    größe = params['track_width']
    π = 3.14159
    報酬 = 1.0
    return float(größe * π * 報酬)
""",
    "a guard for older simulators": """
def reward_function(params):
    if 'sim_clock' in params:
        now = params['sim_clock']
    else:
        now = params['steps'] / 15
    yaw = params['yaw'] if 'yaw' in params.keys() else params['heading']
    for name in ('x', 'y'):
        now += params[name]
    now += sum(params[k] for k in params if k == 'speed')
    return float(now + yaw)
""",
    "a tool that is only for one's own machine": """
def reward_function(params):
    return params['speed']

if __name__ == '__main__':
    import sys
    import matplotlib.pyplot as plt
    plt.plot(open(sys.argv[1]).read())
    print(reward_function({'speed': 1, 'nothing': undefined}))
""",
    "a copy of the parameters": """
import copy
def enriched(params):
    more = copy.deepcopy(params)
    more['half_width'] = more['track_width'] / 2
    return more

def reward_function(params):
    params = enriched(params)
    return params['half_width'] - params['whatever_enriched_made']
""",
    "parameters as attributes": """
class Inputs:
    def __init__(self, params):
        self.__dict__.update(params)
        for key, value in params.items():
            setattr(self, key, value)

def reward_function(params):
    car = Inputs(params)
    return car.speed * car.whatever
""",
}

TABLE = "\n".join(
    f"    [{0.01 * i:.5f}, {-0.02 * i:.5f}, {1 + i % 4}.0, 0.0{i}]," for i in range(500)
)
STYLES["five hundred rows"] = (
    f"LINE = [\n{TABLE}\n]\n"
    "def reward_function(params):\n"
    "    ways = [(x - params['x']) ** 2 + (y - params['y']) ** 2 for x, y, *_ in LINE]\n"
    "    return 1.0 / (0.1 + min(ways))\n"
)
CHAIN = "".join(f"    elif index == {i}:\n        target = {i % 4}.5\n" for i in range(1, 400))
STYLES["four hundred cases"] = (
    "def reward_function(params):\n    index = params['closest_waypoints'][1]\n    target = 1.0\n"
    f"    if index == 0:\n        target = 2.0\n{CHAIN}    return target\n"
)
STYLES["all parameters"] = (
    "def reward_function(params):\n"
    + "".join(f"    {name} = params['{name}']\n" for name in PARAMETERS)
    + "    return float(speed)\n"
)


def bad(findings: list[Finding]) -> list[Finding]:
    return [finding for finding in findings if finding.severity is not Severity.HINT]


@pytest.mark.parametrize("source", STYLES.values(), ids=STYLES)
def test_ordinary_styles_get_neither_error_nor_warning(source: str) -> None:
    assert bad(read(source)) == []


@pytest.mark.parametrize("source", STYLES.values(), ids=STYLES)
@pytest.mark.parametrize("end", ["\r\n", "\r"], ids=["windows", "old mac"])
def test_other_ends_of_lines_and_a_byte_order_mark_change_nothing(source: str, end: str) -> None:
    assert read("\ufeff" + source.replace("\n", end)) == read(source)


def test_tabs_are_as_good_as_spaces() -> None:
    source = STYLES["bands of the guide"].replace("    ", "\t")

    assert bad(read(source)) == []


@pytest.mark.parametrize(
    "file", sorted(Path(rewards.__path__[0]).glob("[!_]*.py")), ids=lambda file: file.stem
)
def test_the_examples_that_come_along_get_neither_error_nor_warning(file: Path) -> None:
    assert bad(read(file.read_text(encoding="utf-8"))) == []
