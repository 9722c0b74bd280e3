"""Drive fast on straights and slower in bends: the road ahead says which speed is right."""

import math

LOOK_AHEAD = 1.0  # metres; a faster car has to look further
STRAIGHT_SPEED = 1.0  # metres a second; the highest of your action space
BEND_SPEED = 0.6  # metres a second, for a sharp bend
SHARP = 60.0  # degrees that the road turns within LOOK_AHEAD


def reward_function(params):
    if not params["all_wheels_on_track"]:
        return 1e-3

    # The direction of the road here, and LOOK_AHEAD metres further on. The waypoints form a ring,
    # so the walk goes on at the first one when it has passed the last.
    points = params["waypoints"][:-1]  # the last one is the first again
    first = params["closest_waypoints"][0]
    walked = 0.0
    for k in range(len(points)):
        x, y = points[(first + k) % len(points)]
        next_x, next_y = points[(first + k + 1) % len(points)]
        direction_ahead = math.atan2(next_y - y, next_x - x)
        if k == 0:
            direction_here = direction_ahead
        walked += math.hypot(next_x - x, next_y - y)
        if walked >= LOOK_AHEAD:
            break

    # By how many degrees does it turn? The remainder is the short way round, -180 to 180.
    turn = math.remainder(math.degrees(direction_ahead - direction_here), 360)

    # Between no turn and a sharp one the right speed falls evenly.
    sharpness = min(1.0, abs(turn) / SHARP)
    right_speed = STRAIGHT_SPEED - sharpness * (STRAIGHT_SPEED - BEND_SPEED)

    # 1 at the right speed; too fast is as wrong as too slow.
    wrong_by = abs(params["speed"] - right_speed) / STRAIGHT_SPEED
    reward = max(0.0, 1.0 - wrong_by) ** 2

    # The right speed in the wrong place is worth little.
    half_width = params["track_width"] / 2
    nearness = max(0.0, 1.0 - (params["distance_from_center"] / half_width) ** 2)
    return max(1e-3, reward * nearness)
