"""Reward functions in ordinary ways to write Python."""

PYTHON_STYLES = {
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
}
