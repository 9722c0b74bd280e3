"""The page of a model in a real browser, with real trainings and evaluations."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from racecraft.domain.episode import EpisodeStatus, Trial
from racecraft.service.jobs import leases
from racecraft.service.settings import Settings
from racecraft.service.store import Store, open_store
from tests.interfaces.web.conftest import Console, visit
from tests.interfaces.web.test_pages import violations
from tests.service.server import Server

QUICK = {"num_cars": 8, "num_epochs": 3, "max_steps_per_iteration": 256}
POINTS = ".series.reward circle"
SLOW_MS = 240_000
"""On a machine that many share, a worker may take a while to start."""


def train(server: Server, name: str, **stop: float) -> tuple[str, str]:
    """Begin a training; its model's and its job's ids."""
    made = server.ask(
        "POST",
        "models",
        model={"name": name, "network": "LIGHT"},
        training={
            "tracks": [{"name": "pebble-oval"}],
            "stop": stop,
            "hyperparameters": QUICK,
            "evaluation_trials": 2,
            "threads": 1,
        },
        reward="progress",
    )
    return made["model"]["id"], made["job"]["id"]


@pytest.fixture(scope="module")
def console(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Console]:
    """For one person, who has a model that has learnt a little."""
    server = Server(tmp_path_factory.mktemp("models"))
    server.start()
    model_id, job_id = train(server, "learnt", env_steps=512)
    server.wait(job_id, "COMPLETED", patience_s=120)
    yield Console(server, examples={"model_id": model_id})
    server.end()


def confirm(page: Page, words: str) -> None:
    page.locator(f"dialog[open] .dialog-foot button:has-text('{words}')").click()


def start_evaluation(page: Page) -> None:
    page.locator(".page-head button:has-text('Start evaluation')").click()
    page.wait_for_selector("dialog[open]")


def wait_for_more(page: Page) -> None:
    """Until the graph tells of another iteration; its points are put together when many."""
    told = "Number(/\\d+/.exec(document.querySelector('.graph-plot').ariaLabel)[0])"
    before = page.evaluate(told)
    page.wait_for_function(f"n => {told} > n", arg=before, timeout=SLOW_MS)


def field(page: Page, label: str) -> Any:
    return page.get_by_label(label, exact=True)


def test_a_training_is_watched_from_its_first_car_until_it_is_stopped(
    chromium: Browser, console: Console
) -> None:
    model_id, _ = train(console.server, "watched", minutes=5)
    visitor = visit(chromium, console, is_signed_in=False)
    page = visitor.open(f"/models/{model_id}")
    page.wait_for_selector(".live-name:not(:empty)", timeout=SLOW_MS)
    assert "watched · iteration" in page.inner_text(".live-name")
    page.wait_for_selector(POINTS, timeout=SLOW_MS)
    wait_for_more(page)
    page.wait_for_function("document.querySelector('.odds-value').textContent.endsWith('%')")
    page.wait_for_function("document.querySelector('.sees-frame p').hidden")
    assert violations(page) == []

    page.reload()
    page.wait_for_selector(POINTS)
    other = visitor.page.context.new_page()
    other.goto(page.url)
    other.wait_for_selector(POINTS)
    page.click("text=Models >> nth=0")
    page.wait_for_selector("h1:text-is('Models')")
    page.go_back()
    page.wait_for_selector(POINTS)

    other.click("button:has-text('Stop training')")
    confirm(other, "Stop training")
    other.wait_for_selector("text=you can evaluate now", timeout=SLOW_MS)
    page.wait_for_selector(".model-line .badge:has-text('Ready')", timeout=SLOW_MS)
    assert page.locator("live-view").count() == 0
    assert visitor.complaints == []
    page.context.close()


def test_a_training_goes_on_before_ones_eyes_when_the_service_is_started_again(
    chromium: Browser, console: Console
) -> None:
    model_id, job_id = train(console.server, "survivor", minutes=5)
    visitor = visit(chromium, console, is_signed_in=False)
    page = visitor.open(f"/models/{model_id}")
    page.wait_for_selector(POINTS, timeout=SLOW_MS)
    console.server.kill()
    console.server.start()
    page.wait_for_function("window.socket && window.socket.connected", timeout=SLOW_MS)
    page.wait_for_selector(POINTS, timeout=SLOW_MS)
    wait_for_more(page)
    page.wait_for_selector(".live-name:not(:empty)", timeout=SLOW_MS)
    console.server.ask("POST", f"jobs/{job_id}/stop")
    page.wait_for_selector("text=The training is over", timeout=SLOW_MS)
    page.context.close()


def test_wrong_numbers_of_an_evaluation_are_told_beside_the_field_and_kept(
    chromium: Browser, console: Console
) -> None:
    visitor = visit(chromium, console, is_signed_in=False)
    page = visitor.open(console.path("/models/{model_id}"))
    start_evaluation(page)
    field(page, "Trials").fill("99")
    confirm(page, "Start evaluation")
    wrong = page.locator("dialog .field.has-error:visible")
    expect(wrong.locator(".field-error")).to_contain_text("from 1 to 50")
    assert field(page, "Trials").input_value() == "99"
    field(page, "Trials").fill("")
    confirm(page, "Start evaluation")
    expect(wrong.locator(".field-error")).to_have_text("Trials: give a whole number from 1 to 50.")
    field(page, "Trials").fill("3")
    field(page, "Race type").select_option("OBJECT_AVOIDANCE")
    field(page, "Boxes").fill("11")
    confirm(page, "Start evaluation")
    told = "Boxes: 11 does not fit; give a whole number from 1 to 10."
    expect(wrong.locator(".field-error")).to_have_text(told)
    field(page, "Boxes").fill("2.5")
    confirm(page, "Start evaluation")
    expect(wrong.locator(".field-error")).to_contain_text("2.5 does not fit")
    field(page, "Race type").select_option("HEAD_TO_HEAD")
    field(page, "Bot cars").fill("0")
    field(page, "Speed of the bot cars").fill("9")
    confirm(page, "Start evaluation")
    expect(wrong.locator(".field-error")).to_have_text(
        [
            "Bot cars: 0 does not fit; give a whole number from 1 to 6.",
            "Speed of the bot cars: 9 does not fit; give a number from 0.1 to 4.",
        ]
    )
    assert violations(page) == []
    page.keyboard.press("Escape")
    page.wait_for_selector("dialog[open]", state="detached")
    assert (
        console.server.ask("GET", console.path("jobs?model={model_id}&active=true"))["items"] == []
    )
    assert visitor.complaints == []
    page.context.close()


def test_laps_fill_the_table_and_older_evaluations_stay(
    chromium: Browser, console: Console
) -> None:
    visitor = visit(chromium, console, is_signed_in=False)
    page = visitor.open(console.path("/models/{model_id}"))
    for trials, rows in ((2, 0), (3, 2)):
        start_evaluation(page)
        field(page, "Trials").fill(str(trials))
        confirm(page, "Start evaluation")
        # Only then is it over: before, the table of laps waits with as many rows.
        page.wait_for_selector("text=The evaluation is done", timeout=SLOW_MS)
        expect(page.locator(".table.past tbody tr")).to_have_count(rows, timeout=SLOW_MS)
        expect(page.locator(".table.trials tbody tr")).to_have_count(trials)
    page.wait_for_selector(".live-name:has-text('lap 1')")
    found = console.server.ask("GET", console.path("models/{model_id}/evaluations"))["items"]
    assert len({trial["time_ms"] for trial in found[0]["trials"]}) > 1  # no copies of each other
    first = found[-1]["trials"][0]
    replay = page.get_by_role("link", name="Watch replay")
    expect(replay).to_have_attribute("href", re.compile(rf"lap={found[0]['stamp']}-[1-3]$"))
    page.locator(".table.past tbody tr").last.locator("button").click()
    row = page.locator(".table.trials tbody tr").first
    expect(row).to_contain_text(first["status"])
    expect(row).to_contain_text(f"{first['completion_percent']:.0f} %")
    minutes, ms = divmod(first["time_ms"], 60_000)
    expect(row).to_contain_text(f"{minutes:02d}:{ms // 1000:02d}.{ms % 1000:03d}")
    assert violations(page) == []
    assert visitor.complaints == []
    page.context.close()


@contextmanager
def beating(store: Store, claim: leases.Claim, report: dict[str, Any]) -> Iterator[None]:
    """A worker that gives signs of life, however long the page takes."""
    is_over = threading.Event()

    def beat() -> None:
        while not is_over.is_set():
            leases.beat(store, claim.job.id, claim.token, compute_s=1.0, report=report)
            is_over.wait(leases.BEAT_S)

    thread = threading.Thread(target=beat)
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join()


def test_a_lap_stands_in_the_table_as_soon_as_it_has_ended(
    chromium: Browser, console: Console
) -> None:
    server = console.server
    _, training = train(server, "busy", minutes=30)
    server.wait(training, "IN_PROGRESS")
    path = console.path("models/{model_id}/evaluate")
    asked = server.ask("POST", path, trials=3)
    visitor = visit(chromium, console, is_signed_in=False)
    page = visitor.open(console.path("/models/{model_id}"))
    rows = page.locator(".table.trials tbody tr")
    expect(rows).to_have_text([re.compile("to be driven")] * 3)

    store = open_store(Settings(home=server.home))
    claim = leases.claim_next(store, worker="a test", slots=2)
    assert claim is not None
    assert claim.job.id == asked["id"]
    lap = Trial(2, 21_502, 100.0, EpisodeStatus.LAP_COMPLETE).metrics_item
    with beating(store, claim, {"laps": [lap]}):
        expect(rows.nth(1)).to_contain_text("00:21.502", timeout=SLOW_MS)
        expect(rows.nth(1)).to_contain_text("Lap complete")
        for other in (0, 2):
            expect(rows.nth(other)).to_contain_text("to be driven")
        assert violations(page) == []
    message = "Two laps too few."
    leases.fail(store, asked["id"], claim.token, compute_s=1.0, message=message)
    expect(page.locator(".banner.bad")).to_contain_text(message, timeout=SLOW_MS)
    server.ask("POST", f"jobs/{training}/stop")
    server.wait(training, "COMPLETED")
    assert visitor.complaints == []
    page.context.close()


def test_every_choice_can_be_read_and_every_file_had(chromium: Browser, console: Console) -> None:
    visitor = visit(chromium, console, is_signed_in=False)
    page = visitor.open(console.path("/models/{model_id}"))
    for name, words in (
        ("reward function", "def reward_function"),
        ("action space", "Steering angle"),
        ("vehicle", "Neural network"),
        ("race type", "Time trial"),
        ("all hyperparameters", "Clip range"),
    ):
        page.click(f"[aria-label='Show {name}']")
        expect(page.locator("dialog[open]")).to_contain_text(words)
        assert violations(page) == []
        page.keyboard.press("Escape")
        page.wait_for_selector("dialog[open]", state="detached")
    page.click("button:has-text('Download')")
    links = page.locator("dialog[open] a.download")
    expect(links.first).to_be_visible()
    for link in links.all():
        answer = page.request.get(console.address + str(link.get_attribute("href")))
        assert answer.ok
        assert len(answer.body()) > 50
    assert visitor.complaints == []
    page.context.close()


def test_a_model_is_renamed_described_deleted_and_put_back(
    chromium: Browser, console: Console
) -> None:
    made = console.server.ask("POST", "models", model={"name": "draft"}, starts=False)
    visitor = visit(chromium, console, is_signed_in=False)
    page = visitor.open(f"/models/{made['model']['id']}")

    def act(entry: str) -> None:
        page.click("button:has-text('Actions')")
        page.click(f".dropdown-entry:has-text('{entry}')")
        page.wait_for_selector("dialog[open]")

    act("Rename")
    field(page, "Model name").fill("no spaces please")
    confirm(page, "Save")
    wrong = page.locator("dialog[open] .field-error").first
    expect(wrong).to_contain_text("letters, digits and hyphens")
    field(page, "Model name").fill("final")
    page.locator("dialog textarea").fill("Tries things out.")
    confirm(page, "Save")
    page.wait_for_selector("h1:text-is('final')")
    page.wait_for_function("window.socket && window.socket.connected")
    act("Tags")
    page.locator("dialog input").fill("lab, night")
    confirm(page, "Save")
    expect(page.locator(".model-line")).to_contain_text("Tries things out.")
    expect(page.locator(".model-tag")).to_have_text(["lab", "night"])
    act("Delete")
    confirm(page, "Delete")
    page.wait_for_selector("text=This model is deleted.")
    page.click(".banner button:has-text('Put back')")
    page.wait_for_selector("text=final is back.")
    expect(page.get_by_text("This model is deleted.")).to_have_count(0)
    assert visitor.complaints == []
    page.context.close()


def test_a_training_that_failed_says_why_and_can_be_tried_again(
    chromium: Browser, console: Console
) -> None:
    made = console.server.ask("POST", "models", model={"name": "broken"}, starts=False)
    model_id = made["model"]["id"]
    (console.server.home / "models" / "broken" / "reward_function.py").write_text(
        "def reward_function(params):\n    return params['no_such_thing']\n"
    )
    job = console.server.ask("POST", f"models/{model_id}/train", stop={})
    console.server.wait(job["id"], "FAILED")
    visitor = visit(chromium, console, is_signed_in=False)
    page = visitor.open(f"/models/{model_id}")
    banner = page.locator(".banner.bad")
    expect(banner).to_contain_text("The training failed.")
    expect(banner).to_contain_text("no_such_thing")
    expect(banner.locator("button")).to_have_text("Try again")
    assert violations(page) == []
    assert visitor.complaints == []
    page.context.close()


def test_a_job_that_waits_tells_its_place_and_can_be_taken_out(
    chromium: Browser, console: Console
) -> None:
    _, running = train(console.server, "first", minutes=5)
    model_id, waiting = train(console.server, "second", minutes=5)
    visitor = visit(chromium, console, is_signed_in=False)
    page = visitor.open(f"/models/{model_id}")
    expect(page.locator(".banner.busy")).to_contain_text("It is the next one")
    page.click("button:has-text('Take out of the queue')")
    confirm(page, "Take out")
    page.wait_for_selector(".model-line .badge:has-text('Created')")
    assert console.server.ask("GET", f"jobs/{waiting}")["job"]["status"] == "CANCELED"
    console.server.ask("POST", f"jobs/{running}/stop")
    console.server.wait(running, "COMPLETED", "CANCELED")
    assert visitor.complaints == []
    page.context.close()
