"""What a new model can be made of: presets and action spaces."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict

from racecraft.domain.action_space import DiscreteActionSpace
from racecraft.domain.errors import InvalidInput
from racecraft.interfaces.rest.shared import Page
from racecraft.interfaces.rest.who import Asker
from racecraft.service.action_spaces import ActionChoice, written_action_space
from racecraft.service.presets import PRESETS

router = APIRouter(tags=["choices"])
_Table = dict[str, Any]


class PresetAnswer(BaseModel):
    """A model and a training that are known to work together."""

    name: str
    title: str
    model: _Table
    training: _Table
    reward: str
    """Name of the shipped reward that it is tuned with."""
    typical_env_steps: int


class ActionSpaceWish(BaseModel):
    """An action space: by a few numbers, or written out."""

    model_config = ConfigDict(extra="forbid")

    choice: ActionChoice | None = None
    action_space: _Table | None = None


class ActionAnswer(BaseModel):
    """One action of a list."""

    number: int
    steering_angle_deg: float
    """Left is positive."""
    speed_mps: float


class ActionSpaceAnswer(BaseModel):
    """What a model with this action space can do."""

    kind: str
    summary: str
    num_outputs: int
    """Outputs of the network; a clone must keep them."""
    action_space: _Table
    """For the document of a model."""
    actions: list[ActionAnswer]
    """Empty for a continuous action space."""


@router.get("/presets")
def presets(actor: Asker) -> Page[PresetAnswer]:
    """Models and trainings to start from."""
    del actor
    found = [
        PresetAnswer(
            name=name,
            title=preset.title,
            model=preset.model.model_dump(mode="json"),
            training=preset.training.model_dump(mode="json"),
            reward=preset.reward,
            typical_env_steps=preset.typical_env_steps,
        )
        for name, preset in PRESETS.items()
    ]
    return Page(items=found, total=len(found))


@router.post("/action-spaces")
def preview(wish: ActionSpaceWish, actor: Asker) -> ActionSpaceAnswer:
    """The actions of an action space, checked; nothing is kept."""
    del actor
    if wish.choice is not None and wish.action_space is not None:
        raise InvalidInput("An action space is given twice; give choice or action_space.")
    if wish.action_space is not None:
        space = written_action_space(wish.action_space)
    else:
        space = (wish.choice or ActionChoice()).actions()
    listed = space.actions if isinstance(space, DiscreteActionSpace) else ()
    return ActionSpaceAnswer(
        kind=space.kind,
        summary=space.summary,
        num_outputs=space.num_outputs,
        action_space=space.model_dump(mode="json"),
        actions=[
            ActionAnswer(
                number=number, steering_angle_deg=action.steering_angle, speed_mps=action.speed
            )
            for number, action in enumerate(listed)
        ],
    )
