"""The page of recorded laps: a real training, real evaluations, a real browser."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Browser

from racecraft.domain.hyperparameters import PPOHyperparameters
from racecraft.domain.spec import (
    EvaluationSpec,
    ModelSpec,
    Network,
    StopCondition,
    TrackChoice,
    TrainingSpec,
)
from racecraft.service import models
from racecraft.service.settings import Settings
from racecraft.service.worker import evaluate_model, train_model
from tests.interfaces.web.conftest import Console, visit
from tests.service.server import Server

WORLD = "document.querySelector('.world')?.racecraftWorld"
NOSE_M = 0.14
SMALL = {"width": 420, "height": 640}


@dataclass
class Driven:
    """A server with a model that has been evaluated."""

    console: Console
    path: str
    drives: list[dict[str, Any]]
    stamp: str


@pytest.fixture(scope="module")
def driven(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Driven]:
    settings = Settings(home=tmp_path_factory.mktemp("driven"))
    track = TrackChoice(name="fox-hollow")
    training = TrainingSpec(
        tracks=(track,),
        hyperparameters=PPOHyperparameters(num_epochs=3, max_steps_per_iteration=256, num_cars=8),
        stop=StopCondition(env_steps=256),
        evaluation_trials=1,
        threads=1,
    )
    reward = "def reward_function(params):\n    return 1.0\n"
    model = ModelSpec(name="car", network=Network.LIGHT)
    models.create_model(settings, model, training, reward_source=reward)
    train_model(settings, "car", on_report=lambda report: None)
    evaluate_model(settings, "car", EvaluationSpec(track=track, trials=2, seed=3))
    old_s = time.time() - 60  # a folder that is just being made is not looked at
    os.utime(settings.models / "car", (old_s, old_s))
    server = Server(settings.home)
    server.start()
    rows = [view["model"] for view in server.ask("GET", "models")["items"]]
    found = next(model["id"] for model in rows if model["name"] == "car")
    stamp = server.ask("GET", f"models/{found}/evaluations")["items"][0]["stamp"]
    drives = server.ask("GET", f"models/{found}/evaluations/{stamp}/drives")["items"]
    yield Driven(Console(server), f"/replay/{found}", drives, stamp)
    server.end()


def test_laps_of_the_address_are_shown_where_they_were_driven(
    chromium: Browser, driven: Driven
) -> None:
    visitor = visit(chromium, driven.console, is_signed_in=False, viewport=SMALL)
    laps = "&".join(f"lap={driven.stamp}-{number}" for number in (1, 2))
    page = visitor.open(f"{driven.path}?{laps}")
    page.wait_for_function(f"{WORLD}?.frames > 0", timeout=120_000)
    step = min(len(drive["time_s"]) for drive in driven.drives) // 2
    cars = page.evaluate(
        f"""time => {{
          const view = {WORLD};
          view.source.clock.isPaused = true;
          view.seek(time);
          view.source.read(view.states);
          return view.report().cars;
        }}""",
        driven.drives[0]["time_s"][step],
    )
    for car, drive in zip(cars, driven.drives, strict=True):
        nose_m = complex(drive["x_m"][step], drive["y_m"][step])
        assert abs(complex(car["x_m"], car["y_m"]) - nose_m) == pytest.approx(NOSE_M, abs=0.002)
    assert page.evaluate("document.querySelector('.world-link').href").endswith(".mp4")
    ticked = page.evaluate("document.querySelectorAll('.replay-lap input:checked').length")
    assert ticked == 2
    assert visitor.complaints == []
    page.context.close()


def test_the_ideal_line_drives_beside_a_lap_as_a_ghost(chromium: Browser, driven: Driven) -> None:
    visitor = visit(chromium, driven.console, is_signed_in=False, viewport=SMALL)
    page = visitor.open(driven.path)
    page.get_by_label(re.compile("^Ideal line, the limit at")).check()
    page.get_by_role("button", name="Show these laps").click()
    page.wait_for_url("**ideal=own*")
    page.wait_for_function(f"{WORLD}?.frames > 0", timeout=120_000)
    assert page.evaluate(f"{WORLD}.report().cars.length") == 2
    assert page.get_by_label(re.compile("^Ideal line, the limit at")).is_checked()
    assert visitor.complaints == []
    page.context.close()


def test_laps_are_played_scrubbed_slowed_down_shared_and_downloaded(
    chromium: Browser, driven: Driven
) -> None:
    visitor = visit(chromium, driven.console, is_signed_in=False, viewport=SMALL)
    page = visitor.open(driven.path)
    for tick in page.locator(".replay-lap input[name='lap']").all():
        tick.check()
    page.get_by_role("button", name="Show these laps").click()
    page.wait_for_url(lambda address: address.count("lap=") == 2)
    page.wait_for_function(f"{WORLD}?.frames > 0", timeout=120_000)
    assert page.evaluate(f"{WORLD}.states.map((state) => Boolean(state.isGhost))") == [False, True]

    bar = page.get_by_label("Time of the replay")
    if page.get_by_role("button", name="Pause", exact=True).count():
        page.get_by_role("button", name="Pause", exact=True).click()
    bar.fill("0.6")
    page.wait_for_function(f"Math.abs({WORLD}.report().time_s - 0.6) < 0.01", timeout=120_000)
    page.get_by_label("Speed of the picture").select_option("0.25")
    page.get_by_role("button", name="Play", exact=True).click()
    # A picture that is out of sight stands still.
    page.locator(".world-canvas").scroll_into_view_if_needed()
    page.wait_for_function(f"{WORLD}.report().time_s > 0.63", timeout=120_000)
    page.get_by_role("button", name="Pause", exact=True).click()
    stopped_s = page.evaluate(f"{WORLD}.source.clock.time_s")
    assert stopped_s > 0.63

    page.get_by_role("button", name="Above").click()
    page.get_by_role("button", name="Copy link").click()
    page.wait_for_function("location.search.includes('camera=above')")
    other = visitor.page.context.new_page()
    other.goto(page.url)
    other.wait_for_function(f"{WORLD}?.frames > 0", timeout=120_000)
    again = other.evaluate(f"{WORLD}.report()")
    assert again["camera"] == "above"
    assert again["time_s"] == pytest.approx(stopped_s, abs=0.01)
    assert other.evaluate(f"{WORLD}.source.clock.rate") == 0.25
    assert len(again["cars"]) == 2

    with page.expect_download() as download:
        page.get_by_role("link", name="Download film").click()
    film = download.value.path().read_bytes()
    assert film[4:8] == b"ftyp"
    assert len(film) > 10_000
    assert visitor.complaints == []
    page.context.close()


def test_a_lap_that_is_not_recorded_is_told_in_a_sentence(
    chromium: Browser, driven: Driven
) -> None:
    visitor = visit(chromium, driven.console, is_signed_in=False)
    page = visitor.open(f"{driven.path}?lap={driven.stamp}-77")
    assert "There is no recorded lap" in page.locator("main").inner_text()
    page.context.close()
