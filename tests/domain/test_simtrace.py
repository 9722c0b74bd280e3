"""Trace text: what is written is read back, by us and from every older version."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from racecraft.domain.episode import NO_ACTION_NUMBER, EpisodeStatus, Step
from racecraft.domain.errors import InvalidInput
from racecraft.domain.simtrace import (
    CSV_HEADER,
    csv_row,
    log_line,
    step_from_log_line,
    step_from_row,
    steps_from_csv,
)
from racecraft.domain.trace_table import TraceTable


def _number(lowest: float, highest: float) -> st.SearchStrategy[float]:
    return st.floats(lowest, highest, allow_nan=False).map(lambda value: value + 0.0)


STEPS = st.builds(
    Step,
    episode=st.integers(0, 10**6),
    steps=st.integers(1, 100_000),
    x_m=_number(-500, 500),
    y_m=_number(-500, 500),
    yaw_rad=_number(-math.pi, math.pi),
    steering_rad=st.integers(-30, 30).map(math.radians),
    speed_mps=_number(0.1, 4.0),
    action=st.integers(-1, 29),
    reward=_number(-1e5, 1e5),
    is_done=st.booleans(),
    all_wheels_on_track=st.booleans(),
    progress_percent=_number(-1, 100),
    closest_waypoint=st.integers(0, 700),
    track_length_m=_number(1, 200),
    time_s=_number(0, 1e7),
    status=st.sampled_from(EpisodeStatus),
    pause_s=_number(0, 60),
    crash_count=st.integers(0, 99),
    wall_clock_s=_number(0, 2e9),
)

EXAMPLE = Step(
    episode=41,
    steps=2,
    x_m=3.2031,
    y_m=0.6835,
    yaw_rad=math.radians(0.1712),
    steering_rad=math.radians(-15.0),
    speed_mps=0.8,
    action=3,
    reward=0.912,
    is_done=False,
    all_wheels_on_track=True,
    progress_percent=0.7941,
    closest_waypoint=1,
    track_length_m=17.71,
    time_s=612.337,
    status=EpisodeStatus.IN_PROGRESS,
    wall_clock_s=1760000123.4567,
)


def _assert_same(read: Step, written: Step, *, tolerance: float = 0.0) -> None:
    for name in Step.__dataclass_fields__:
        got, wanted = getattr(read, name), getattr(written, name)
        if name in ("yaw_rad", "steering_rad"):
            assert got == pytest.approx(wanted, rel=1e-12, abs=max(tolerance, 1e-12)), name
        elif isinstance(wanted, float):
            assert got == pytest.approx(wanted, rel=1e-15, abs=tolerance), name
        else:
            assert got == wanted, name


@given(STEPS)
def test_a_csv_row_reads_back_as_the_same_step(step: Step) -> None:
    _assert_same(step_from_row(csv_row(step)), step)


@given(STEPS)
def test_a_log_line_reads_back_as_the_same_step_to_its_last_decimal(step: Step) -> None:
    read = step_from_log_line("[agent-5] 12:00:01 " + log_line(step) + "\tmore")

    assert read is not None
    _assert_same(read, step, tolerance=0.00501)


@given(st.lists(STEPS, max_size=20))
def test_a_table_writes_the_same_text_as_its_steps(steps: list[Step]) -> None:
    table = TraceTable.from_steps(steps)

    assert table.csv_text() == "".join(line + "\n" for line in (CSV_HEADER, *map(csv_row, steps)))
    assert table.to_steps() == steps


@given(st.lists(STEPS, min_size=1, max_size=5))
def test_a_trace_file_reads_back_row_by_row(steps: list[Step]) -> None:
    read = steps_from_csv(TraceTable.from_steps(steps).csv_text())

    assert len(read) == len(steps)
    for one, other in zip(read, steps, strict=True):
        _assert_same(one, other)


def test_a_row_holds_raw_python_values_in_the_documented_order() -> None:
    assert csv_row(EXAMPLE) == (
        "41,2.0,3.2031,0.6835,0.1712,-15.0,0.8,3,0.912,False,True,0.7941,1,17.71,612.337,"
        "in_progress,0.0,0,1760000123.4567"
    )


def test_a_log_line_has_the_documented_decimals() -> None:
    assert log_line(EXAMPLE) == (
        "SIM_TRACE_LOG:41,2,3.2031,0.6835,0.1712,-15.00,0.80,3,0.9120,False,True,0.7941,1,17.71,"
        "612.337,in_progress,0.00,0,1760000123.4567"
    )


def test_the_header_names_nineteen_columns() -> None:
    assert CSV_HEADER.count(",") == 18
    assert CSV_HEADER.startswith("episode,steps,X,Y,yaw,steer,throttle,action,reward,done")
    assert CSV_HEADER.endswith("episode_status,pause_duration,obstacle_crash_counter,wall_clock")


@pytest.mark.parametrize("degrees", range(-30, 31))
def test_a_commanded_angle_is_written_as_it_was_chosen(degrees: int) -> None:
    step = TraceTable.from_steps([EXAMPLE]).to_steps()[0]
    step = Step(**{**step.__dict__, "steering_rad": math.radians(degrees)})

    assert csv_row(step).split(",")[5] == repr(float(degrees))


@pytest.mark.parametrize("columns", range(15, 20))
def test_older_versions_with_fewer_columns_are_read(columns: int) -> None:
    row = ",".join(csv_row(EXAMPLE).split(",")[:columns])

    step = step_from_row(row)

    assert step.time_s == EXAMPLE.time_s
    assert step.status is EpisodeStatus.IN_PROGRESS
    assert step.wall_clock_s == (EXAMPLE.wall_clock_s if columns == 19 else 0.0)


def test_an_old_row_at_a_hundred_percent_counts_as_a_lap() -> None:
    values = csv_row(EXAMPLE).split(",")[:15]
    values[11] = "100.0"

    assert step_from_row(",".join(values)).status is EpisodeStatus.LAP_COMPLETE


def test_a_continuous_action_becomes_minus_one() -> None:
    row = csv_row(EXAMPLE).replace(",3,0.912", ",[-15.0 0.8],0.912")

    assert step_from_row(row).action == -1


def test_a_continuous_action_is_written_as_angle_and_speed_without_a_comma() -> None:
    step = replace(EXAMPLE, action=NO_ACTION_NUMBER)
    assert csv_row(step) == csv_row(EXAMPLE).replace(",3,0.912", ",[-15.0 0.8],0.912")
    assert ",-15.00,0.80,[-15.0 0.8],0.9120," in log_line(step)
    assert step_from_row(csv_row(step)) == step
    assert step_from_log_line(log_line(step)) is not None


def test_a_log_line_about_something_else_is_no_step() -> None:
    assert step_from_log_line("Training finished after 12 episodes") is None


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        ("1,2,3", "has 3 values"),
        (csv_row(EXAMPLE) + ",1", "has 20 values"),
        (csv_row(EXAMPLE).replace("in_progress", "flying"), "'flying' is not an episode status"),
        (csv_row(EXAMPLE).replace("3.2031", "here"), "could not convert"),
        (csv_row(EXAMPLE).replace("False", "no"), "neither True nor False"),
        (csv_row(EXAMPLE).replace("41,2.0", "41,2.5"), "not a whole number"),
        (csv_row(EXAMPLE).replace("41,2.0", "inf,2.0"), "cannot be read"),
    ],
)
def test_a_row_that_cannot_be_read_is_shown_in_the_error(row: str, complaint: str) -> None:
    with pytest.raises(InvalidInput, match=complaint):
        step_from_row(row)


def test_a_table_of_columns_fills_what_may_be_left_out() -> None:
    columns = {name: [0, 0] for name in TraceTable.__dataclass_fields__}
    for name in ("pause_s", "crash_count", "wall_clock_s"):
        del columns[name]

    table = TraceTable.from_columns(columns)

    assert table.wall_clock_s.tolist() == [0.0, 0.0]
    assert table.is_done.dtype == np.bool_
    assert table.csv_text().splitlines()[1].startswith("0,0.0,0.0,")


def test_columns_of_different_length_are_refused() -> None:
    columns = {name: [0, 0] for name in TraceTable.__dataclass_fields__}
    columns["reward"] = [0]

    with pytest.raises(ValueError, match="equally long"):
        TraceTable.from_columns(columns)


def test_joined_tables_keep_their_order_and_rows_can_be_taken() -> None:
    one = TraceTable.from_steps([EXAMPLE])

    both = TraceTable.joined([one, one])

    assert len(both) == 2
    assert len(both.take(np.array([True, False]))) == 1
    assert len(TraceTable.joined([])) == 0
