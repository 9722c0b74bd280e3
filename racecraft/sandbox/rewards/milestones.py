"""Reach the next mark sooner: pays only at marks along the road, and keeps time in an object."""

MARK_EVERY = 0.25  # metres of road from one mark to the next
TOP_SPEED = 1.0  # metres a second; the highest of your action space
STEPS_A_SECOND = 15


class Stopwatch:
    """Everything that has to be remembered from step to step, in one place."""

    def __init__(self):
        self.is_running = False

    def restart(self, driven, steps):
        self.is_running = True
        self.next_mark = driven + MARK_EVERY
        self.started = steps

    def speed(self, driven, steps):
        """Metres a second since the last mark if the next one is reached, otherwise 0."""
        if driven < self.next_mark:
            return 0.0
        marks = 1 + int((driven - self.next_mark) / MARK_EVERY)  # a fast car may pass several
        seconds = max(1, steps - self.started) / STEPS_A_SECOND
        self.next_mark += marks * MARK_EVERY
        self.started = steps
        return marks * MARK_EVERY / seconds


# Made once, when this file is loaded. Every car loads its own copy, so it has its own watch.
watch = Stopwatch()


def reward_function(params):
    driven = params["progress"] / 100 * params["track_length"]  # metres since the start

    # An episode begins: a new run against the clock.
    if params["steps"] <= 2 or not watch.is_running:
        watch.restart(driven, params["steps"])

    # Between two marks a step is worth next to nothing, so dawdling does not pay. A mark counts
    # once: driving back over it and forth again pays nothing.
    speed = watch.speed(driven, params["steps"])
    if not params["all_wheels_on_track"]:
        return 1e-3
    return max(1e-3, min(speed / TOP_SPEED, 1.5))
