"""Limits: kept in the home folder, worked out where that is allowed, told to servers."""

from __future__ import annotations

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from racecraft.domain.action_space import action_grid
from racecraft.domain.car import CarSpec, Grip
from racecraft.domain.errors import InvalidInput, TrackNotFound
from racecraft.domain.spec import ModelSpec, TrackChoice
from racecraft.service import limits
from racecraft.service.guides import guided, keep_racing_lines
from racecraft.service.limit_views import ideal_drive, view_limit
from racecraft.service.limits import asked_limit, known_limit, lap_limit, limit_of
from racecraft.service.settings import Settings
from racecraft.service.shared_tracks import draw_track, view_track
from racecraft.service.tracks import export_track, import_track
from racecraft.tracks.library import load_track
from racecraft.tracks.racing_lines import FILE

THIMBLE = TrackChoice(name="thimble")
SLOW = ModelSpec(action_space=action_grid(max_speed_mps=1.0))
FAST = ModelSpec(action_space=action_grid(max_speed_mps=4.0))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path)


def kept(settings: Settings) -> list[Path]:
    return sorted((settings.home / limits.FOLDER).glob("*"))


def test_the_limit_of_a_shipped_track_is_there_at_once_and_others_are_kept(
    settings: Settings,
) -> None:
    assert known_limit(settings, THIMBLE) is not None
    assert known_limit(settings, THIMBLE, top_mps=1.0) is None
    assert limit_of(settings, THIMBLE).time_s == known_limit(settings, THIMBLE).time_s  # type: ignore[union-attr]
    assert kept(settings) == []

    found = limit_of(settings, THIMBLE, top_mps=1.0)
    again = known_limit(settings, THIMBLE, top_mps=1.0)
    assert again is not None
    assert again.time_s == found.time_s
    assert again.points.tobytes() == found.points.tobytes()
    (file,) = kept(settings)
    assert file.suffix == ".json"


def test_a_damaged_file_is_worked_out_anew(settings: Settings) -> None:
    found = limit_of(settings, THIMBLE, top_mps=1.0)
    (file,) = kept(settings)
    file.write_text("{")
    assert known_limit(settings, THIMBLE, top_mps=1.0) is None
    assert limit_of(settings, THIMBLE, top_mps=1.0).time_s == found.time_s
    assert json.loads(file.read_text())["time_s"] == found.time_s


def test_a_models_limits_are_those_of_its_car_and_of_its_own_top_speed(
    settings: Settings,
) -> None:
    slow, fast = lap_limit(settings, THIMBLE, SLOW), lap_limit(settings, THIMBLE, FAST)
    assert slow.limit_s == fast.limit_s == fast.own_limit_s
    assert slow.own_limit_s > 2 * slow.limit_s
    assert (slow.own_top_mps, slow.is_slower, fast.is_slower) == (1.0, True, False)
    grippy = FAST.model_copy(update={"car": CarSpec(grip=Grip.GRIPPY)})
    assert lap_limit(settings, THIMBLE, grippy).limit_s < fast.limit_s


def test_a_server_lets_another_process_work_it_out_and_loads_nothing_for_it(
    settings: Settings,
) -> None:
    code = (
        "import sys; from pathlib import Path; from racecraft.domain.spec import TrackChoice;"
        "from racecraft.service.limits import asked_limit;"
        "from racecraft.service.settings import Settings;"
        "settings = Settings(home=Path(sys.argv[1]));"
        "lap = asked_limit(settings, TrackChoice(name='thimble'), top_mps=1.5, who='me');"
        "print(lap.time_s);"
        "print(sorted({'scipy', 'numba', 'torch', 'matplotlib'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(settings.home)],
        capture_output=True,
        text=True,
        check=True,
    )
    time_s, loaded = done.stdout.splitlines()
    assert loaded == "[]"
    assert float(time_s) == limit_of(settings, THIMBLE, top_mps=1.5).time_s


