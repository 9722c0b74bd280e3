"""A live race in browsers: its organiser launches and decides, a screen follows."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.interfaces.web.conftest import Console, Visitor, visit
from tests.interfaces.web.test_pages import violations
from tests.interfaces.web.test_races import TRAINING
from tests.interfaces.web.test_screen import HD, PHONE, drove, new_race


@pytest.fixture
def screen(chromium: Browser, solo: Console) -> Iterator[Visitor]:
    """A spectator without an account, who has the map instead of the 3D world."""
    visitor = visit(chromium, solo, is_signed_in=False, viewport=HD)
    yield visitor
    assert visitor.complaints == []
    visitor.page.context.close()


@pytest.fixture
def organiser(chromium: Browser, solo: Console) -> Iterator[Visitor]:
    visitor = visit(chromium, solo, is_signed_in=True)
    yield visitor
    assert visitor.complaints == []
    visitor.page.context.close()


def test_a_race_is_launched_watched_and_won(
    organiser: Visitor, screen: Visitor, solo: Console
) -> None:
    asked = solo.server.ask("POST", "models", **{**TRAINING, "model": {"network": "LIGHT"}})
    solo.server.wait(asked["job"]["id"], "COMPLETED")
    now_s = time.time()
    race = solo.server.ask(
        "POST",
        "races",
        name="Live at noon",
        starts_at_s=now_s - 5.0,
        ends_at_s=now_s + 7200.0,
        hosting="LIVE",
        # Untrained cars with many resets are shown for minutes, so that nothing ends by itself.
        rules={
            "track": {"name": "thimble"},
            "laps": 1,
            "max_resets": 20,
            "off_track_penalty_s": 5.0,
        },
    )["id"]
    for _ in range(3):
        solo.server.ask("POST", f"races/{race}/submissions", model_id=asked["model"]["id"])
    solo.server.ask("PATCH", f"races/{race}/show", lights_s=2.0)
    code = solo.server.ask("POST", f"races/{race}/screen")["code"]
    screen.page.goto(f"{solo.address}/screen/{code}?view=map")
    expect(screen.page.get_by_text("Up next: racer · racer · racer")).to_be_visible()

    page = organiser.open(f"/races/{race}/live")
    expect(page.locator(".queue > li")).to_have_count(3)
    page.get_by_role("button", name="Launch 3 together").click()
    expect(screen.page.get_by_role("region", name="Live race")).to_be_visible()
    expect(screen.page.get_by_role("heading", level=2)).to_have_text("Heat 1")
    expect(screen.page.get_by_label("Order of the cars").get_by_role("listitem")).to_have_count(3)
    canvas = screen.page.get_by_label("The cars on the track, from above")
    expect(canvas).to_be_visible()
    screen.page.wait_for_function("window.bigScreen.live.heat?.lines.some((line) => line.length)")
    assert violations(screen.page) == []

    page.get_by_role("button", name="Cut short").click()
    expect(screen.page.get_by_text("Result: Heat 1")).to_be_visible()
    expect(screen.page.locator("#result tbody tr")).to_have_count(3)
    expect(page.get_by_text("Driven heats")).to_be_visible()
    assert violations(page) == []


def test_a_bracket_is_made_decided_and_ends_on_the_podium(
    organiser: Visitor, screen: Visitor, solo: Console
) -> None:
    race = new_race(solo, f"Cup {time.monotonic_ns()}")
    names = [f"Cup{race[-6:]}{k}" for k in range(4)]
    drove(solo, race, {name: 10_000 + 100 * k for k, name in enumerate(names)})
    code = solo.server.ask("POST", f"races/{race}/screen")["code"]
    page = organiser.open(f"/races/{race}/live")
    page.get_by_role("button", name="Make a bracket").click()
    page.get_by_label("Racers").fill("3")
    page.get_by_role("button", name="Make the bracket").click()
    expect(page.get_by_text("A bracket is for 4 to 32 racers")).to_be_visible()
    page.get_by_label("Racers").fill("4")
    page.get_by_role("button", name="Make the bracket").click()
    expect(page.locator(".queue > li")).to_have_count(2)

    screen.page.goto(f"{solo.address}/screen/{code}?show=bracket&view=map")
    expect(screen.page.get_by_role("region", name="Bracket")).to_contain_text("Semi-finals")
    decisions = (
        ("Semi-final 1", names[0]),
        ("Semi-final 2", names[1]),
        ("Match for the third place", names[3]),
        ("Final", names[0]),
    )
    for title, winner in decisions:
        named = page.get_by_text(title, exact=True)
        waiting = page.locator(".queue > li", has=named)
        waiting.get_by_role("button", name=f"{winner} goes on").click()
        expect(page.locator("tr", has=named).locator("td").last).to_have_text(winner)
    expect(screen.page.locator("#bracket .side.winner").first).to_be_visible()
    assert violations(screen.page) == []
    screen.page.set_viewport_size(PHONE)
    assert screen.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    screen.page.set_viewport_size(HD)

    page.get_by_role("button", name="Declare the winner").first.click()
    page.get_by_role("dialog").get_by_role("button", name="Declare the winner").click()
    expect(page.get_by_text(f"{names[0]} wins")).to_be_visible()
    screen.page.goto(f"{solo.address}/screen/{code}?view=map")
    expect(screen.page.get_by_role("region", name="Podium")).to_be_visible()
    expect(screen.page.locator(".podium-name")).to_have_text([names[1], names[0], names[3]])
    assert violations(screen.page) == []


def test_the_show_is_planned_and_paused(organiser: Visitor, solo: Console) -> None:
    race = new_race(solo, f"Planned {time.monotonic_ns()}")
    page = organiser.open(f"/races/{race}/live")
    page.get_by_role("button", name="Plan the show").click()
    page.get_by_label("Launch the next heat by itself").check()
    page.get_by_label("Pause between two heats").fill("7")
    page.get_by_role("button", name="Save plan").click()
    expect(page.get_by_text("Launches by itself", exact=True)).to_be_visible()
    page.get_by_role("button", name="Begin now").click()
    page.get_by_role("button", name="Pause", exact=True).click()
    expect(page.get_by_text("Paused", exact=True)).to_be_visible()
    told = solo.server.ask("GET", f"races/{race}/show")
    assert (told["gap_s"], told["is_paused"], told["has_begun"]) == (7.0, True, True)
