"""Stay near the centre line, and keep moving: a slow action costs half the reward."""

SLOW = 0.5  # metres a second; choose it to suit the speeds of your action space


def reward_function(params):
    distance = params["distance_from_center"]
    half_width = params["track_width"] / 2

    if distance <= 0.2 * half_width:
        reward = 1.0
    elif distance <= 0.5 * half_width:
        reward = 0.5
    elif distance <= half_width:
        reward = 0.1
    else:
        reward = 1e-3

    if params["speed"] < SLOW:
        reward *= 0.5

    return reward
