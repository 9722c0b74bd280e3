"""A row of the simulator's table as a step of a trace."""

from __future__ import annotations

from collections.abc import Sequence

from racecraft.domain.episode import EpisodeStatus, Step
from racecraft.domain.reward import COLUMN


def traced_step(
    row: Sequence[float],
    status: EpisodeStatus,
    action: int,
    track_length_m: float,
    *,
    is_done: bool,
) -> Step:
    """The step that a row tells of, in episode 0 and without a reward.

    Args:
        row: as in `domain.reward.COLUMNS`.
        status: what the step found.
        action: number of the action; one that rests where the car does not drive.
        track_length_m: of the centre line.
        is_done: whether the episode ends here.
    """
    is_driving = status not in (EpisodeStatus.PREPARE, EpisodeStatus.PAUSE)
    return Step(
        episode=0,
        steps=int(row[COLUMN["steps"]]),
        x_m=row[COLUMN["x_m"]],
        y_m=row[COLUMN["y_m"]],
        yaw_rad=row[COLUMN["heading_rad"]],
        steering_rad=row[COLUMN["steering_rad"]] if is_driving else 0.0,
        speed_mps=row[COLUMN["speed_mps"]] if is_driving else 0.0,
        action=action,
        reward=0.0,
        is_done=is_done,
        all_wheels_on_track=row[COLUMN["all_wheels_on_track"]] != 0.0,
        progress_percent=row[COLUMN["progress_percent"]],
        closest_waypoint=int(row[COLUMN["closest_waypoint"]]),
        track_length_m=track_length_m,
        time_s=row[COLUMN["sim_time_s"]],
        status=status,
    )
