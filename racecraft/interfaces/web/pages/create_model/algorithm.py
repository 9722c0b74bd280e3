"""Step 2: PPO or SAC, and everything that can be turned about them."""

from __future__ import annotations

import enum
import typing
from typing import TYPE_CHECKING, Literal

from racecraft.domain.hyperparameter_help import EFFECTS
from racecraft.domain.hyperparameters import HYPERPARAMETERS
from racecraft.interfaces.web.tags import tag
from racecraft.interfaces.web.toasts import say
from racecraft.interfaces.web.widgets.buttons import button
from racecraft.interfaces.web.widgets.cards import panel
from racecraft.interfaces.web.widgets.fields import About, Tile, TilesField
from racecraft.service.documents import allowed
from racecraft.service.drafts.sheet import Part

if TYPE_CHECKING:
    from nicegui.element import Element
    from pydantic.fields import FieldInfo

    from racecraft.interfaces.web.pages.create_model.form import Form

_TILES = (
    Tile(
        "PPO",
        "PPO",
        "Learns from what it has just driven, then forgets it. Steady, for lists of actions and "
        "for continuous ones.",
    ),
    Tile(
        "SAC",
        "SAC",
        "Keeps a memory of what it drove and is paid for trying things. Fewer steps, more "
        "computing; for continuous actions only.",
    ),
)


def build(form: Form) -> None:
    """The panel of the algorithm."""
    with panel("Training algorithm", info="algorithm"):
        top = tag("div")
        with tag("details", "fold"):
            tag("summary", text="Hyperparameters")
            body = tag("div", "fold-body")
        with top:
            if form.parent is not None:
                tag("p", text=f"{form.sheet.algorithm}, as in the cloned model.")
            else:
                _choice(form, body)
        form_body(form, body)


def form_body(form: Form, body: Element) -> None:
    """Fields of the chosen algorithm; the guide's table first, the rest under More."""
    body.clear()
    for name in [each for each in form.fields if each.startswith("hyperparameters.")]:
        del form.fields[name]
    document = HYPERPARAMETERS[form.sheet.algorithm]
    names = [name for name in document.model_fields if name != "algorithm"]
    with body:
        with tag("div", "fold-top"):
            tag(
                "p",
                "dim",
                "These work well up to about 1 m/s. Change one at a time, and compare.",
            )
            button("Back to the defaults", lambda: _reset(form, body), kind="quiet")
        with tag("div", "form two"):
            for name in names:
                if EFFECTS[name].is_guide:
                    _field(form, name, document.model_fields[name])
        with tag("details", "fold"):
            tag("summary", text="More")
            with tag("div", "form two fold-body"):
                for name in names:
                    if not EFFECTS[name].is_guide:
                        _field(form, name, document.model_fields[name])


def _choice(form: Form, body: Element) -> None:
    def choose(value: str) -> None:
        form.set(algorithm=value)
        if value == "SAC" and form.sheet.action_kind == "discrete":
            form.set(action_kind="continuous")
            say(
                form.visit,
                "SAC drives with continuous actions, so step 3 now has ranges instead of a list.",
                "info",
            )
            assert form.wizard is not None
            form.wizard.rebuild(Part.ACTIONS)
        form_body(form, body)

    form.fields["algorithm"] = TilesField(About("Algorithm"), _TILES, form.sheet.algorithm, choose)
    form.fields["algorithm"].root.classes("label-hidden")


def _reset(form: Form, body: Element) -> None:
    document = HYPERPARAMETERS[form.sheet.algorithm]
    usual = document().model_dump(mode="json", exclude={"algorithm"})
    form.set(hyperparameters={**form.sheet.hyperparameters, form.sheet.algorithm: usual})
    form_body(form, body)


def _field(form: Form, name: str, field: FieldInfo) -> None:
    effect, path, kind = EFFECTS[name], f"hyperparameters.{name}", field.annotation
    usual = field.default
    if kind is bool:
        said = "usually on" if usual else "usually off"
        form.tick(path, About(effect.title, f"{effect.text} It is {said}."))
        return
    options = _options(kind)
    if options:
        usual = getattr(usual, "value", usual)
        form.choice(path, About(effect.title, f"{effect.text} Usually {options[usual]}."), options)
        return
    rule = allowed(field)
    about = About(effect.title, f"{effect.text} {rule[:1].upper()}{rule[1:]}; usually {usual:g}.")
    form.number(path, about, step=1 if kind is int else "any")


def _options(kind: object) -> dict[object, str]:
    """Values of a choice and what people read."""
    if typing.get_origin(kind) is Literal:
        values = [getattr(value, "value", value) for value in typing.get_args(kind)]
    elif isinstance(kind, type) and issubclass(kind, enum.StrEnum):
        values = [member.value for member in kind]
    else:
        return {}
    return {value: _words(value) for value in values}


def _words(value: object) -> str:
    told = {"track": "Its place on the track", "separate": "A camera network of its own"}
    told |= {"shared": "The policy's camera network", "e-greedy": "E-greedy"}
    text = str(value)
    return told.get(text, text[:1].upper() + text[1:])
