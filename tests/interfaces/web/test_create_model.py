"""Creating a model in a browser, as a beginner does, with wrong input at every step."""

from __future__ import annotations

import json
import re
import sqlite3
import time

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.interfaces.web.conftest import PATIENCE_MS, Console, Visitor, visit
from tests.interfaces.web.test_pages import PHONE, violations

DRAFTS = "SELECT document FROM drafts"


@pytest.fixture
def visitor(chromium: Browser, solo: Console) -> Visitor:
    return visit(chromium, solo, is_signed_in=False, reduced_motion="reduce")


def fresh(visitor: Visitor) -> Page:
    """The form with nothing typed."""
    page = visitor.open("/models/create")
    afresh = page.get_by_role("button", name="Start afresh")
    if afresh.count():
        afresh.click()
        expect(afresh).to_have_count(0)
    return page


def step(page: Page, title: str) -> None:
    """Wait until a step is shown."""
    expect(page.locator(".step.here")).to_have_text(re.compile(title))


def go_on(page: Page, title: str) -> None:
    page.get_by_role("button", name="Next").click()
    step(page, title)


def tile(page: Page, title: str) -> None:
    page.locator(".tile:visible", has=page.get_by_text(title, exact=True)).click()


def wait_until_kept(console: Console, part: int, **sheet: object) -> None:
    """Wait until the draft on the disk stands at a step and holds some values."""
    wanted = {"part": part, **sheet}
    end = time.monotonic() + PATIENCE_MS / 1000
    while time.monotonic() < end:
        with sqlite3.connect(console.server.home / "racecraft.db") as records:
            rows = [json.loads(row[0])["sheet"] for row in records.execute(DRAFTS)]
        if any(wanted.items() <= row.items() for row in rows):
            return
        time.sleep(0.05)
    raise AssertionError(f"no draft holds {wanted}: {rows}")


def models(console: Console) -> list[str]:
    return [row["model"]["name"] for row in console.server.ask("GET", "models")["items"]]


def test_a_beginner_walks_through_all_steps_with_wrong_input_at_each(
    visitor: Visitor, solo: Console
) -> None:
    page = fresh(visitor)
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_text("The model has no name yet")).to_be_visible()
    name = page.get_by_label("Model name")
    expect(name).to_be_focused()
    name.fill("my first model")
    page.get_by_role("checkbox", name=re.compile("Harbour Loop")).uncheck()
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_text("letters, digits and hyphens, with")).to_be_visible()
    expect(page.get_by_text("tick at least one")).to_be_visible()
    name.fill("Beginner-1")
    page.get_by_label("Find a track").fill("pebble")
    page.get_by_role("checkbox", name=re.compile("Pebble Oval")).check()
    page.get_by_label("Direction on Pebble Oval").select_option("both")
    expect(page.get_by_text("2 tracks are chosen")).to_be_visible()
    go_on(page, "Race and algorithm")

    page.get_by_text("Hyperparameters", exact=True).click()
    page.get_by_label("Learning rate").fill("0.5")
    page.get_by_text("Hyperparameters", exact=True).click()
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_text("Learning rate is 0.5; choose")).to_be_visible()
    expect(page.get_by_label("Learning rate")).to_be_focused()
    page.get_by_label("Learning rate").fill("0.001")
    go_on(page, "Action space")

    page.get_by_label("Largest speed").fill("5")
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_text("Largest speed is 5; choose from 0.1 to 4")).to_be_visible()
    page.get_by_label("Largest speed").fill("1.5")
    expect(page.get_by_text("speeds from 0.5 to 1.5 m/s")).to_be_visible()
    go_on(page, "Vehicle")
    go_on(page, "Reward and stop")
    expect(page.locator(".findings").get_by_text("Passed")).to_be_visible()
    expect(page.locator(".lap-table tbody tr")).to_have_count(5)

    page.get_by_label("At most").fill("2000")
    page.get_by_role("button", name="Create model").click()
    expect(page.get_by_text("choose above 0 and up to 1440")).to_be_visible()
    page.get_by_label("At most").fill("1")
    create = page.get_by_role("button", name="Create model")
    create.dblclick()
    page.wait_for_url(re.compile(r"/models/[0-9a-f]+$"))
    assert models(solo).count("Beginner-1") == 1
    job = solo.server.ask("GET", "jobs")["items"][0]
    job = job.get("job", job)
    assert job["model_name"] == "Beginner-1"
    solo.server.ask("POST", f"jobs/{job['id']}/stop")
    page = visitor.open("/models/create")
    expect(page.get_by_label("Model name")).to_have_value("")
    assert [said for said in visitor.complaints if "404" not in said] == []


