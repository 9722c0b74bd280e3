"""Every choice that was made for a training, readable."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from racecraft.domain.action_space import DiscreteActionSpace
from racecraft.interfaces.web.frame import heading
from racecraft.interfaces.web.names import NETWORKS, sensor_names
from racecraft.interfaces.web.pages.model.polar import polar_graph
from racecraft.interfaces.web.pages.model.words import (
    hyperparameter_rows,
    plain,
    stop_words,
    value_words,
)
from racecraft.interfaces.web.tags import picture, tag
from racecraft.interfaces.web.widgets.buttons import button
from racecraft.interfaces.web.widgets.dialogs import dialog
from racecraft.service.track_choices import track_words

if TYPE_CHECKING:
    from racecraft.domain.spec import ModelSpec, TrainingSpec
    from racecraft.interfaces.web.pages.model.reading import Documents, Sheet

_SHORT = 8
"""Hyperparameters that stand on the page itself: those of the guide."""


def configuration(sheet: Sheet) -> None:
    """The section at the foot of the page."""
    if sheet.documents is None:
        return
    training = sheet.documents.training
    with tag("section", "model-section", aria_label="Training configuration"):
        with tag("div", "section-head"):
            heading("Training configuration", info="training-configuration")
        with tag("div", "configuration panel"):
            with tag("dl", "choices"):
                _rows(sheet, sheet.documents)
            with tag("div", "configuration-table"):
                _hyperparameters(training)


def _rows(sheet: Sheet, documents: Documents) -> None:
    model, training = documents.model, documents.training
    tracks = " · ".join(track_words(track) for track in training.tracks)
    _row("Environment simulation", tracks)
    race = training.race.summary
    _row("Race type", race[:1].upper() + race[1:], lambda: _show_race(training))
    _row("Reward function", _length(documents.reward_source), lambda: _show_reward(documents))
    _row("Action space", model.action_space.summary, lambda: _show_actions(model))
    _row("Vehicle", _vehicle(sheet), lambda: _show_vehicle(sheet, model))
    _row("Sensors", sensor_names(sheet.model.sensors))
    _row("Neural network", NETWORKS[model.network])
    _row("Algorithm", f"{training.hyperparameters.algorithm}, in PyTorch")
    _row("Stop condition", "Ends " + stop_words(training.stop))
    if sheet.model.parent_id:
        with tag("div"):
            tag("dt", text="Clone of")
            with tag("dd"):
                tag(
                    "a",
                    text="the model that it began with",
                    href=f"/models/{sheet.model.parent_id}",
                )


def _row(name: str, value: str, show: Callable[[], Any] | None = None) -> None:
    with tag("div"):
        tag("dt", text=name)
        with tag("dd"):
            tag("span", text=value)
            if show is not None:
                made = button("Show", show, kind="small")
                made.props["aria-label"] = f"Show {name.lower()}"


def _hyperparameters(training: TrainingSpec) -> None:
    rows = hyperparameter_rows(training.hyperparameters)
    with tag("table", "table compact"):
        with tag("thead"), tag("tr"):
            tag("th", text="Hyperparameter", scope="col")
            tag("th", "number", "Value", scope="col")
        with tag("tbody"):
            for name, value, _ in rows[: _SHORT - 1]:
                with tag("tr"):
                    tag("th", text=name, scope="row")
                    tag("td", "number", value, data_label="Value")
    made = button("Show all", lambda: _show_hyperparameters(rows), kind="small")
    made.props["aria-label"] = "Show all hyperparameters"


def _show_hyperparameters(rows: list[tuple[str, str, str]]) -> None:
    with dialog("Hyperparameters", is_wide=True), tag("table", "table compact"):
        with tag("thead"), tag("tr"):
            for title in ("Hyperparameter", "Value", "What it does"):
                tag("th", text=title, scope="col")
        with tag("tbody"):
            for name, value, help_text in rows:
                with tag("tr"):
                    tag("th", text=name, scope="row")
                    tag("td", text=value, data_label="Value")
                    tag("td", "dim", help_text, data_label="What it does")


def _show_reward(documents: Documents) -> None:
    with dialog("Reward function", is_wide=True):
        tag("python-code", source=documents.reward_source, label="The reward function")


def _show_actions(model: ModelSpec) -> None:
    space = model.action_space
    with dialog("Action space", is_wide=True), tag("div", "action-space"):
        picture(polar_graph(space), f"The action space: {space.summary}", "polar-frame")
        if not isinstance(space, DiscreteActionSpace):
            angle, speed = space.steering_angle, space.speed
            with tag("dl", "facts"):
                _fact("Steering angle", f"{angle.low:g}° to {angle.high:g}°")
                _fact("Speed", f"{speed.low:g} to {speed.high:g} m/s")
            return
        with tag("table", "table compact"):
            with tag("thead"), tag("tr"):
                for title in ("Action", "Steering angle", "Speed"):
                    tag("th", text=title, scope="col")
            with tag("tbody"):
                for number, action in enumerate(space.actions):
                    with tag("tr"):
                        tag("th", text=str(number), scope="row")
                        angle_text = f"{action.steering_angle:.1f}°"
                        tag("td", text=angle_text, data_label="Steering angle")
                        tag("td", text=f"{action.speed:.2f} m/s", data_label="Speed")


def _show_vehicle(sheet: Sheet, model: ModelSpec) -> None:
    with dialog("Vehicle"):
        tag(
            "p", "dim", "As it was when the model was made; later changes in the garage stay there."
        )
        with tag("dl", "facts"):
            _fact("Vehicle", _vehicle(sheet))
            _fact("Shell", plain(sheet.model.shell))
            _fact("Trim colour", plain(sheet.model.colour))
            _fact("Sensors", sensor_names(sheet.model.sensors))
            _fact("Neural network", NETWORKS[model.network])
            for name, value in _plain_fields(model.car):
                _fact(name, value)


def _show_race(training: TrainingSpec) -> None:
    with dialog("Race and road"), tag("dl", "facts"):
        _fact("Race type", plain(training.race.type.value))
        for part in (training.race.obstacles, training.race.bots):
            if part is not None:
                for name, value in _plain_fields(part):
                    _fact(name, value)
        changed = training.randomisation.model_dump(exclude_none=True)
        _fact("What differs by chance", ", ".join(plain(k) for k, v in changed.items() if v) or "–")
        _fact("Seed", str(training.seed))
        _fact("Laps of a check after an iteration", str(training.evaluation_trials))


def _plain_fields(part: BaseModel) -> list[tuple[str, str]]:
    units = {"_m": " m", "_mps": " m/s", "_s": " s", "_deg": "°", "_rad": " rad", "_kg": " kg"}
    rows = []
    for name in type(part).model_fields:
        value, unit = getattr(part, name), ""
        if isinstance(value, BaseModel | dict) or value is None:
            continue
        for ending, sign in units.items():
            if name.endswith(ending):
                name, unit = name.removesuffix(ending), sign
                break
        rows.append((plain(name), value_words(value) + unit))
    return rows


def _fact(name: str, value: str) -> None:
    with tag("div"):
        tag("dt", text=name)
        tag("dd", text=value or "–")


def _vehicle(sheet: Sheet) -> str:
    return sheet.model.vehicle_name or "The usual car"


def _length(source: str) -> str:
    lines = source.count("\n") + 1
    return f"{lines} lines of Python"
