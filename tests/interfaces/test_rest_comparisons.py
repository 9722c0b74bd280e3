"""Logs of other programs, and comparisons, over REST."""

from __future__ import annotations

import io
import json
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from racecraft.interfaces.rest.who import Installation
from racecraft.service import log_uploads
from racecraft.service.access import Role
from racecraft.service.archives.export import export_model
from racecraft.service.people.administration import set_limits, set_role
from racecraft.service.people.person import local_actor
from racecraft.service.settings import Settings
from tests.analysis.logs_made import a_folder, a_tar, episode, packed, text_of
from tests.interfaces.conftest import Browser
from tests.interfaces.test_rest_archives import FILE, trained

__all__ = ["trained"]


def send(client: TestClient, data: bytes, file: str, **query: str) -> tuple[int, dict[str, Any]]:
    answer = client.post("/logs", params={"file": file, **query}, content=data, headers=FILE)
    return answer.status_code, answer.json()


def archive_of(folder: Path, layout: str, **how: Any) -> bytes:
    a_folder(folder / layout, layout, **how)
    return packed(folder / layout, folder / f"{layout}.tar.gz").read_bytes()


def leftovers(here: Installation) -> list[Path]:
    home = here.settings.home
    return [*home.glob("**/.new-*"), *home.glob("**/.incoming-*")]


def test_logs_of_another_program_are_kept_and_analysed_until_they_are_deleted(
    browser: Browser, together: Installation, tmp_path: Path
) -> None:
    ann, bob, olga = browser("Ann"), browser("Bob"), browser("Olga", Role.ORGANISER)
    data = archive_of(tmp_path, "console", columns=15, radians=True)

    status, made = send(ann, data, "old training.tar.gz", name="My old one")

    assert status == 201, made
    assert (made["name"], made["file"]) == ("My old one", "old-training.tar.gz")
    assert (made["kind"], made["steps"], made["iterations"]) == ("console", 1450, [0, 1, 2, 3, 4])
    assert made["evaluations"] == ["20260131120000-abc"]
    path = f"/logs/{made['id']}"
    report = ann.get(f"{path}/analysis").json()["report"]
    assert (report["model"], report["kind"]) == ("My old one", "console")
    for chapter in report["chapters"]:
        table = ann.get(f"{path}/analysis/{chapter['table']}")
        assert table.headers["content-type"].startswith("text/csv")
        if chapter["picture"]:
            picture = ann.get(f"{path}/analysis/{chapter['picture']}").content
            assert picture.startswith(b"\x89PNG")
    assert ann.get(f"{path}/file").content == data
    assert ann.post(f"{path}/analysis").json()["report"] == report
    assert [each["id"] for each in ann.get("/logs").json()["items"]] == [made["id"]]
    assert bob.get("/logs").json()["items"] == []
    for person in (bob, olga):
        for route in (path, f"{path}/file", f"{path}/analysis", f"{path}/analysis/laps.csv"):
            assert person.get(route).status_code == 404
        assert person.delete(path).status_code == 404
        assert person.post(f"{path}/analysis").status_code == 404

    assert ann.delete(path).status_code == 200
    assert ann.get(path).status_code == 404
    assert list(together.settings.home.glob("**/old-training.tar.gz")) == []
    assert leftovers(together) == []


@pytest.mark.parametrize(
    ("name", "kind"),
    [("drfc", "deepracer-for-cloud"), ("droa", "DeepRacer on AWS"), ("text", "text log")],
)
def test_every_make_of_logs_is_taken(
    browser: Browser, together: Installation, tmp_path: Path, name: str, kind: str
) -> None:
    del together
    status, made = send(browser("Ann"), archive_of(tmp_path, name), "x.tgz")
    assert (status, made["kind"], made["name"]) == (201, kind, "x")


def test_a_single_trace_is_taken(browser: Browser, together: Installation) -> None:
    del together
    text = text_of(episode(0, 90, is_lap=True))
    status, made = send(browser("Ann"), text.encode(), "0-iteration.csv")
    assert (status, made["steps"], made["iterations"]) == (201, 90, [0])


def bomb() -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("training-simtrace/0-iteration.csv", b"0" * 50_000_000)
    return data.getvalue()


