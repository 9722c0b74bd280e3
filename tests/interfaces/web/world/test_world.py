"""The 3D world in a real browser: what it draws, where cars are, and what happens in trouble."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import Browser, Page

from tests.interfaces.web.world.conftest import SPEED_MPS, Looked, Stream, look

LAP = """({count, speed}) => {
  const course = new world.Course(geometry);
  return Array.from({length: count}, (_, lap) => {
    const steps = {time_s: [], x_m: [], y_m: [], heading_rad: [], speed_mps: [], steering_rad: [],
                   progress_percent: [], status: []};
    for (let k = 0; k < 90; k++) {
      const section = course.sectionAt(speed * k / 15);
      const next = (section + 1) % course.count;
      const share = (speed * k) / 15 / course.spacing_m - section;
      steps.time_s.push(k / 15);
      steps.x_m.push(course.x_m[section] + share * (course.x_m[next] - course.x_m[section]));
      const y_m = course.y_m[section] + share * (course.y_m[next] - course.y_m[section]);
      steps.y_m.push(y_m + 0.02 * lap);
      steps.heading_rad.push(course.heading_rad[section]);
      steps.speed_mps.push(speed);
      steps.steering_rad.push(0.1);
      steps.progress_percent.push(k);
      steps.status.push(1);
    }
    return {id: String(lap), label: `lap ${lap + 1}`, steps, lap_time_s: null};
  });
}"""
OPEN = f"""({{count, ...options}}) => {{
  window.laps = ({LAP})({{count, speed: 1.2}});
  window.view = world.openReplay(host, {{geometry, laps, ...options}});
}}"""
PAUSED = "() => { view.source.clock.isPaused = true; }"


@pytest.fixture(scope="module")
def replay(chromium: Browser, address: str) -> Any:
    """Two laps, one of them a ghost; the same page for several tests."""
    looked = look(chromium, address)
    page = looked.open()
    page.evaluate(OPEN, {"count": 2})
    page.wait_for_function("view.frames > 3")
    yield looked
    page.context.close()


def pixels(page: Page) -> Any:
    """(H, W, 3) what the picture shows, without what stands over it."""
    page.evaluate(PAUSED)
    return np.asarray(
        Image.open(io.BytesIO(page.locator(".world-canvas").screenshot())).convert("RGB")
    )


def at(page: Page, time_s: float) -> list[Any]:
    """The cars in the picture of a moment."""
    page.evaluate(PAUSED)
    page.evaluate("time => view.seek(time)", time_s)
    frames = page.evaluate("view.frames")
    page.wait_for_function("frames => view.frames > frames + 1", arg=frames)
    return list(page.evaluate("view.report()")["cars"])


@pytest.mark.parametrize("camera", ["chase", "orbit", "onboard", "above", "tv"])
def test_every_camera_shows_a_road_and_not_one_colour(camera: str, replay: Looked) -> None:
    page = replay.page
    page.get_by_role(
        "button", name={"onboard": "On board", "tv": "TV"}.get(camera, camera.title()), exact=True
    ).click()
    frames = page.evaluate("view.frames")
    page.wait_for_function("frames => view.frames > frames + 1", arg=frames)
    seen = pixels(page)
    assert page.evaluate("view.report().camera") == camera
    assert len(np.unique(seen.reshape(-1, 3) // 16, axis=0)) > 60
    assert replay.complaints == []


def test_at_the_time_of_a_step_a_car_is_exactly_where_it_was(replay: Looked) -> None:
    laps = replay.page.evaluate("laps.map(lap => lap.steps)")
    for step in (0, 7, 31, 89):
        for car, steps in zip(at(replay.page, step / 15), laps, strict=True):
            assert car["x_m"] == pytest.approx(steps["x_m"][step], abs=1e-9)
            assert car["y_m"] == pytest.approx(steps["y_m"][step], abs=1e-9)
            assert car["heading_rad"] == pytest.approx(steps["heading_rad"][step], abs=1e-9)


def test_what_the_graphics_card_is_given_is_where_the_car_is(replay: Looked) -> None:
    car = at(replay.page, 2.0)[0]
    given = replay.page.evaluate("Array.from(view.stage.fleet.flock.values.slice(0, 12))")
    assert given[3] == pytest.approx(car["x_m"], abs=1e-5)
    assert given[7] == pytest.approx(car["y_m"], abs=1e-5)
    assert np.arctan2(given[4], given[0]) == pytest.approx(car["heading_rad"], abs=0.05)


def test_between_two_steps_a_car_moves_on_without_a_stop(replay: Looked) -> None:
    moments = 2.0 + np.arange(9) / 8 / 15
    path = np.array([[car["x_m"], car["y_m"]] for car in (at(replay.page, t)[0] for t in moments)])
    moved = np.linalg.norm(np.diff(path, axis=0), axis=1)
    assert moved.sum() == pytest.approx(SPEED_MPS / 15, rel=0.3)
    assert moved.min() > 0.4 * moved.mean()


def test_cars_drive_as_fast_as_the_viewer_wants(replay: Looked) -> None:
    page = replay.page
    at(page, 0.5)
    page.get_by_label("Speed of the picture").select_option("0.25")
    page.get_by_role("button", name="Play").click()
    page.wait_for_function("view.report().time_s > 0.6")
    page.get_by_role("button", name="Pause").click()
    assert page.evaluate("view.source.clock.rate") == 0.25
    assert 0.6 < page.evaluate("view.report().time_s") < 1.5


def test_everything_works_by_keyboard(replay: Looked) -> None:
    page = replay.page
    at(page, 1.0)
    page.locator(".world-canvas").focus()
    page.keyboard.press("4")
    assert page.evaluate("view.mode") == "above"
    page.keyboard.press("]")
    assert page.evaluate("view.followed") == 1
    page.keyboard.press(".")
    assert page.evaluate("view.report().time_s") == pytest.approx(1 + 1 / 15)
    page.keyboard.press("n")
    page.wait_for_selector(".world-label", state="attached")
    assert page.get_by_role("button", name="Names").get_attribute("aria-pressed") == "true"
    page.keyboard.press(" ")
    assert page.evaluate("view.source.clock.isPaused") is False
    page.keyboard.press(" ")
    page.keyboard.press("[")


def test_screen_readers_get_a_text_and_axe_finds_nothing(replay: Looked) -> None:
    replay.page.wait_for_function(
        "document.querySelector('.world-words').textContent.includes('lap 1: driving')"
    )
    found = Axe().run(
        replay.page,
        options={"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag22aa"]}},
    )
    found_at = [
        f"{rule['id']}: {node['html'][:120]}"
        for rule in found.response["violations"]
        for node in rule["nodes"]
    ]
    assert found_at == []


def test_a_shared_address_restores_moment_camera_and_car(chromium: Browser, address: str) -> None:
    looked = look(chromium, address)
    page = looked.open()
    page.evaluate("history.replaceState(null, '', '?t=3.20&camera=above&car=1&speed=0.5')")
    page.evaluate(OPEN, {"count": 2, "shares": True})
    page.wait_for_function("view.frames > 1")
    report = page.evaluate("view.report()")
    assert (report["camera"], report["followed"]) == ("above", 1)
    assert report["time_s"] == pytest.approx(3.2)
    page.evaluate("view.seek(1.25); view.useCamera('tv')")
    page.get_by_role("button", name="Copy link").click()
    page.wait_for_function("location.search.includes('camera=tv')")
    assert "t=1.25" in page.url
    assert "speed=0.5" in page.url
    assert looked.complaints == []
    page.context.close()


def test_without_webgl_a_sentence_explains_it_and_the_map_shows_the_cars(
    chromium: Browser, address: str
) -> None:
    looked = look(chromium, address)
    page = looked.page
    page.add_init_script(
        "const get = HTMLCanvasElement.prototype.getContext;"
        "HTMLCanvasElement.prototype.getContext = function (kind, ...more) {"
        " return kind.startsWith('webgl') ? null : get.call(this, kind, ...more); };"
    )
    looked.open()
    page.evaluate(OPEN, {"count": 2})
    page.wait_for_function("view.frames > 3")
    assert "cannot draw in 3D" in page.locator(".world-flat").inner_text()
    box = page.locator(".world-map").bounding_box()
    assert box is not None
    assert box["width"] > 300
    drawn = np.asarray(
        Image.open(io.BytesIO(page.locator(".world-map").screenshot())).convert("RGB")
    ).reshape(-1, 3)
    assert (np.abs(drawn.astype(int) - [255, 122, 26]).sum(axis=1) < 40).sum() > 20
    assert looked.complaints == []
    page.context.close()


def test_a_live_stream_is_followed_and_joined_again_when_it_breaks(
    chromium: Browser, address: str, stream: Stream
) -> None:
    looked = look(chromium, address)
    page = looked.open()
    page.evaluate(
        "() => { window.view = world.openLive(host, {job_id: 'job',"
        " sight: document.getElementById('sight')}); }"
    )
    page.wait_for_function("view.source.clock.time_s > 0.5")
    report = page.evaluate("view.report()")
    x_m, y_m, _ = stream.poses([report["time_s"]])
    for number, car in enumerate(report["cars"]):
        assert car["isShown"]
        assert abs(car["x_m"] - x_m[0, number]) < 0.03
        assert abs(car["y_m"] - y_m[0, number]) < 0.03
    page.wait_for_function("document.querySelector('.sight-actions').innerText.includes('70 %')")
    assert "left 29°" in page.locator(".sight-actions").inner_text()
    assert page.evaluate("view.source.thingsFor(0)")[0]["x_m"] == 1.5
    page.wait_for_function("view.source.counts.connects >= 2 && view.source.counts.segments > 3")
    page.wait_for_function("view.report().time_s > 2.2")
    assert {"car": 0} in stream.heard
    assert looked.complaints == []
    page.context.close()


def test_the_car_of_the_garage_takes_another_colour_at_once(
    chromium: Browser, address: str
) -> None:
    looked = look(chromium, address)
    page = looked.open()
    page.evaluate(
        "() => { window.car = new world.GarageCar(host, {shell: 'classic', colour: 'red',"
        " turns: false, sensors: ['FRONT_FACING_CAMERA', 'LIDAR']}); }"
    )
    counts = []
    for colour in ("red", "blue"):
        page.evaluate("colour => { window.before = car.frames ?? 0; car.show({colour}); }", colour)
        page.wait_for_function("car.frames > window.before")
        picture = Image.open(io.BytesIO(page.locator(".garage-canvas").screenshot()))
        red, _, blue = (np.asarray(band).astype(int) for band in picture.convert("RGB").split())
        counts.append((((red - blue) > 60).sum(), ((blue - red) > 60).sum()))
    (red_first, blue_first), (red_then, blue_then) = counts
    assert red_first > red_then + 800
    assert blue_then > blue_first + 800
    assert looked.complaints == []
    page.context.close()
