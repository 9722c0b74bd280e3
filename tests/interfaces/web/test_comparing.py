"""Logs of other programs, comparisons, and the ranking of checkpoints, in a browser."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from tests.analysis.logs_made import a_folder, packed
from tests.interfaces.web.conftest import Console, visit
from tests.interfaces.web.test_pages import violations


def seen_files(page: Page, solo: Console) -> int:
    """How many figures and tables of a page can be had; each must be."""
    pictures, links = page.locator("img.analysis-figure"), page.locator(".analysis-chapter a")
    for picture in pictures.all():
        answer = page.request.get(solo.address + str(picture.get_attribute("src")))
        assert answer.body().startswith(b"\x89PNG")
    for link in links.all():
        assert page.request.get(solo.address + str(link.get_attribute("href"))).ok
    return pictures.count() + links.count()


def test_logs_of_another_program_are_uploaded_and_compared_with_a_model(
    chromium: Browser, solo: Console, tmp_path: Path
) -> None:
    folder = a_folder(tmp_path / "old", "console", columns=15, radians=True)
    archive = packed(folder, tmp_path / "old.tar.gz")
    visitor = visit(chromium, solo, is_signed_in=False)
    page = visitor.open("/analysis")
    page.locator(".page-head").get_by_role("link", name="Upload logs").click()
    page.get_by_role("button", name="Upload and analyse").click()
    expect(page.locator("#upload-file-error")).to_contain_text("No file is chosen")
    (tmp_path / "odd.zip").write_bytes(b"no archive")
    page.get_by_label("File", exact=True).set_input_files(tmp_path / "odd.zip")
    page.get_by_role("button", name="Upload and analyse").click()
    expect(page.locator("#upload-file-error")).to_contain_text("holds no drives")

    page.get_by_label("File", exact=True).set_input_files(archive)
    page.get_by_label("Name (optional)").fill("My old one")
    page.get_by_role("button", name="Upload and analyse").click()

    page.wait_for_url(re.compile(r"/analysis/logs/[0-9a-f]+$"))
    expect(page.locator("h1")).to_have_text("My old one")
    expect(page.get_by_text("Written by: console")).to_be_visible()
    assert seen_files(page, solo) > 10

    page.get_by_role("link", name="Compare").click()
    page.wait_for_url(re.compile(r"/analysis/compare\?s=logs-"))
    page.get_by_label("Model or logs").select_option(label="My old one")
    expect(page.get_by_label("What of it").locator("option")).to_have_count(7)
    page.get_by_label("What of it").select_option(label="Iteration 3")
    page.get_by_role("button", name="Add").click()
    expect(page.locator(".chosen li")).to_have_count(2)
    page.get_by_role("button", name="Compare", exact=True).click()
    expect(page.get_by_role("heading", name="Best laps on the track")).to_be_visible()
    expect(page.get_by_role("button", name="Compare", exact=True)).to_have_count(0)
    page.get_by_text("All figures of My old one, iteration 3").click()
    assert seen_files(page, solo) > 20
    assert violations(page) == []
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")

    page.get_by_role("button", name="Leave My old one, iteration 3 out").click()
    expect(page.locator(".chosen li")).to_have_count(1)
    visitor.open("/analysis")
    expect(
        page.get_by_role("link", name=re.compile("Open the comparison of My old"))
    ).to_be_visible()
    page.get_by_role("link", name="My old one", exact=True).click()
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    page.wait_for_url(re.compile(r"/analysis$"))
    expect(page.get_by_role("link", name="My old one", exact=True)).to_have_count(0)
    (refused,) = visitor.complaints  # the browser tells of the file that was none
    assert "422" in refused
    page.context.close()


def test_a_folder_is_sent_as_one_archive(chromium: Browser, solo: Console, tmp_path: Path) -> None:
    from tests.service.test_foreign import a_drfc_model

    folder = a_drfc_model(tmp_path / "rl-model")
    deep = folder / ("a-long-name-of-a-folder-" * 4) / "metrics"
    deep.mkdir(parents=True)
    (deep / "TrainingMetrics.json").write_text('{"metrics": []}')
    (folder / "model" / "unknown.exe").write_bytes(b"MZ" * 100)
    visitor = visit(chromium, solo, is_signed_in=False)
    page = visitor.open("/models/import")
    page.get_by_label("Folder", exact=True).set_input_files(folder)
    page.get_by_label("Model name").fill("from-the-cloud")
    page.get_by_role("button", name="Import model").click()
    expect(page.get_by_role("heading", name="from-the-cloud is here")).to_be_focused()
    expect(page.locator(".imported")).to_contain_text("traces of 5 training iterations")
    expect(page.locator(".imported")).to_contain_text("There are no weights")
    assert violations(page) == []
    page.get_by_role("link", name="Open the model").click()
    page.wait_for_url(re.compile(r"/models/[0-9a-z]{20,}$"))
    assert visitor.complaints == []
    page.context.close()


def test_all_checkpoints_drive_and_one_of_them_goes_on(chromium: Browser, solo: Console) -> None:
    visitor = visit(chromium, solo, is_signed_in=False)
    model = solo.examples["model_id"]
    page = visitor.open(f"/models/{model}")
    page.get_by_role("link", name="Checkpoints").click()
    expect(page.locator("h1")).to_contain_text("Checkpoints of")
    page.get_by_role("button", name="Evaluate all").click()
    form = page.get_by_role("dialog")
    form.get_by_label("Laps each").fill("1")
    form.get_by_role("button", name="Evaluate all").click()

    expect(page.get_by_text("drove best")).to_be_visible(timeout=120_000)
    row = page.locator("tbody tr").first
    expect(row).to_contain_text("of 1")
    answer = page.request.get(
        solo.address + str(page.get_by_role("link", name="Data (CSV)").get_attribute("href"))
    )
    assert answer.text().startswith("rank,iteration,")
    iteration = answer.text().splitlines()[1].split(",")[1]
    assert violations(page) == []

    page.get_by_label(f"Choose Iteration {iteration}").check()
    menu = page.get_by_role("button", name="Actions")
    menu.click()
    page.get_by_role("button", name="Evaluate", exact=True).click()
    chosen = page.get_by_role("dialog").get_by_label("Checkpoint")
    expect(chosen).to_have_value(iteration)
    page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    menu.click()
    page.get_by_role("button", name="Download", exact=True).click()
    for link in page.get_by_role("dialog").get_by_role("link").all():
        assert page.request.get(solo.address + str(link.get_attribute("href"))).ok
    page.get_by_role("dialog").get_by_role("button", name="Close").click()
    menu.click()
    page.get_by_role("button", name="Submit to race").click()
    enter = page.get_by_role("dialog").get_by_role("link", name="Enter race").first
    assert f"checkpoint={iteration}" in str(enter.get_attribute("href"))
    page.get_by_role("dialog").get_by_role("button", name="Close").click()
    menu.click()
    page.get_by_role("button", name="Clone", exact=True).click()
    page.wait_for_url(re.compile(rf"/clone\?checkpoint={iteration}$"))
    expect(page.get_by_label("Checkpoint")).to_have_value(iteration)
    page.set_viewport_size({"width": 390, "height": 844})
    visitor.open(f"/models/{model}/checkpoints")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert visitor.complaints == []
    page.context.close()
