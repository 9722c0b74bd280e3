"""The page Operations: what it shows, and what an admin does there."""

from __future__ import annotations

from playwright.sync_api import Browser, expect

from tests.interfaces.web.conftest import Console, visit
from tests.service.test_kills import TRAINING

# Small iterations: it can stop at once.
LONG = {
    "model": {**TRAINING["model"], "name": "queue-mate"},
    "training": {**TRAINING["training"], "stop": {"minutes": 10}},
}


def test_the_queue_and_the_machine_are_shown_and_a_job_is_stopped(
    chromium: Browser, solo: Console
) -> None:
    job = solo.server.ask("POST", "models", **LONG)["job"]
    visitor = visit(chromium, solo, is_signed_in=False)
    page = visitor.open("/operations")
    queue = page.get_by_role("region", name="Queue").or_(page.locator("[aria-label='Queue']"))
    expect(queue.first).to_contain_text("queue-mate")
    machines = page.locator("[aria-label='Machines']")
    expect(machines).to_contain_text("Here")
    expect(page.locator("[aria-label='Versions']")).to_contain_text("SQLite")
    page.get_by_label("Choose queue-mate", exact=True).check()
    page.get_by_role("button", name="Stop job").click()
    page.get_by_role("dialog").get_by_role("button", name="Stop job").click()
    expect(page.get_by_text("was asked to stop")).to_be_visible()
    solo.server.wait(job["id"], "COMPLETED", "CANCELED")
    expect(queue.first).not_to_contain_text("queue-mate")  # without a reload
    assert visitor.complaints == []
    page.context.close()


def test_an_admin_lets_a_machine_take_jobs_and_stops_it_again(
    chromium: Browser, hosted: Console
) -> None:
    visitor = visit(chromium, hosted, is_signed_in=True)
    page = visitor.open("/operations")
    page.get_by_role("button", name="Make a worker token").click()
    page.get_by_role("button", name="Make token").click()
    expect(page.get_by_text("use 1 to 64 characters")).to_be_visible()
    page.get_by_role("dialog").get_by_label("Name").fill("lab-7")
    page.get_by_role("button", name="Make token").click()
    commands = page.get_by_role("region", name="Commands")
    expect(commands).to_contain_text("RACECRAFT_TOKEN=worker_")
    expect(commands).to_contain_text(f"racecraft worker --server {hosted.address}")
    page.get_by_role("dialog").locator("button.primary:has-text('Close')").click()
    page.get_by_label("Choose lab-7", exact=True).check()
    page.get_by_role("button", name="Revoke token").click()
    page.get_by_role("dialog").get_by_role("button", name="Revoke", exact=True).click()
    expect(page.get_by_text("The token lab-7 was revoked.")).to_be_visible()
    expect(page.locator("[aria-label='Worker tokens']")).not_to_contain_text("lab-7")
    assert visitor.complaints == []
    page.context.close()
