"""Pass what is on the road: get on, and keep well to the side of what is next."""

import math

TOP_SPEED = 1.0  # metres a second; the highest of your action space
WATCH = 1.5  # metres ahead of the car's nose; what is further away does not matter yet
PASSED = 0.5  # metres behind the nose; only then the whole car is past an object
ROOM = 0.55  # metres to the side, from the middle of the car to that of an object


def reward_function(params):
    if not params["all_wheels_on_track"] or params["is_crashed"]:
        return 1e-3

    # As in the example progress: what counts is the speed at which the car gets on.
    behind, ahead = params["closest_waypoints"]
    x_behind, y_behind = params["waypoints"][behind]
    x_ahead, y_ahead = params["waypoints"][ahead]
    road = math.atan2(y_ahead - y_behind, x_ahead - x_behind)
    turned_away = math.radians(params["heading"]) - road
    pace = params["speed"] * math.cos(turned_away) / TOP_SPEED

    # How much room is there beside each object that the car is about to pass? Left of the centre
    # line counts as positive. Without objects the lists are empty, and nothing is in the way.
    own = params["distance_from_center"] * (1 if params["is_left_of_center"] else -1)
    room = ROOM
    for k in range(len(params["objects_location"])):
        # How far along the road? Beyond the start line positions begin at 0 again; the
        # remainder (%) makes the way there positive, and an object just passed negative.
        way = params["objects_distance"][k] - params["projection_distance"] + PASSED
        way = way % params["track_length"] - PASSED
        if way < WATCH:
            beside = params["objects_distance_from_center"][k]
            beside *= 1 if params["objects_left_of_center"][k] else -1
            room = min(room, abs(own - beside))

    # Nothing in the way pays in full; the less room there is, the less a step is worth.
    return max(1e-3, pace * room / ROOM)
