"""The racer profile, and the pages of organisers and admins."""

from __future__ import annotations

from playwright.sync_api import Browser, expect

from racecraft.interfaces.web.avatars import CHOICES, avatar_svg
from racecraft.service.people.person import Avatar
from tests.interfaces.web.conftest import PASSWORD, Console, visit


def test_a_name_is_chosen_once_and_the_avatar_follows_at_once(
    chromium: Browser, solo: Console
) -> None:
    visitor = visit(chromium, solo, is_signed_in=False)
    page = visitor.open("/profile")
    page.get_by_role("button", name="Edit profile").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("Eyes")).to_be_disabled()
    before = dialog.locator(".avatar").inner_html()
    dialog.get_by_label("Head").select_option("curls")
    expect(dialog.get_by_label("Eyes")).to_be_enabled()
    dialog.get_by_label("Eyes").select_option("glasses")
    page.wait_for_function(
        "old => document.querySelector('dialog .avatar').innerHTML !== old", arg=before
    )
    dialog.get_by_label("Racer name").fill("!")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog.locator(".field-error", has_text="2 to 40 letters")).to_be_visible()
    dialog.get_by_label("Racer name").fill("Ada-Lovelace")
    dialog.get_by_label("Country").select_option("CH")
    dialog.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="Ada-Lovelace")).to_be_visible()
    expect(page.get_by_text("Switzerland")).to_be_visible()
    page.get_by_role("button", name="Edit profile").click()
    expect(page.get_by_role("dialog").get_by_label("Racer name")).to_have_count(0)
    assert visitor.complaints == []
    page.context.close()


def test_every_word_of_the_avatar_editor_draws_something_of_its_own() -> None:
    for field, options in CHOICES.items():
        bare = Avatar(head="bald")
        drawn = {avatar_svg(bare.model_copy(update={field: word})) for word in options}
        assert len(drawn) == len(options), field


def test_an_admin_invites_people_sees_them_and_locks_one_out(
    chromium: Browser, hosted: Console
) -> None:
    visitor = visit(chromium, hosted, is_signed_in=True)
    page = visitor.open("/invitations")
    page.get_by_role("button", name="Invite").click()
    page.get_by_label("Heads").fill("0")
    page.get_by_role("button", name="Make invitation").click()
    expect(page.locator(".field-error", has_text="use 1 to")).to_be_visible()
    page.get_by_label("Heads").fill("3")
    page.get_by_role("button", name="Make invitation").click()
    code = page.inner_text(".code-words")
    expect(page.get_by_role("img", name="QR picture")).to_be_visible()
    other = chromium.new_context()
    made = other.request.post(
        f"{hosted.address}/api/register",
        data={"name": "Mallory", "password": PASSWORD, "invitation": code},
    )
    assert made.ok
    visitor.open("/people")
    page.get_by_label("Choose Mallory").check()
    page.get_by_role("button", name="Actions").click()
    page.get_by_role("button", name="Lock out or let in").click()
    page.get_by_role("button", name="Lock out", exact=True).click()
    expect(page.get_by_role("row", name="Mallory")).to_contain_text("Locked out")
    assert other.request.get(f"{hosted.address}/api/me").status == 401
    other.close()
    assert visitor.complaints == []
    page.context.close()


def test_racers_are_not_shown_pages_of_organisers(chromium: Browser, hosted: Console) -> None:
    context = chromium.new_context()
    context.add_cookies(hosted.cookies)
    made = context.request.post(f"{hosted.address}/api/invitations", data={})
    code = made.json()["code"]
    context.close()
    visitor = visit(chromium, hosted, is_signed_in=False)
    page = visitor.page
    page.context.request.post(
        f"{hosted.address}/api/register", data={"name": "Plain-Racer", "invitation": code}
    )
    for path in ("/people", "/invitations", "/settings"):
        answer = page.goto(hosted.address + path)
        assert answer is not None
        assert answer.status == 403
        expect(page.get_by_text("A racer may not")).to_be_visible()
        expect(page.get_by_role("link", name="People")).to_have_count(0)
    page.context.close()


def test_a_setting_is_saved_or_told_beside_its_field(chromium: Browser, hosted: Console) -> None:
    visitor = visit(chromium, hosted, is_signed_in=True)
    page = visitor.open("/settings")
    names = page.get_by_role("region", name="Racer names")
    names.get_by_label("Rule", exact=False).first.fill("[")
    names.get_by_role("button", name="Save").click()
    expect(names.locator(".field-error", has_text="regular expression")).to_be_visible()
    names.get_by_label("Rule", exact=False).first.fill("")
    names.get_by_role("button", name="Save").click()
    expect(page.get_by_text("The settings were saved.")).to_be_visible()
    page.context.close()
