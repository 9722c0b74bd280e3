"""What can be done to a model from any page: clone, rename, delete, put back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from nicegui import ui

from racecraft.domain.errors import Conflict, InvalidInput
from racecraft.interfaces.web.tags import tag
from racecraft.interfaces.web.times import moment
from racecraft.interfaces.web.toasts import say
from racecraft.interfaces.web.widgets.buttons import button
from racecraft.interfaces.web.widgets.dialogs import confirm, dialog
from racecraft.interfaces.web.widgets.fields import About, ChoiceField, TextField, TickField
from racecraft.service.collection import (
    ModelFilter,
    ModelView,
    change_model,
    delete_model,
    list_models,
    restore_model,
)

if TYPE_CHECKING:
    from racecraft.interfaces.web.visit import Visit


class ModelActions:
    """The actions, for one opened page."""

    def __init__(self, visit: Visit, after: Callable[[], Awaitable[None]]) -> None:
        """Make them; `after` shows the page anew once something was changed."""
        self._visit, self._after = visit, after

    def clone(self, view: ModelView) -> None:
        """Go to the clone page."""
        ui.navigate.to(f"/models/{view.model.id}/clone")

    def ask_download(self, view: ModelView) -> None:
        """Ask what of a model to download, and let the browser fetch it."""
        model = view.model
        with dialog(f"Download {model.name}") as asked:
            tag("p", text="One .zip with its documents, reward, laps and weights.")
            which = ChoiceField(
                About("Checkpoints", "A model keeps those of many iterations."),
                {"best": "The best one", "last": "The last one", "all": "All of them"},
                "best",
            )
            state = TickField(
                About("With training state", "Larger; its training can go on exactly.")
            )

            def fetch() -> None:
                asked.close()
                wish = f"checkpoints={which.value}&state={'true' if state.value else 'false'}"
                ui.navigate.to(f"/api/models/{model.id}/archive?{wish}")

            with asked.foot:
                button("Cancel", asked.close, kind="quiet")
                button("Download", fetch, kind="primary", icon="download")

    def ask_rename(self, view: ModelView) -> None:
        """Ask for name and description."""
        model = view.model
        with dialog(f"Rename {model.name}") as asked:
            name = TextField(
                About("Model name", "1 to 64 letters, digits and hyphens."),
                model.name,
                maxlength=64,
                autocomplete="off",
            )
            text = TextField(
                About("Description", is_optional=True), model.description, lines=3, maxlength=255
            )

            async def save() -> None:
                changes = {"name": name.value, "description": text.value}
                try:
                    await self._visit.run(
                        lambda asking: change_model(
                            asking.store, asking.settings, asking.actor, model.id, changes
                        )
                    )
                except (Conflict, InvalidInput) as error:
                    field = text if "description" in str(error) else name
                    field.show_error(str(error))
                    field.focus()
                    return
                asked.close()
                await self._after()

            with asked.foot:
                button("Cancel", asked.close, kind="quiet")
                button("Save", save, kind="primary")

    def ask_delete(self, view: ModelView) -> None:
        """Ask, delete, and offer to undo it."""
        model = view.model

        async def delete() -> None:
            await self._visit.run(
                lambda asking: delete_model(asking.store, asking.settings, asking.actor, model.id)
            )
            await self._after()
            say(
                self._visit,
                f"{model.name} was deleted; for a day it can be put back.",
                action=("Undo", lambda: self._put_back(model.id)),
            )

        confirm(
            f"Delete {model.name}?",
            "Its network, laps and log go with it. For a day you can put it back.",
            "Delete model",
            delete,
        )

    async def ask_deleted(self) -> None:
        """Show what can be put back."""
        views = await self._visit.run(
            lambda asking: list_models(
                asking.store, asking.actor, ModelFilter(is_deleted=True, limit=100)
            )[0]
        )
        with dialog("Recently deleted models") as asked:
            if not views:
                tag("p", text="Nothing was deleted within a day.")
            with tag("ul", "rows"):
                for view in views:
                    self._deleted_row(view, asked.close)
            with asked.foot:
                button("Close", asked.close)

    def _deleted_row(self, view: ModelView, close: Callable[[], None]) -> None:
        model = view.model

        async def back() -> None:
            close()
            await self._put_back(model.id)

        with tag("li", "row"):
            with tag("div", "grow"):
                tag("p", "strong", model.name)
                with tag("p", "dim"):
                    tag("span", text="Deleted ")
                    moment(model.deleted_at_s or 0.0)
            button("Put back", back).props["aria-label"] = f"Put {model.name} back"

    async def _put_back(self, model_id: str) -> None:
        model = await self._visit.run(
            lambda asking: restore_model(asking.store, asking.settings, asking.actor, model_id)
        )
        await self._after()
        say(self._visit, f"{model.name} is back.")