def a_name_without_end() -> bytes:
    """A tar whose first name says that it has six gigabytes."""
    info = tarfile.TarInfo("././@LongLink")
    info.type, info.size = tarfile.GNUTYPE_LONGNAME, 6_000_000_000
    return info.tobuf() + b"x" * 10_000


def links_out() -> bytes:
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w:gz") as archive:
        info = tarfile.TarInfo("training-simtrace/0-iteration.csv")
        info.type, info.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(info)
    return data.getvalue()


HOSTILE = {
    "nothing.zip": (b"", "holds no drives"),
    "noise.tar.gz": (b"\x1f\x8b" + b"\x00" * 400, "holds no drives|damaged"),
    "cut.tar.gz": (a_tar({"training-simtrace/0-iteration.csv": b"a,b\n" * 999})[:-40], "damaged"),
    "bomb.zip": (bomb(), "no simtrace|too large"),
    "long.tar": (a_name_without_end(), "damaged|too large|holds no drives"),
    "links.tar.gz": (links_out(), "holds no drives"),
    "up.tar.gz": (a_tar({"../../etc/cron.d/x": b"* * * * *"}), "holds no drives"),
    "odd.csv": (b"a,b,c\n", "no simtrace"),
    "program.exe": (b"MZ", "send an archive"),
    ".zip": (b"", "holds no drives"),
}


@pytest.mark.parametrize("file", HOSTILE)
def test_hostile_logs_are_refused_with_a_sentence_and_leave_nothing(
    alone: Installation, file: str
) -> None:
    from racecraft.interfaces.rest.app import create_api

    client = TestClient(create_api(alone))
    data, words = HOSTILE[file]
    status, answer = send(client, data, file)
    assert status == 422, answer
    message = answer["error"]["message"]
    assert any(each in message for each in words.split("|")), message
    assert str(alone.settings.home) not in message
    assert message.endswith(".")
    assert client.get("/logs").json()["items"] == []
    assert leftovers(alone) == []
    assert list((alone.settings.home / "logs").glob("*")) == []