def test_a_reload_in_the_middle_loses_nothing_and_back_goes_a_step_back(
    visitor: Visitor, solo: Console
) -> None:
    page = fresh(visitor)
    page.get_by_label("Model name").fill("Kept-1")
    go_on(page, "Race and algorithm")
    tile(page, "Object avoidance")
    page.get_by_label("Boxes", exact=True).fill("4")
    go_on(page, "Action space")
    wait_until_kept(solo, 2, name="Kept-1")
    page.wait_for_function("history.state?.racecraftStep === 2")
    page.reload()
    step(page, "Action space")
    page.wait_for_function("history.state?.racecraftStep === 2")
    page.go_back()
    step(page, "Race and algorithm")
    expect(page.get_by_label("Boxes", exact=True)).to_have_value("4")
    page.get_by_role("button", name="Name and track").click()
    expect(page.get_by_label("Model name")).to_have_value("Kept-1")
    page.goto("about:blank")  # a page that is open would load itself anew in between
    solo.server.end()
    solo.server.start()
    page = visitor.open("/models/create")
    page.get_by_role("button", name="Name and track").or_(
        page.get_by_label("Model name")
    ).first.wait_for()
    expect(page.get_by_text("This is your draft")).to_be_visible()


def test_of_two_windows_one_asks_which_goes_on(chromium: Browser, solo: Console) -> None:
    one = visit(chromium, solo, is_signed_in=False)
    page = fresh(one)
    page.get_by_label("Model name").fill("From-one")
    wait_until_kept(solo, 0, name="From-one")
    two = visit(chromium, solo, is_signed_in=False)
    other = two.open("/models/create")
    expect(other.get_by_label("Model name")).to_have_value("From-one")
    other.get_by_label("Model name").fill("From-two")
    wait_until_kept(solo, 0, name="From-two")
    page.get_by_label("Model name").fill("From-one-again")
    expect(page.get_by_text("changed in another window")).to_be_visible()
    expect(page.get_by_label("Model name")).to_have_value("From-one-again")
    page.get_by_role("button", name="Keep this one").click()
    wait_until_kept(solo, 0, name="From-one-again")
    other.reload()
    expect(other.get_by_label("Model name")).to_have_value("From-one-again")
    assert one.complaints + two.complaints == []


def test_a_preset_fills_everything_in(visitor: Visitor) -> None:
    page = fresh(visitor)
    page.get_by_label("Model name").fill("Preset-1")
    tile(page, "First laps")
    expect(page.get_by_text("Everything is filled in")).to_be_visible()
    expect(page.get_by_label("Model name")).to_have_value("Preset-1")
    page.get_by_role("button", name="Reward and stop").click()
    expect(page.get_by_role("spinbutton", name="Clean laps")).to_have_value("5")
    expect(page.get_by_text("Usually about 4,000 steps")).to_be_visible()


def test_a_click_on_next_is_not_lost_while_a_preset_fills_everything_in(
    visitor: Visitor,
) -> None:
    page = fresh(visitor)
    page.get_by_label("Model name").fill("Preset-2")
    go_on_button = page.get_by_role("button", name="Next")
    go_on_button.hover()
    page.mouse.down()
    page.locator(".tile", has_text="First laps").locator("input").dispatch_event("click")
    expect(page.get_by_text("Everything is filled in")).to_be_visible()
    page.mouse.up()
    step(page, "Race and algorithm")
    # And with no time in between at all.
    page.get_by_role("button", name="Previous").click()
    step(page, "Name and track")
    page.evaluate(
        """() => {
          const tile = [...document.querySelectorAll(".tile")].find((each) =>
            each.textContent.includes("Round the boxes"));
          tile.querySelector("input").click();
          [...document.querySelectorAll("button")].find((each) =>
            each.textContent.trim() === "Next").click();
        }"""
    )
    step(page, "Race and algorithm")
    expect(page.get_by_label("Object avoidance")).to_be_checked()


