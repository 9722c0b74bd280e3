"""Models as archives: out and in again exactly, and nothing from somebody who means harm."""

from __future__ import annotations

import hashlib
import io
import json
import os
import stat
import struct
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as effort
from hypothesis import strategies as st
from safetensors.numpy import save

from racecraft.domain.errors import Conflict, InvalidInput, NotFound, RacecraftError
from racecraft.domain.spec import ModelSpec, TrackChoice, TrainingSpec
from racecraft.service import models
from racecraft.service.archives.export import export_model
from racecraft.service.archives.importing import check_archive, report_of, unpack_archive
from racecraft.service.archives.layout import files_of, rule_of
from racecraft.service.locks import locked
from racecraft.service.model_folders import mark_folder
from racecraft.service.settings import Settings

REWARD = "def reward_function(params):\n    return 1.0\n"
STAMP = "20260131120000"
Change = Callable[[dict[str, bytes]], None]


def a_model(settings: Settings, name: str = "car") -> Path:
    """A model folder with one file of every kind, as a training and an evaluation leave them."""
    training = TrainingSpec(tracks=(TrackChoice(name="pebble-oval"),))
    folder = models.create_model(settings, ModelSpec(name=name), training, reward_source=REWARD)
    reports = [{"iteration": i, "best_iteration": 0} for i in range(2)]
    weights = save({"head.weight": np.arange(12, dtype=np.float32).reshape(3, 4)})
    files: dict[str, bytes] = {
        "progress.jsonl": "".join(json.dumps(report) + "\n" for report in reports).encode(),
        "training.log": "it started — and ended\n".encode(),
        "reward-graph.png": b"\x89PNG\r\n\x1a\n...",
        "replay.mp4": b"\0\0\0\x18ftypmp42",
        "model/model_metadata.json": b'{"version": "6"}',
        "metrics/TrainingMetrics.json": b'{"metrics": []}',
        f"metrics/evaluation/evaluation-{STAMP}.json": b'{"metrics": []}',
        f"evaluation-{STAMP}/evaluation-simtrace/0-iteration.csv": b"episode,steps\n",
        f"evaluation-{STAMP}/objects.safetensors": weights,
        "training-simtrace/0-iteration.csv": b"episode,steps\n",
        "checkpoints/state/state.safetensors": weights,
        "checkpoints/state/checkpoint.json": b"{}",
    }
    for iteration in range(2):
        files[f"checkpoints/{iteration}/policy.safetensors"] = weights
        files[f"checkpoints/{iteration}/checkpoint.json"] = b'{"iteration": NaN}'
    for path, data in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    return folder


def exported(folder: Path, path: Path, **how: Any) -> Path:
    path.write_bytes(b"".join(export_model(folder, **how)))
    return path


def imported(settings: Settings, path: Path, name: str | None = None) -> Path:
    return unpack_archive(settings, path, check_archive(path), name=name)


def contents(folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in files_of(folder)}


@pytest.fixture
def archive(settings: Settings, tmp_path: Path) -> Path:
    return exported(a_model(settings), tmp_path / "car.zip")


@pytest.fixture
def elsewhere(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "elsewhere")


def rebuilt(archive: Path, change: Change, **how: Any) -> Path:
    """The same archive with other files, under a list that is true of them."""
    with zipfile.ZipFile(archive) as source:
        files = {name: source.read(name) for name in source.namelist()}
    manifest = json.loads(files.pop("manifest.json"))
    change(files)
    given = files.pop("manifest.json", None)
    manifest["files"] = [
        {"path": name, "size": len(data), "sha256": hashlib.sha256(data).hexdigest()}
        for name, data in files.items()
    ]
    if given is not None:
        manifest |= json.loads(given)
    target = archive.with_name("changed.zip")
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as changed:
        changed.writestr("manifest.json", json.dumps(manifest))
        for name, data in files.items():
            changed.writestr(how.get("infos", {}).get(name, name), data)
    return target


def put(name: str, data: bytes) -> Change:
    def change(files: dict[str, bytes]) -> None:
        files[name] = data

    return change


def drop(name: str) -> Change:
    def change(files: dict[str, bytes]) -> None:
        del files[name]

    return change


