"""What whoever runs a service asks of it: alive, ready, how it is doing, who may be a worker."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr
from sqlalchemy import text as sql

from racecraft.domain.job import JobKind
from racecraft.interfaces.exposition import Metric, exposition
from racecraft.interfaces.logs import begin_log
from racecraft.interfaces.server import Plan, create_app, open_installation
from racecraft.interfaces.who import Installation
from racecraft.service import executor, job_files
from racecraft.service.access import Role
from racecraft.service.executor import tell_begun
from racecraft.service.jobs import leases, nodes
from racecraft.service.jobs.job import Job
from racecraft.service.jobs.queue import place_of
from racecraft.service.model_records import Model
from racecraft.service.people.person import LOCAL_PERSON, local_actor
from racecraft.service.settings import Settings
from tests.interfaces.conftest import Browser

SAMPLE = re.compile(
    r'([a-z_]+)(?:\{((?:[a-z]+="(?:[^"\\\n]|\\["\\n])*",?)*)\})? (-?[0-9.e+-]+|\+Inf)'
)


def parsed(text: str) -> dict[str, dict[str, float]]:
    """Values by metric and labels; anything that a scraper could not read is an error."""
    found: dict[str, dict[str, float]] = {}
    known: dict[str, str] = {}
    assert text.endswith("\n")
    for line in text.splitlines():
        if line.startswith("#"):
            word, name, rest = re.fullmatch(r"# (HELP|TYPE) ([a-z_]+) (.+)", line).groups()  # type: ignore[union-attr]
            if word == "TYPE":
                assert name not in known
                known[name] = rest
            continue
        sample = SAMPLE.fullmatch(line)
        assert sample, line
        base = re.sub("_(bucket|sum|count)$", "", sample[1])
        name = base if known.get(base) == "histogram" else sample[1]
        assert name in known, line
        labels = found.setdefault(sample[1], {})
        assert (sample[2] or "") not in labels, line
        labels[sample[2] or ""] = float(sample[3])
    return found


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Installation]:
    """An installation with accounts, as `racecraft up --hosted` opens it; its queue rests."""
    settings = Settings(home=tmp_path / "home", metrics_token=SecretStr("for-monitoring"))
    here = open_installation(settings, Plan(is_hosted=True, slots=2))
    yield here
    here.store.close()


def until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60.0
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def ask(here: Installation, path: str, token: str = "") -> Any:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return TestClient(create_app(here)).get(path, headers=headers)


def a_job(here: Installation, name: str, age_s: float = 0.0) -> Job:
    with here.store.work() as work:
        return work.add(
            Job(
                created_at_s=here.store.now_s() - age_s,
                owner_id="ann",
                model_id=name,
                kind=JobKind.TRAINING,
                model_name=name,
                planned_s=600.0,
            )
        )


def test_it_is_alive_at_once_and_ready_when_the_queue_is_looked_after(
    served: Installation, tmp_path: Path
) -> None:
    assert ask(served, "/health/live").json() == {"status": "live"}
    answer = ask(served, "/health/ready")
    assert answer.status_code == 503
    assert answer.json()["checks"] == {"records": True, "home": True, "queue": False}
    assert served.executor is not None
    served.executor.start()
    try:
        until(lambda: ask(served, "/health/ready").json()["status"] == "ready")
    finally:
        served.executor.stop()
    assert ask(served, "/health/ready").status_code == 503


def test_a_queue_that_nobody_can_look_at_is_not_ready(
    served: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(executor, "_FORSAKEN_S", 0.5)
    assert served.executor is not None
    served.executor.start()
    try:
        until(lambda: ask(served, "/health/ready").status_code == 200)
        with served.store.engine.begin() as connection:
            connection.execute(sql("alter table jobs rename to hidden"))
        until(lambda: ask(served, "/health/ready").status_code == 503)
        assert ask(served, "/health/ready").json()["checks"]["records"]
    finally:
        served.executor.stop()


def test_figures_are_for_monitoring_and_admins_alone(served: Installation) -> None:
    assert ask(served, "/metrics").status_code == 401
    assert ask(served, "/metrics", "wrong").status_code == 401
    answer = ask(served, "/metrics", "for-monitoring")
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert parsed(answer.text)["racecraft_workers"] == {"": 0.0}


def test_an_api_token_of_an_admin_opens_the_figures_and_nobody_elses_does(
    together: Installation, browser: Browser
) -> None:
    for name, role, status in (("Ada", Role.ADMIN, 200), ("Bob", Role.ORGANISER, 403)):
        wish = {"name": "m", "scopes": ["read", "admin"]}
        secret = browser(name, role).post("/tokens", json=wish).json()["secret"]
        assert ask(together, "/metrics", secret).status_code == status


def test_figures_tell_of_jobs_waits_machines_and_requests(served: Installation) -> None:
    store = served.store
    nodes.greet(store, nodes.facts_now(served.settings.home, 2))
    node = nodes.node_name(served.settings.home)
    a_job(served, "a", age_s=20.0)
    claim = leases.claim_next(store, worker=f"{node} 1", slots=2, node=node)
    assert claim is not None
    tell_begun(claim, served.meter)
    leases.beat(store, claim.job.id, claim.token, compute_s=1.0, report={"steps_per_s": 1234.5})
    a_job(served, "b", age_s=70.0)
    ask(served, "/api/hello")
    ask(served, "/api/jobs/x")
    ask(served, "/api/nowhere/at/all")
    found = parsed(ask(served, "/metrics", "for-monitoring").text)
    assert found["racecraft_jobs"]['status="IN_PROGRESS"'] == 1
    assert found["racecraft_jobs"]['status="QUEUED"'] == 1
    assert found["racecraft_jobs"]['status="FAILED"'] == 0
    assert found["racecraft_queue_oldest_wait_seconds"][""] == pytest.approx(70.0, abs=10.0)
    assert found["racecraft_steps_per_second"][""] == 1234.5
    assert found["racecraft_worker_slots"] == {f'node="{node}"': 2.0}
    assert found["racecraft_worker_jobs"] == {f'node="{node}"': 1.0}
    waits = found["racecraft_queue_wait_seconds_bucket"]
    assert (waits['le="15"'], waits['le="60"'], waits['le="+Inf"']) == (0, 1, 1)
    assert found["racecraft_queue_wait_seconds_count"][""] == 1
    requests = found["racecraft_http_requests_total"]
    assert requests['method="GET",route="/api/hello",status="200"'] == 1
    assert requests['method="GET",route="/api/jobs/{job_id}",status="401"'] == 1
    assert requests['method="GET",route="",status="404"'] == 1
    disk = found["racecraft_disk_bytes"]
    assert disk['part="total"'] > disk['part="free"'] > 0
    assert found["racecraft_memory_bytes"][""] > 1e6
    assert 'database="SQLite' in next(iter(found["racecraft_info"]))


def test_labels_with_odd_characters_are_escaped() -> None:
    text = exposition([Metric("m", "gauge", "It.").at(1, a='x"y\\z\n')])
    assert text == '# HELP m It.\n# TYPE m gauge\nm{a="x\\"y\\\\z\\n"} 1\n'
    parsed(text)


def test_the_log_of_a_request_about_a_job_carries_its_id(together: Installation) -> None:
    text = StringIO()
    begin_log(is_json=True, is_verbose=True, to=text)
    ask(together, "/api/jobs/some-job")
    lines = [json.loads(line) for line in text.getvalue().splitlines()]
    assert [line.get("job") for line in lines if line["event"] == "request"] == ["some-job"]


def test_only_admins_let_machines_take_jobs_and_see_how_all_is(
    together: Installation, browser: Browser
) -> None:
    ada, bob = browser("Ada", Role.ADMIN), browser("Bob", Role.ORGANISER)
    for path in ("/nodes", "/worker-tokens", "/operations", "/operations/people"):
        assert bob.get(path).status_code == 403, path
        assert ada.get(path).status_code == 200, path
    assert bob.post("/worker-tokens", json={"name": "m"}).status_code == 403
    made = ada.post("/worker-tokens", json={"name": "lab-1"}).json()
    assert made["secret"].startswith("worker_")
    assert made["secret"] not in str(ada.get("/worker-tokens").json())
    assert [row["name"] for row in ada.get("/worker-tokens").json()["items"]] == ["lab-1"]
    token = made["token"]["id"]
    assert bob.delete(f"/worker-tokens/{token}").status_code == 403
    assert ada.delete(f"/worker-tokens/{token}").status_code == 200
    assert ada.delete(f"/worker-tokens/{token}").status_code == 404
    assert ada.post("/worker-tokens", json={"name": " "}).status_code == 422


WORDS: dict[str, dict[str, Any]] = {
    "node": nodes.facts_now(Path("/"), 1).model_dump(),
    "claim": {"node": "n", "slots": 1, "worker": "n 1"},
    "lost": {"node": "n", "worker": "n 1", "message": "gone"},
    "leave": {"node": "n"},
}


@pytest.mark.parametrize("word", WORDS)
def test_a_machine_needs_a_worker_token_and_nothing_else_will_do(
    word: str, together: Installation, browser: Browser
) -> None:
    ada = browser("Ada", Role.ADMIN)
    wish = {"name": "m", "scopes": ["read", "write", "admin"]}
    api_token = ada.post("/tokens", json=wish).json()["secret"]
    secret = ada.post("/worker-tokens", json={"name": "lab"}).json()["secret"]
    statuses = {}
    for name, shown in (("api", api_token), ("none", ""), ("worker", secret)):
        headers = {"Authorization": f"Bearer {shown}"}
        answer = TestClient(ada.app).post(f"/worker/{word}", json=WORDS[word], headers=headers)
        statuses[name] = answer.status_code
    assert statuses == {"api": 401, "none": 401, "worker": 200}
    headers = {"Authorization": f"Bearer {secret}"}
    assert TestClient(ada.app).get("/models", headers=headers).status_code == 401


def test_a_machine_of_another_version_gets_no_jobs(together: Installation) -> None:
    _, secret = nodes.make_worker_token(together.store, local_actor(together.store), "lab")
    facts = {**WORDS["node"], "racecraft": "0.0.1"}
    answer = TestClient(create_app(together)).post(
        "/api/worker/node", json=facts, headers={"Authorization": f"Bearer {secret}"}
    )
    assert answer.status_code == 409
    assert "install the same version" in answer.json()["error"]["message"]


def test_a_worker_token_speaks_for_no_machine_but_its_own(together: Installation) -> None:
    store, client = together.store, TestClient(create_app(together))
    made = [nodes.make_worker_token(store, local_actor(store), name) for name in ("one", "two")]
    (first, mine), (_, theirs) = made

    def say(secret: str, word: str, node: str) -> Any:
        names = {"id": node, "node": node, "worker": f"{node} 1"}
        told = WORDS[word] | {name: names[name] for name in names.keys() & WORDS[word].keys()}
        headers = {"Authorization": f"Bearer {secret}"}
        return client.post(f"/api/worker/{word}", json=told, headers=headers)

    service = nodes.facts_now(together.settings.home, 1)
    nodes.greet(store, service)
    for k, node in enumerate((service.id, "far")):
        a_job(together, f"m{k}")
        if node == "far":
            assert say(mine, "node", node).status_code == 200
        assert leases.claim_next(store, worker=f"{node} 1", slots=1, node=node)
        before = nodes.list_nodes(store, local_actor(store))
        for word in WORDS:
            answer = say(theirs, word, node)
            assert answer.status_code == 403, (word, node)
            assert node in answer.json()["error"]["message"]
        assert nodes.list_nodes(store, local_actor(store)) == before
    with store.look() as work:
        assert {job.worker for job in work.find(Job)} == {f"{service.id} 1", "far 1"}
    assert say(mine, "node", "far").json()["held"] == [{"worker": "far 1", "pid": None}]
    nodes.revoke_worker_token(store, local_actor(store), first.id)
    assert say(theirs, "node", "far").status_code == 200  # it got a new one
    assert say(theirs, "lost", "far").status_code == 200
    with store.look() as work:
        assert {job.worker for job in work.find(Job)} == {f"{service.id} 1", ""}
    nodes.greet(store, service.model_copy(update={"id": "far"}))  # a service is who it says


def test_files_take_their_places_only_while_the_job_is_the_workers(
    together: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, client = together.store, TestClient(create_app(together))
    folder = together.settings.home / "models" / "m"
    folder.mkdir(parents=True)
    (folder / "training.log").write_text("it began")
    with store.work() as work:
        model = work.add(Model(owner_id=LOCAL_PERSON, name="m"))
        job = Job(
            owner_id=LOCAL_PERSON,
            model_id=model.id,
            kind=JobKind.TRAINING,
            model_name="m",
            planned_s=60.0,
        )
        work.add(job)
    claim = leases.claim_next(store, worker="far 1", slots=1, node="far")
    assert claim is not None

    def keep() -> int:
        return client.post(
            f"/api/worker/files/{claim.job.id}/keep",
            json={"files": [], "gone": ["training.log"]},
            headers={"Authorization": f"Bearer {claim.token}"},
        ).status_code

    alone = job_files.alone

    @contextmanager
    def alone_too_late(place: Path) -> Iterator[None]:
        with alone(place):
            leases.lose_worker(store, "far 1", "It was silent.")
            yield

    monkeypatch.setattr(job_files, "alone", alone_too_late)
    assert keep() == 401
    assert (folder / "training.log").read_text() == "it began"


def test_machines_have_slots_of_their_own_and_heats_stay_with_the_service(
    together: Installation,
) -> None:
    store = together.store
    for k in range(3):
        a_job(together, f"m{k}")
    claims = [
        leases.claim_next(store, worker=f"{node} {k}", slots=1, node=node)
        for k, node in enumerate(("near", "near", "far"))
    ]
    assert [claim.job.node if claim else None for claim in claims] == ["near", None, "far"]
    with store.work() as work:
        work.add(Job(owner_id="o", model_id="h", kind=JobKind.HEAT, model_name="h", planned_s=60.0))
    claimed = leases.claim_next(store, worker="far 9", slots=9, node="far", takes_heats=False)
    assert claimed is not None
    assert claimed.job.kind is JobKind.TRAINING
    assert leases.claim_next(store, worker="far 9", slots=9, node="far", takes_heats=False) is None
    heat = leases.claim_next(store, worker="near 9", slots=1, node="near")
    assert heat is not None
    assert heat.job.kind is JobKind.HEAT


def test_the_expected_start_counts_the_slots_of_all_machines(together: Installation) -> None:
    store, now_s = together.store, together.store.now_s()
    jobs = [a_job(together, f"m{k}", age_s=10.0 - k) for k in range(3)]

    def start_s() -> float:
        with store.look() as work:
            place = place_of(work, jobs[2], 1, now_s)
        assert place is not None
        return place.expected_start_s - now_s

    assert start_s() == pytest.approx(1200.0, abs=1.0)
    for name in ("near", "far"):
        facts = nodes.facts_now(Path("/"), 2).model_copy(update={"id": name})
        nodes.greet(store, facts)
    assert start_s() == pytest.approx(0.0, abs=1.0)
