"""Look where the road goes: the car should point the way the road runs a little further on."""

import math

LOOK_AHEAD = 0.6  # metres; the further, the earlier the car turns into a bend
TOP_SPEED = 1.0  # metres a second; the highest of your action space


def reward_function(params):
    # A wheel beyond the border: the direction no longer matters.
    if not params["all_wheels_on_track"]:
        return 1e-3

    # Walk along the waypoints until LOOK_AHEAD metres are behind us. How far apart they are
    # differs from track to track, so count metres, not waypoints. They form a ring: beyond the
    # last one the walk goes on at the first, and the remainder (%) finds it.
    points = params["waypoints"][:-1]  # the last one is the first again
    index = params["closest_waypoints"][0]
    walked = 0.0
    for _ in points:
        x, y = points[index % len(points)]
        index += 1
        next_x, next_y = points[index % len(points)]
        walked += math.hypot(next_x - x, next_y - y)
        if walked >= LOOK_AHEAD:
            break

    # Angles come round again: 350 degrees is as good as -10. The cosine knows that. It is 1 if
    # both directions agree, 0 at a right angle and negative the wrong way round.
    road = math.atan2(next_y - y, next_x - x)
    agreement = max(0.0, math.cos(math.radians(params["heading"]) - road))

    # The cosine of 20 degrees is still 0.94: a power makes the difference worth something. And if
    # a slow step earned as much as a fast one, the car would have no reason to hurry.
    return max(1e-3, agreement**4 * params["speed"] / TOP_SPEED)
