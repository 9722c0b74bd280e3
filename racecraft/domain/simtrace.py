"""Traces as text: what a car did, step by step, in the two formats that log tools read.

A trace file (`<n>-iteration.csv`) has a header and one row a step; a log holds the same
values, shortened, behind `SIM_TRACE_LOG:`. Both write degrees for angles and the documented
words for what a step found. Values in files are Python's own shortest exact text
(`0.1`, `True`), and the step counter is a float (`1.0`), because the original wrote it so.

Many rows are written faster from columns: see `trace_table.py`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from racecraft.domain.episode import NO_ACTION_NUMBER, EpisodeStatus, Step
from racecraft.domain.errors import InvalidInput

TRACE_COLUMNS = (
    "episode",
    "steps",
    "X",
    "Y",
    "yaw",
    "steer",
    "throttle",
    "action",
    "reward",
    "done",
    "all_wheels_on_track",
    "progress",
    "closest_waypoint",
    "track_len",
    "tstamp",
    "episode_status",
    "pause_duration",
    "obstacle_crash_counter",
    "wall_clock",
)
CSV_HEADER = ",".join(TRACE_COLUMNS)
LOG_MARK = "SIM_TRACE_LOG:"
FEWEST_COLUMNS = 15
"""Traces of 2019 stop before `episode_status`; each later column came with a later version."""

_STATUS_OF_WORD = {status.trace_word: status for status in EpisodeStatus}
_WORD_OF_STATUS = {status.value: status.trace_word for status in EpisodeStatus}


def steering_deg(steering_rad: float) -> float:
    """Degrees of a commanded angle, so that a command of 15° reads 15.0 again.

    The way through radians ends at 14.999999999999998, which is not a steering angle that
    anybody chose; nine decimals are finer than any servo. Zero loses its sign.
    """
    return round(math.degrees(steering_rad), 9) + 0.0


def continuous_action(steering: object, speed: object) -> str:
    """The action column of a continuous action space: angle and speed, without a comma."""
    return f"[{steering} {speed}]"


def csv_row(step: Step) -> str:
    """One line of a trace file, without its line end."""
    return ",".join(
        (
            repr(int(step.episode)),
            repr(float(step.steps)),
            repr(float(step.x_m)),
            repr(float(step.y_m)),
            repr(math.degrees(step.yaw_rad)),
            repr(steering_deg(step.steering_rad)),
            repr(float(step.speed_mps)),
            _action_text(step),
            repr(float(step.reward)),
            repr(bool(step.is_done)),
            repr(bool(step.all_wheels_on_track)),
            repr(float(step.progress_percent)),
            repr(int(step.closest_waypoint)),
            repr(float(step.track_length_m)),
            repr(float(step.time_s)),
            _WORD_OF_STATUS[step.status],
            repr(float(step.pause_s)),
            repr(int(step.crash_count)),
            repr(float(step.wall_clock_s)),
        )
    )


def _action_text(step: Step) -> str:
    if step.action == NO_ACTION_NUMBER:
        return continuous_action(steering_deg(step.steering_rad), float(step.speed_mps))
    return repr(int(step.action))


def log_line(step: Step) -> str:
    """One `SIM_TRACE_LOG:` line, without its line end; values are shortened as in the original."""
    return (
        f"{LOG_MARK}{step.episode:d},{step.steps:d},{step.x_m:.4f},{step.y_m:.4f},"
        f"{math.degrees(step.yaw_rad):.4f},{steering_deg(step.steering_rad):.2f},"
        f"{step.speed_mps:.2f},{_action_text(step)},{step.reward:.4f},{bool(step.is_done)},"
        f"{bool(step.all_wheels_on_track)},{step.progress_percent:.4f},{step.closest_waypoint:d},"
        f"{step.track_length_m:.2f},{float(step.time_s)},{_WORD_OF_STATUS[step.status]},"
        f"{step.pause_s:.2f},{step.crash_count:d},{step.wall_clock_s:.4f}"
    )


def step_from_row(row: str) -> Step:
    """The step of a line of a trace file, of any of its versions (15 to 19 columns).

    What an older version does not tell is zero; a status that it does not tell is
    `LAP_COMPLETE` at 100 % and `IN_PROGRESS` below. The action of a continuous action space
    becomes `NO_ACTION_NUMBER`; the columns of angle and speed hold it.

    Raises:
        InvalidInput: the line has another number of columns, or a value that cannot be read.
    """
    values = [value.strip() for value in row.strip().split(",")]
    if not FEWEST_COLUMNS <= len(values) <= len(TRACE_COLUMNS):
        raise InvalidInput(
            f"A trace row has {len(values)} values ({_shortened(row)!r}); "
            f"{FEWEST_COLUMNS} to {len(TRACE_COLUMNS)} are needed, separated by commas."
        )
    try:
        return _step(values)
    except (ValueError, OverflowError) as error:
        raise InvalidInput(
            f"A trace row cannot be read ({error}): {_shortened(row)!r}; "
            "check that the file is a simtrace and is whole."
        ) from error


def step_from_log_line(line: str) -> Step | None:
    """The step of a log line, or None when the line is about something else.

    Anything may stand before the mark; a tab or the line's end closes the values.

    Raises:
        InvalidInput: there is a mark, but what follows is not a trace row.
    """
    _, mark, rest = line.partition(LOG_MARK)
    return step_from_row(rest.split("\t")[0]) if mark else None


def steps_from_csv(text: str) -> list[Step]:
    """The steps of a whole trace file; its header and empty lines are passed over.

    Raises:
        InvalidInput: a row cannot be read.
    """
    lines = text.splitlines()
    if lines and lines[0].startswith("episode,"):
        lines = lines[1:]
    return [step_from_row(line) for line in lines if line.strip()]


def _step(values: Sequence[str]) -> Step:
    progress = float(values[11])
    return Step(
        episode=_whole(values[0]),
        steps=_whole(values[1]),
        x_m=float(values[2]),
        y_m=float(values[3]),
        yaw_rad=math.radians(float(values[4])),
        steering_rad=math.radians(float(values[5])),
        speed_mps=float(values[6]),
        action=NO_ACTION_NUMBER if values[7].startswith("[") else _whole(values[7]),
        reward=float(values[8]),
        is_done=_yes(values[9]),
        all_wheels_on_track=_yes(values[10]),
        progress_percent=progress,
        closest_waypoint=_whole(values[12]),
        track_length_m=float(values[13]),
        time_s=float(values[14]),
        status=_status(values[15]) if len(values) > 15 else _guessed_status(progress),
        pause_s=float(values[16]) if len(values) > 16 else 0.0,
        crash_count=_whole(values[17]) if len(values) > 17 else 0,
        wall_clock_s=float(values[18]) if len(values) > 18 else 0.0,
    )


def _whole(value: str) -> int:
    number = float(value)
    if number != int(number):
        raise ValueError(f"{value!r} is not a whole number")
    return int(number)


def _yes(value: str) -> bool:
    if value not in ("True", "False"):
        raise ValueError(f"{value!r} is neither True nor False")
    return value == "True"


def _status(word: str) -> EpisodeStatus:
    status = _STATUS_OF_WORD.get(word)
    if status is None:
        raise ValueError(f"{word!r} is not an episode status")
    return status


def _guessed_status(progress_percent: float) -> EpisodeStatus:
    is_lap = progress_percent >= 100.0
    return EpisodeStatus.LAP_COMPLETE if is_lap else EpisodeStatus.IN_PROGRESS


def _shortened(row: str) -> str:
    row = row.strip()
    return row if len(row) <= 80 else row[:77] + "..."
