"""The REST interface: who gets in, what it answers, what it refuses."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from racecraft.domain import errors
from racecraft.domain.errors import Conflict
from racecraft.interfaces.rest.app import create_api
from racecraft.interfaces.rest.errors import STATUSES
from racecraft.interfaces.rest.shared import Done, once
from racecraft.interfaces.rest.who import Installation
from racecraft.service.access import Role
from racecraft.service.people.first_admin import invite_first_admin
from racecraft.service.people.invitations import invite
from racecraft.service.people.person import local_actor
from racecraft.service.settings import Settings
from racecraft.service.store import open_store
from tests.interfaces.conftest import own_models

PASSWORD = "correct horse"
READS_A_FILE = "def reward_function(params):\n    return open('/etc/passwd')"


def installation(home: Path, *, is_hosted: bool) -> Installation:
    settings = Settings(home=home)
    return Installation(open_store(settings), settings, is_hosted, slots=1)


@pytest.fixture
def solo(tmp_path: Path) -> Iterator[TestClient]:
    here = installation(tmp_path / "solo", is_hosted=False)
    with TestClient(create_api(here)) as client:
        yield client
    here.store.close()


@pytest.fixture
def hosted(tmp_path: Path) -> Iterator[Installation]:
    here = installation(tmp_path / "hosted", is_hosted=True)
    yield here
    here.store.close()


def browser(here: Installation, name: str, role: Role = Role.RACER) -> TestClient:
    """A signed-in browser of somebody new."""
    code = invite(here.store, local_actor(here.store), role=role).code
    client = TestClient(create_api(here))
    wish = {"name": name, "password": PASSWORD, "invitation": code}
    assert client.post("/register", json=wish).status_code == 201
    return client


def sentence(answer: Any) -> str:
    return str(answer.json()["error"]["message"])


def test_one_person_needs_no_account(solo: TestClient) -> None:
    me = solo.get("/me").json()
    assert (me["name"], me["role"]) == ("racer", "ADMIN")
    assert solo.post("/sign-in", json={"name": "racer", "password": "x"}).status_code == 409


def test_a_page_of_another_site_changes_nothing_for_one_person(solo: TestClient) -> None:
    for headers in (
        {"Origin": "https://evil.example"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Content-Type": "text/plain"},
    ):
        answer = solo.post("/vehicles", content='{"name": "x"}', headers=headers)
        assert answer.status_code == 403, headers
    assert solo.get("/me", headers={"Host": "evil.example"}).status_code == 403
    assert solo.get("/vehicles").json()["total"] == 1


def test_a_page_of_another_site_changes_nothing_for_a_signed_in_browser(
    hosted: Installation,
) -> None:
    ann = browser(hosted, "Ann")
    answer = ann.post("/vehicles", json={"name": "x"}, headers={"Origin": "https://evil.example"})
    assert answer.status_code == 403
    own = {"Origin": "http://testserver", "Sec-Fetch-Site": "same-origin"}
    assert ann.post("/vehicles", json={"name": "x"}, headers=own).status_code == 201


def test_nobody_gets_anything_without_signing_in(hosted: Installation) -> None:
    api = create_api(hosted)
    stranger = TestClient(api)
    open_to_all = {"/hello", "/register", "/sign-in", "/sign-out", "/recover", "/signing-key"}
    paths = api.openapi()["paths"]
    assert open_to_all < set(paths)
    for path, methods in paths.items():
        if path in open_to_all:
            continue
        # A big screen and the door of an event are for whoever has the link; a wrong one leads
        # nowhere.
        has_link = path.startswith(("/screens/{code}", "/events/doorstep/{link}"))
        wanted = 404 if has_link else 401
        for method in methods:
            answer = stranger.request(method, path.replace("{", "").replace("}", ""), json={})
            assert answer.status_code == wanted, (method, path, answer.text)


def test_a_browser_is_signed_in_until_it_signs_out(hosted: Installation) -> None:
    ann = browser(hosted, "Ann")
    assert ann.get("/me").json()["name"] == "Ann"
    cookie = ann.cookies["racecraft_session"]
    assert ann.post("/sign-out").status_code == 200
    assert ann.get("/me").status_code == 401
    assert ann.get("/me", headers={"Cookie": f"racecraft_session={cookie}"}).status_code == 401
    answer = ann.post("/sign-in", json={"name": "ann", "password": PASSWORD})
    assert "HttpOnly" in answer.headers["set-cookie"]
    assert "samesite=lax" in answer.headers["set-cookie"].lower()
    assert ann.get("/me").status_code == 200


def test_too_many_wrong_passwords_are_answered_with_a_time_to_wait(hosted: Installation) -> None:
    browser(hosted, "Ann")
    stranger = TestClient(create_api(hosted))
    wish = {"name": "Ann", "password": "wrong horse"}
    codes = [stranger.post("/sign-in", json=wish).status_code for _ in range(9)]
    assert codes == [401] * 8 + [429]
    assert int(stranger.post("/sign-in", json=wish).headers["retry-after"]) > 800


def test_the_first_admin_comes_in_by_the_code_of_the_start_and_only_once(
    hosted: Installation,
) -> None:
    old = invite_first_admin(hosted.store)
    code = invite_first_admin(hosted.store)
    client = TestClient(create_api(hosted))
    wish = {"name": "Root", "password": PASSWORD, "invitation": old}
    assert client.post("/register", json=wish).status_code == 422
    wish["invitation"] = code
    assert client.post("/register", json=wish).json()["person"]["role"] == "ADMIN"
    wish["name"] = "Second"
    assert client.post("/register", json=wish).status_code == 422
    assert invite_first_admin(hosted.store) is None


def test_a_token_does_what_its_scopes_say(hosted: Installation) -> None:
    ann = browser(hosted, "Ann")
    secret = ann.post("/tokens", json={"name": "nb", "scopes": ["read"]}).json()["secret"]
    program = TestClient(create_api(hosted), headers={"Authorization": f"Bearer {secret}"})
    assert program.get("/me").json()["name"] == "Ann"
    answer = program.post("/vehicles", json={"name": "x"})
    assert answer.status_code == 403
    assert "scope 'write'" in sentence(answer)
    assert program.get("/tokens").status_code == 403


@pytest.mark.parametrize("scope", ["read", "write"])
def test_a_token_may_always_revoke_itself_and_nothing_else(
    hosted: Installation, scope: str
) -> None:
    ann = browser(hosted, "Ann")
    made = [ann.post("/tokens", json={"name": n, "scopes": [scope]}).json() for n in ("a", "b")]
    first, other = (
        TestClient(create_api(hosted), headers={"Authorization": f"Bearer {each['secret']}"})
        for each in made
    )
    assert first.delete(f"/tokens/{made[1]['token']['id']}").status_code == 403
    assert first.delete(f"/tokens/{made[0]['token']['id']}").status_code == 403
    assert first.delete("/tokens/current").status_code == 200
    assert first.get("/me").status_code == 401
    assert first.delete("/tokens/current").status_code == 401
    assert [row["name"] for row in ann.get("/tokens").json()["items"]] == ["b"]
    assert other.get("/me").status_code == (200 if scope == "read" else 403)
    answer = ann.delete("/tokens/current")
    assert (answer.status_code, ann.get("/me").status_code) == (409, 200)
    assert "sign out instead" in sentence(answer)


def test_one_person_alone_has_no_token_to_revoke(solo: TestClient) -> None:
    assert solo.delete("/tokens/current").status_code == 409


def test_nobody_meets_the_things_of_others(hosted: Installation) -> None:
    ann, bob = browser(hosted, "Ann"), browser(hosted, "Bob")
    mine = ann.post("/vehicles", json={"name": "mine"}).json()["id"]
    model = ann.post("/models", json={"model": {"name": "m"}, "starts": False}).json()["model"]
    assert ann.get(f"/vehicles/{mine}").status_code == 200
    for path in (f"/vehicles/{mine}", f"/models/{model['id']}", f"/models/{model['id']}/log"):
        assert bob.get(path).status_code == 404, path
    for path in (f"/models/{model['id']}/train", f"/models/{model['id']}/evaluate"):
        assert bob.post(path, json={}).status_code == 404, path
    assert bob.delete(f"/models/{model['id']}").status_code == 404
    assert own_models(bob) == []
    assert bob.get("/people").status_code == 403
    assert bob.get(f"/models?owner_id={model['owner_id']}").status_code == 403


def test_a_repeated_request_makes_one_thing(solo: TestClient) -> None:
    again = {"Idempotency-Key": "abc"}
    first = solo.post("/vehicles", json={"name": "one"}, headers=again)
    second = solo.post("/vehicles", json={"name": "one"}, headers=again)
    assert first.json() == second.json()
    assert solo.get("/vehicles").json()["total"] == 2
    other = solo.post("/vehicles", json={"name": "two"}, headers=again)
    assert "another request" in sentence(other)


def test_a_request_that_is_sent_while_it_is_being_done_is_not_done_twice(
    hosted: Installation,
) -> None:
    store, actor, done = hosted.store, local_actor(hosted.store), []

    def do() -> Done:
        done.append("first")
        with pytest.raises(Conflict, match="at this moment"):
            once(store, actor, "key", Done(), do)
        return Done()

    once(store, actor, "key", Done(), do)
    assert once(store, actor, "key", Done(), do) == {"done": True}
    assert done == ["first"]


def test_a_request_that_failed_can_be_sent_again(solo: TestClient) -> None:
    again = {"Idempotency-Key": "x"}
    wish = {"name": "taken"}
    made = solo.post("/vehicles", json=wish).json()
    assert solo.post("/vehicles", json=wish, headers=again).status_code == 409
    solo.delete(f"/vehicles/{made['id']}")
    assert solo.post("/vehicles", json=wish, headers=again).status_code == 201


def test_a_change_to_what_was_changed_meanwhile_is_refused(solo: TestClient) -> None:
    made = solo.post("/vehicles", json={"name": "one"}).json()
    path = f"/vehicles/{made['id']}"
    seen = {"If-Match": solo.get(path).headers["etag"]}
    assert solo.patch(path, json={"colour": "red"}, headers=seen).status_code == 200
    late = solo.patch(path, json={"colour": "blue"}, headers=seen)
    assert late.status_code == 409
    assert solo.get(path).json()["colour"] == "red"
    odd = solo.patch(path, json={"colour": "blue"}, headers={"If-Match": "anything"})
    assert odd.status_code == 409
    assert solo.patch(path, json={"colour": "blue"}, headers={"If-Match": "*"}).status_code == 200


@pytest.mark.parametrize("kind", ["models", "vehicles"])
def test_of_many_changes_to_what_was_seen_at_once_one_is_made(solo: TestClient, kind: str) -> None:
    wish = {"model": {"name": "one"}, "starts": False} if kind == "models" else {"name": "one"}
    made = solo.post(f"/{kind}", json=wish).json()
    path = f"/{kind}/{made.get('model', made)['id']}"
    seen = {"If-Match": solo.get(path).headers["etag"]}

    def change(turn: int) -> int:
        return solo.patch(path, json={"name": f"name-{turn}"}, headers=seen).status_code

    with ThreadPoolExecutor(8) as people:
        answers = sorted(people.map(change, range(8)))
    assert answers == [200] + [409] * 7


@pytest.mark.parametrize(
    ("wish", "status", "part"),
    [
        ({"reward": "../../etc/passwd"}, 404, "no reward"),
        (
            {"reward_source": "def reward_function(params):\n    return open('/etc/passwd')"},
            422,
            "",
        ),
        ({"training": {"tracks": [{"name": "/etc/passwd"}]}}, 422, "give the name of"),
        ({"training": {"tracks": [{"name": "no-such-track"}]}}, 404, "no-such-track"),
        ({"model": {"name": "../up"}}, 422, "1 to 64 letters"),
        ({"model": {"network": "HUGE"}}, 422, "HUGE"),
        ({"clone_of": "nothing"}, 404, "no model"),
        ({"surplus": 1}, 422, "surplus"),
    ],
)
def test_a_wish_that_does_not_fit_is_a_sentence_and_leaves_nothing(
    solo: TestClient, wish: dict[str, Any], status: int, part: str
) -> None:
    answer = solo.post("/models", json=wish)
    assert answer.status_code == status, answer.text
    assert part in sentence(answer)
    assert own_models(solo) == []


def test_a_model_is_made_found_renamed_deleted_and_put_back(solo: TestClient) -> None:
    made = solo.post("/models", json={"model": {"name": "mine"}, "starts": False}).json()
    path = f"/models/{made['model']['id']}"
    assert (made["status"], made["job"]) == ("CREATED", None)
    assert solo.post("/models", json={"model": {"name": "mine"}}).status_code == 409
    assert solo.patch(path, json={"name": "yours", "tags": ["a", "b"]}).json()["name"] == "yours"
    assert solo.get("/models?text=OUR").json()["items"][0]["model"]["tags"] == ["a", "b"]
    assert "def reward_function" in solo.get(f"{path}/documents").json()["reward_source"]
    assert solo.delete(path).status_code == 200
    assert own_models(solo) == []
    assert solo.get("/models?is_deleted=true").json()["total"] == 1
    assert solo.post(f"{path}/restore").json()["name"] == "yours"
    assert len(own_models(solo)) == 1


def test_the_first_list_holds_the_samples_and_who_deletes_one_does_not_get_it_back(
    solo: TestClient,
) -> None:
    first = solo.get("/models").json()
    assert first["total"] == 3
    assert all(row["model"]["is_sample"] for row in first["items"])
    assert all(row["status"] == "READY" for row in first["items"])
    assert solo.delete(f"/models/{first['items'][0]['model']['id']}").status_code == 200
    assert solo.get("/models").json()["total"] == 2


def test_a_training_waits_and_is_taken_out_of_the_queue(solo: TestClient) -> None:
    made = solo.post("/models", json={"model": {"name": "mine"}}).json()
    assert made["status"] == "QUEUED"
    job = f"/jobs/{made['job']['id']}"
    assert solo.get(job).json()["place"]["position"] == 1
    answer = solo.delete(f"/models/{made['model']['id']}")
    assert answer.status_code == 409
    assert "training that is QUEUED" in sentence(answer)
    with solo.stream("GET", f"{job}/events") as stream:
        lines = stream.iter_lines()
        assert next(lines) == "event: job"
        assert solo.post(f"{job}/stop").json()["status"] == "CANCELED"
        rest = list(lines)
    assert any('"CANCELED"' in line for line in rest)
    assert own_models(solo)[0]["status"] == "CREATED"


def test_a_body_that_is_too_large_is_refused(solo: TestClient) -> None:
    answer = solo.post("/vehicles", content=b" " * 2_000_001)
    assert answer.status_code == 413
    chunks = (b" " * 100_000 for _ in range(30))
    answer = solo.post("/vehicles", content=chunks, headers={"content-type": "application/json"})
    assert answer.status_code == 413


def test_what_is_not_there_is_told_in_the_same_shape(solo: TestClient) -> None:
    assert solo.get("/nothing").json()["error"]["kind"] == "HTTPError"
    assert solo.put("/me").json()["error"]["message"] == "Method Not Allowed."


def test_every_error_has_a_status() -> None:
    found = {
        each
        for each in vars(errors).values()
        if isinstance(each, type) and issubclass(each, errors.RacecraftError)
    }
    assert set(STATUSES) == found


def test_an_invitation_has_a_picture(hosted: Installation) -> None:
    olga = browser(hosted, "Olga", Role.ORGANISER)
    made = olga.post("/invitations", json={"heads": 30}).json()
    picture = olga.get(f"/invitations/{made['id']}/qr?url=http://here/register")
    assert picture.headers["content-type"].startswith("image/svg")
    assert b"<svg" in picture.content
