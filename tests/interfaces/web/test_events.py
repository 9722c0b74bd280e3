"""Events and seasons in the browser: organised, joined by the link, kept in order, printed."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.interfaces.web.conftest import Console, Visitor, race_of_today, visit
from tests.interfaces.web.test_pages import violations
from tests.interfaces.web.test_screen import drove


@pytest.fixture
def organiser(chromium: Browser, hosted: Console) -> Iterator[Visitor]:
    made = visit(chromium, hosted, is_signed_in=True)
    yield made
    assert made.complaints == []
    made.page.context.close()


@pytest.fixture
def stranger(chromium: Browser, hosted: Console) -> Iterator[Visitor]:
    """Somebody with a phone and no account."""
    made = visit(chromium, hosted, is_signed_in=False, viewport={"width": 390, "height": 844})
    yield made
    made.page.context.close()


def ready(page: Page) -> None:
    page.wait_for_function("window.socket && window.socket.connected")


def fill(page: Page, label: str, value: str) -> None:
    page.get_by_label(label, exact=True).fill(value)


def test_an_event_from_its_form_to_its_last_guest(
    organiser: Visitor, stranger: Visitor, hosted: Console
) -> None:
    page = organiser.open("/events/create")
    page.get_by_role("button", name="Create event").click()
    expect(page.get_by_text("Give the event a name of 1 to 64 characters.")).to_be_visible()
    fill(page, "Name", "Robot club")
    page.get_by_label("Open day", exact=True).check()
    page.get_by_label("Race for practice").select_option(label="Open day")
    fill(page, "Rule for names", "(")
    page.get_by_role("button", name="Add a line").click()
    fill(page, "What", "Cup and cake")
    page.get_by_role("button", name="Create event").click()
    expect(page.get_by_text("This is no regular expression")).to_be_visible()
    fill(page, "Rule for names", "Seat-[0-9]+")
    fill(page, "The rule in words", "Seat and a number")
    page.get_by_role("button", name="Create event").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Robot club")
    expect(page.get_by_text("Cup and cake")).to_be_visible()
    expect(page.get_by_text("For practice")).to_be_visible()

    ready(page)
    page.get_by_role("button", name="Manage event").click()
    page.get_by_role("button", name="Share link").click()
    link = page.get_by_label("Event link").input_value()
    expect(page.get_by_text("Links with localhost open on this machine alone.")).to_be_visible()
    picture = page.get_by_alt_text("QR picture of the event link")
    expect(picture).to_have_js_property("complete", True)
    assert picture.evaluate("picture => picture.naturalWidth") > 0
    expect(page.get_by_text("and there the code " + link.rsplit("/", 1)[1])).to_be_visible()
    page.keyboard.press("Escape")
    address = page.url
    organiser.open("/races").get_by_role("button", name="Use a race link").first.click()
    fill(page, "Race link or code", link.rsplit("/", 1)[1].lower())
    page.get_by_role("button", name="Come in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Robot club")
    expect(page).to_have_url(re.compile("/events/link/"))
    page.goto(address)
    ready(page)

    phone = stranger.page
    phone.goto(link)
    ready(phone)
    phone.get_by_role("link", name="I have an account").click()
    expect(phone).to_have_url(re.compile(r"/sign-in\?next=/events/link/"))
    phone.goto(link.replace("127.0.0.1", "localhost"))
    fill(phone, "Racer name", "whoever")
    phone.get_by_role("button", name="Come in").click()
    expect(phone.get_by_text("does not follow the rule here: Seat and a number")).to_be_visible()
    fill(phone, "Racer name", "Seat-7")
    phone.get_by_role("button", name="Come in").click()
    expect(phone.get_by_role("heading", name="Welcome, Seat-7")).to_be_visible()
    phone.get_by_role("link", name="I have it: go on").click()
    expect(phone.get_by_role("heading", level=1)).to_have_text("Robot club")
    expect(phone.get_by_role("link", name="Open day")).to_be_visible()
    expect(phone.get_by_role("button", name="Manage event")).to_have_count(0)
    here = phone.url
    phone.get_by_role("link", name="Open day").click()
    phone.get_by_role("link", name="Enter race").first.click()
    model = phone.get_by_label("Model", exact=True)
    expect(model.locator("option").filter(has_text="Sample-")).to_have_count(3)
    phone.goto(here)
    with phone.expect_download() as got:
        phone.get_by_role("link", name="Download all of mine").click()
    assert got.value.suggested_filename == "Seat-7-everything.zip"

    page.reload()
    ready(page)
    page.get_by_label("Choose Seat-7").check()
    page.get_by_role("button", name="Rename").click()
    fill(page, "New racer name", "Seat-8")
    page.get_by_role("dialog").get_by_role("button", name="Rename").click()
    expect(page.get_by_label("Choose Seat-8")).to_be_visible()
    page.get_by_label("Choose Seat-8").check()
    page.get_by_role("button", name="Ban or let in").click()
    page.get_by_role("dialog").get_by_role("button", name="Ban", exact=True).click()
    expect(page.get_by_text("Banned", exact=True)).to_be_visible()
    phone.reload()
    expect(phone.get_by_text("There is no such event, or you are not in it")).to_be_visible()


def test_the_hand_out_is_one_page(organiser: Visitor, hosted: Console) -> None:
    now_s = time.time()
    wish = {"name": "Printed", "starts_at_s": now_s, "ends_at_s": now_s + 3600.0}
    organiser.page.context.request.post(f"{hosted.address}/api/events", data=wish)
    page = organiser.open("/events")
    page.get_by_role("link", name="Hand-out").first.click()
    sheet = page.get_by_role("article", name="Hand-out")
    expect(sheet).to_contain_text("Sample-Centre-Line")
    expect(sheet).to_contain_text(re.compile(r"/events/link/[0-9A-Z]{4}-"))
    expect(sheet).to_contain_text(re.compile(r"/join, and there the code [0-9A-Z]{4}-"))
    expect(sheet.get_by_alt_text("QR picture of the event link")).to_have_js_property(
        "complete", True
    )
    expect(page.get_by_text("Links with localhost open on this machine alone.")).to_be_visible()
    printed = page.pdf(format="A4")
    assert len(re.findall(rb"/Type\s*/Page[^s]", printed)) == 1


def test_a_season_is_made_and_its_faults_are_told(organiser: Visitor) -> None:
    page = organiser.open("/seasons/create")
    page.get_by_role("button", name="Create season").click()
    expect(page.get_by_text("The season has no name")).to_be_visible()
    fill(page, "Name", "Spring")
    page.get_by_label("Open day", exact=True).check()
    fill(page, "Points", "3, 5")
    page.get_by_role("button", name="Create season").click()
    expect(page.get_by_text("A worse place brings more points")).to_be_visible()
    fill(page, "Points", "5, 3, 1")
    fill(page, "Divisions", "Rookies: nobody")
    page.get_by_role("button", name="Create season").click()
    expect(page.get_by_text("There is no racer 'nobody'")).to_be_visible()
    fill(page, "Divisions", "Rookies: ada")
    page.get_by_role("button", name="Create season").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Spring")
    expect(page.get_by_text("under way: no points yet")).to_be_visible()
    expect(page.get_by_text("No race of this season is over yet")).to_be_visible()
    page.get_by_role("link", name="Edit season").click()
    expect(page.get_by_label("Divisions", exact=True)).to_have_value("Rookies: Ada")


def test_points_are_corrected_with_a_reason_that_everybody_reads(
    organiser: Visitor, hosted: Console
) -> None:
    def post(path: str, **fields: Any) -> Any:
        answer = organiser.page.context.request.post(f"{hosted.address}/api/{path}", data=fields)
        assert answer.ok, answer.text()
        return answer.json()

    race = post("races", **{**race_of_today(), "name": "Round one"})["id"]
    drove(hosted, race, {"Lead-1": 8_000, "Lag-2": 9_000})
    post(f"races/{race}/close")
    season = post("seasons", name="Autumn", race_ids=[race])["id"]
    page = organiser.open(f"/seasons/{season}")
    rows = page.get_by_role("region", name="Table: Standings").locator("tbody tr")
    expect(rows.nth(0)).to_contain_text("Lead-1")
    page.get_by_role("button", name="Correct points").click()
    asked = page.get_by_role("dialog")
    asked.get_by_label("Racer").select_option(label="Lead-1")
    asked.get_by_role("button", name="Correct points").click()
    expect(asked).to_contain_text("Write a whole number of points other than 0.")
    asked.get_by_label("Points").fill("-8")
    asked.get_by_role("button", name="Correct points").click()
    expect(asked).to_contain_text("Give a reason of 1 to 200 characters")
    asked.get_by_label("Reason").fill("Drove somebody else's model")
    assert violations(page) == []
    asked.get_by_role("button", name="Correct points").click()
    expect(rows.nth(0)).to_contain_text("Lag-2")
    expect(rows.nth(1)).to_contain_text("−8")
    record = page.get_by_role("region", name="Corrections")
    expect(record).to_contain_text("Drove somebody else's model by Ada")
    assert violations(page) == []
    ready(page)
    record.get_by_role("button", name="Take back").click()
    expect(rows.nth(0)).to_contain_text("Lead-1")
    expect(record).to_contain_text("Taken back")


def test_who_types_the_code_of_an_event_goes_on_to_the_event(
    organiser: Visitor, stranger: Visitor, hosted: Console
) -> None:
    now_s = time.time()
    wish = {"name": "Typed in", "starts_at_s": now_s, "ends_at_s": now_s + 3600.0}
    made = organiser.page.context.request.post(f"{hosted.address}/api/events", data=wish).json()
    phone = stranger.open("/join")
    fill(phone, "Racer name", "typist")
    fill(phone, "Invitation code", made["link"].lower())
    phone.get_by_role("button", name="Join").click()
    phone.get_by_role("link", name="I have it: go on").click()
    expect(phone.get_by_role("heading", level=1)).to_have_text("Typed in")
