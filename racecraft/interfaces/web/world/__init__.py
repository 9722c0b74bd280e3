"""The 3D world of the console: live cars, replays, and the car of the garage, in one line each."""

from racecraft.interfaces.web.world.elements import (
    GarageCar,
    RecordedLap,
    World,
    garage_car,
    live,
    replay,
    sight,
)

__all__ = ["GarageCar", "RecordedLap", "World", "garage_car", "live", "replay", "sight"]
