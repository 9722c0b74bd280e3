"""The console put together: the table of pages, and how they come into the server."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from fastapi import Request, Response
from fastapi.responses import RedirectResponse
from nicegui import app as console
from nicegui import ui
from nicegui.storage import Storage

from racecraft.domain.errors import Forbidden, NotFound, RacecraftError, SignInNeeded
from racecraft.interfaces.web import big_screen, files, frame, pages
from racecraft.interfaces.web.place import Group, Place
from racecraft.interfaces.web.toasts import say
from racecraft.interfaces.web.visit import Visit
from racecraft.interfaces.who import refuse_other_sites
from racecraft.service.access import Operation
from racecraft.service.people.person import view_person

if TYPE_CHECKING:
    from fastapi import FastAPI

    from racecraft.interfaces.who import Installation

SIGN_IN = "/sign-in"

PAGES: tuple[Place, ...] = (
    Place("/", "Get started", pages.get_started, Group.LEARN, "learn", on_phone=True),
    Place("/learn", "Course", pages.course.home, Group.LEARN, "book"),
    Place("/learn/lesson", "Lesson", pages.course.lesson, under="/learn"),
    Place("/learn/missions", "Missions", pages.course.missions, under="/learn"),
    Place("/learn/quiz", "Quiz", pages.course.quiz, under="/learn"),
    Place("/learn/teacher", "Teacher's notes", pages.course.notes, under="/learn"),
    Place(
        "/learn/class",
        "Your class",
        pages.course.class_progress,
        under="/learn",
        needs=Operation.VIEW_CLASS,
    ),
    Place("/garage", "Garage", pages.garage, Group.BUILD, "garage", on_phone=True),
    Place("/garage/build", "Build vehicle", pages.build_vehicle, under="/garage"),
    Place("/garage/{vehicle_id}/mod", "Mod vehicle", pages.mod_vehicle, under="/garage"),
    Place("/models", "Models", pages.models, Group.BUILD, "model", on_phone=True),
    Place(
        "/models/create",
        "Create model",
        pages.create_model,
        under="/models",
        help="create-model",
    ),
    Place("/models/import", "Import model", pages.import_model, under="/models"),
    Place("/models/{model_id}", "Model", pages.model, under="/models", help="model"),
    Place(
        "/models/{model_id}/analysis",
        "Analysis",
        pages.analysis.analysis,
        under="/models",
        help="analysis",
    ),
    Place(
        "/models/{model_id}/checkpoints",
        "Checkpoints",
        pages.checkpoints,
        under="/models",
        help="model",
    ),
    Place(
        "/models/{model_id}/clone",
        "Clone a model",
        pages.clone_model,
        under="/models",
        help="create-model",
    ),
    Place("/analysis", "Analysis", pages.analysis.overview, Group.BUILD, "chart"),
    Place("/analysis/upload", "Upload logs", pages.analysis.upload, under="/analysis"),
    Place("/analysis/compare", "Compare", pages.analysis.compare, under="/analysis"),
    Place("/analysis/logs/{logs_id}", "Logs", pages.analysis.logs, under="/analysis"),
    Place("/races", "Races", pages.races.races, Group.RACE, "flag", on_phone=True),
    Place("/races/create", "Create race", pages.races.arrange, help="races"),
    Place("/races/link/{link}", "Come into a race", pages.races.come_in, help="races"),
    Place("/races/{race_id}", "Race", pages.races.race, under="/races"),
    Place("/races/{race_id}/edit", "Edit race", pages.races.edit, under="/races"),
    Place("/races/{race_id}/enter", "Enter race", pages.races.enter, under="/races"),
    Place("/races/{race_id}/live", "Live race", pages.races.show, under="/races"),
    Place("/races/{race_id}/screen", "Big screen", pages.races.screen, under="/races"),
    Place(
        "/races/{race_id}/submissions/{submission_id}",
        "Submission",
        pages.races.submission,
        under="/races",
    ),
    Place("/events", "Events", pages.events.events, Group.RACE, "people", is_for_many=True),
    Place(
        "/events/create",
        "Create event",
        pages.events.organise,
        under="/events",
        needs=Operation.MANAGE_EVENTS,
    ),
    Place("/events/link/{event_link}", "Event", pages.events.door, is_public=True),
    Place("/events/{event_id}", "Event", pages.events.event, under="/events"),
    Place("/events/{event_id}/edit", "Edit event", pages.events.edit, under="/events"),
    Place("/events/{event_id}/handout", "Hand-out", pages.events.handout, under="/events"),
    Place("/seasons", "Seasons", pages.seasons.seasons, Group.RACE, "trophy"),
    Place(
        "/seasons/create",
        "Create season",
        pages.seasons.arrange,
        under="/seasons",
        needs=Operation.MANAGE_EVENTS,
    ),
    Place("/seasons/{season_id}", "Season", pages.seasons.season, under="/seasons"),
    Place("/seasons/{season_id}/edit", "Edit season", pages.seasons.edit, under="/seasons"),
    Place("/profile", "Racer profile", pages.profile, Group.RACE, "profile"),
    Place(
        "/people",
        "People",
        pages.people,
        Group.MACHINE,
        "people",
        needs=Operation.SEARCH_PEOPLE,
        is_for_many=True,
    ),
    Place(
        "/invitations",
        "Invitations",
        pages.invitations,
        Group.MACHINE,
        "ticket",
        needs=Operation.INVITE,
        is_for_many=True,
    ),
    Place(
        "/settings",
        "Settings",
        pages.settings,
        Group.MACHINE,
        "settings",
        needs=Operation.EDIT_NAMING,
        is_for_many=True,
    ),
    Place(
        "/operations",
        "Operations",
        pages.operations,
        Group.MACHINE,
        "chart",
        needs=Operation.VIEW_USAGE,
    ),
    Place("/account", "Account", pages.account, Group.MACHINE, "gear", is_for_many=True),
    Place("/replay/{model_id}", "Replay", pages.replay, under="/models"),
    Place(SIGN_IN, "Sign in", pages.sign_in, is_public=True),
    Place("/register", "Register", pages.register, is_public=True),
    Place("/join", "Join the event", pages.join, is_public=True),
    Place("/recover", "Use a recovery code", pages.recover, is_public=True),
)
"""Every page of the console; tests/interfaces/web opens each of them."""

_STATUSES = {NotFound: 404, Forbidden: 403}
_log = logging.getLogger(__name__)


def mount_console(app: FastAPI, here: Installation) -> None:
    """Let the console answer whatever the API does not."""
    Storage.path = here.settings.home / "console"  # nothing is written there as yet
    console.state.installation = here
    for place in PAGES:
        ui.page(place.path, title=place.title)(_opener(place))
    files.serve(console)
    big_screen.serve_screens(console)
    ui.run_with(
        app,
        root=_nowhere,
        title="racecraft",
        favicon=files.FAVICON,
        dark=None,
        language="en-US",
        tailwind=False,
        show_welcome_message=False,
        reconnect_timeout=10.0,
    )


def _opener(place: Place) -> Callable[[Request], Awaitable[Response | None]]:
    """The page as NiceGUI wants it."""

    async def open_page(request: Request) -> Response | None:
        return await _open(place, request)

    return open_page


async def _nowhere(request: Request) -> Response | None:
    return await _open(
        Place(request.url.path, "Page not found", pages.nowhere, help="start"), request
    )


async def _open(place: Place, request: Request) -> Response | None:
    here: Installation = console.state.installation
    visit = Visit(here, request, place, None)
    try:
        refuse_other_sites(request)
    except Forbidden as error:
        return Response(str(error), status_code=403, media_type="text/plain")
    if place.is_public:
        if not here.is_hosted:
            return RedirectResponse("/")
    else:
        try:
            visit.person = await visit.run(
                lambda asking: view_person(asking.store, asking.actor, asking.actor.person_id)
            )
        except SignInNeeded:
            return RedirectResponse(f"{SIGN_IN}?{files.next_query(request)}")
    ui.on_exception(lambda error: _tell(visit, error))
    with frame.open_frame(visit, PAGES):
        await _build(visit)
    return None


async def _build(visit: Visit) -> None:
    """The content; what cannot be shown is told in a sentence."""
    try:
        if visit.place.needs is not None:
            visit.me.actor.demand(visit.place.needs)
        await visit.place.build(visit)
    except RacecraftError as error:
        kinds = (status for kind, status in _STATUSES.items() if isinstance(error, kind))
        ui.context.client.status_code = next(kinds, 500)
        await pages.refused(visit, str(error))
    except Exception:
        _log.exception("The page %s failed.", visit.place.path)
        ui.context.client.status_code = 500
        await pages.refused(visit, "Something went wrong here; the log of the service says what.")


def _tell(visit: Visit, error: Exception) -> None:
    """What went wrong in the open page, to whoever looks at it."""
    if isinstance(error, SignInNeeded):
        ui.navigate.to(f"{SIGN_IN}?{files.next_query(visit.request)}")
    elif isinstance(error, RacecraftError):
        say(visit, str(error), "bad")
    else:
        _log.exception("A page failed.", exc_info=error)
        say(visit, "Something went wrong here; reload the page and try again.", "bad")
