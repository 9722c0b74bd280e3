"""Races in the browser: arranged, shared, entered, watched."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from racecraft.tracks.exchange import write_npy
from racecraft.tracks.library import load_track
from tests.interfaces.web.conftest import Console, Visitor, race_of_today, visit
from tests.interfaces.web.test_pages import violations

TRAINING = {
    "model": {"network": "LIGHT", "name": "racer-one"},
    "training": {
        "tracks": [{"name": "thimble"}],
        "threads": 1,
        "hyperparameters": {"num_cars": 8, "max_steps_per_iteration": 64, "num_epochs": 3},
        "stop": {"env_steps": 128},
        "evaluation_trials": 1,
    },
}


@pytest.fixture
def visitor(chromium: Browser, solo: Console) -> Iterator[Visitor]:
    made = visit(chromium, solo, is_signed_in=True)
    yield made
    assert made.complaints == []
    made.page.context.close()


def fill(page: Page, label: str, value: str) -> None:
    page.get_by_label(label, exact=True).fill(value)


def arrange(page: Page, name: str) -> None:
    page.get_by_role("link", name="Create race").first.click()
    page.wait_for_function("window.socket && window.socket.connected")
    fill(page, "Name", name)
    page.get_by_label("Track", exact=True).select_option("thimble")
    fill(page, "Laps driven", "2")
    page.get_by_role("button", name="Create race").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(name)


def test_a_race_is_arranged_entered_and_watched(visitor: Visitor, solo: Console) -> None:
    asked = solo.server.ask("POST", "models", **TRAINING)
    solo.server.wait(asked["job"]["id"], "COMPLETED")
    page = visitor.open("/races")
    arrange(page, "Lunch break")
    address = page.url

    page.get_by_role("button", name="Manage race").click()
    page.get_by_role("button", name="Share link").click()
    link = page.get_by_label("Race link").input_value()
    assert re.search(r"/races/link/[0-9A-Z-]{19}$", link)
    expect(page.get_by_alt_text("QR picture of the race link")).to_have_js_property(
        "complete", True
    )
    assert page.get_by_alt_text("QR picture of the race link").evaluate("e => e.naturalWidth") > 0
    page.goto(link)
    expect(page.get_by_text("You are in.")).to_be_visible()
    page.get_by_role("link", name="View race").click()
    page.wait_for_url(address)

    page.get_by_role("link", name="Enter race").click()
    page.wait_for_function("window.socket && window.socket.connected")
    page.get_by_role("button", name="Enter race").click()
    under_way = page.get_by_text(re.compile("^racer-one is (in the queue of|driving in) this race"))
    expect(under_way).to_be_visible()
    # The page follows the submission by itself.
    done = page.get_by_text(re.compile("^(Ranked|Too few laps)$")).first
    expect(done).to_be_visible()
    expect(under_way).to_have_count(0)
    expect(page.locator(".toast")).to_contain_text("racer-one")
    page.reload()
    expect(page.get_by_role("region", name="Race details")).to_contain_text("Thimble")
    expect(under_way).to_have_count(0)
    mine = page.get_by_role("region", name="Your submissions", exact=True)
    expect(mine).to_contain_text("racer-one")

    mine.get_by_role("link", name="Watch the laps of racer-one").click()
    expect(page.locator("canvas").first).to_be_visible()
    expect(page.get_by_role("region", name="Table of laps").get_by_role("row")).to_have_count(3)
    page.wait_for_function("window.socket && window.socket.connected")
    page.get_by_role("button", name="Drive it again").click()
    expect(page.get_by_text("The same to the millisecond")).to_be_visible()
    page.get_by_label("Lap 1", exact=True).set_checked(True)
    page.get_by_label("Lap 2", exact=True).set_checked(True)
    page.get_by_role("button", name="Show these laps").click()
    page.wait_for_url("**?lap=1&lap=2*")
    expect(page.locator("canvas").first).to_be_visible()

    path = address.removeprefix(solo.address)
    visitor.open(path + "/edit")
    expect(page.get_by_text("Somebody has entered a model, so these stay")).to_be_visible()
    expect(page.get_by_label("Laps driven")).to_have_count(0)
    fill(page, "Description", "At the table")
    page.get_by_role("button", name="Save race").click()
    expect(page.get_by_text("At the table")).to_be_visible()
    visitor.open(path + "/screen")
    page.get_by_role("button", name="Make the screen").click()
    page.get_by_role("link", name="Open screen").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Lunch break")
    expect(page.get_by_alt_text("QR picture: scan to join this race")).to_be_visible()


def test_a_model_leads_to_the_open_races_and_is_chosen_there(
    visitor: Visitor, solo: Console
) -> None:
    page = visitor.open(solo.path("/models/{model_id}"))
    name = page.get_by_role("heading", level=1).inner_text()
    page.get_by_role("button", name="Submit to race").click()
    asked = page.get_by_role("dialog")
    expect(asked).to_contain_text("Open day")
    assert violations(page) == []
    asked.get_by_role("listitem").filter(has_text="Open day").get_by_role("link").click()
    page.wait_for_url("**/enter?model=*")
    expect(page.get_by_label("Model", exact=True).locator("option:checked")).to_have_text(name)


def test_what_does_not_fit_is_said_beside_the_field_and_nothing_is_lost(visitor: Visitor) -> None:
    page = visitor.open("/races/create")
    fill(page, "Description", "A story")
    fill(page, "Laps driven", "")
    page.get_by_role("button", name="Create race").click()
    expect(page.get_by_text("Give the race a name of 1 to 64 characters.")).to_be_visible()
    expect(page.get_by_text("Write a number here")).to_be_visible()
    fill(page, "Name", "Too long in a row")
    fill(page, "Laps driven", "3")
    fill(page, "Laps in a row", "4")
    page.get_by_role("button", name="Create race").click()
    expect(page.get_by_text("nobody can complete more laps")).to_be_visible()
    expect(page.get_by_label("Description")).to_have_value("A story")
    fill(page, "Laps in a row", "3")
    fill(page, "End", "2001-01-01T10:00")
    page.get_by_role("button", name="Create race").click()
    expect(page.get_by_text("ends before it starts")).to_be_visible()


def test_boxes_and_bots_are_asked_for_only_where_there_are_any(visitor: Visitor) -> None:
    page = visitor.open("/races/create")
    boxes, bots = page.get_by_label("Boxes on the road"), page.get_by_label("Bot cars", exact=True)
    expect(boxes).to_be_hidden()
    page.get_by_label("Race type").select_option("OBJECT_AVOIDANCE")
    expect(boxes).to_be_visible()
    expect(bots).to_be_hidden()
    page.get_by_label("Race type").select_option("HEAD_TO_HEAD")
    expect(bots).to_be_visible()
    expect(boxes).to_be_hidden()


def test_a_link_that_leads_nowhere_is_told(visitor: Visitor) -> None:
    page = visitor.open("/races")
    page.get_by_role("button", name="Use a race link").first.click()
    fill(page, "Race link or code", "https://elsewhere.example/races/link/AAAA-BBBB-CCCC-DDDD")
    page.get_by_role("button", name="Come in").click()
    expect(page.get_by_text("This link leads to no race")).to_be_visible()
    visitor.complaints.clear()  # the browser notes the status 404


def test_a_race_is_closed_and_deleted_after_a_question(visitor: Visitor) -> None:
    page = visitor.open("/races")
    arrange(page, "Short-lived")
    for verb in ("Close race now", "Delete race"):
        page.get_by_role("button", name="Manage race").click()
        page.get_by_role("button", name=verb).click()
        page.get_by_role("dialog").get_by_role("button", name=verb.removesuffix(" now")).click()
        if verb.startswith("Close"):
            expect(page.get_by_text("Closed", exact=True)).to_be_visible()
            page.wait_for_function("window.socket && window.socket.connected")
    page.wait_for_url("**/races")
    expect(page.get_by_text("Short-lived")).to_have_count(0)


def test_a_race_whose_track_was_replaced_says_so_everywhere(
    visitor: Visitor, solo: Console
) -> None:
    tracks = solo.server.home / "tracks"
    write_npy(load_track("fox-hollow"), tracks / "our-hall.npy")
    wish = {"name": "In the hall", "rules": {"track": {"name": "our-hall"}}}
    race = solo.server.ask("POST", "races", **{**race_of_today(), **wish})["id"]
    told = visitor.page.get_by_role("alert").filter(has_text="our-hall has been replaced")
    page = visitor.open(f"/races/{race}")
    expect(told).to_have_count(0)
    write_npy(load_track("milk-run"), tracks / "our-hall.npy")
    visitor.open(f"/races/{race}")
    expect(told).to_be_visible()
    assert violations(page) == []
    visitor.open(f"/races/{race}/live")
    expect(told).to_be_visible()
    visitor.open(f"/races/{race}/enter")
    expect(told).to_be_visible()
    expect(page.get_by_role("button", name="Enter race")).to_have_count(0)
