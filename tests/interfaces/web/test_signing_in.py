"""Getting in and out in a browser."""

from __future__ import annotations

import re
import urllib.error
import urllib.request

import pytest
from playwright.sync_api import Browser, expect

from tests.interfaces.web.conftest import PASSWORD, Console, Visitor, visit


def invitation(hosted: Console, chromium: Browser) -> str:
    """A code for a few racers."""
    context = chromium.new_context()
    context.add_cookies(hosted.cookies)
    made = context.request.post(f"{hosted.address}/api/invitations", data={"heads": 9})
    code = str(made.json()["code"])
    context.close()
    return code


def fill(visitor: Visitor, **values: str) -> None:
    for name, value in values.items():
        visitor.page.fill(f'[name="{name}"]', value)
    visitor.page.click("[type=submit]")


def test_somebody_new_registers_by_a_link_signs_out_and_in_again(
    chromium: Browser, hosted: Console
) -> None:
    code = invitation(hosted, chromium)
    visitor = visit(chromium, hosted, is_signed_in=False)
    page = visitor.open(f"/register?next=/models#{code}")
    expect(page.get_by_label("Invitation code")).to_have_value(code)
    fill(visitor, name="Grace", password=PASSWORD)
    expect(page.get_by_role("heading", name="Welcome, Grace")).to_be_focused()
    assert re.fullmatch(r"(\w{4}-){3}\w{4}", page.inner_text(".code-words"))
    page.click("text=go on")
    page.wait_for_url(f"{hosted.address}/models")
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url(f"{hosted.address}/sign-in")
    fill(visitor, name="grace", password=PASSWORD)
    expect(page.get_by_role("link", name="Racer profile of Grace")).to_be_visible()
    assert visitor.complaints == []
    page.context.close()


def test_what_does_not_fit_is_told_beside_the_field_and_what_was_typed_stays(
    chromium: Browser, hosted: Console
) -> None:
    visitor = visit(chromium, hosted, is_signed_in=False)
    page = visitor.open("/register")
    fill(visitor, name="Lin", password="short", invitation="")
    invited = page.get_by_label("Invitation code")
    expect(invited).to_be_focused()
    assert "is missing" in page.inner_text("#box-invitation-error")
    fill(visitor, invitation="XXXX-XXXX-XXXX")
    expect(page.locator("#box-invitation-error")).to_contain_text("not known")
    fill(visitor, invitation=invitation(hosted, chromium))
    expect(page.locator("#box-password-error")).to_contain_text("5 characters")
    expect(page.get_by_label("Racer name")).to_have_value("Lin")
    page.goto(f"{hosted.address}/sign-in")
    fill(visitor, name="Ada", password="wrong password")
    expect(page.locator("[data-form-error]")).to_contain_text("do not fit")
    page.context.close()


def test_somebody_walks_up_with_a_name_alone_and_gets_back_in_by_the_recovery_code(
    chromium: Browser, hosted: Console
) -> None:
    code = invitation(hosted, chromium)
    visitor = visit(chromium, hosted, is_signed_in=False)
    page = visitor.open("/join")
    fill(visitor, name="Walk-Up", invitation=code)
    recovery = page.inner_text(".code-words")
    page.context.clear_cookies()
    visitor.open("/recover")
    fill(visitor, name="Walk-Up", code=recovery.lower())
    page.click("text=go on")
    expect(page.get_by_role("link", name="Racer profile of Walk-Up")).to_be_visible()
    page.context.close()


def test_who_joined_without_a_password_sets_one(chromium: Browser, hosted: Console) -> None:
    code = invitation(hosted, chromium)
    visitor = visit(chromium, hosted, is_signed_in=False)
    page = visitor.open("/join")
    fill(visitor, name="Late-Secret", invitation=code)
    page.click("text=go on")
    page.wait_for_url(f"{hosted.address}/")
    visitor.open("/account")
    fill(visitor, new="short")
    expect(page.locator("#box-new-error")).to_contain_text("5 characters")
    with page.expect_navigation():
        fill(visitor, new=PASSWORD)
    page.context.clear_cookies()
    visitor.open("/sign-in")
    fill(visitor, name="Late-Secret", password=PASSWORD)
    expect(page.get_by_role("link", name="Racer profile of Late-Secret")).to_be_visible()
    page.context.close()


def test_after_signing_in_nobody_is_sent_to_another_host(
    chromium: Browser, hosted: Console
) -> None:
    for wanted in ("//evil.example/", "https://evil.example/", "/\\evil.example"):
        visitor = visit(chromium, hosted, is_signed_in=False)
        page = visitor.open(f"/sign-in?next={wanted}")
        fill(visitor, name="Ada", password=PASSWORD)
        page.wait_for_url(f"{hosted.address}/**")
        expect(page.get_by_role("link", name="Racer profile of Ada")).to_be_visible()
        assert visitor.complaints == []
        page.context.close()


def test_a_page_that_was_left_open_can_do_nothing_after_signing_out(
    chromium: Browser, hosted: Console
) -> None:
    code = invitation(hosted, chromium)
    visitor = visit(chromium, hosted, is_signed_in=False)
    page = visitor.open("/join")
    fill(visitor, name="Leaver", invitation=code)
    page.click("text=go on")
    made = page.context.request.post(
        f"{hosted.address}/api/models", data={"model": {"name": "mine"}, "starts": False}
    )
    assert made.ok
    visitor.open("/models")
    page.context.request.post(f"{hosted.address}/api/sign-out", data={})
    page.get_by_role("button", name="Refresh").click()
    page.wait_for_url(f"{hosted.address}/sign-in?next=%2Fmodels")
    page.context.close()


def test_a_page_made_for_another_host_name_is_refused(solo: Console) -> None:
    request = urllib.request.Request(f"{solo.address}/", headers={"Host": "evil.example"})
    with pytest.raises(urllib.error.HTTPError, match="403") as refused:
        urllib.request.urlopen(request, timeout=10)
    refused.value.close()