def test_a_model_comes_back_byte_for_byte(
    settings: Settings, archive: Path, elsewhere: Settings
) -> None:
    source = settings.models / "car"
    checked = check_archive(archive)
    folder = unpack_archive(elsewhere, archive, checked)
    assert folder == elsewhere.models / "car"
    assert contents(folder) == contents(source)
    assert len(contents(folder)) == 19
    report = report_of(elsewhere, checked, folder)
    assert (report.checkpoints, report.can_go_on, report.evaluations) == ([0, 1], True, 1)
    assert report.notes == []
    assert models.load_model(folder) == models.load_model(source)
    again = exported(folder, archive.with_name("again.zip"))
    assert again.read_bytes() == archive.read_bytes()


def test_only_files_of_a_model_leave_the_house(settings: Settings, tmp_path: Path) -> None:
    folder = a_model(settings)
    mark_folder(folder, "secret-id")
    (folder / "notes.txt").write_text("mine")
    (folder / "checkpoints" / "0" / "old.pkl").write_bytes(b"\x80\x04.")
    (folder / "training.log").unlink()
    (folder / "training.log").symlink_to("/etc/passwd")
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "policy.safetensors").write_bytes(b"secret")
    (folder / "initial").symlink_to(outside)
    with zipfile.ZipFile(exported(folder, tmp_path / "a.zip")) as archive:
        names = set(archive.namelist())
    assert all(name == "manifest.json" or rule_of(name) for name in names)
    assert not names & {"record-id", "notes.txt", "training.log", "initial/policy.safetensors"}


def test_checkpoints_are_chosen(settings: Settings, tmp_path: Path, elsewhere: Settings) -> None:
    folder = a_model(settings)
    path = exported(folder, tmp_path / "a.zip", checkpoints="best", has_state=False)
    checked = check_archive(path)
    report = report_of(elsewhere, checked, unpack_archive(elsewhere, path, checked))
    assert report.checkpoints == [0]
    assert not report.can_go_on
    assert "train a clone" in report.notes[0]
    with pytest.raises(NotFound, match="has no checkpoint 9"):
        export_model(folder, checkpoints="9")


def test_a_model_that_is_in_use_is_not_exported(settings: Settings) -> None:
    folder = a_model(settings)
    with locked(folder, "TRAINING"), pytest.raises(Conflict, match="in use: TRAINING"):
        export_model(folder)


def test_a_taken_name_gives_way_or_is_refused(settings: Settings, archive: Path) -> None:
    checked = check_archive(archive)
    folder = unpack_archive(settings, archive, checked)
    assert folder.name == "car-2"
    assert "because the other name is taken" in report_of(settings, checked, folder).notes[0]
    with pytest.raises(Conflict, match="choose another name"):
        imported(settings, archive, "car")
    assert imported(settings, archive, "other").name == "other"


def test_a_track_that_is_not_here_is_told(archive: Path, elsewhere: Settings) -> None:
    training = TrainingSpec(tracks=(TrackChoice(name="my-yard"),)).model_dump_json().encode()
    path = rebuilt(archive, put("training.json", training))
    checked = check_archive(path)
    notes = report_of(elsewhere, checked, unpack_archive(elsewhere, path, checked)).notes
    assert "The track my-yard is not here" in notes[0]


def refused(path: Path, settings: Settings, match: str = "archive") -> None:
    with pytest.raises(InvalidInput, match=match) as error:
        imported(settings, path)
    assert str(error.value).endswith(".")
    assert not settings.models.exists()


NESTED = b"[" * 200_000 + b"]" * 200_000
PICKLE = b"\x80\x04\x95\x0e\x00\x00\x00\x00\x00\x00\x00\x8c\x02os\x94."
HUGE_HEADER = struct.pack("<Q", 2**62) + b"{}"
WRONG_SHAPE = b'{"a":{"dtype":"F32","shape":[9],"data_offsets":[0,4]}}'