def test_limits_of_continuous_actions_are_moved_by_mouse_and_keyboard(visitor: Visitor) -> None:
    page = fresh(visitor)
    page.get_by_label("Model name").fill("Limits-1")
    go_on(page, "Race and algorithm")
    go_on(page, "Action space")
    tile(page, "Continuous")
    left = page.get_by_role("slider", name="Furthest left")
    left.focus()
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    expect(page.get_by_label("Furthest left", exact=True).first).to_have_value("25")
    expect(left).to_have_attribute("aria-valuenow", "25")
    fast = page.get_by_role("slider", name="Fastest")
    box = fast.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 13, box["y"] + 13)
    page.mouse.down()
    page.mouse.move(box["x"] + 13, box["y"] - 60, steps=4)
    page.mouse.up()
    value = float(page.locator(".form.two input").nth(3).input_value())
    assert value > 1.4
    assert violations(page) == []


def test_actions_are_edited_added_and_removed(visitor: Visitor) -> None:
    page = fresh(visitor)
    page.get_by_label("Model name").fill("Actions-1")
    go_on(page, "Race and algorithm")
    go_on(page, "Action space")
    page.get_by_label("Advanced: edit every action").check()
    page.get_by_label("Action 0: angle").fill("44")
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_text("Angle is 44; choose from -30 to 30")).to_be_visible()
    page.get_by_label("Action 0: angle").fill("-25")
    page.get_by_role("button", name="Remove action 20").click()
    page.get_by_role("button", name="Add action").click()
    page.get_by_role("button", name="Add action").click()
    expect(page.get_by_text(re.compile("^22 actions"))).to_be_visible()
    assert violations(page) == []
    go_on(page, "Vehicle")
    assert visitor.complaints == []


def test_the_editor_completes_inputs_and_underlines_what_is_wrong(visitor: Visitor) -> None:
    page = fresh(visitor)
    page.get_by_label("Model name").fill("Editor-1")
    tile(page, "First laps")
    page.get_by_role("button", name="Reward and stop").click()
    code = page.get_by_role("textbox", name="Reward function in Python")
    code.click()
    page.keyboard.press("Control+a")
    page.keyboard.type('def reward_function(params):\nreturn params["steer')
    expect(page.locator(".cm-tooltip-autocomplete")).to_contain_text("steering_angle")
    page.wait_for_timeout(200)  # the list takes no key in its first moment, so as not to surprise
    page.keyboard.press("Enter")
    expect(code).to_contain_text("steering_angle")
    page.keyboard.press("Control+a")
    page.keyboard.type('def reward_function(params):\nreturn params["sped"')
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Validate").click()
    error = page.locator(".finding-error").first
    expect(error).to_contain_text("speed")
    expect(page.locator(".found-error").first).to_be_visible()
    page.get_by_role("button", name="Create model").click()
    expect(page.locator(".field-error:visible")).to_contain_text("cannot be trained with")
    page.get_by_role("button", name="Examples").click()
    page.locator(".example", has_text="Stay near the centre").first.get_by_role(
        "button", name="Use this code"
    ).click()
    expect(page.locator(".findings").get_by_text("Passed")).to_be_visible()
    expect(page.locator(".lap-table tbody tr")).to_have_count(5)
    assert visitor.complaints == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_step_reads_well_and_fits_a_phone(
    theme: str, chromium: Browser, solo: Console
) -> None:
    visitor = visit(chromium, solo, is_signed_in=False, color_scheme=theme)
    page = fresh(visitor)
    page.get_by_label("Model name").fill("Reads-well")
    tile(page, "Past other cars")
    expect(page.get_by_text("Everything is filled in")).to_be_visible()
    for title in ("Race and algorithm", "Action space", "Vehicle", "Reward and stop"):
        go_on(page, title)
        for summary in page.locator("summary:visible").all():
            summary.click()
        if title.startswith("Reward"):
            expect(page.locator(".lap-table tbody tr")).to_have_count(4)
        assert violations(page) == [], title
        page.set_viewport_size(PHONE)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), title
        page.set_viewport_size({"width": 1280, "height": 800})
    assert visitor.complaints == []
