"""The five steps in order."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from racecraft.interfaces.web.pages.create_model import actions, race, reward, tracks, vehicle
from racecraft.interfaces.web.widgets.wizards import Step
from racecraft.service.drafts.sheet import Part

if TYPE_CHECKING:
    from racecraft.interfaces.web.pages.create_model.form import Form

_STEPS = (
    (Part.TRACK, "Name and track", tracks.build),
    (Part.RACE, "Race and algorithm", race.build),
    (Part.ACTIONS, "Action space", actions.build),
    (Part.VEHICLE, "Vehicle", vehicle.build),
    (Part.REWARD, "Reward and stop", reward.build),
)


def of_form(form: Form) -> list[Step]:
    """The steps of a form; each checks itself in the service."""
    return [
        Step(title, partial(build, form), partial(form.fits, part)) for part, title, build in _STEPS
    ]