@pytest.mark.parametrize(
    ("change", "match"),
    [
        (put("../outside.txt", b"x"), "no plain path"),
        (put("/etc/passwd", b"x"), "no plain path"),
        (put("checkpoints/../../x", b"x"), "no plain path"),
        (put("C:\\x", b"x"), "no plain path"),
        (put("a//b", b"x"), "no plain path"),
        (put(".hidden", b"x"), "no plain path"),
        (put("n" * 200, b"x"), "no plain path"),
        (put("MODEL.JSON", b"{}"), "in it twice"),
        (put("notes.txt", b"x"), "no file of a model"),
        (put("record-id", b"x"), "no file of a model"),
        (put("checkpoints/0/policy.pkl", PICKLE), "no file of a model"),
        (put("checkpoints/00/policy.safetensors", b"x"), "no file of a model"),
        (put("checkpoints/0/policy.safetensors", PICKLE), "checkpoints/0/policy.safetensors"),
        (put("checkpoints/0/policy.safetensors", b""), "ends within its header"),
        (put("checkpoints/0/policy.safetensors", HUGE_HEADER), "header is longer"),
        (
            put(
                "checkpoints/0/policy.safetensors",
                struct.pack("<Q", len(WRONG_SHAPE)) + WRONG_SHAPE + b"1234",
            ),
            "described wrongly",
        ),
        (put("checkpoints/7/policy.safetensors", b"x"), "checkpoints/7/checkpoint.json is missing"),
        (put("checkpoints/7/checkpoint.json", b"{}"), "checkpoints/7/policy.safetensors is miss"),
        (drop("model.json"), "model.json is missing"),
        (drop("reward_function.py"), "reward_function.py is missing"),
        (put("model.json", b"{"), "it is not JSON"),
        (put("model.json", NESTED), "it is not JSON"),
        (put("model.json", b'{"network": "HUGE"}'), "network"),
        (put("model.json", b" " * 1_000_001), "at most"),
        (put("training.json", b'{"tracks": [{"name": "/etc/passwd"}]}'), "give the name of"),
        (put("training.json", b'{"surplus": 1}'), "surplus"),
        (put("reward_function.py", b"\xff"), "not UTF-8"),
        (put("reward_function.py", b"#" * 100_001), "100001 characters"),
        (put("progress.jsonl", b"[]\n"), "no report"),
        (put("progress.jsonl", b'{"iteration": "0", "best_iteration": 0}'), "no report"),
        (put("progress.jsonl", b'{"iteration": 1, "best_iteration": 0}\n' * 2), "not in order"),
        (put("progress.jsonl", NESTED), "it is not JSON"),
        (put("checkpoints/0/checkpoint.json", b"[1]"), "holds no table"),
        (put("training.log", b"\0" * 100), "no text"),
        (put("reward-graph.png", b"<svg onload='x'>"), "no picture"),
        (put("replay.mp4", b"<html>"), "no film"),
        (put("manifest.json", b'{"format": "other"}'), "manifest.json does not fit"),
        (put("manifest.json", b'{"version": 2}'), "newer version of racecraft"),
        (put("manifest.json", b'{"name": "../up"}'), "manifest.json does not fit"),
        (put("manifest.json", b'{"files": []}'), "not in its list"),
        (put("training.log", b"a" * 50_000_000), "unpack"),
    ],
)
def test_what_does_not_belong_into_a_model_is_refused(
    archive: Path, elsewhere: Settings, change: Change, match: str
) -> None:
    refused(rebuilt(archive, change), elsewhere, match)


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFDIR, stat.S_IFIFO, stat.S_IFCHR])
def test_links_and_devices_are_refused(archive: Path, elsewhere: Settings, kind: int) -> None:
    info = zipfile.ZipInfo("training.log")
    info.external_attr = (kind | 0o777) << 16
    path = rebuilt(archive, put("training.log", b"/etc/passwd"), infos={"training.log": info})
    refused(path, elsewhere, "not a plain file")


def test_a_file_in_it_twice_is_refused(archive: Path, elsewhere: Settings) -> None:
    with zipfile.ZipFile(archive, "a") as changed, pytest.warns(UserWarning, match="Duplicate"):
        changed.writestr("model.json", b"{}")
    refused(archive, elsewhere, "in it twice")


