"""Take fewer steps a lap: a step is worth the square of the way that it brought the car."""

TOP_SPEED = 1.0  # metres a second; the highest of your action space
STEPS_A_SECOND = 15

# What to remember until the next step. Every car has its own copy of this file, so this was
# always the same car a step ago. None: there was no step yet.
last_progress = None


def reward_function(params):
    global last_progress

    # An episode begins (its first call sees step 2): the last one's progress means nothing now.
    if params["steps"] <= 2 or last_progress is None:
        last_progress = params["progress"]

    gained = params["progress"] - last_progress  # per cent of a lap
    last_progress = params["progress"]

    # Metres a second instead of per cent a step: worth the same on every track.
    speed = gained / 100 * params["track_length"] * STEPS_A_SECOND
    share = min(speed / TOP_SPEED, 1.5)

    # Driving back, standing still, leaving the road: close to nothing.
    if share <= 0 or not params["all_wheels_on_track"]:
        return 1e-3

    # Why the square? The gains of a lap add up to 100 per cent, however long it took. Squared,
    # one large gain is worth more than two halves: a lap of fewer steps earns more.
    return max(1e-3, share**2)
