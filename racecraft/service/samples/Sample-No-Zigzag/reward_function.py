"""Stay near the centre line, and do not zigzag: hard steering costs half the reward."""

HARD_STEERING = 15  # degrees; choose it to suit the angles of your action space


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

    # Left is positive and right is negative; how hard is the same for both.
    if abs(params["steering_angle"]) > HARD_STEERING:
        reward *= 0.5

    return reward
