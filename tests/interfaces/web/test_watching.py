"""A real training watched in 3D, and what its network looks at."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.interfaces.web.conftest import Console, visit
from tests.interfaces.web.test_model_page import SLOW_MS, train
from tests.interfaces.web.test_pages import violations
from tests.service.server import Server

SMALL = {"width": 480, "height": 640}
"""Without a graphics card every point costs time."""
MOVES = """() => {
    // A page whose browser or server is too busy may be loaded anew meanwhile.
    const all = [...document.querySelectorAll(".live-panel *")];
    const view = all.map((each) => each.racecraftWorld).find(Boolean);
    if (!view?.source.counts.segments || !view.frames) return false;
    const now = view.report();
    view.before ??= now;
    const far = now.cars.filter((car, k) => {
        const was = view.before.cars[k] ?? car;
        return Math.hypot(car.x_m - was.x_m, car.y_m - was.y_m) > 0.05;
    });
    return now.frames > view.before.frames + 2 && now.cars.length === 8 && far.length > 5;
}"""


@pytest.fixture(scope="module")
def console(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Console]:
    """For one person, who has a training under way."""
    server = Server(tmp_path_factory.mktemp("watching"))
    server.start()
    model_id, job_id = train(server, "in-3d", minutes=8)
    yield Console(server, examples={"model_id": model_id, "job_id": job_id})
    server.ask("POST", f"jobs/{job_id}/stop")
    server.end()


def glow(page: Page) -> None:
    """Wait until a glow lies over the picture that the network sees."""
    page.wait_for_selector("canvas[data-glows=true]", timeout=3 * SLOW_MS)


@pytest.mark.slow
def test_a_real_training_moves_in_3d_and_its_network_is_explained_on_demand(
    chromium: Browser, console: Console
) -> None:
    visitor = visit(chromium, console, is_signed_in=False, viewport=SMALL)
    page = visitor.open(console.path("/models/{model_id}"))
    page.get_by_role("button", name="Watch in 3D").click(timeout=SLOW_MS)
    page.wait_for_function(MOVES, timeout=2 * SLOW_MS)
    sees = page.get_by_role("button", name="What it looks at")
    expect(sees).to_have_attribute("aria-pressed", "false")
    sees.click()
    glow(page)
    assert violations(page) == []

    page.get_by_role("button", name="From above").click()
    expect(page.get_by_role("button", name="What it looks at")).to_have_attribute(
        "aria-pressed", "true"
    )
    glow(page)
    page.get_by_role("button", name="What it looks at").click()
    page.wait_for_selector("canvas[data-glows=false]", timeout=3 * SLOW_MS)
    assert visitor.complaints == []
    page.context.close()
