"""The big screen of a race, for its organiser: link, colours, picture."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nicegui import ui

from racecraft.domain.errors import RacecraftError
from racecraft.interfaces.web.frame import page_head
from racecraft.interfaces.web.links import link_to, warn_of_own_name
from racecraft.interfaces.web.tags import tag, words
from racecraft.interfaces.web.toasts import say
from racecraft.interfaces.web.widgets.buttons import button, link_button
from racecraft.interfaces.web.widgets.cards import panel
from racecraft.interfaces.web.widgets.dialogs import confirm
from racecraft.interfaces.web.widgets.fields import About, Field, TextField, TickField
from racecraft.interfaces.web.widgets.notices import banner, empty_state
from racecraft.service.races.boards import RaceView, view_race
from racecraft.service.races.screens import keeping
from racecraft.service.races.screens.record import Screen

if TYPE_CHECKING:
    from racecraft.interfaces.web.visit import Asking, Visit

_ACCENT, _BACKGROUND = "#c25200", "#101317"
_SEND = """async (event) => {
  const [file] = event.target.files;
  if (!file) return;
  const headers = { "Content-Type": "application/octet-stream" };
  const answer = await fetch(PATH, { method: "PUT", headers, body: file }).catch(() => null);
  const told = await answer?.json().catch(() => null);
  emit(answer?.ok ? "" : told?.error?.message ?? "The picture could not be sent; try again.");
}"""


async def screen(visit: Visit) -> None:
    """What the organiser decides about the big screen."""
    race_id = visit.params["race_id"]
    view, found = await visit.run(lambda asking: _load(asking, race_id))
    trail = [("Races", "/races"), (view.race.name, f"/races/{race_id}")]
    with page_head(visit, info="the-big-screen", trail=trail):
        if found is not None:
            link_button("Open screen", f"/screen/{found.code}", kind="primary", icon="out")
    if not view.is_mine:
        with banner("info", "Only the organiser of this race has its big screen."):
            link_button("View race", f"/races/{race_id}")
        return
    if found is None:
        with empty_state(
            "No big screen yet",
            "A big screen shows the leaderboard on a projector, a television or in a stream, to "
            "everybody who has its link, without signing in.",
        ):
            button("Make the screen", lambda: _open(visit, race_id), kind="primary", icon="plus")
        return
    with tag("div", "form-column"):
        _link(visit, found)
        _Look(visit, found).build()
        _logo(visit, found)


def _load(asking: Asking, race_id: str) -> tuple[RaceView, Screen | None]:
    view = view_race(asking.store, asking.actor, race_id)
    found = keeping.find_screen(asking.store, asking.actor, race_id) if view.is_mine else None
    return view, found


async def _open(visit: Visit, race_id: str) -> None:
    await visit.run(lambda asking: keeping.open_screen(asking.store, asking.actor, race_id))
    ui.navigate.reload()


def _link(visit: Visit, found: Screen) -> None:
    address = link_to(visit, f"/screen/{found.code}")
    race_id = found.race_id

    def renew() -> None:
        confirm(
            "Make a new link?",
            "Screens that show the old one go dark until they are given the new link.",
            "Make a new link",
            lambda: _open(visit, race_id),
        )

    async def close() -> None:
        await visit.run(
            lambda asking: keeping.close_screen(
                asking.store, asking.settings, asking.actor, race_id
            )
        )
        ui.navigate.reload()

    with panel("The link", info="the-big-screen"):
        warn_of_own_name(visit)
        about = "Whoever has it sees the board without signing in, and nothing else."
        box = TextField(About("Screen link", about), address, readonly=True)
        overlay = TextField(
            About("For streaming software", "The first five places, on a transparent background."),
            f"{address}?transparent",
            readonly=True,
        )
        with tag("div", "actions"):
            button(
                "Switch off",
                lambda: confirm(
                    "Switch the screen off?",
                    "Its link leads nowhere any more; colours and picture are gone.",
                    "Switch off",
                    close,
                ),
                kind="quiet",
            )
            button("Make a new link", renew)
            button("Copy stream link", lambda: ui.clipboard.write(str(overlay.value)))
            button("Copy link", lambda: ui.clipboard.write(str(box.value)), kind="primary")


class _Look:
    """The form about how it looks."""

    def __init__(self, visit: Visit, found: Screen) -> None:
        self._visit, self._screen = visit, found
        self._fields: dict[str, Field] = {}

    def build(self) -> None:
        """Make the fields."""
        found, add = self._screen, self._fields
        with panel("How it looks", info="the-look-of-the-screen"):
            about = About("Headline", "A line under the name of the race.", is_optional=True)
            add["headline"] = TextField(about, found.headline, maxlength=80)
            about = About("Own colours", "Text stays readable whatever you choose.")
            has_own = bool(found.accent or found.background)
            add["has_own"] = TickField(about, has_own, self._turn)
            with tag("div", "field-row") as self._colours:
                add["accent"] = TextField("Accent", found.accent or _ACCENT, type="color")
                add["background"] = TextField(
                    "Background", found.background or _BACKGROUND, type="color"
                )
            self._turn(has_own)
            about = About("Invite by QR picture", "Who scans it comes into the race.")
            add["invites"] = TickField(about, found.invites)
            about = About(
                "Address for phones",
                "Where phones in the room reach this machine, such as http://192.168.0.5:8321. "
                "Without one it is the address by which the screen was opened.",
                is_optional=True,
            )
            add["address"] = TextField(about, found.address, maxlength=200, type="url")
            self._error = words("p", "", "form-error", role="alert")
            with tag("div", "actions"):
                button("Save look", self._save, kind="primary")

    def _turn(self, has_own: bool) -> None:
        self._colours.props["hidden"] = not has_own
        self._colours.update()

    async def _save(self) -> None:
        value = {name: field.value for name, field in self._fields.items()}
        has_own = value.pop("has_own")
        if not has_own:
            value |= {"accent": "", "background": ""}
        value = {
            name: each.strip() if isinstance(each, str) else each for name, each in value.items()
        }
        self._error.text = ""
        try:
            await self._visit.run(lambda asking: self._keep(asking, value))
        except RacecraftError as error:
            self._error.text = str(error)
            return
        say(self._visit, "Saved; open screens change at once.")

    def _keep(self, asking: Asking, value: dict[str, Any]) -> None:
        keeping.change_screen(asking.store, asking.actor, self._screen.race_id, value)


def _logo(visit: Visit, found: Screen) -> None:
    path = f"/api/races/{found.race_id}/screen/logo"

    async def drop() -> None:
        await visit.run(
            lambda asking: keeping.keep_logo(
                asking.store, asking.settings, asking.actor, found.race_id, b""
            )
        )
        ui.navigate.reload()

    with panel("Your logo", info="the-look-of-the-screen"):
        if found.logo:
            source = f"/api/screens/{found.code}/logo?{found.logo[:12]}"
            tag("img", "screen-logo", src=source, alt="Your logo as the screen shows it")
        with tag("div", "field"):
            tag("label", "field-label", "Picture", for_="screen-logo-file")
            choose = tag("input", "control", type="file", accept="image/png,image/jpeg")
            choose.props["id"] = "screen-logo-file"
            tag("p", "field-help", "A PNG or JPEG file of up to 2 MB.")
            error = words("p", "", "field-error", role="alert")

        def told(sentence: str) -> None:
            error.text = sentence
            if not sentence:
                ui.navigate.reload()

        handler = _SEND.replace("PATH", f'"{path}"')
        choose.on("change", lambda event: told(str(event.args)), js_handler=handler)
        if found.logo:
            with tag("div", "actions"):
                button("Take it away", drop)
