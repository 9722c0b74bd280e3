"""Who is ahead on the big screen, and by how much: a heat that is read at many moments."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.interfaces.web.world.conftest import look

LAPS, STEP_S = 3, 1 / 15
LAP_STEPS = (92, 95, 101)
"""Of three cars that drive evenly, the fastest first."""
LATE_MS = 15
"""So late or early are the moments of lines, because lap times are whole milliseconds."""
HEAT = """async ({rows, moments, names}) => {
  const { Heat } = await import("/screen/heat.js");
  const cars = names.map((name) => ({name}));
  const told = {id: "h", attempt: 0, shown_from_s: 0, shown_s: 100, cars};
  window.now_s = 0;
  window.heat = new Heat("", told, () => window.now_s);
  heat.use(rows.map((steps) => new world.Timeline(steps)), moments);
}"""
ORDER = """({times, laps}) => times.map((time_s) => {
  window.now_s = time_s;
  heat.advance();
  return heat.order(laps).map(({k, gap_ms, done}) => ({k, gap_ms, isDone: Boolean(done)}));
})"""


def steps_of(lap_steps: int) -> dict[str, list[float]]:
    """A car that drives evenly; the row at a line is the last one of the lap before."""
    count = LAPS * lap_steps + 1
    percent = [100.0 * k / lap_steps % 100.0 if k % lap_steps else 100.0 for k in range(count)]
    percent[0] = 0.0
    return {
        "time_s": [k * STEP_S for k in range(count)],
        "progress_percent": percent,
        **{name: [0.0] * count for name in ("x_m", "y_m", "heading_rad")},
    }


def moments_of(car: int, lap_steps: int) -> list[dict[str, Any]]:
    """Its lines and its end."""
    found: list[dict[str, Any]] = []
    for lap in range(1, LAPS + 1):
        off_s = LATE_MS / 1000 * (-1) ** (lap + car)
        at_s = lap * lap_steps * STEP_S + off_s
        line = {"kind": "LAP", "lap": lap, "sector": 3, "time_ms": 1, "gap_ms": 0}
        found.append({**line, "car": car, "at_s": at_s})
    end = {"kind": "FINISHED", "lap": LAPS, "sector": 0, "car": car}
    return [*found, {**end, "at_s": LAPS * lap_steps * STEP_S}]


@pytest.fixture(scope="module")
def page(chromium: Browser, address: str) -> Iterator[Page]:
    """With the heat loaded."""
    found = look(chromium, address).open()
    moments = [each for car, n in enumerate(LAP_STEPS) for each in moments_of(car, n)]
    rows = [steps_of(n) for n in LAP_STEPS]
    found.evaluate(HEAT, {"rows": rows, "moments": moments, "names": ["ann", "bob", "cid"]})
    yield found
    found.context.close()


def test_the_fastest_leads_all_the_way_and_gaps_grow_down_the_list(page: Page) -> None:
    end_s = LAPS * LAP_STEPS[-1] * STEP_S
    times = [0.5 + 0.011 * k for k in range(int((end_s + 1.0 - 0.5) / 0.011))]
    told = page.evaluate(ORDER, {"times": times, "laps": LAPS})
    for time_s, rows in zip(times, told, strict=True):
        assert [row["k"] for row in rows] == [0, 1, 2], time_s
        gaps_ms = [row["gap_ms"] for row in rows]
        assert gaps_ms == sorted(gaps_ms)
        assert gaps_ms[0] == 0
        for row in rows[1:]:
            driven_s = min(time_s, LAPS * LAP_STEPS[row["k"]] * STEP_S)
            wanted_s = driven_s * (1 - LAP_STEPS[0] / LAP_STEPS[row["k"]])
            assert abs(row["gap_ms"] - wanted_s * 1000) < 80, (time_s, row)
    assert all(row["isDone"] for row in told[-1])


def test_progress_between_the_line_and_the_next_step_is_that_of_the_new_lap(page: Page) -> None:
    read = "time_s => heat.lines[0].read(time_s, {}).progress_percent"
    line_s, percent = LAP_STEPS[0] * STEP_S, 100.0 / LAP_STEPS[0]
    assert page.evaluate(read, line_s) == 100.0
    assert page.evaluate(read, line_s + 0.01) == pytest.approx(percent)
    assert page.evaluate(read, line_s + 1.5 * STEP_S) == pytest.approx(1.5 * percent)
