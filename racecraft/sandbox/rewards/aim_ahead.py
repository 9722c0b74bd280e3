"""Steer at a point on the road ahead: the nearer the wheels point to it, the better."""

import math

LOOK_AHEAD = 0.7  # metres from the car's nose to the point; nearer is nervous, further is lazy
MAX_STEERING = 30.0  # degrees; the largest angle of your action space
TOP_SPEED = 1.0  # metres a second; the highest of your action space


def reward_function(params):
    # A wheel beyond the border: close to nothing.
    if not params["all_wheels_on_track"]:
        return 1e-3

    # The first waypoint ahead that is far enough away. They form a ring, see `heading`.
    points = params["waypoints"][:-1]  # the last one is the first again
    first = params["closest_waypoints"][1]
    for k in range(len(points)):
        x, y = points[(first + k) % len(points)]
        if math.hypot(x - params["x"], y - params["y"]) >= LOOK_AHEAD:
            break

    # How far to the left of the nose is it? Left is positive, as for steering.
    direction = math.degrees(math.atan2(y - params["y"], x - params["x"]))
    to_the_left = direction - params["heading"]
    to_the_left = (to_the_left + 180.0) % 360.0 - 180.0  # the short way round
    if abs(to_the_left) > 90.0:
        return 1e-3  # the point is behind the car: it looks the wrong way

    # At this distance, wheels that point at it bring the car there. They turn only so far.
    wanted = max(-MAX_STEERING, min(MAX_STEERING, to_the_left))
    wrong_by = abs(params["steering_angle"] - wanted) / (2 * MAX_STEERING)
    aim = max(0.0, 1.0 - wrong_by) ** 2

    # If a slow step earned as much as a fast one, the car would have no reason to hurry.
    return max(1e-3, aim * params["speed"] / TOP_SPEED)
