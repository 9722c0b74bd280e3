"""Getting in: by password, with an invitation, at an event by name alone, or by recovery code.

The browser sends these forms to the API itself, because only an answer to the browser can set
the cookie; no password passes through the page's own connection.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from racecraft.interfaces.web.frame import page_head
from racecraft.interfaces.web.tags import tag
from racecraft.service.instance import Instance, Registration, read_instance

if TYPE_CHECKING:
    from racecraft.interfaces.web.visit import Visit
    from racecraft.service.store import Store


@dataclass(frozen=True)
class Box:
    """A field of a form that the browser sends by itself."""

    name: str
    label: str
    kind: str = "text"
    help: str = ""
    auto: str = "off"
    is_needed: bool = True


_NAME = Box("name", "Racer name", auto="username")


async def sign_in(visit: Visit) -> None:
    """Name and password."""
    instance = await visit.look(_read)
    with tag("div", "door"):
        with page_head(visit, f"Sign in to {instance.name}"):
            pass
        boxes = (_NAME, Box("password", "Password", "password", auto="current-password"))
        door_form("/api/sign-in", boxes, "Sign in")
        with tag("ul", "door-links"):
            if instance.registration is not Registration.CLOSED:
                _link("Register as a racer", "/register")
                _link("Join an event with a name alone", "/join")
            _link("I have lost my password", "/recover")


async def register(visit: Visit) -> None:
    """A new person with a password."""
    instance = await visit.look(_read)
    with tag("div", "door"):
        with page_head(visit, f"Register at {instance.name}"):
            pass
        boxes = (
            _new_name(instance),
            Box(
                "password",
                "Password",
                "password",
                "At least 8 characters.",
                auto="new-password",
            ),
            _invitation(instance),
        )
        door_form("/api/register", boxes, "Register")
        with tag("ul", "door-links"):
            _link("I have an account", "/sign-in")
            _link("Join an event with a name alone", "/join")


async def join(visit: Visit) -> None:
    """A new person at an event: a name and the code on the wall, no password."""
    instance = await visit.look(_read)
    with tag("div", "door"):
        with page_head(visit, f"Join {instance.name}"):
            pass
        tag("p", "dim", "No password, no e-mail. Pick a racer name and go.")
        door_form("/api/register", (_new_name(instance), _invitation(instance)), "Join")
        with tag("ul", "door-links"):
            _link("I have an account", "/sign-in")


async def recover(visit: Visit) -> None:
    """Back in with the code that was shown at registration."""
    with tag("div", "door"):
        with page_head(visit):
            pass
        tag("p", "dim", "You got this code when you registered; an admin can make a new one.")
        boxes = (
            _NAME,
            Box("code", "Recovery code", help="Four groups of four characters."),
            Box(
                "new_password",
                "New password",
                "password",
                "Optional; at least 8 characters.",
                auto="new-password",
                is_needed=False,
            ),
        )
        door_form("/api/recover", boxes, "Get back in")
        with tag("ul", "door-links"):
            _link("Sign in with a password", "/sign-in")


def _read(store: Store) -> Instance:
    with store.look() as work:
        return read_instance(work)


def _new_name(instance: Instance) -> Box:
    rule = "2 to 40 letters, digits, hyphens and underscores; it stays for good."
    if instance.racer_name_hint:
        rule = f"{rule} Rule here: {instance.racer_name_hint}"
    return Box("name", "Racer name", help=rule, auto="username")


def _invitation(instance: Instance) -> Box:
    is_needed = instance.registration is not Registration.OPEN
    return Box(
        "invitation",
        "Invitation code" if is_needed else "Invitation code (optional)",
        help="From the organiser; a link or QR picture fills it in.",
        is_needed=is_needed,
    )


def door_form(
    address: str,
    boxes: tuple[Box, ...],
    verb: str,
    done: str | None = None,
    *,
    fixed: str | None = None,
) -> None:
    """A form that the browser sends to the API by itself.

    Args:
        address: of the route.
        boxes: the fields.
        verb: on the button.
        done: where to go afterwards; where the visitor came from without.
        fixed: JSON of what is sent besides the fields.
    """
    with tag(
        "form",
        "door-form panel",
        data_api=address,
        data_done=done,
        data_fixed=fixed,
        novalidate=True,
    ):
        tag("p", "form-error", "", role="alert", data_form_error="")
        for box in boxes:
            with tag("div", "field"):
                with tag("div", "field-top"):
                    tag("label", "field-label", box.label, for_=f"box-{box.name}")
                described = f"box-{box.name}-error"
                more: dict[str, Any] = {"required": True} if box.is_needed else {}
                if box.help:
                    described = f"box-{box.name}-help {described}"
                tag(
                    "input",
                    "control",
                    type=box.kind,
                    name=box.name,
                    id=f"box-{box.name}",
                    autocomplete=box.auto,
                    aria_describedby=described,
                    **more,
                )
                if box.help:
                    tag("p", "field-help", box.help, id=f"box-{box.name}-help")
                tag("p", "field-error", "", id=f"box-{box.name}-error", role="alert")
        with tag("div", "actions"):
            tag("button", "button primary", verb, type="submit")


def _link(text: str, path: str) -> None:
    with tag("li"):
        tag("a", text=text, href=path)
