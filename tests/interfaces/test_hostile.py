"""A hostile racer, and a stranger, try what they should not get."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from racecraft.interfaces.rest.app import create_api
from racecraft.interfaces.rest.who import Installation
from racecraft.interfaces.server import Plan, open_installation
from racecraft.service.access import Role
from racecraft.service.people.invitations import invite
from racecraft.service.people.person import local_actor
from racecraft.service.people.sign_in import MOST_FAILURES
from racecraft.service.settings import Settings
from racecraft.service.store import open_store

PASSWORD = "correct horse"


@pytest.fixture
def hosted(tmp_path: Path) -> Iterator[Installation]:
    settings = Settings(home=tmp_path / "hosted", threads=1)
    here = Installation(open_store(settings), settings, is_hosted=True, slots=1)
    yield here
    here.store.close()


def racer(here: Installation, name: str, role: Role = Role.RACER, **more: Any) -> TestClient:
    """A signed-in browser of somebody new."""
    code = invite(here.store, local_actor(here.store), role=role).code
    client = TestClient(create_api(here))
    wish = {"name": name, "password": PASSWORD, "invitation": code, **more}
    assert client.post("/register", json=wish).status_code == 201
    return client


def program(here: Installation, owner: TestClient, *scopes: str) -> TestClient:
    """A program with an API token of somebody."""
    answer = owner.post("/tokens", json={"name": "program", "scopes": scopes})
    assert answer.status_code == 201, answer.text
    headers = {"Authorization": f"Bearer {answer.json()['secret']}"}
    return TestClient(create_api(here), headers=headers)


def sentence(answer: Any) -> str:
    return str(answer.json()["error"]["message"])


def test_odd_hosts_and_origins_are_refused_and_break_nothing(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    here = Installation(open_store(settings), settings, is_hosted=False, slots=1)
    with TestClient(create_api(here), raise_server_exceptions=False) as client:
        for host in ("[", "evil.example", "localhost.evil.example", "127.0.0.1@evil.example"):
            assert client.get("/me", headers={"Host": host}).status_code == 403, host
        for origin in ("http://[", "null", "https://evil.example", "http://testserver.evil"):
            answer = client.post("/vehicles", json={"name": "x"}, headers={"Origin": origin})
            assert answer.status_code == 403, origin
    here.store.close()


def test_a_key_of_one_kind_of_wish_is_no_key_of_another(hosted: Installation) -> None:
    ann = racer(hosted, "Ann")
    key = {"Idempotency-Key": "one"}
    vehicle = ann.post("/vehicles", json={"name": "same"}, headers=key)
    assert vehicle.status_code == 201
    answer = ann.post("/models", json={"starts": False}, headers=key)
    assert "another request" in sentence(answer)


def test_somebody_elses_key_gives_nothing_of_theirs(hosted: Installation) -> None:
    ann, eve = racer(hosted, "Ann"), racer(hosted, "Eve")
    key, wish = {"Idempotency-Key": "one"}, {"name": "same"}
    first = ann.post("/vehicles", json=wish, headers=key).json()
    second = eve.post("/vehicles", json=wish, headers=key).json()
    assert first["id"] != second["id"]
    assert first["owner_id"] != second["owner_id"]


def test_a_stolen_token_does_not_become_an_account(hosted: Installation) -> None:
    ann = racer(hosted, "Ann", password=None)
    me = ann.get("/me").json()["id"]
    thief = program(hosted, ann, "read", "write")
    answer = thief.post("/password", json={"old": "", "new": "thief's horse"})
    assert answer.status_code == 403
    assert thief.post(f"/people/{me}/recovery-code").status_code == 403
    assert thief.post("/tokens", json={"name": "more", "scopes": ["read"]}).status_code == 403
    assert thief.get("/sessions").status_code == 403


def test_a_token_makes_no_token_that_may_do_more(hosted: Installation) -> None:
    olga = racer(hosted, "Olga", Role.ORGANISER)
    narrow = program(hosted, olga, "admin")
    answer = narrow.post("/tokens", json={"name": "more", "scopes": ["write", "admin"]})
    assert answer.status_code == 403
    assert "may do more than itself" in sentence(answer)


def test_a_token_that_may_not_read_lists_nothing(hosted: Installation) -> None:
    writer = program(hosted, racer(hosted, "Ann"), "write")
    assert {writer.get(path).status_code for path in ("/vehicles", "/jobs", "/models")} == {403}


def test_nobody_can_lock_somebody_else_out(hosted: Installation) -> None:
    racer(hosted, "Ann")
    eve = TestClient(create_api(hosted), client=("10.0.0.66", 1))
    for _ in range(MOST_FAILURES["address"] + 5):
        eve.post("/sign-in", json={"name": "Ann", "password": "guess"})
    ann = TestClient(create_api(hosted), client=("10.0.0.7", 1))
    wish = {"name": "Ann", "password": PASSWORD}
    assert ann.post("/sign-in", json=wish).status_code == 200


def test_the_recovery_code_still_works_when_the_password_was_wrong_too_often(
    hosted: Installation,
) -> None:
    code = invite(hosted.store, local_actor(hosted.store)).code
    client = TestClient(create_api(hosted))
    wish = {"name": "Ann", "password": PASSWORD, "invitation": code}
    recovery = client.post("/register", json=wish).json()["recovery_code"]
    for _ in range(MOST_FAILURES["name"] + 1):
        answer = client.post("/sign-in", json={"name": "Ann", "password": "guess"})
    assert "use the recovery code" in sentence(answer)
    assert client.post("/recover", json={"name": "Ann", "code": recovery}).status_code == 200


def test_guesses_at_the_same_moment_count_one_by_one(hosted: Installation) -> None:
    racer(hosted, "Ann")
    eve = TestClient(create_api(hosted))

    def guess(_: int) -> int:
        return eve.post("/sign-in", json={"name": "Ann", "password": "guess"}).status_code

    with ThreadPoolExecutor(12) as threads:
        codes = list(threads.map(guess, range(24)))
    assert codes.count(401) == MOST_FAILURES["name"]
    assert codes.count(429) == 24 - MOST_FAILURES["name"]


def test_addresses_of_one_ipv6_network_count_together(hosted: Installation) -> None:
    for k in range(MOST_FAILURES["address"]):
        eve = TestClient(create_api(hosted), client=(f"2001:db8::{k:x}", 1))
        eve.post("/sign-in", json={"name": f"Ghost{k}", "password": "guess"})
    answer = eve.post("/sign-in", json={"name": "Somebody", "password": "guess"})
    assert answer.status_code == 429


def test_invitation_codes_cannot_be_guessed_for_long(hosted: Installation) -> None:
    stranger = TestClient(create_api(hosted))
    wish = {"name": "Eve", "password": PASSWORD, "invitation": "AAAA-BBBB-CCCC"}
    codes = [stranger.post("/register", json=wish).status_code for _ in range(42)]
    assert (codes[0], codes[-1]) == (422, 429)


def test_an_endless_rule_for_names_keeps_nobody_waiting(hosted: Installation) -> None:
    olga = racer(hosted, "Olga", Role.ORGANISER)
    answer = olga.patch("/settings", json={"racer_name_pattern": "(a|a)*b"})
    assert answer.status_code == 200
    code = invite(hosted.store, local_actor(hosted.store)).code
    began_s = time.monotonic()
    wish = {"name": "a" * 40, "invitation": code}
    assert olga.post("/register", json=wish).status_code == 422
    assert time.monotonic() - began_s < 5.0


def test_a_racer_takes_no_more_cores_than_a_job_gets(hosted: Installation) -> None:
    eve = racer(hosted, "Eve")
    answer = eve.post("/models", json={"training": {"threads": 64}, "starts": False})
    assert answer.status_code == 422
    assert "a job here gets 1" in sentence(answer)


def test_an_installation_of_several_people_runs_no_reward_that_is_not_locked_in(
    tmp_path: Path,
) -> None:
    here = open_installation(Settings(home=tmp_path), Plan(is_hosted=True))
    assert here.settings.requires_isolation
    assert here.executor is not None
    assert here.executor.settings.requires_isolation
    here.store.close()


def test_errors_do_not_tell_where_things_lie(hosted: Installation) -> None:
    ann = racer(hosted, "Ann")
    made = ann.post("/models", json={"starts": False}).json()["model"]
    owner = hosted.settings.home / "people" / made["owner_id"] / "models"
    (owner / made["name"]).rename(owner / "elsewhere")
    answer = ann.get(f"/models/{made['id']}/log")
    assert answer.status_code == 404
    assert str(hosted.settings.home) not in answer.text


def test_names_of_tracks_that_no_file_can_have_are_a_sentence(hosted: Installation) -> None:
    eve = racer(hosted, "Eve")
    for track in ("x" * 5000, "a:" + "x" * 5000, "../../etc/passwd", "x\x00y"):
        answer = eve.post("/models", json={"training": {"tracks": [track]}, "starts": False})
        assert answer.status_code == 422, track[:20]


def test_settings_have_no_fields_of_the_record(hosted: Installation) -> None:
    admin = racer(hosted, "Root", Role.ADMIN)
    assert "no 'version'" in sentence(admin.patch("/settings", json={"version": 7}))


def test_a_mistake_of_ours_is_told_in_the_usual_shape(hosted: Installation) -> None:
    api = create_api(hosted)

    @api.get("/broken")
    def broken() -> None:
        raise ZeroDivisionError("/secret/place")

    answer = TestClient(api, raise_server_exceptions=False).get("/broken")
    assert answer.status_code == 500
    assert "inside racecraft" in sentence(answer)
    assert "secret" not in answer.text


def walk(api: FastAPI) -> Iterator[tuple[str, str]]:
    """Every route that names a thing."""
    for path, methods in api.openapi()["paths"].items():
        if "{" in path:
            for method in methods:
                yield method, path


def test_a_racer_reaches_nothing_of_somebody_else_by_any_route(hosted: Installation) -> None:
    ann, eve = racer(hosted, "Ann"), racer(hosted, "Eve")
    model = ann.post("/models", json={}).json()
    ids = {
        "model_id": model["model"]["id"],
        "job_id": model["job"]["id"],
        "vehicle_id": ann.post("/vehicles", json={"name": "hers"}).json()["id"],
        "person_id": ann.get("/me").json()["id"],
        "session_id": ann.get("/sessions").json()["items"][0]["id"],
        "token_id": ann.post("/tokens", json={"name": "t", "scopes": ["read"]}).json()["token"][
            "id"
        ],
        "invitation_id": invite(hosted.store, local_actor(hosted.store)).id,
    }
    bodies: dict[str, Any] = {
        "/people/{person_id}/role": {"role": "RACER"},
        "/people/{person_id}/active": {"is_active": True},
    }
    public = {("get", "/people/{person_id}")}
    for method, path in walk(create_api(hosted)):
        names = [part[1:-1] for part in path.split("/") if part.startswith("{")]
        if not set(names) <= set(ids) or (method, path) in public:
            continue
        place = path.format(**ids)
        answer = eve.request(method, place, json=bodies.get(path, {}), params={"url": "x"})
        assert answer.status_code in (403, 404, 422), (method, path, answer.text)
        if answer.status_code == 422:  # looked at before who asks, so it must say nothing of hers
            assert "hers" not in answer.text


def test_the_page_about_the_api_loads_nothing_from_elsewhere(hosted: Installation) -> None:
    stranger = TestClient(create_api(hosted))
    page = stranger.get("/docs")
    assert page.status_code == 200
    assert "//" not in page.text.replace("</", "")
    assert "default-src 'none'" in page.headers["content-security-policy"]
    for name, kind in (("start.js", "javascript"), ("swagger-ui.css", "css")):
        answer = stranger.get(f"/docs/files/{name}")
        assert answer.status_code == 200
        assert kind in answer.headers["content-type"]
    assert len(stranger.get("/docs/files/swagger-ui-bundle.js").content) > 1_000_000
    assert stranger.get("/docs/files/..%2f__init__.py").status_code == 404


def test_answers_are_kept_by_nobody_and_shown_in_no_frame(hosted: Installation) -> None:
    headers = TestClient(create_api(hosted)).get("/hello").headers
    assert headers["cache-control"] == "no-store"
    assert headers["x-frame-options"] == "DENY"
    assert headers["x-content-type-options"] == "nosniff"
