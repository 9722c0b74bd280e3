"""Cloning a model: a new one that begins with what another one has learnt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nicegui import ui

from racecraft.domain.errors import Conflict, InvalidInput, InvalidReward, InvalidSpec
from racecraft.domain.spec import TrainingSpec
from racecraft.interfaces.web.frame import page_head
from racecraft.interfaces.web.names import NETWORKS, sensor_names
from racecraft.interfaces.web.tags import Drawing, tag
from racecraft.interfaces.web.widgets.buttons import button, link_button
from racecraft.interfaces.web.widgets.cards import facts, panel
from racecraft.interfaces.web.widgets.fields import About, ChoiceField, NumberField, TextField
from racecraft.interfaces.web.widgets.from_document import number_field
from racecraft.service.collection import ModelView, folder_of, settings_of, view_model
from racecraft.service.documents import TrainingFile
from racecraft.service.files import read_text
from racecraft.service.making import DEFAULT_MINUTES, MadeModel, NewModel, make_model
from racecraft.service.models import REWARD_FILE, fresh_name, load_model, load_training
from racecraft.service.shared_tracks import draw_track
from racecraft.service.summaries import checkpoint_iterations
from racecraft.service.tracks import TrackCard, list_tracks

if TYPE_CHECKING:
    from racecraft.domain.spec import ModelSpec
    from racecraft.interfaces.web.visit import Asking, Visit

_TURNED = {
    "learning_rate": "Learning rate",
    "ent_coef": "Entropy",
    "gamma": "Discount factor",
    "num_epochs": "Epochs",
    "num_episodes_between_training": "Episodes between updates",
}
"""Hyperparameters that people turn between a model and its clone."""


@dataclass(frozen=True)
class _Parent:
    """What is known of the model to be cloned."""

    view: ModelView
    model: ModelSpec
    training: TrainingSpec
    reward_source: str
    iterations: list[int]
    new_name: str
    tracks: list[TrackCard]


async def clone(visit: Visit) -> None:
    """The form, filled with what the parent has."""
    parent = await visit.run(lambda asking: _load(asking, visit.params["model_id"]))
    name = parent.view.model.name
    trail = [("Models", "/models"), (name, f"/models/{parent.view.model.id}")]
    with page_head(visit, f"Clone {name}", trail=trail, info="clone"):
        pass
    await _Form(visit, parent).make()


def _load(asking: Asking, model_id: str) -> _Parent:
    view = view_model(asking.store, asking.actor, model_id)
    folder = folder_of(asking.settings, view.model)
    if not checkpoint_iterations(folder):
        raise Conflict(f"{view.model.name} has learnt nothing yet; train it before you clone it.")
    own = settings_of(asking.settings, asking.actor.person_id)
    return _Parent(
        view,
        load_model(folder),
        load_training(folder),
        read_text(folder / REWARD_FILE),
        checkpoint_iterations(folder),
        fresh_name(own, f"{view.model.name[:56]}-clone"),
        [card for card in list_tracks(asking.settings.home) if not card.problem],
    )


class _Form:
    """The fields of the clone."""

    def __init__(self, visit: Visit, parent: _Parent) -> None:
        self._visit, self._parent = visit, parent

    async def make(self) -> None:
        """The page's content."""
        with tag("div", "clone"):
            with tag("div", "clone-main"):
                self._make_name()
                self._make_reward()
                self._make_practice()
            with tag("div", "clone-side"):
                self._make_parent()
                await self._make_track()
        with tag("div", "wizard-foot actions"):
            link_button("Cancel", "/models", kind="quiet")
            tag("span", "grow")
            button("Start training", self._start, kind="primary", icon="play")

    def _make_parent(self) -> None:
        model = self._parent.model
        with panel("What stays"):
            tag("p", "dim", "The weights fit only this.")
            facts(
                [
                    ("Sensors", sensor_names(tuple(s.value for s in model.sensors))),
                    ("Neural network", NETWORKS[model.network]),
                    ("Actions", model.action_space.summary),
                    ("Algorithm", self._parent.training.hyperparameters.algorithm),
                ]
            )

    def _make_name(self) -> None:
        iterations = self._parent.iterations
        checkpoints = {"best": "Best checkpoint", "last": "Last checkpoint"}
        checkpoints |= {str(k): f"Iteration {k}" for k in reversed(iterations)}
        with panel("The clone"):
            self._name = TextField(
                About("Model name", "1 to 64 letters, digits and hyphens."),
                self._parent.new_name,
                maxlength=64,
                autocomplete="off",
            )
            self._text = TextField(About("Description", is_optional=True), maxlength=255)
            self._checkpoint = ChoiceField(
                About("Begins with the weights of", info="checkpoint"), checkpoints, "best"
            )

    async def _make_track(self) -> None:
        first = self._parent.training.tracks[0]
        names = {card.name: f"{card.title}, {card.length_m:.1f} m" for card in self._parent.tracks}
        with panel("Track", info="track"):
            self._track = ChoiceField("Track", names, first.name, lambda _: self._show_track())
            self._direction = ChoiceField(
                "Direction",
                {"normal": "Normal", "reversed": "Reversed"},
                "reversed" if first.is_reversed else "normal",
                lambda _: self._show_track(),
            )
            self._picture = Drawing("", "track-picture")
            self._picture.props.pop("aria-hidden")  # the picture says itself which track it is
            await self._show_track()

    async def _show_track(self) -> None:
        name, is_reversed = self._track.value, self._direction.value == "reversed"
        svg = await self._visit.run(
            lambda asking: draw_track(asking.settings, name, is_reversed=is_reversed)
        )
        self._picture.set_content(svg)

    def _make_reward(self) -> None:
        with panel("Reward function", info="reward"):
            self._reward = TextField(
                About("reward_function.py", "Change it, or leave it as it was."),
                self._parent.reward_source,
                lines=18,
                spellcheck="false",
            )
            self._reward.control.classes("code")

    def _make_practice(self) -> None:
        hyperparameters = self._parent.training.hyperparameters
        with panel("Time and hyperparameters", info="time"), tag("div", "form two"):
            self._minutes = NumberField(
                About("Train for", "Ends earlier if the old stop condition is met."),
                self._parent.training.stop.minutes or DEFAULT_MINUTES,
                unit="minutes",
                min=1,
                max=1440,
                step="any",
            )
            kind = type(hyperparameters)
            self._turned = {
                name: number_field(kind, name, getattr(hyperparameters, name), label=label)
                for name, label in _TURNED.items()
                if name in kind.model_fields
            }

    async def _start(self) -> None:
        wanted = self._wanted()

        def make(asking: Asking) -> MadeModel:
            made = make_model(asking.store, asking.settings, asking.actor, wanted)
            asking.wake()
            return made

        try:
            made = await self._visit.run(make)
        except InvalidReward as error:
            self._refuse(self._reward, error)
        except (Conflict, InvalidInput, InvalidSpec) as error:
            self._refuse(self._field_of(str(error)), error)
        else:
            ui.navigate.to(f"/models/{made.view.model.id}")

    def _wanted(self) -> NewModel:
        training = self._parent.training
        turned: dict[str, Any] = {
            name: int(field.value) if name.startswith("num_") and field.value else field.value
            for name, field in self._turned.items()
        }
        stop = training.stop.model_dump(mode="json") | {"minutes": self._minutes.value}
        track = {"name": self._track.value, "is_reversed": self._direction.value == "reversed"}
        hyperparameters = training.hyperparameters.model_dump(mode="json") | turned
        document = TrainingFile(
            model={"name": self._name.value, "description": self._text.value},
            training={"tracks": [track], "stop": stop, "hyperparameters": hyperparameters},
        )
        return NewModel(
            document,
            reward_source=self._reward.value,
            clone_of=self._parent.view.model.id,
            checkpoint=self._checkpoint.value,
        )

    def _field_of(self, sentence: str) -> Any:
        """Which field a sentence is about; the name when it is about none."""
        fields = {**self._turned, "minutes": self._minutes, "description": self._text}
        named = (field for name, field in fields.items() if name in sentence)
        return next(named, self._name)

    def _refuse(self, field: Any, error: Exception) -> None:
        field.show_error(str(error))
        field.focus()