def test_what_a_whole_class_asks_for_is_worked_out_once(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[Any] = []
    run = subprocess.run

    def counted(*args: Any, **how: Any) -> Any:
        started.append(args)
        return run(*args, **how)

    monkeypatch.setattr(subprocess, "run", counted)
    with ThreadPoolExecutor(4) as people:
        asked = [
            people.submit(asked_limit, settings, THIMBLE, top_mps=1.5, who=f"racer {k}")
            for k in range(4)
        ]
    assert len({each.result().time_s for each in asked}) == 1
    assert len(started) == 1


def test_a_limit_that_cannot_be_read_leaves_a_track_as_good_as_it_is(settings: Settings) -> None:
    file = export_track(settings.home, "thimble", settings.home / "given.npy")
    import_track(settings.home, file, "our-hall")
    hall = TrackChoice(name="our-hall")
    limit = limit_of(settings, hall)
    assert view_track(settings, "our-hall").limit_s == round(limit.time_s, 2)
    with_line = draw_track(settings, "our-hall", has_line=True)
    (kept_file,) = kept(settings)
    kept_file.write_bytes(b"\xff")  # no text at all
    card = view_track(settings, "our-hall")
    assert (card.problem, card.limit_s) == ("", None)
    assert known_limit(settings, hall) is None
    assert draw_track(settings, "our-hall", has_line=True) != with_line


def test_unknown_tracks_are_refused_before_anything_is_worked_out(settings: Settings) -> None:
    with pytest.raises(TrackNotFound):
        asked_limit(settings, TrackChoice(name="thimbel"))
    assert known_limit(settings, TrackChoice(name="thimbel")) is None
    with pytest.raises(InvalidInput, match="letters"):
        view_limit(settings, TrackChoice(name="../x"), top_mps=4.0, who="")


def test_the_fastest_lap_can_be_watched_like_any_other(settings: Settings) -> None:
    limit = limit_of(settings, THIMBLE)
    drive = ideal_drive(settings, THIMBLE, top_mps=4.0, who="")
    assert drive.time_s[-1] == pytest.approx(limit.time_s, abs=0.001)
    assert (np.diff(drive.progress_percent) >= 0).all()
    assert drive.progress_percent[-1] == pytest.approx(100.0, abs=0.5)
    steps = np.hypot(np.diff(drive.x_m), np.diff(drive.y_m))
    assert steps.max() < 4.2 / 15 * 1.1
    assert len(drive.x_m) == len(drive.yaw_rad) == len(drive.steering_deg)
    shown = view_limit(settings, THIMBLE, top_mps=4.0, who="")
    assert shown.limit_s == limit.time_s
    assert [each.times_limit for each in shown.league] == [1.08, 1.21, 2.02, 3.78]


def test_lines_are_kept_for_reward_functions_that_ask_for_them(
    settings: Settings, tmp_path: Path
) -> None:
    asks = "def reward_function(params):\n    return params['racing_speed'][0]\n"
    other = "def reward_function(params):\n    return 1.0\n"
    keep_racing_lines(settings, tmp_path, SLOW, [THIMBLE], asks)
    (line,) = json.loads((tmp_path / FILE).read_text())
    assert max(line["speed_mps"]) == pytest.approx(1.0, abs=0.01)
    (tmp_path / FILE).write_text("[]")  # as another way of working it out may have left it
    keep_racing_lines(settings, tmp_path, SLOW, [THIMBLE], asks, resume=True)
    assert (tmp_path / FILE).read_text() == "[]"
    keep_racing_lines(settings, tmp_path, SLOW, [THIMBLE], asks)
    assert (tmp_path / FILE).read_text() != "[]"
    keep_racing_lines(settings, tmp_path, SLOW, [THIMBLE], other)
    assert not (tmp_path / FILE).exists()

    road = load_track("thimble")
    assert guided(settings, road, THIMBLE, other, car=CarSpec(), top_mps=1.0) is road
    told = guided(settings, road, THIMBLE, asks, car=CarSpec(), top_mps=1.0).racing_line
    assert told is not None
    assert told.speed_mps.tolist() == line["speed_mps"]
