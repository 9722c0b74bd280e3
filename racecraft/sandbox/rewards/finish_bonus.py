"""Finish the lap: every step pays for the way that it brought, and the finish pays extra."""

FINISH_BONUS = 20.0  # as much as twenty good steps; a lap has hundreds
TOP_SPEED = 1.0  # metres a second; the highest of your action space
STEPS_A_SECOND = 15

last_progress = None  # a step ago; every car has its own copy of this file


def reward_function(params):
    global last_progress

    # An episode begins: there is nothing to compare with.
    if params["steps"] <= 2 or last_progress is None:
        last_progress = params["progress"]
    gained = params["progress"] - last_progress
    last_progress = params["progress"]

    # The way of this step, as a share of what top speed would bring.
    speed = gained / 100 * params["track_length"] * STEPS_A_SECOND
    reward = min(speed / TOP_SPEED, 1.5)
    if not params["all_wheels_on_track"]:
        reward = 0.0

    # The lap is done. The bonus is paid in full at top speed and by half at half the speed. Keep
    # it small: the camera does not show how much of the lap is left, so the car cannot see the
    # bonus coming, and a huge one looks to it like good luck.
    if params["progress"] >= 100:
        seconds = max(1, params["steps"]) / STEPS_A_SECOND
        mean_speed = params["track_length"] / seconds
        reward += FINISH_BONUS * min(mean_speed / TOP_SPEED, 1.5)

    return max(1e-3, reward)
