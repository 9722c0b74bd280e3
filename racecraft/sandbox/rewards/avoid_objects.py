"""Pass what stands on the road: drive in the lane that the next object leaves free."""

import math

USUAL_LANE = "left"  # where to drive when nothing is in the way
TOP_SPEED = 1.0  # metres a second; the highest of your action space
WATCH = 2.0  # metres; what is further ahead does not matter yet
TOO_CLOSE = 0.35  # metres from the car's nose to the middle of an object


def reward_function(params):
    if not params["all_wheels_on_track"] or params["is_crashed"]:
        return 1e-3

    # Without objects the lists are empty, but closest_objects is [0, 0] all the same: ask the
    # lists whether there is anything.
    lane, care = USUAL_LANE, 1.0
    if params["objects_location"]:
        ahead = params["closest_objects"][1]

        # How far along the road? Beyond the start line positions begin at 0 again; the remainder
        # (%) makes the way there positive.
        way = params["objects_distance"][ahead] - params["projection_distance"]
        if way % params["track_length"] <= WATCH:
            lane = "right" if params["objects_left_of_center"][ahead] else "left"

        # Keep clear of all of them, also of the one beside the car, which is not ahead any more.
        for x, y in params["objects_location"]:
            if math.hypot(x - params["x"], y - params["y"]) < TOO_CLOSE:
                care = 0.1

    # The rest is the example stay-in-lane, with a lane that changes.
    position = params["distance_from_center"]
    side = "left" if params["is_left_of_center"] else "right"
    if side != lane:
        position = -position
    middle = params["track_width"] / 4
    off_the_middle = abs(position - middle) / (2 * middle)
    nearness = max(0.0, 1.0 - off_the_middle**2)
    return max(1e-3, care * nearness * params["speed"] / TOP_SPEED)
