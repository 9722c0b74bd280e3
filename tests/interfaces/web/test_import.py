"""A model leaves as a file and comes in again, in a browser."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Browser, expect

from tests.interfaces.web.conftest import Console, visit


def test_a_model_is_downloaded_and_imported_under_another_name(
    chromium: Browser, solo: Console, tmp_path: Path
) -> None:
    visitor = visit(chromium, solo, is_signed_in=False)
    page = visitor.open("/models")
    page.get_by_label("Choose Sample-Centre-Line").check()
    page.get_by_role("button", name="Actions").click()
    page.get_by_role("button", name="Download", exact=True).click()
    with page.expect_download() as download:
        page.get_by_role("dialog").get_by_role("button", name="Download").click()
    file = tmp_path / download.value.suggested_filename
    download.value.save_as(file)
    visitor.open("/models/import")
    page.get_by_role("button", name="Import model").click()
    expect(page.locator("#upload-file-error")).to_contain_text("No file is chosen")
    (tmp_path / "odd.zip").write_bytes(b"this is no archive")
    page.get_by_label("File", exact=True).set_input_files(tmp_path / "odd.zip")
    page.get_by_role("button", name="Import model").click()
    expect(page.locator("#upload-file-error")).not_to_be_empty()
    page.get_by_label("File", exact=True).set_input_files(file)
    page.get_by_label("Model name").fill("came-back")
    page.get_by_role("button", name="Import model").click()
    expect(page.get_by_role("heading", name="came-back is here")).to_be_focused()
    expect(page.locator(".imported")).to_contain_text("1 checkpoint and")
    page.get_by_role("link", name="Open the model").click()
    page.wait_for_url(re.compile(r"/models/[0-9a-z]{20,}$"))
    models = {row["model"]["name"]: row for row in solo.server.ask("GET", "models")["items"]}
    assert models["came-back"]["status"] == "READY"
    assert models["came-back"]["model"]["was_imported"]
    page.context.close()
