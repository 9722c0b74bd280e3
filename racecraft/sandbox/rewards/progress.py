"""Get round the track: a step is worth the speed at which it brings the car along the road."""

import math

TOP_SPEED = 4.0  # metres a second; makes the reward at most 1


def reward_function(params):
    # A wheel beyond the border earns next to nothing, however fast the car is.
    if not params["all_wheels_on_track"]:
        return 1e-3

    # Which way does the road go here? From the waypoint behind the car to the one ahead.
    behind, ahead = params["closest_waypoints"]
    x_behind, y_behind = params["waypoints"][behind]
    x_ahead, y_ahead = params["waypoints"][ahead]
    road = math.atan2(y_ahead - y_behind, x_ahead - x_behind)

    # Only the part of the speed that points along the road counts: all of it when the car
    # looks down the road, none of it when it looks at the border.
    turned_away = math.radians(params["heading"]) - road
    along_the_road = params["speed"] * math.cos(turned_away)

    return max(1e-3, along_the_road / TOP_SPEED)
