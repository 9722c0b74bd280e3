"""The list of models, and with it what every table can do."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.interfaces.web.conftest import Console, Visitor, visit


@pytest.fixture(scope="module")
def many(solo: Console) -> Console:
    """Twelve more models, and none of the samples."""
    for sample in solo.server.ask("GET", "models")["items"]:
        if sample["model"]["is_sample"]:
            solo.server.ask("DELETE", f"models/{sample['model']['id']}")
    for number in range(12):
        fields = {
            "name": f"model-{number:02d}",
            "description": "even" if number % 2 == 0 else "odd",
        }
        solo.server.ask("POST", "models", model=fields, starts=False)
    return solo


@pytest.fixture
def visitor(chromium: Browser, many: Console) -> Iterator[Visitor]:
    made = visit(chromium, many, is_signed_in=False)
    yield made
    made.page.context.close()


def names(page: Page) -> list[str]:
    return page.locator("tbody th").all_inner_texts()


def find(page: Page, text: str, count: int) -> None:
    page.get_by_label("Find a model").fill(text)
    expect(page.locator("tbody tr")).to_have_count(count)


def choose(page: Page, name: str) -> None:
    page.get_by_label(f"Choose {name}", exact=True).check()


def test_a_table_counts_searches_sorts_and_turns_pages(visitor: Visitor) -> None:
    page = visitor.open("/models")
    expect(page.locator(".count").first).to_have_text("(13)")
    assert len(names(page)) == 10
    page.get_by_role("button", name="Page after").click()
    expect(page.locator(".page-number")).to_have_text("2 of 2")
    assert len(names(page)) == 3
    find(page, "odd", 6)
    name = page.get_by_role("button", name="Name")
    name.click()
    expect(page.locator("th[aria-sort=ascending]")).to_have_text("Name")
    expect(name).to_be_focused()
    assert names(page)[0] == "model-01"
    name.click()
    expect(page.locator("th[aria-sort=descending]")).to_have_text("Name")
    assert names(page)[0] == "model-11"
    page.get_by_label("Find a model").fill("no such model")
    expect(page.get_by_text("Nothing here fits the search.")).to_be_visible()
    assert visitor.complaints == []


def test_a_browser_remembers_columns_and_rows(visitor: Visitor) -> None:
    page = visitor.open("/models")
    page.get_by_role("button", name="Preferences of this table").click()
    page.get_by_label("Rows on a page").select_option("25")
    page.get_by_label("Description").uncheck()
    page.get_by_role("button", name="Save").click()
    expect(page.locator("tbody tr")).to_have_count(13)
    page.wait_for_function("document.cookie.includes('racecraft_models=')")
    visitor.open("/models")
    expect(page.locator("tbody tr")).to_have_count(13)
    expect(page.get_by_role("columnheader", name="Description")).to_have_count(0)


def test_a_model_is_renamed_with_the_error_beside_the_field(visitor: Visitor) -> None:
    page = visitor.open("/models")
    choose(page, "model-11")
    page.get_by_role("button", name="Actions").click()
    page.get_by_role("button", name="Rename or describe").click()
    name = page.get_by_label("Model name")
    name.fill("model-10")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".field-error", has_text="already")).to_be_visible()
    name.fill("renamed")
    page.get_by_label("Description").fill("with other words")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("link", name="renamed")).to_be_visible()
    expect(page.get_by_text("with other words")).to_be_visible()


def test_deleting_can_be_undone(visitor: Visitor) -> None:
    page = visitor.open("/models")
    find(page, "model-05", 1)
    choose(page, "model-05")
    page.get_by_role("button", name="Actions").click()
    page.get_by_role("button", name="Delete", exact=True).click()
    page.get_by_role("button", name="Delete model").click()
    expect(page.get_by_role("link", name="model-05")).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("link", name="model-05")).to_be_visible()
    assert visitor.complaints == []


def test_what_was_deleted_can_be_put_back_later(visitor: Visitor) -> None:
    page = visitor.open("/models")
    find(page, "model-06", 1)
    choose(page, "model-06")
    page.get_by_role("button", name="Actions").click()
    page.get_by_role("button", name="Delete", exact=True).click()
    page.get_by_role("button", name="Delete model").click()
    expect(page.get_by_role("link", name="model-06")).to_have_count(0)
    visitor.open("/models")
    page.get_by_role("button", name="Recently deleted").click()
    page.get_by_role("button", name="Put model-06 back").click()
    expect(page.get_by_text("model-06 is back.")).to_be_visible()
    expect(page.locator("dialog")).to_have_count(0)
    find(page, "model-06", 1)
    expect(page.get_by_role("link", name="model-06")).to_be_visible()


def test_the_list_follows_what_happens_elsewhere(visitor: Visitor, many: Console) -> None:
    page = visitor.open("/models")
    many.server.ask("POST", "models", model={"name": "from-elsewhere"}, starts=False)
    expect(page.get_by_role("link", name="from-elsewhere")).to_be_visible()


def test_a_click_is_not_lost_when_its_table_is_drawn_anew_meanwhile(
    visitor: Visitor, many: Console
) -> None:
    page = visitor.open("/models")
    find(page, "model-0", 10)
    rows = {v["model"]["name"]: v["model"]["id"] for v in many.server.ask("GET", "models")["items"]}
    choice = page.get_by_label("Choose model-03", exact=True)
    choice.hover()
    page.mouse.down()
    # The row itself and another one change while the button is held, and a new row comes.
    for number, name in enumerate(("model-03", "model-07")):
        words = f"changed {number}"
        many.server.ask("PATCH", f"models/{rows[name]}", description=words)
        expect(page.get_by_text(words)).to_be_visible()
    page.mouse.up()
    expect(choice).to_be_checked()
    page.get_by_role("button", name="Actions").click()
    page.get_by_role("button", name="Rename or describe").click()
    expect(page.get_by_role("dialog").locator("textarea")).to_have_value("changed 0")


def test_what_people_wrote_is_shown_and_never_run(visitor: Visitor, many: Console) -> None:
    evil = "<img src=x onerror=alert(1)><script>alert(2)</script>"
    many.server.ask("POST", "models", model={"name": "evil", "description": evil}, starts=False)
    page = visitor.open("/models")
    find(page, "evil", 1)
    expect(page.get_by_text(evil)).to_be_visible()
    assert visitor.complaints == []
