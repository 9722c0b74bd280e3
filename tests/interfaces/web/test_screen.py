"""The big screen in a browser: without an account, moving by itself."""

from __future__ import annotations

import io
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from racecraft.domain.ranking import Result
from racecraft.service.people.person import Person
from racecraft.service.races.race import Entrant, Submission, SubmissionStatus
from racecraft.service.settings import Settings
from racecraft.service.store import open_store
from tests.interfaces.web.conftest import Console, Visitor, visit
from tests.interfaces.web.test_pages import violations

HD = {"width": 1920, "height": 1080}
UHD = {"width": 3840, "height": 2160}
PHONE = {"width": 390, "height": 844}


def new_race(console: Console, name: str) -> str:
    now_s = time.time()
    wish = {"name": name, "starts_at_s": now_s - 60.0, "ends_at_s": now_s + 7200.0}
    return str(console.server.ask("POST", "races", **wish)["id"])


def drove(console: Console, race_id: str, results: dict[str, int]) -> None:
    """Racers have driven laps in so many milliseconds."""
    store = open_store(Settings(home=Path(console.server.home)))
    with store.work() as work:
        for name, time_ms in results.items():
            person = work.first(Person, name_key=name.casefold())
            if person is None:
                person = work.add(Person(name=name, name_key=name.casefold(), country="FR"))
            if work.first(Entrant, race_id=race_id, person_id=person.id) is None:
                work.add(Entrant(race_id=race_id, person_id=person.id))
            work.add(
                Submission(
                    race_id=race_id,
                    person_id=person.id,
                    job_id=f"{race_id} {name} {time_ms}",
                    model_id="m",
                    model_name="car",
                    checkpoint=1,
                    weights_sha256="0",
                    status=SubmissionStatus.RANKED,
                    result=Result(time_ms=time_ms, laps_completed=1),
                )
            )
    store.close()


@pytest.fixture
def race_id(solo: Console) -> str:
    made = new_race(solo, f"Night sprint {time.monotonic_ns()}")
    drove(solo, made, {f"Racer{k:02d}": 20_000 + 100 * k for k in range(25)})
    return made


@pytest.fixture
def screen(chromium: Browser, solo: Console, race_id: str) -> Iterator[Visitor]:
    """A spectator who has nothing but the link."""
    code = solo.server.ask("POST", f"races/{race_id}/screen")["code"]
    visitor = visit(chromium, solo, is_signed_in=False, viewport=HD)
    visitor.page.goto(f"{solo.address}/screen/{code}")
    expect(visitor.page.locator("#board tbody tr")).to_have_count(25)
    yield visitor
    assert visitor.complaints == []
    visitor.page.context.close()


def is_in_sight(page: Page, text: str) -> bool:
    """Whether a row lies wholly inside the list."""
    return bool(
        page.locator("#board tbody tr", has_text=text).evaluate(
            "row => { const a = row.getBoundingClientRect(), "
            "b = row.closest('.rows').getBoundingClientRect(); "
            "return a.top >= b.top - 1 && a.bottom <= b.bottom + 1; }"
        )
    )


def test_a_new_result_comes_by_itself_is_highlighted_and_scrolled_to(
    screen: Visitor, solo: Console, race_id: str
) -> None:
    page = screen.page
    expect(page.get_by_role("heading", level=1)).to_contain_text("Night sprint")
    expect(page.locator("#board tbody tr").first).to_contain_text("leader")
    assert not is_in_sight(page, "Racer23")
    drove(solo, race_id, {"Racer24": 22_250})
    row = page.locator("#board tbody tr.fresh")
    expect(row).to_contain_text("00:22.250")
    expect(row).to_contain_text("+2.250")
    expect(page.locator(".news")).to_have_text("Racer24 improves to place 24 with 00:22.250")
    page.wait_for_function(
        "() => { const row = document.querySelector('tr.fresh'); if (!row) return false; "
        "const a = row.getBoundingClientRect(), b = row.closest('.rows').getBoundingClientRect();"
        " return a.top >= b.top && a.bottom <= b.bottom + 1; }"
    )
    drove(solo, race_id, {"Newcomer": 15_000})
    expect(page.locator("#board tbody tr").first).to_contain_text("Newcomer")
    expect(page.locator("#told")).to_have_text("Newcomer takes the lead with 00:15.000")
    expect(page.locator("tr.fresh")).to_have_count(0)