def test_uploads_count_for_the_disk_and_are_limited(
    browser: Browser, together: Installation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann = browser("Ann")
    person = ann.get("/me").json()["id"]
    data = archive_of(tmp_path, "drfc")
    assert send(ann, data, "one.tar.gz")[0] == 201
    used = ann.get(f"/people/{person}/usage").json()["disk_mb"]
    assert used > len(data) / 1e6
    set_limits(together.store, local_actor(together.store), person, {"disk_mb": used + 1e-3})
    status, answer = send(ann, data, "two.tar.gz")
    assert status == 429 or status == 403, answer
    assert "are allowed" in answer["error"]["message"]
    set_limits(together.store, local_actor(together.store), person, {"disk_mb": None})
    monkeypatch.setattr(log_uploads, "MOST_UPLOADS", 1)
    assert "delete one" in send(ann, data, "two.tar.gz")[1]["error"]["message"]
    assert leftovers(together) == []
    assert len(ann.get("/logs").json()["items"]) == 1


def test_models_iterations_evaluations_and_logs_are_compared(
    browser: Browser, together: Installation, trained: Settings, tmp_path: Path
) -> None:
    ann, bob = browser("Ann"), browser("Bob")
    data = b"".join(export_model(trained.models / "car"))
    model = ann.post("/models/import", content=data, headers=FILE).json()["model"]["id"]
    logs = send(ann, archive_of(tmp_path, "drfc"), "old.tar.gz")[1]["id"]
    words = [f"model-{model}", f"model-{model}@1", f"logs-{logs}", f"logs-{logs}@20260131120000"]

    answer = ann.post("/comparisons", json={"subjects": [*words, words[0]]})

    assert answer.status_code == 200, answer.text
    made = answer.json()
    assert (made["subjects"], made["is_fresh"]) == (words, True)
    report = made["report"]
    assert [each["name"] for each in report["models"]] == [
        "car", "car, iteration 1", "old", "old, evaluation 20260131120000",
    ]  # fmt: skip
    path = f"/comparisons/{made['key']}"
    rows = ann.get(f"{path}/comparison.csv").text.splitlines()
    assert len(rows) == 5
    assert {each["name"] for each in report["chapters"]} >= {
        "comparison", "comparison-laps", "comparison-parts", "comparison-lines", "comparison-speed",
    }  # fmt: skip
    for chapter in report["chapters"]:
        assert chapter["text"]
        assert ann.get(f"{path}/{chapter['table']}").status_code == 200
        if chapter["picture"]:
            assert ann.get(f"{path}/{chapter['picture']}").content.startswith(b"\x89PNG")
    for each in report["models"]:
        table = ann.get(f"{path}/{each['folder']}/iterations.csv")
        is_evaluation = "evaluation" in each["name"]
        assert table.status_code == (404 if is_evaluation else 200)
    assert ann.get(path).json() == made
    assert [each["key"] for each in ann.get("/comparisons").json()["items"]] == [made["key"]]
    assert bob.get(path).status_code == 404
    assert bob.post("/comparisons", json={"subjects": words}).status_code == 404
    assert bob.get("/comparisons").json()["items"] == []
    for odd in ("report.json", "..%2Fsubjects.json", "1-car/..%2F..%2Fsubjects.json"):
        assert ann.get(f"{path}/{odd}").status_code == 404
    ann.delete(f"/logs/{logs}")
    assert ann.get(path).status_code == 404
    assert list(together.settings.home.glob("**/comparisons/*")) == []
    assert leftovers(together) == []


@pytest.mark.parametrize(
    ("subjects", "status", "words"),
    [
        ([], 422, "0 are to be compared"),
        ([f"model-{k}" for k in range(9)], 422, "9 are to be compared"),
        (["../x"], 422, "cannot be compared"),
        (["model-none"], 404, "no model"),
        (["logs-none"], 404, "no upload of logs"),
    ],
)
def test_odd_comparisons_are_sentences(
    browser: Browser, together: Installation, subjects: list[str], status: int, words: str
) -> None:
    del together
    answer = browser("Ann").post("/comparisons", json={"subjects": subjects})
    assert answer.status_code == status
    assert words in answer.json()["error"]["message"]


def test_a_part_that_is_not_there_is_told_with_those_that_are(
    browser: Browser, together: Installation, tmp_path: Path
) -> None:
    del together
    ann = browser("Ann")
    logs = send(ann, archive_of(tmp_path, "drfc"), "old.tar.gz")[1]["id"]
    answer = ann.post("/comparisons", json={"subjects": [f"logs-{logs}@77"]})
    assert answer.status_code == 404
    message = answer.json()["error"]["message"]
    assert "the iterations 0, 1, 2, 3, 4 and the evaluations 20260131120000" in message


def test_only_the_newest_comparisons_are_kept(
    browser: Browser, together: Installation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from racecraft.service import comparisons

    monkeypatch.setattr(comparisons, "MOST_KEPT", 1)
    ann = browser("Ann")
    logs = send(ann, archive_of(tmp_path, "drfc"), "old.tar.gz")[1]["id"]
    keys = [
        ann.post("/comparisons", json={"subjects": [f"logs-{logs}@{part}"]}).json()["key"]
        for part in (0, 1)
    ]
    assert [each["key"] for each in ann.get("/comparisons").json()["items"]] == keys[1:]
    assert len(list(together.settings.home.glob("**/comparisons/*"))) == 1


def test_a_comparison_is_made_again_when_somebody_asks_for_that(
    browser: Browser, together: Installation, tmp_path: Path
) -> None:
    ann = browser("Ann")
    logs = send(ann, archive_of(tmp_path, "drfc"), "old.tar.gz")[1]["id"]
    wish = {"subjects": [f"logs-{logs}@1"]}
    ann.post("/comparisons", json=wish)
    (report,) = together.settings.home.glob("**/comparisons/*/report/report.json")
    before = report.stat().st_ino
    assert ann.post("/comparisons", json=wish).json()["is_fresh"]
    assert report.stat().st_ino == before
    assert ann.post("/comparisons?again=true", json=wish).json()["is_fresh"]
    assert report.stat().st_ino != before


def test_a_list_shows_no_comparison_of_what_may_not_be_seen_any_more(
    browser: Browser, together: Installation, tmp_path: Path
) -> None:
    browser("Chief", Role.ADMIN)
    boss, ann = browser("Boss", Role.ADMIN), browser("Ann")
    logs = send(ann, archive_of(tmp_path, "drfc"), "old.tar.gz")[1]["id"]
    made = boss.post("/comparisons", json={"subjects": [f"logs-{logs}"]})
    assert made.status_code == 200, made.text
    assert len(boss.get("/comparisons").json()["items"]) == 1
    who = boss.get("/me").json()["id"]
    set_role(together.store, local_actor(together.store), who, Role.RACER)
    assert boss.get("/comparisons").json()["items"] == []
    assert list(together.settings.home.glob("**/comparisons/*")) == []


def test_a_failed_comparison_leaves_nothing_and_pushes_nothing_out(
    browser: Browser, together: Installation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from racecraft.service import comparisons

    monkeypatch.setattr(comparisons, "MOST_KEPT", 1)
    ann = browser("Ann")
    logs = send(ann, archive_of(tmp_path, "drfc"), "old.tar.gz")[1]["id"]
    made = ann.post("/comparisons", json={"subjects": [f"logs-{logs}@1"]}).json()
    (place,) = together.settings.home.glob("**/comparisons/*")
    for number in range(3):
        wish = {"subjects": [f"logs-{logs}@{70 + number}"]}
        assert ann.post("/comparisons", json=wish).status_code == 404
    assert list(place.parent.iterdir()) == [place]
    (place.parent / ("0" * 32)).mkdir()  # as versions before left them
    assert [each["key"] for each in ann.get("/comparisons").json()["items"]] == [made["key"]]
    newer = ann.post("/comparisons", json={"subjects": [f"logs-{logs}@2"]}).json()
    assert [each["key"] for each in ann.get("/comparisons").json()["items"]] == [newer["key"]]
    assert len(list(place.parent.iterdir())) == 1


def test_a_model_of_another_program_comes_in_with_a_report(
    browser: Browser, together: Installation, tmp_path: Path
) -> None:
    from racecraft.domain.spec import ModelSpec, Network
    from tests.service.test_foreign import a_drfc_model, car_archive

    ann, bob = browser("Ann"), browser("Bob")
    data = packed(a_drfc_model(tmp_path / "rl"), tmp_path / "x.tar.gz").read_bytes()
    answer = ann.post("/models/import?file=x.tar.gz", content=data, headers=FILE)
    assert answer.status_code == 201, answer.text
    made, report = answer.json()["model"], answer.json()["report"]
    assert (made["name"], made["was_imported"]) == ("some-model", True)
    assert "the reward function" in report["taken"]
    assert any("no weights" in line for line in report["left"])
    assert ann.post(f"/models/{made['id']}/analysis").status_code == 200
    assert bob.get(f"/models/{made['id']}").status_code == 404
    again = ann.post("/models/import?name=some-model&file=x", content=data, headers=FILE)
    assert again.status_code == 409
    other = ann.post("/models/import?file=x.tar.gz", content=data, headers=FILE)
    assert other.json()["model"]["name"] == "some-model-2"

    car = car_archive(tmp_path, ModelSpec(network=Network.LIGHT, sensors=("LIDAR",)))
    answer = ann.post(
        "/models/import?file=my car.tar.gz", content=car.read_bytes(), headers=FILE
    ).json()
    assert (answer["status"], answer["report"]["can_drive"]) == ("READY", True)
    assert answer["model"]["name"] == "my-car"
    assert leftovers(together) == []


def test_what_is_no_model_at_all_is_refused_as_before(
    browser: Browser, together: Installation
) -> None:
    ann = browser("Ann")
    odd = a_tar({"model_metadata.json": json.dumps({"action_space": [{"speed": 99}]}).encode()})
    for data, words in (
        (b"this is no archive", "cannot be taken over"),
        (a_tar({"readme.txt": b"hello"}), "cannot be taken over"),
        (odd, "model_metadata.json"),
        (a_name_without_end(), "too large to be worked on"),
    ):
        answer = ann.post("/models/import?file=a.tar", content=data, headers=FILE)
        assert answer.status_code == 422, answer.text
        assert words in answer.json()["error"]["message"]
        assert str(together.settings.home) not in answer.text
    assert [r for r in ann.get("/models").json()["items"] if not r["model"]["is_sample"]] == []
    assert leftovers(together) == []
