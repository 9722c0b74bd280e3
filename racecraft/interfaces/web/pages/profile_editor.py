"""The dialog in which a racer chooses name, country and avatar."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from nicegui import ui

from racecraft.domain.errors import Conflict, InvalidInput
from racecraft.interfaces.web.avatars import CHOICES, FACE, NAMES, avatar_svg
from racecraft.interfaces.web.countries import COUNTRIES
from racecraft.interfaces.web.tags import Drawing, tag
from racecraft.interfaces.web.widgets.buttons import button
from racecraft.interfaces.web.widgets.dialogs import Dialog, dialog
from racecraft.interfaces.web.widgets.fields import About, ChoiceField, Field, TextField
from racecraft.service.people.person import Avatar, Person, edit_profile

if TYPE_CHECKING:
    from racecraft.interfaces.web.visit import Visit


def edit_dialog(visit: Visit, person: Person) -> None:
    """Ask for a new profile; the page is opened anew when it is saved."""
    with dialog("Your racer profile", is_wide=True) as made:
        _Editor(visit, person, made)


class _Editor:
    """The fields, and the picture that follows them."""

    def __init__(self, visit: Visit, person: Person, made: Dialog) -> None:
        self._visit, self._person, self._made = visit, person, made
        self._look = person.avatar.model_dump()
        self._fields: dict[str, Field] = {}
        self._name: TextField | None = None
        if not person.has_chosen_name:
            self._name = TextField(
                About(
                    "Racer name",
                    "2 to 40 letters, digits, hyphens and underscores. It cannot be changed later.",
                ),
                person.name,
                maxlength=40,
            )
        else:
            tag(
                "p",
                "dim",
                f"{person.name} is your racer name for good; leaderboards know it.",
            )
        with tag("div", "avatar-editor"):
            self._picture = Drawing(avatar_svg(person.avatar, 220))
            with tag("div", "form two"):
                for field, options in CHOICES.items():
                    self._fields[field] = ChoiceField(
                        NAMES[field],
                        options,
                        self._look[field],
                        partial(self._change, field),
                    )
                nowhere = {"": "–", **COUNTRIES}
                self._country = ChoiceField("Country", nowhere, person.country)
        self._close_helmet()
        with made.foot:
            button("Cancel", made.close, kind="quiet")
            button("Save", self._save, kind="primary")

    def _change(self, field: str, value: str) -> None:
        self._look[field] = value
        self._picture.set_content(avatar_svg(Avatar(**self._look), 220))
        if field == "head":
            self._close_helmet()

    def _close_helmet(self) -> None:
        """What a helmet hides cannot be chosen."""
        is_hidden = self._look["head"] == "helmet"
        for field in FACE:
            control = self._fields[field].control
            if is_hidden:
                control.props["disabled"] = True
            else:
                control.props.pop("disabled", None)
            control.update()

    async def _save(self) -> None:
        changes: dict[str, Any] = {"country": self._country.value, "avatar": self._look}
        if self._name is not None and self._name.value != self._person.name:
            changes["name"] = self._name.value
        try:
            await self._visit.run(
                lambda asking: edit_profile(
                    asking.store, asking.actor, asking.actor.person_id, changes
                )
            )
        except (Conflict, InvalidInput) as error:
            target = self._name or self._country
            target.show_error(str(error))
            target.focus()
            return
        ui.navigate.reload()
