"""The installation: settings, usage, health."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Response
from pydantic import BaseModel

from racecraft import __version__
from racecraft.interfaces.rest.shared import Page, tag
from racecraft.interfaces.rest.who import Asker, Here
from racecraft.service.instance import Instance, Registration, change_instance, read_instance
from racecraft.service.jobs.quotas import Usage, view_whole_usage
from racecraft.service.operations import (
    Overview,
    PersonUsage,
    view_overview,
    view_people_usage,
)

router = APIRouter(tags=["installation"])


class Hello(BaseModel):
    """What anybody may know before signing in."""

    name: str
    version: str
    """Of the program; programs that talk to it have the same, up to the last part."""
    is_hosted: bool
    registration: Registration
    racer_name_hint: str


@router.get("/hello")
def hello(here: Here) -> Hello:
    """What this installation is."""
    with here.store.look() as work:
        instance = read_instance(work)
    return Hello(
        name=instance.name,
        version=__version__,
        is_hosted=here.is_hosted,
        registration=instance.registration,
        racer_name_hint=instance.racer_name_hint,
    )


@router.get("/settings")
def settings(actor: Asker, here: Here, answer: Response) -> Instance:
    """The settings of the installation."""
    del actor
    with here.store.look() as work:
        instance = read_instance(work)
    tag(answer, instance)
    return instance


@router.patch("/settings")
def change(wish: dict[str, Any], actor: Asker, here: Here, answer: Response) -> Instance:
    """Change settings; organisers may change the rule for racer names."""
    instance = change_instance(here.store, actor, wish)
    tag(answer, instance)
    return instance


@router.get("/usage")
def usage(actor: Asker, here: Here) -> Usage:
    """What everybody together has used."""
    return view_whole_usage(here.store, actor)


@router.get("/operations")
def operations(actor: Asker, here: Here) -> Overview:
    """Queue, machines, disk, memory and versions, for admins."""
    return view_overview(here.store, here.settings, actor)


@router.get("/operations/people")
def operations_people(actor: Asker, here: Here) -> Page[PersonUsage]:
    """Who uses how much, the most first, for admins."""
    found = view_people_usage(here.store, actor)
    return Page(items=found, total=len(found))
