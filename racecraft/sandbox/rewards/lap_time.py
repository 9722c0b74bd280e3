"""Be round soon, on any line: a step is worth the way that it brought the car along the road."""

TOP_SPEED = 4.0  # metres a second; the highest of your action space
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

    # Off the road with all wheels: the episode is over. With one wheel on it the car may cut a
    # bend as closely as it likes; racing lines touch both borders.
    if params["is_offtrack"] or gained <= 0:
        return 1e-3

    # Metres a second along the middle of the road, which is shorter on the inside of a bend: a
    # better line pays as much as a higher speed.
    speed = gained / 100 * params["track_length"] * STEPS_A_SECOND
    return max(1e-3, min(speed / TOP_SPEED, 2.0))
