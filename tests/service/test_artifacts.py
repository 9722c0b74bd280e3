"""Copies of models by URL: whole at every moment, in a folder and in an S3-compatible store."""

from __future__ import annotations

import os
import shutil
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from racecraft.domain.errors import InvalidInput, NotFound, StorageFailed
from racecraft.service.artifacts import ArtifactStore
from racecraft.service.copies import fetch_missing, forget_copies, ready_copier
from racecraft.service.settings import Settings
from racecraft.service.store import Store
from racecraft.service.upkeep import reconcile
from tests.service.server import Server
from tests.service.test_archives import a_model, contents
from tests.service.test_kills import iterations, make


@pytest.fixture(scope="session")
def s3() -> Iterator[str]:
    """A bucket of an S3-compatible server in this process."""
    moto = pytest.importorskip("moto.server")
    server = moto.ThreadedMotoServer("127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    url = f"http://{host}:{port}"
    urllib.request.urlopen(urllib.request.Request(f"{url}/models", method="PUT")).close()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", url)
        patch.setenv("AWS_ACCESS_KEY_ID", "someone")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
        patch.setenv("AWS_REGION", "us-east-1")
        yield "s3://models/racecraft"
    server.stop()


@pytest.fixture(params=["folder", "s3"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "folder":
        return (tmp_path / "copies").as_uri()
    return f"{request.getfixturevalue('s3')}/{tmp_path.name}"


def test_a_copy_comes_back_byte_for_byte(url: str, settings: Settings, tmp_path: Path) -> None:
    folder, artifacts = a_model(settings), ArtifactStore(url)
    assert not artifacts.has("m1")
    assert artifacts.keep(folder, "m1") > 5
    ArtifactStore(url).fetch("m1", tmp_path / "back")
    assert contents(tmp_path / "back") == contents(folder)


def test_only_what_changed_is_sent_and_what_is_gone_is_removed(
    url: str, settings: Settings, tmp_path: Path
) -> None:
    folder, artifacts = a_model(settings), ArtifactStore(url)
    artifacts.keep(folder, "m1")
    assert artifacts.keep(folder, "m1") == 0
    (folder / "training.log").write_text("more of it\n")
    (folder / "replay.mp4").unlink()
    assert artifacts.keep(folder, "m1") == 1
    artifacts.fetch("m1", tmp_path / "back")
    assert contents(tmp_path / "back") == contents(folder)
    artifacts.forget("m1")
    artifacts.forget("m1")
    assert not artifacts.has("m1")
    with pytest.raises(NotFound):
        artifacts.fetch("m1", tmp_path / "again")


def test_a_copy_that_is_cut_short_leaves_the_one_before(settings: Settings, tmp_path: Path) -> None:
    place = tmp_path / "copies"
    folder, artifacts = a_model(settings), ArtifactStore(place.as_uri())
    artifacts.keep(folder, "m1")
    before = contents(folder)
    (folder / "training.log").write_text("new text\n")
    # The new file arrives, the index does not: its place cannot be written.
    index = (place / "m1" / "index.json").read_bytes()
    (place / "m1" / "index.json").unlink()
    (place / "m1" / "index.json").mkdir()
    with pytest.raises(StorageFailed):
        artifacts.keep(folder, "m1")
    (place / "m1" / "index.json").rmdir()
    (place / "m1" / "index.json").write_bytes(index)
    artifacts.fetch("m1", tmp_path / "back")
    assert contents(tmp_path / "back") == before


def test_a_damaged_copy_is_refused_and_leaves_nothing(settings: Settings, tmp_path: Path) -> None:
    place = tmp_path / "copies"
    folder, artifacts = a_model(settings), ArtifactStore(place.as_uri())
    artifacts.keep(folder, "m1")
    file = next(path for path in (place / "m1").iterdir() if path.name != "index.json")
    file.write_bytes(file.read_bytes() + b"x")
    with pytest.raises(StorageFailed, match="is damaged"):
        artifacts.fetch("m1", tmp_path / "back")
    assert not (tmp_path / "back").exists()
    assert not list(tmp_path.glob(".new-*"))
    (place / "m1" / "index.json").write_text("{}")
    with pytest.raises(StorageFailed, match="is damaged"):
        artifacts.fetch("m1", tmp_path / "back")


def test_a_store_that_does_not_answer_is_a_sentence(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(InvalidInput, match="s3://bucket/prefix"):
        ArtifactStore("nonsense")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "x")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "topsecret")
    with pytest.raises(StorageFailed, match="could not be used") as error:
        ArtifactStore("s3://nowhere/x").has("m1")
    assert "topsecret" not in str(error.value)


def test_a_training_goes_on_from_its_copy_when_the_disk_was_lost(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RACECRAFT_ARTIFACTS_URL", url)
    server = Server(tmp_path / "home")
    server.start()
    try:
        made = make(server, "mine")
        job = server.wait(made["job"]["id"], "COMPLETED", "FAILED", patience_s=180)
        assert (job["status"], "copy" in job["message"]) == ("COMPLETED", False), job
        model_id, folder = made["model"]["id"], server.home / "models" / "mine"
        before = contents(folder)
        server.end()
        shutil.rmtree(folder)
        server.start()
        assert server.ask("GET", f"models/{model_id}")["status"] == "READY"
        assert contents(folder) == before
        again = server.ask("POST", f"models/{model_id}/train", stop={"env_steps": 64 * 13})
        job = server.wait(again["id"], "COMPLETED", "FAILED", patience_s=180)
        assert job["status"] == "COMPLETED", job
        assert iterations(server, model_id) == list(range(13))
    finally:
        server.end()


def test_a_folder_that_is_gone_comes_back_from_its_copy(
    url: str, settings: Settings, store: Store
) -> None:
    settings = settings.model_copy(update={"artifacts_url": url})
    folder = a_model(settings)
    old_s = folder.stat().st_mtime - 60
    os.utime(folder, (old_s, old_s))
    reconcile(store, settings, "local")  # gives it a record and an id
    model_id = (folder / "record-id").read_text().strip()
    copier = ready_copier(settings, "car", model_id)
    assert copier.problem == ""
    before = contents(folder)
    assert fetch_missing(store, settings) == 0
    shutil.rmtree(folder)
    assert fetch_missing(store, settings) == 1
    assert contents(folder) == before
    shutil.rmtree(folder)
    ready_copier(settings, "car", model_id)  # a worker of another machine
    assert contents(folder) == before
    forget_copies(settings, [model_id])
    shutil.rmtree(folder)
    assert fetch_missing(store, settings) == 0