def test_the_organiser_changes_the_look_and_open_screens_follow(
    screen: Visitor, chromium: Browser, solo: Console, race_id: str, tmp_path: Path
) -> None:
    organiser = visit(chromium, solo, is_signed_in=True)
    page = organiser.open(f"/races/{race_id}/screen")
    page.get_by_label("Headline").fill("Hall 3, ten past eight")
    page.get_by_label("Own colours").check()
    page.get_by_label("Accent").fill("#0a9d58")
    page.get_by_label("Background").fill("#0b2a4a")
    page.get_by_role("button", name="Save look").click()
    expect(screen.page.get_by_text("Hall 3, ten past eight")).to_be_visible()
    expect(screen.page.locator("body")).to_have_css("background-color", "rgb(11, 42, 74)")
    file = io.BytesIO()
    Image.new("RGB", (300, 100), "white").save(file, "JPEG")
    (tmp_path / "logo.jpg").write_bytes(file.getvalue())
    (tmp_path / "no.png").write_text("this is no picture")
    page.get_by_label("Picture", exact=True).set_input_files(tmp_path / "no.png")
    expect(page.get_by_text("This is no PNG or JPEG picture")).to_be_visible()
    page.get_by_label("Picture", exact=True).set_input_files(tmp_path / "logo.jpg")
    expect(page.get_by_alt_text("Your logo as the screen shows it")).to_be_visible()
    expect(screen.page.get_by_alt_text("Logo of the organiser")).to_have_js_property(
        "naturalWidth", 300
    )
    assert violations(screen.page) == []
    page.context.close()
    assert [each for each in organiser.complaints if "422" not in each] == []


def test_a_renewed_link_puts_the_old_one_out_of_use(
    screen: Visitor, solo: Console, race_id: str
) -> None:
    code = solo.server.ask("POST", f"races/{race_id}/screen")["code"]
    expect(screen.page.get_by_text("This link leads to no big screen")).to_be_visible()
    screen.complaints.clear()  # the browser notes the status 404
    screen.page.goto(f"{solo.address}/screen/{code}")
    expect(screen.page.locator("#board tbody tr")).to_have_count(25)


@pytest.mark.parametrize("size", [HD, UHD], ids=["1080p", "4K"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_is_read_from_ten_metres(screen: Visitor, size: Any, theme: Any) -> None:
    page = screen.page
    page.emulate_media(color_scheme=theme)
    page.set_viewport_size(size)
    box = page.locator("#board tbody tr").first.bounding_box()
    name = page.locator("#board .name").first
    assert box is not None
    letters_px = float(name.evaluate("e => parseFloat(getComputedStyle(e).fontSize)"))
    assert box["height"] / size["height"] > 0.075
    assert letters_px / size["height"] > 0.04
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.evaluate("document.documentElement.scrollHeight <= innerHeight")
    assert violations(page) == []
    page.set_viewport_size(PHONE)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert violations(page) == []


def test_streaming_software_gets_the_first_places_on_nothing(
    screen: Visitor, solo: Console, race_id: str
) -> None:
    page = screen.page
    page.goto(f"{page.url}?transparent&rows=4")
    rows = page.locator("#board tbody tr")
    expect(rows).to_have_count(4)
    expect(page.locator("#head")).to_be_hidden()
    picture = Image.open(io.BytesIO(page.screenshot(omit_background=True)))
    assert picture.getpixel((1900, 1060))[3] == 0  # type: ignore[index]
    drove(solo, race_id, {"Racer20": 21_950})
    # The newest result stands below the first ones, for as long as it is new.
    expect(rows.nth(3)).to_contain_text("Racer20")
    expect(rows).to_have_count(4)


def test_a_screen_comes_back_by_itself_after_the_service_was_away(
    screen: Visitor, solo: Console, race_id: str
) -> None:
    solo.server.kill()
    expect(screen.page.get_by_text("The connection was lost")).to_be_visible()
    solo.server.start()
    drove(solo, race_id, {"Late": 14_000})
    expect(screen.page.locator("#board tbody tr").first).to_contain_text("Late")
    expect(screen.page.get_by_text("The connection was lost")).to_be_hidden()
    screen.complaints.clear()  # the browser notes that nobody answered


def test_a_wrong_link_is_told(chromium: Browser, solo: Console) -> None:
    visitor = visit(chromium, solo, is_signed_in=False)
    visitor.page.goto(f"{solo.address}/screen/AAAA-BBBB-CCCC-DDDD")
    expect(visitor.page.get_by_text("This link leads to no big screen")).to_be_visible()
    visitor.page.context.close()
