"""Installations to be asked, and browsers that ask them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from racecraft.interfaces.rest.app import create_api
from racecraft.interfaces.rest.who import Installation
from racecraft.service.access import Role
from racecraft.service.people.invitations import invite
from racecraft.service.people.person import local_actor
from racecraft.service.settings import Settings
from racecraft.service.store import open_store

PASSWORD = "correct horse"
Browser = Callable[..., TestClient]


def installation(home: Path, *, is_hosted: bool) -> Installation:
    settings = Settings(home=home)
    return Installation(open_store(settings), settings, is_hosted, slots=1)


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[Installation]:
    """An installation of one person."""
    here = installation(tmp_path / "solo", is_hosted=False)
    yield here
    here.store.close()


@pytest.fixture
def together(tmp_path: Path) -> Iterator[Installation]:
    """An installation of several people."""
    here = installation(tmp_path / "hosted", is_hosted=True)
    yield here
    here.store.close()


@pytest.fixture
def browser(together: Installation) -> Browser:
    """`browser(name, role)` is a signed-in browser of somebody new."""

    def make(name: str, role: Role = Role.RACER) -> TestClient:
        code = invite(together.store, local_actor(together.store), role=role).code
        client = TestClient(create_api(together))
        wish = {"name": name, "password": PASSWORD, "invitation": code}
        assert client.post("/register", json=wish).status_code == 201
        return client

    return make


def own_models(client: TestClient) -> list[dict[str, Any]]:
    """Somebody's models without the samples that everybody is given."""
    found = client.get("/models").json()["items"]
    return [row for row in found if not row["model"]["is_sample"]]
