"""The contract of pages: every row of the table of pages keeps it."""

from __future__ import annotations

import subprocess
import sys
import time
from itertools import pairwise
from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page

from racecraft.interfaces.web.app import PAGES, SIGN_IN
from racecraft.interfaces.web.help import sections
from racecraft.interfaces.web.place import Place
from racecraft.tracks.library import shipped_names
from tests.interfaces.web.conftest import Console, visit

PRIVATE = [place for place in PAGES if not place.is_public]
PUBLIC = [place for place in PAGES if place.is_public]
PHONE = {"width": 390, "height": 844}
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.fixture(scope="module", autouse=True)
def things_that_take_a_worker(chromium: Browser, solo: Console, hosted: Console) -> None:
    """Submissions that were driven, for the pages about them."""
    for console in (solo, hosted):
        context = chromium.new_context()
        context.add_cookies(console.cookies)
        place = f"{console.address}/api/races/{console.examples['race_id']}/submissions"
        wish = {"model_id": console.examples["model_id"]}
        made = context.request.post(place, data=wish).json()
        console.examples["submission_id"] = made["id"]
        deadline = time.monotonic() + 120.0
        while not context.request.get(f"{place}/{made['id']}").json()["laps"]:
            assert time.monotonic() < deadline
            time.sleep(0.2)
        _organise(console, context)
        context.close()


def _organise(console: Console, context: BrowserContext) -> None:
    """An event and a season with the race of the examples."""
    now_s, races = time.time(), [console.examples["race_id"]]
    times = {"starts_at_s": now_s - 60.0, "ends_at_s": now_s + 86_400.0}
    slots = [{"at_s": now_s, "what": "Welcome"}]
    wish = {"name": "Club evening", "race_ids": races, "timetable": slots, **times}
    event = context.request.post(f"{console.address}/api/events", data=wish).json()
    wish = {"name": "Winter", "race_ids": races}
    season = context.request.post(f"{console.address}/api/seasons", data=wish).json()
    console.examples |= {"event_id": event["id"], "event_link": event["link"]}
    console.examples["season_id"] = season["id"]


def named(place: Place) -> str:
    return place.path


def violations(page: Any) -> list[str]:
    """What axe finds, in words, once all styles are there and nothing fades in any more."""
    page.wait_for_function(
        "[...document.querySelectorAll('link[rel=stylesheet]')].every(link => link.sheet)"
        " && document.getAnimations().every(it => it.playState !== 'running'"
        " || it.effect.getComputedTiming().iterations === Infinity)"
    )
    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": RULES}})
    return [
        f"{rule['id']}: {node['html'][:160]} {node.get('failureSummary', '')}"
        for rule in found.response["violations"]
        for node in rule["nodes"]
    ]


def words_of(page: Any) -> str:
    """All that a person reads or hears on a page; tracks have titles there."""
    told = page.eval_on_selector_all(
        "main [alt], main [aria-label], main [title]",
        "found => found.flatMap(e => ['alt', 'aria-label', 'title'].map(n => e.getAttribute(n)))",
    )
    return "\n".join([page.inner_text("main"), *filter(None, told)])


@pytest.mark.parametrize("place", PAGES, ids=named)
def test_every_page_opens_reads_well_and_asks_nobody_else(
    place: Place, chromium: Browser, hosted: Console
) -> None:
    visitor = visit(chromium, hosted, is_signed_in=not place.is_public, color_scheme="light")
    page = visitor.open(hosted.path(place.path))
    assert page.locator("h1").count() == 1
    levels = page.eval_on_selector_all(
        "h1, h2, h3, h4, h5, h6",
        "found => found.filter(h => h.closest('main')).map(h => Number(h.tagName[1]))",
    )
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert page.title().endswith("· racecraft")
    assert [name for name in shipped_names() if name in words_of(page)] == []
    assert violations(page) == []
    change_theme(page, "dark")
    assert violations(page) == []
    page.set_viewport_size(PHONE)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert violations(page) == []
    change_theme(page, "light")
    assert violations(page) == []
    assert visitor.complaints == []
    page.context.close()


def change_theme(page: Page, theme: Literal["light", "dark"]) -> None:
    """As a system does that turns dark in the evening, and wait until the page has followed."""
    page.emulate_media(color_scheme=theme)
    page.wait_for_selector("body.body--dark" if theme == "dark" else "body:not(.body--dark)")


@pytest.mark.parametrize("place", PRIVATE, ids=named)
def test_who_is_not_signed_in_is_sent_to_sign_in(
    place: Place, chromium: Browser, hosted: Console
) -> None:
    visitor = visit(chromium, hosted, is_signed_in=False)
    page = visitor.open(hosted.path(place.path))
    assert page.url.startswith(hosted.address + SIGN_IN)
    page.context.close()


@pytest.mark.parametrize("place", PRIVATE, ids=named)
def test_one_person_alone_needs_no_account_and_finds_help_that_gives_the_focus_back(
    place: Place, chromium: Browser, solo: Console
) -> None:
    visitor = visit(chromium, solo, is_signed_in=False)
    page = visitor.open(solo.path(place.path))
    assert page.url == solo.address + solo.path(place.path)
    links = page.locator("[data-info]:visible").all()
    assert links, "a page explains itself"
    for link in links:
        link.click()
        page.wait_for_selector("#info-body h2")
        assert len(page.inner_text("#info-body")) > 80
        page.keyboard.press("Escape")
        assert page.locator("#info-drawer").is_hidden()
        assert link.evaluate("link => link === document.activeElement")
    assert visitor.complaints == []
    page.context.close()


def test_addresses_of_pages_are_all_different() -> None:
    assert len({place.path for place in PAGES}) == len(PAGES)


def test_every_menu_entry_has_help() -> None:
    assert [p.path for p in PAGES if p.group is not None and not sections(p.help_file)] == []


def test_an_unknown_address_says_so(chromium: Browser, solo: Console) -> None:
    visitor = visit(chromium, solo, is_signed_in=False)
    answer = visitor.page.goto(solo.address + "/no/such/page")
    assert answer is not None
    assert answer.status == 404
    visitor.page.wait_for_selector("text=There is no page /no/such/page")
    visitor.page.context.close()


def test_the_process_of_the_console_loads_no_heavy_package() -> None:
    heavy = {"torch", "numba", "pandas", "matplotlib", "scipy"}
    source = f"import racecraft.interfaces.server, sys; print(*({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True)
    assert (done.stdout.strip(), done.returncode) == ("", 0)
