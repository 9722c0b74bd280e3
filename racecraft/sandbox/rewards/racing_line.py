"""Take the racing line: fast along a line that goes out, in and out through the bends."""

import math

TOP_SPEED = 1.0  # metres a second; the highest of your action space
REACH = 1.5  # metres of road, behind and ahead, over which the line is smoothed
ROOM = 0.5  # how far the line may leave the centre line, as a share of the half width

line = None  # made from the waypoints at the first call, and kept


def smoothed(points, reach):
    """Each point replaced by the mean of its neighbours on both sides."""
    around = range(-reach, reach + 1)
    means = []
    for k in range(len(points)):
        near = [points[(k + j) % len(points)] for j in around]
        means.append((sum(x for x, _ in near) / len(near), sum(y for _, y in near) / len(near)))
    return means


def racing_line(points, reach, room):
    """A line through the bends, `room` metres from the centre line at most."""
    # A mean of points in a bend lies on its inside: smoothing cuts bends. Smoothing again cuts
    # them deeper and begins earlier. Twice the first less the second still cuts the bend, but
    # swings to the outside before and after it.
    once = smoothed(points, reach)
    twice = smoothed(once, reach)
    found = []
    for k, (x, y) in enumerate(points):
        dx = 2 * once[k][0] - twice[k][0] - x
        dy = 2 * once[k][1] - twice[k][1] - y
        share = room / max(room, math.hypot(dx, dy))
        found.append((x + share * dx, y + share * dy))
    return found


def reward_function(params):
    global line

    # Making the line takes hundreds of times as long as using it, so make it once. A car never
    # changes its track, and the line is as good for the next episode.
    half_width = params["track_width"] / 2
    if line is None:
        points = params["waypoints"][:-1]  # the last one is the first again
        reach = round(REACH * len(points) / params["track_length"])
        line = racing_line(points, reach, ROOM * half_width)

    if not params["all_wheels_on_track"]:
        return 1e-3

    # The piece of the line beside the car, and the car's distance from it.
    behind = params["closest_waypoints"][0]
    x1, y1 = line[behind % len(line)]
    x2, y2 = line[(behind + 1) % len(line)]
    direction = math.atan2(y2 - y1, x2 - x1)
    x, y = params["x"] - x1, params["y"] - y1
    distance = abs(x * math.sin(direction) - y * math.cos(direction))

    # Near the line, along the line, and fast: the product asks for all three at once.
    nearness = max(0.0, 1.0 - (distance / half_width) ** 2)
    along = max(0.0, math.cos(math.radians(params["heading"]) - direction))
    return max(1e-3, nearness * along * params["speed"] / TOP_SPEED)
