"""Cloning a model in a browser, and the lab's model at one click."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from tests.interfaces.web.conftest import Console, Visitor, visit


@pytest.fixture
def visitor(chromium: Browser, solo: Console) -> Visitor:
    return visit(chromium, solo, is_signed_in=False)


def stop_all(console: Console) -> None:
    for job in console.server.ask("GET", "jobs?active=true")["items"]:
        console.server.ask("POST", f"jobs/{job['id']}/stop")


def test_a_clone_begins_with_what_the_parent_has_learnt(visitor: Visitor, solo: Console) -> None:
    parent = solo.server.ask("GET", f"models/{solo.examples['model_id']}")["model"]
    page = visitor.open(f"/models/{parent['id']}/clone")
    name = page.get_by_label("Model name")
    expect(name).to_have_value(f"{parent['name']}-clone")
    name.fill("not a name")
    page.get_by_role("button", name="Start training").click()
    expect(page.locator(".field-error", has_text="not a name")).to_be_visible()
    expect(name).to_be_focused()
    name.fill("better")
    reward = page.get_by_label("reward_function.py")
    good = reward.input_value()
    reward.fill("def reward_function(params):\n    return oops(")
    page.get_by_role("button", name="Start training").click()
    expect(page.locator(".field.has-error")).to_contain_text("reward_function.py")
    reward.fill(good)
    page.get_by_role("combobox", name="Track").select_option("bean-lane")
    expect(page.get_by_role("img", name="Bean Lane")).to_be_visible()
    page.get_by_label("Learning rate").fill("0.0002")
    page.get_by_role("button", name="Start training").click()
    page.wait_for_url("**/models/*")
    models = {row["model"]["name"]: row for row in solo.server.ask("GET", "models")["items"]}
    made = models["better"]
    assert made["model"]["parent_id"] == parent["id"]
    documents = solo.server.ask("GET", f"models/{made['model']['id']}/documents")
    assert [track["name"] for track in documents["training"]["tracks"]] == ["bean-lane"]
    assert documents["training"]["hyperparameters"]["learning_rate"] == 0.0002
    stop_all(solo)
    page.context.close()


def test_the_lab_model_trains_at_one_click_and_is_the_next_step(
    visitor: Visitor, solo: Console
) -> None:
    page = visitor.open("/")
    page.get_by_role("button", name="Train the lab model now").click()
    page.wait_for_url("**/models/*")
    made = solo.server.ask("GET", "models")["items"][0]
    assert made["model"]["name"] == "MyFirstModel"
    assert made["job"]["kind"] == "TRAINING"
    visitor.open("/")
    expect(page.get_by_role("heading", name="Watch MyFirstModel")).to_be_visible()
    stop_all(solo)
    page.context.close()
