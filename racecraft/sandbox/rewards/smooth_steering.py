"""Turn the wheel gently: every change of the steering angle costs a part of the reward."""

TOP_SPEED = 1.0  # metres a second; the highest of your action space
FULL_TURN = 60.0  # degrees from all the way right to all the way left
MOST_TO_LOSE = 0.5  # share of the reward that such a turn from one step to the next costs

last_steering = None  # a step ago; every car has its own copy of this file


def reward_function(params):
    global last_steering

    # An episode begins: whatever the wheels did in the last one, it was no change.
    if params["steps"] <= 2 or last_steering is None:
        last_steering = params["steering_angle"]
    change = abs(params["steering_angle"] - last_steering)
    last_steering = params["steering_angle"]

    if not params["all_wheels_on_track"]:
        return 1e-3

    # There must be something to lose: drive on, and near the centre line. If smoothness were all
    # that pays, the best car would hold its wheels straight and leave the road at the first bend.
    half_width = params["track_width"] / 2
    nearness = 1.0 - (params["distance_from_center"] / half_width) ** 2
    reward = max(0.0, nearness) * params["speed"] / TOP_SPEED

    # The example steady-steering dislikes large angles, even where a bend needs them. This one
    # likes any angle that is held.
    reward *= 1.0 - MOST_TO_LOSE * min(1.0, change / FULL_TURN)
    return max(1e-3, reward)
