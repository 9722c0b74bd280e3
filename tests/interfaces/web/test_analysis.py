"""The page that shows what a model's drives say."""

from __future__ import annotations

from playwright.sync_api import Browser, expect

from tests.interfaces.web.conftest import Console, visit
from tests.interfaces.web.test_pages import violations


def test_a_model_is_analysed_at_a_click(chromium: Browser, solo: Console) -> None:
    visitor = visit(chromium, solo, is_signed_in=False)
    model = solo.examples["model_id"]
    page = visitor.open(f"/models/{model}")
    page.click(".actions a:has-text('Analysis')")
    expect(page.locator("h1")).to_contain_text("Analysis of")

    page.click("button:has-text('Analyse')")

    expect(page.get_by_role("heading", name="Findings")).to_be_visible()
    pictures = page.locator("img.analysis-figure")
    expect(pictures.first).to_be_visible()
    for picture in pictures.all():
        answer = page.request.get(solo.address + str(picture.get_attribute("src")))
        assert answer.body().startswith(b"\x89PNG")
        assert str(picture.get_attribute("alt")).startswith("Figure: ")
    expect(page.locator("button:has-text('Analyse')")).to_have_text("Analyse again")
    links = page.locator(".analysis-chapter a")
    expect(links.first).to_be_visible()
    for link in links.all():
        answer = page.request.get(solo.address + str(link.get_attribute("href")))
        assert answer.ok
        assert answer.headers["content-type"].startswith("text/csv")
    assert violations(page) == []
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert visitor.complaints == []
    page.context.close()
