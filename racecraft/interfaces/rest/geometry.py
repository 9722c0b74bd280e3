"""The road of a track, for viewers that draw it."""

from __future__ import annotations

from fastapi import APIRouter

from racecraft.interfaces.rest.who import Asker, Here
from racecraft.service.track_choices import refuse_odd_track
from racecraft.service.track_geometry import TrackGeometry, view_geometry

router = APIRouter(tags=["tracks"])


@router.get("/tracks/{name}/geometry")
def view(name: str, actor: Asker, here: Here, reversed: bool = False) -> TrackGeometry:
    """Centre line, borders and start line of a track, in driving direction."""
    del actor
    refuse_odd_track(name)
    return view_geometry(here.settings, name, is_reversed=reversed)
