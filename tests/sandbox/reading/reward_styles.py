"""Reward functions that do what people ordinarily do in them."""

from racecraft.domain.reward import PARAMETERS

REWARD_STYLES = {
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
REWARD_STYLES["five hundred rows"] = (
    f"LINE = [\n{TABLE}\n]\n"
    "def reward_function(params):\n"
    "    ways = [(x - params['x']) ** 2 + (y - params['y']) ** 2 for x, y, *_ in LINE]\n"
    "    return 1.0 / (0.1 + min(ways))\n"
)
CHAIN = "".join(f"    elif index == {i}:\n        target = {i % 4}.5\n" for i in range(1, 400))
REWARD_STYLES["four hundred cases"] = (
    "def reward_function(params):\n    index = params['closest_waypoints'][1]\n    target = 1.0\n"
    f"    if index == 0:\n        target = 2.0\n{CHAIN}    return target\n"
)
REWARD_STYLES["all parameters"] = (
    "def reward_function(params):\n"
    + "".join(f"    {name} = params['{name}']\n" for name in PARAMETERS)
    + "    return float(speed)\n"
)
