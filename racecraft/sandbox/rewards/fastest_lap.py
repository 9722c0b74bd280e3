"""Drive the fastest lap that physics allows: along its line, at the speed that it has there."""

import math

WIDTH = 0.6  # how far from the line a step still earns something, as a share of the track's width
AHEAD = 2  # so many waypoints ahead the speed is looked up: a car needs time to slow down


def reward_function(params):
    if not params["all_wheels_on_track"]:
        return 1e-3

    # racecraft works the fastest line out before the training: a point and a speed for each
    # waypoint. The last one is the first again.
    line = params["racing_line"][:-1]
    speeds = params["racing_speed"][:-1]
    behind = params["closest_waypoints"][0] % len(line)
    x1, y1 = line[behind]
    x2, y2 = line[(behind + 1) % len(line)]
    wanted = speeds[(behind + AHEAD) % len(line)]

    # How far the car is from the line, and how well it goes along with it. The power makes
    # swerving expensive: from side to side a car is as near to the line on average.
    direction = math.atan2(y2 - y1, x2 - x1)
    x, y = params["x"] - x1, params["y"] - y1
    distance = abs(x * math.sin(direction) - y * math.cos(direction))
    nearness = max(0.0, 1.0 - (distance / (WIDTH * params["track_width"])) ** 2)
    along = max(0.0, math.cos(math.radians(params["heading"]) - direction)) ** 3

    # Full pay at the wanted speed; less for what is slower, and as much less for what is faster.
    pace = params["speed"] / wanted
    pace = max(0.0, min(pace, 2.0 - pace))

    # The product asks for all three at once.
    return max(1e-3, nearness * along * pace)
