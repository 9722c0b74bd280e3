"""The API does what its own description says for signed-in people of every role, too.

Unlike `test_rest_schema`, the ids that are sent are often those of things that are there, so that
what is behind them is reached.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, settings
from schemathesis import Case

from racecraft.interfaces.rest.app import create_api
from racecraft.interfaces.who import Installation
from racecraft.service.access import Actor, Role
from racecraft.service.events.joining import come_into_event
from racecraft.service.events.organising import organise_event
from racecraft.service.people.invitations import invite
from racecraft.service.people.person import local_actor
from racecraft.service.seasons.season import start_season
from racecraft.service.settings import Settings
from racecraft.service.store import open_store
from tests.interfaces.test_rest_schema import CHECKS

pytestmark = pytest.mark.slow
EXAMPLES = 40
_HOMES = []


class Asker:
    """Somebody of a role, on an installation of their own with something of everything."""

    def __init__(self, role: Role) -> None:
        home = tempfile.TemporaryDirectory(prefix=f"racecraft-{role}-")
        _HOMES.append(home)  # until the tests end
        config = Settings(home=Path(home.name))
        here = Installation(open_store(config), config, is_hosted=True, slots=1)
        self.role, self.here, self.api = role, here, create_api(here)
        self.client = TestClient(self.api)

    @cached_property
    def ids(self) -> dict[str, list[str]]:
        """Of what is there; made when the first test asks, not while tests are collected."""
        here = self.here
        code = invite(here.store, local_actor(here.store), role=self.role).code
        person = self.joined("Somebody", code)
        made = self.client.post("/models", json={"model": {"network": "LIGHT"}}).json()
        other = TestClient(self.api)
        code = invite(here.store, local_actor(here.store)).code
        wish = {"name": "Other", "invitation": code}
        victim = other.post("/register", json=wish).json()["person"]["id"]
        theirs = other.post("/models", json={"starts": False}).json()["model"]["id"]
        vehicle = self.client.post("/vehicles", json={"name": "own"}).json()["id"]
        invitation = invite(here.store, local_actor(here.store)).id
        now_s = time.time()
        times = {"starts_at_s": now_s, "ends_at_s": now_s + 1e6}
        race = self.client.post("/races", json={"name": "own", **times}).json()["id"]
        boss = local_actor(here.store)
        event = organise_event(here.store, boss, {"name": "theirs", **times})
        come_into_event(here.store, Actor(person, self.role), event.link)
        season = start_season(here.store, boss, {"name": "theirs"}).id
        return {
            "model_id": [made["model"]["id"], theirs],
            "job_id": [made["job"]["id"]],
            "vehicle_id": [vehicle, "original"],
            "person_id": [person, victim],
            "invitation_id": [invitation],
            "race_id": [race],
            "event_id": [event.id],
            "link": [event.link],
            "season_id": [season],
            "stamp": ["20260101000000"],
            "name": ["pebble-oval", "driven_lines.png", "training.log"],
        }

    def joined(self, name: str, code: str) -> str:
        wish = {"name": name, "password": "correct horse", "invitation": code}
        return str(self.client.post("/register", json=wish).json()["person"]["id"])

    def schema(self) -> Any:
        found = schemathesis.openapi.from_asgi("/openapi.json", self.api)

        @found.hook
        def map_path_parameters(_: Any, values: dict[str, Any] | None) -> dict[str, Any] | None:
            """Two of three ids are those of something."""
            for name in values or {}:
                known, word = self.ids.get(name), str(values[name] if values else "")
                if known and values is not None and len(word) % 3:
                    values[name] = known[len(word) % len(known)]
            return values

        return found

    def ask(self, case: Case) -> None:
        own = self.ids["person_id"][0]  # also signs in, the first time
        is_leaving = case.method == "DELETE" and case.path == "/people/{person_id}"
        if is_leaving and case.path_parameters.get("person_id") == own:
            return  # nobody would be left to ask the rest
        cookie = self.client.cookies["racecraft_session"]
        headers = {"Cookie": f"racecraft_session={cookie}"}
        if case.path in ("/sign-out", "/password", "/recover"):
            headers = {}  # nor if the session ended
        case.call_and_validate(checks=CHECKS, headers=headers)


_often = settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    derandomize=True,
)


def _test_of(role: Role) -> Callable[[Case], None]:
    asker = Asker(role)

    @asker.schema().parametrize()
    @_often
    def test(case: Case) -> None:
        asker.ask(case)

    return test  # type: ignore[no-any-return]


test_every_answer_to_a_racer_is_a_documented_one = _test_of(Role.RACER)
test_every_answer_to_an_organiser_is_a_documented_one = _test_of(Role.ORGANISER)
test_every_answer_to_an_admin_is_a_documented_one = _test_of(Role.ADMIN)
