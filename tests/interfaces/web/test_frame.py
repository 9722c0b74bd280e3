"""Theme, menu, keyboard: what is around every page."""

from __future__ import annotations

from playwright.sync_api import Browser, expect

from tests.interfaces.web.conftest import Console, visit


def test_the_theme_is_the_systems_until_somebody_switches_and_stays_so(
    chromium: Browser, solo: Console
) -> None:
    visitor = visit(chromium, solo, is_signed_in=False, color_scheme="dark")
    page = visitor.open("/")
    theme = "document.documentElement.dataset.theme"
    assert page.evaluate(theme) == "dark"
    page.emulate_media(color_scheme="light")
    page.wait_for_function(f"{theme} === 'light'")
    page.get_by_role("button", name="Change between light and dark").click()
    assert page.evaluate(theme) == "dark"
    page.reload()
    page.wait_for_selector("h1")
    assert page.evaluate(theme) == "dark"
    page.context.close()


def test_a_keyboard_is_enough(chromium: Browser, solo: Console) -> None:
    visitor = visit(chromium, solo, is_signed_in=False)
    page = visitor.open("/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('#content') !== null")
    page.context.close()


def test_a_phone_has_a_bar_at_the_bottom_that_opens_the_whole_menu(
    chromium: Browser, solo: Console
) -> None:
    visitor = visit(chromium, solo, is_signed_in=False, viewport={"width": 390, "height": 844})
    page = visitor.open("/")
    bar = page.locator("#menu")
    box = bar.bounding_box()
    assert box is not None
    assert box["y"] + box["height"] == 844
    more = page.get_by_role("button", name="More")
    more.click()
    expect(more).to_have_attribute("aria-expanded", "true")
    assert page.get_by_role("heading", name="Build").is_visible()
    page.get_by_role("link", name="Models", exact=True).click()
    page.wait_for_url("**/models")
    page.context.close()


def test_where_one_is_stands_in_the_menu_and_the_breadcrumb(
    chromium: Browser, solo: Console
) -> None:
    visitor = visit(chromium, solo, is_signed_in=False)
    page = visitor.open("/models")
    here = page.locator("#menu [aria-current=page]")
    expect(here).to_have_text("Models")
    page.get_by_role("navigation", name="Breadcrumb").get_by_role("link", name="racecraft").click()
    page.wait_for_url(f"{solo.address}/")
    page.context.close()
