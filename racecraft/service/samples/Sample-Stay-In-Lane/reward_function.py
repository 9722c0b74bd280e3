"""Stay in one lane: the nearer to the middle of the left half of the road, the better."""

LANE = "left"  # or "right", as the driver sees it
TOP_SPEED = 1.0  # metres a second; the highest of your action space


def reward_function(params):
    # A wheel beyond the border: close to nothing, but not zero.
    if not params["all_wheels_on_track"]:
        return 1e-3

    # The distance from the centre line has no sign, so give it one: inside the lane is positive.
    position = params["distance_from_center"]
    side = "left" if params["is_left_of_center"] else "right"
    if side != LANE:
        position = -position

    # 1 in the middle of the lane, falling to 0 in the middle of the other one. A smooth slope tells
    # the car at every step which way is better; bands, as in centre-line, only at their edges.
    middle = params["track_width"] / 4
    off_the_middle = abs(position - middle) / (2 * middle)
    nearness = max(0.0, 1.0 - off_the_middle**2)

    # If a slow step earned as much as a fast one, the car would have no reason to hurry.
    return max(1e-3, nearness * params["speed"] / TOP_SPEED)
