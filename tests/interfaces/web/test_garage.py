"""The garage: building, modding and deleting vehicles in a browser."""

from __future__ import annotations

import time

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.interfaces.web.conftest import PATIENCE_MS, Console, Visitor, visit


def vehicles(console: Console) -> dict[str, dict[str, object]]:
    found = console.server.ask("GET", "vehicles")["items"]
    return {vehicle["name"]: vehicle for vehicle in found}


def choose(page: Page, title: str) -> None:
    """Click on a tile as people do, anywhere on it."""
    page.locator(".tile", has=page.get_by_text(title, exact=True)).click()


def new_picture(page: Page, old: bytes = b"") -> bytes:
    """The picture of the car, once it stands still and differs from an old one."""
    end = time.monotonic() + PATIENCE_MS / 1000
    seen = b""
    while time.monotonic() < end:
        now = page.locator(".garage-canvas").first.screenshot()
        if now == seen != old:
            return now
        seen = now
        page.wait_for_timeout(100)
    raise AssertionError("the picture of the car does not change, or never stands still")


@pytest.fixture
def visitor(chromium: Browser, solo: Console) -> Visitor:
    return visit(chromium, solo, is_signed_in=False, reduced_motion="reduce")


def test_a_vehicle_is_built_in_two_steps(visitor: Visitor, solo: Console) -> None:
    page = visitor.open("/garage")
    page.get_by_role("link", name="Build vehicle").click()
    page.wait_for_selector("h2:has-text('Personalize')")
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_text("use 1 to 32 letters")).to_be_visible()
    name = page.get_by_label("Name your vehicle")
    expect(name).to_be_focused()
    name.fill("Thunder-Snail")
    choose(page, "Formula")
    choose(page, "Blue")
    page.get_by_role("button", name="Next").click()
    choose(page, "Stereo camera")
    choose(page, "Sector LIDAR")
    page.get_by_role("button", name="Previous").click()
    expect(name).to_have_value("Thunder-Snail")
    page.get_by_role("button", name="Next").click()
    page.get_by_role("button", name="Done").click()
    page.wait_for_url("**/garage")
    expect(page.get_by_role("article", name="Thunder-Snail")).to_contain_text("Stereo camera")
    built = vehicles(solo)["Thunder-Snail"]
    assert (built["shell"], built["colour"]) == ("formula", "blue")
    assert built["sensors"] == ["STEREO_CAMERAS", "SECTOR_LIDAR"]
    assert visitor.complaints == []
    page.context.close()


def test_the_car_takes_a_colour_at_once_and_turns_by_arrow_keys(visitor: Visitor) -> None:
    page = visitor.open("/garage/build")
    orange = new_picture(page)
    choose(page, "Blue")
    blue = new_picture(page, orange)
    page.focus(".garage-canvas")
    page.keyboard.press("ArrowRight")
    new_picture(page, blue)
    page.context.close()


def test_the_sensors_are_marked_on_the_car_as_they_are_chosen(visitor: Visitor) -> None:
    page = visitor.open("/garage/build")
    page.get_by_label("Name your vehicle").fill("Marked")
    page.get_by_role("button", name="Next").click()
    eyes = page.locator(".stage.above circle[fill='var(--info)']")
    expect(eyes).to_have_count(1)
    choose(page, "Stereo camera")
    expect(eyes).to_have_count(2)
    page.context.close()


def test_a_name_that_is_taken_is_told_beside_the_name(visitor: Visitor) -> None:
    page = visitor.open("/garage/build")
    page.get_by_label("Name your vehicle").fill("plum")
    page.get_by_role("button", name="Next").click()
    page.get_by_role("button", name="Done").click()
    expect(page.get_by_label("Name your vehicle")).to_be_focused()
    expect(page.locator(".field-error", has_text="choose another name")).to_be_visible()
    page.context.close()


def test_a_vehicle_is_modded_and_deleted(visitor: Visitor, solo: Console) -> None:
    solo.server.ask("POST", "vehicles", name="Old-Name")
    page = visitor.open("/garage")
    page.get_by_role("article", name="Old-Name").get_by_role("link", name="Mod vehicle").click()
    page.wait_for_selector("h2:has-text('Personalize')")
    page.get_by_label("Name your vehicle").fill("New-Name")
    page.get_by_role("button", name="Next").click()
    page.get_by_role("button", name="Done").click()
    page.wait_for_url("**/garage")
    card = page.get_by_role("article", name="New-Name")
    card.get_by_role("button", name="Delete").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    card.get_by_role("button", name="Delete").click()
    page.get_by_role("button", name="Delete vehicle").click()
    expect(card).to_have_count(0)
    assert "New-Name" not in vehicles(solo)
    assert visitor.complaints == []
    page.context.close()


def test_the_built_in_vehicle_can_neither_be_modded_nor_deleted(visitor: Visitor) -> None:
    page = visitor.open("/garage")
    card = page.get_by_role("article", name="The-Original")
    expect(card.get_by_role("button")).to_have_count(0)
    expect(card.get_by_role("link")).to_have_count(0)
    page.context.close()
