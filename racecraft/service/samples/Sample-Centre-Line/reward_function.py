"""Stay near the centre line: the nearer, the more a step is worth."""


def reward_function(params):
    distance = params["distance_from_center"]  # metres, never negative
    half_width = params["track_width"] / 2

    # Three bands on each side of the centre line, as shares of the half width.
    if distance <= 0.2 * half_width:
        return 1.0
    if distance <= 0.5 * half_width:
        return 0.5
    if distance <= half_width:
        return 0.1

    # Beyond the border: close to nothing, but not zero, so that it still points somewhere.
    return 1e-3