def test_other_bytes_than_promised_are_refused(archive: Path, elsewhere: Settings) -> None:
    with zipfile.ZipFile(archive) as source:
        files = {name: source.read(name) for name in source.namelist()}
    for other in (REWARD.replace("1.0", "2.0"), REWARD + "#"):
        files["reward_function.py"] = other.encode()
        path = archive.with_name("changed.zip")
        with zipfile.ZipFile(path, "w") as changed:
            for name, data in files.items():
                changed.writestr(name, data)
        refused(path, elsewhere, "reward_function.py (is not what|has)")


def test_an_archive_of_too_many_files_is_refused_unread(
    tmp_path: Path, elsewhere: Settings
) -> None:
    path = tmp_path / "many.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(20_002):
            archive.writestr(f"training-simtrace/{number}-iteration.csv", b"")
    refused(path, elsewhere, "20002 files")


def test_a_directory_that_lies_about_itself_is_refused(archive: Path, elsewhere: Settings) -> None:
    whole = archive.read_bytes()
    at = whole.rindex(b"PK\x05\x06")
    for changed in (
        whole[:-1],
        whole + b"x",
        b"MZ" + whole,
        whole[:at] + whole[at:].replace(b"PK\x05\x06\0\0", b"PK\x05\x06\1\0"),
        whole[: at + 8] + struct.pack("<HH", 1, 1) + whole[at + 12 :],
        whole[: at + 12] + struct.pack("<L", 2**32 - 1) + whole[at + 16 :],
        b"PK\x05\x06" + bytes(18),
        b"",
        b"not a zip file",
        bytes(1_000_000),
    ):
        archive.write_bytes(changed)
        refused(archive, elsewhere)


def test_a_file_that_says_it_is_smaller_than_it_is_is_refused(
    archive: Path, elsewhere: Settings
) -> None:
    whole = bytearray(archive.read_bytes())
    with zipfile.ZipFile(io.BytesIO(bytes(whole))) as source:
        info = source.getinfo("training.log")
    at = whole.rindex(b"training.log") - 46
    assert whole[at : at + 4] == b"PK\x01\x02"
    struct.pack_into("<L", whole, at + 24, info.file_size - 5)
    archive.write_bytes(bytes(whole))
    refused(archive, elsewhere)


_FUZZED: dict[str, bytes] = {}


def _valid(settings: Settings, path: Path) -> bytes:
    if "archive" not in _FUZZED:
        _FUZZED["archive"] = exported(a_model(settings), path / "f.zip").read_bytes()
    return _FUZZED["archive"]


@given(data=st.data())
@effort(
    max_examples=150,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_a_damaged_archive_is_a_whole_model_or_a_sentence(
    data: st.DataObject, settings: Settings, tmp_path: Path
) -> None:
    whole = bytearray(_valid(settings, tmp_path))
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(whole) - 1))
        kind = data.draw(st.sampled_from(["flip", "cut", "insert", "number"]))
        if kind == "flip":
            whole[at] ^= 1 << data.draw(st.integers(0, 7))
        elif kind == "cut":
            del whole[at : at + data.draw(st.integers(1, 64))]
        elif kind == "insert":
            whole[at:at] = data.draw(st.binary(min_size=1, max_size=32))
        elif at + 4 <= len(whole):
            struct.pack_into("<L", whole, at, data.draw(st.sampled_from([0, 1, 2**31, 2**32 - 1])))
        if not whole:
            break
    path = tmp_path / "fuzzed.zip"
    path.write_bytes(bytes(whole))
    with tempfile.TemporaryDirectory() as place:
        home = Settings(home=Path(place))
        try:
            folder = imported(home, path)
        except RacecraftError:
            assert not home.models.exists() or os.listdir(home.models) == []
            return
        models.load_model(folder)
        models.load_training(folder)


@given(st.binary(max_size=600))
@effort(max_examples=100, deadline=None, derandomize=True)
def test_weights_that_are_no_weights_are_a_sentence(data: bytes) -> None:
    from racecraft.service.archives.contents import check_weights

    try:
        check_weights("x", [data], len(data))
    except RacecraftError:
        return
    from safetensors.numpy import load

    load(data)
