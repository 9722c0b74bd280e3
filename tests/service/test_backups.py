"""Backups: saved while all goes on, restored record by record and byte for byte."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from racecraft.domain.errors import Conflict, InvalidInput, StorageFailed
from racecraft.service.access import Role
from racecraft.service.backups.contents import MANIFEST
from racecraft.service.backups.restoring import check_backup, restore_backup
from racecraft.service.backups.saving import save_backup
from racecraft.service.collection import change_model, delete_model
from racecraft.service.garage import Vehicle
from racecraft.service.locks import in_service
from racecraft.service.model_folders import mark_folder
from racecraft.service.model_records import Model
from racecraft.service.people.person import LOCAL_PERSON, local_actor
from racecraft.service.settings import Settings
from racecraft.service.signing import ready_key
from racecraft.service.store import Store, open_store
from racecraft.service.store.dumps import TableSum, copy_records, one_moment
from racecraft.service.store.tables import TABLES
from racecraft.service.upkeep import reconcile
from tests.service import dump
from tests.service.test_archives import a_model
from tests.service.test_store import RECORDS, vehicle

Contents = dict[str, tuple[bytes, int]]


def fill(settings: Settings, store: Store) -> Model:
    """Records of every kind, two models of ours (one deleted), one of somebody else, a key."""
    with store.work() as work:
        for record in dump.samples(RECORDS):
            work.add(record)
        for k in range(600):  # more than are in memory at a time
            work.add(vehicle(f"car-{k}", owner="sömebody", created_at_s=k / 7))
    folder = a_model(settings)
    made = Model(owner_id=LOCAL_PERSON, name="car", created_at_s=1e9 / 3)
    gone = Model(owner_id=LOCAL_PERSON, name="old", created_at_s=2e9 / 3)
    with store.work() as work:
        work.add(made)
        work.add(gone)
    mark_folder(folder, made.id)
    mark_folder(a_model(settings, "old"), gone.id)
    delete_model(store, settings, local_actor(store), gone.id)
    a_model(settings.of("a" * 20), "theirs")
    settings.tracks.mkdir(parents=True)
    (settings.tracks / "mine.npy").write_bytes(b"\x93NUMPY")
    ready_key(settings)
    return made


def sums(store: Store) -> tuple[TableSum, ...]:
    with one_moment(store) as then:
        return then.sums()


def contents(home: Path) -> Contents:
    """Every file but locks and the database, with its rights."""
    return {
        path.relative_to(home).as_posix(): (path.read_bytes(), path.stat().st_mode & 0o777)
        for path in home.rglob("*")
        if path.is_file()
        and path.name not in (".lock", ".serving")
        and not path.name.startswith("racecraft.db")
        and not path.relative_to(home).parts[0].startswith(".replaced")
    }


@contextmanager
def opened(settings: Settings) -> Iterator[Store]:
    store = open_store(settings)
    yield store
    store.close()


def elsewhere(settings: Settings, tmp_path: Path, **how: Any) -> Settings:
    return settings.model_copy(update={"home": tmp_path / "elsewhere", **how})


@pytest.fixture
def empty_database(postgres: str) -> str:
    import psycopg

    name = f"test_{uuid4().hex}"
    with psycopg.connect(f"{postgres}postgres", autocommit=True) as connection:
        connection.execute(f"create database {name}")
    return f"{postgres}{name}"


def test_a_restored_installation_is_the_same_record_by_record_and_byte_by_byte(
    database: Settings, either_store: Store, tmp_path: Path
) -> None:
    fill(database, either_store)
    before, kept = sums(either_store), contents(database.home)
    manifest = save_backup(either_store, database, tmp_path / "b")
    assert (tmp_path / "b").stat().st_mode & 0o077 == 0
    assert manifest.tables == before
    assert {table.name for table in before} == set(TABLES)
    assert manifest.gone == ("people/p/models/.trash/models-1",)  # a record without a folder
    # Into the same kind of database, which is emptied for it if it is PostgreSQL.
    again = elsewhere(database, tmp_path)
    restore_backup(again, tmp_path / "b", replaces=database.database_url is not None)
    with opened(again) as store:
        assert sums(store) == before
        with store.look() as work:
            assert work.count(Vehicle) == 601
    assert contents(again.home) == kept
    assert "signing-key.pem" in kept


def test_a_backup_of_one_kind_of_database_goes_into_the_other(
    settings: Settings, empty_database: str, tmp_path: Path
) -> None:
    with opened(settings) as store:
        fill(settings, store)
        before = sums(store)
        save_backup(store, settings, tmp_path / "b")
    with_postgres = elsewhere(settings, tmp_path, database_url=empty_database)
    restore_backup(with_postgres, tmp_path / "b")
    with opened(with_postgres) as store:
        assert sums(store) == before
        save_backup(store, with_postgres, tmp_path / "b2")
    back = settings.model_copy(update={"home": tmp_path / "third"})
    restore_backup(back, tmp_path / "b2")
    with opened(back) as store:
        assert sums(store) == before


def test_all_records_move_to_another_database_and_are_compared(
    settings: Settings, empty_database: str
) -> None:
    with opened(settings) as store:
        fill(settings, store)
        moved = copy_records(store, empty_database, replaces=False)
        assert moved == sums(store)
        with pytest.raises(Conflict, match="has records already"):
            copy_records(store, empty_database, replaces=False)
        assert copy_records(store, empty_database, replaces=True) == moved
    with opened(settings.model_copy(update={"database_url": empty_database})) as there:
        assert sums(there) == moved
        with there.work() as work:  # and they can be worked with
            work.put(work.find(Vehicle, limit=1)[0])


@pytest.mark.parametrize("version", ["0001", "0004"])
def test_a_backup_of_an_older_program_is_brought_to_the_newest_tables(
    database: Settings, version: str, tmp_path: Path
) -> None:
    old = tmp_path / "old"
    old.mkdir()
    dump.load_sqlite(version, old / "racecraft.db")
    _save_as(version, old, tmp_path / "b")
    restore_backup(database, tmp_path / "b")
    wanted = json.loads((dump.FOLDER / f"{version}.json").read_text())
    with opened(database) as store, store.look() as work:
        for kind in (each for each in RECORDS if each.TABLE in wanted):
            assert work.get(kind, wanted[kind.TABLE]["id"]).version == 3


def _save_as(version: str, home: Path, file: Path) -> None:
    """A backup as the program of an older version wrote it."""
    from sqlalchemy import MetaData

    from racecraft.service.backups.contents import BackupManifest, member_of
    from racecraft.service.store.dumps import lines_of, sum_of
    from racecraft.service.store.engine import local_url, make_engine

    engine, tables = make_engine(local_url(home)), MetaData()
    with engine.connect() as connection, zipfile.ZipFile(file, "w") as archive:
        tables.reflect(connection)
        rows = {
            name: list(lines_of(connection, table))
            for name, table in tables.tables.items()
            if name != "alembic_version"
        }
        manifest = BackupManifest(
            racecraft="0",
            tables_version=version,
            database="sqlite",
            made_at_s=1.0,
            tables=tuple(sum_of(name, lines) for name, lines in rows.items()),
            files=(),
        )
        for name, lines in rows.items():
            archive.writestr(member_of(name), b"".join(lines))
        archive.writestr(MANIFEST, manifest.model_dump_json())
    engine.dispose()


def test_a_backup_is_of_one_moment_though_others_go_on_writing(
    database: Settings, either_store: Store, tmp_path: Path
) -> None:
    # Whoever writes adds a pair at a time; half a pair, or files without their record, would show.
    ends = threading.Event()

    def write() -> None:
        k = 0
        while not ends.is_set():
            with either_store.work() as work:
                work.add(vehicle(f"left-{k}"))
                work.add(vehicle(f"right-{k}"))
            k += 1

    made = fill(database, either_store)
    writer = threading.Thread(target=write)
    writer.start()
    try:
        manifests = [save_backup(either_store, database, tmp_path / f"b{k}") for k in range(3)]
    finally:
        ends.set()
        writer.join()
    counts = [next(t.rows for t in m.tables if t.name == "vehicles") for m in manifests]
    assert counts == sorted(counts)
    back = elsewhere(database, tmp_path)
    restore_backup(back, tmp_path / "b2", replaces=True)
    with opened(back) as store, store.look() as work:
        names = {v.name for v in work.find(Vehicle, owner_id="ann")}
        assert work.get(Model, made.id).name == "car"
    lefts = {name.removeprefix("left-") for name in names if name.startswith("left-")}
    assert lefts == {name.removeprefix("right-") for name in names if name.startswith("right-")}


def test_models_that_are_renamed_or_deleted_while_files_are_saved_are_where_records_say(
    settings: Settings, store: Store, tmp_path: Path
) -> None:
    made = {}
    for name in ("a", "b", "c"):
        model = Model(owner_id=LOCAL_PERSON, name=name)
        with store.work() as work:
            made[name] = work.add(model)
        mark_folder(a_model(settings, name), model.id)
    kept, actor = contents(settings.home), local_actor(store)

    def busy() -> float:
        # It is asked for the time between the records and the files.
        change_model(store, settings, actor, made["a"].id, {"name": "z"})
        delete_model(store, settings, actor, made["b"].id)
        return store.now_s()

    manifest = save_backup(Store(store.engine, busy), settings, tmp_path / "b")
    assert manifest.gone == ()
    again = elsewhere(settings, tmp_path)
    restore_backup(again, tmp_path / "b")
    found = contents(again.home)
    assert b'"z"' in found.pop("models/a/model.json")[0]  # it told its new name already
    del kept["models/a/model.json"]
    assert found == kept
    with opened(again) as back:
        reconcile(back, again, LOCAL_PERSON)
        with back.look() as work:
            problems = {m.name: m.problem for m in work.find(Model, deleted_at_s=None)}
    assert problems == {"a": "", "b": "", "c": ""}


_SAVING = """
import sys, numpy as np
from pathlib import Path
from racecraft.training.checkpoint import save_state

k = 0
while True:
    save_state(Path(sys.argv[1]), {"of": np.full(20_000, k, dtype=np.int64)}, {"iteration": k})
    Path(sys.argv[2]).touch()
    k += 1
"""


def test_the_state_of_a_training_is_saved_whole_while_it_is_replaced(
    settings: Settings, store: Store, tmp_path: Path
) -> None:
    folder, has_begun = a_model(settings), tmp_path / "begun"
    with subprocess.Popen([sys.executable, "-c", _SAVING, str(folder), str(has_begun)]) as trainer:
        try:
            while trainer.poll() is None and not has_begun.exists():
                time.sleep(0.05)
            for k in range(5):
                save_backup(store, settings, tmp_path / f"b{k}")
            assert trainer.poll() is None, "it saved all the while"
        finally:
            trainer.kill()
    from safetensors.numpy import load_file

    for k in range(5):
        again = settings.model_copy(update={"home": tmp_path / f"home{k}"})
        restore_backup(again, tmp_path / f"b{k}")
        state = again.models / "car" / "checkpoints" / "state"
        iteration = json.loads((state / "checkpoint.json").read_text())["iteration"]
        assert set(load_file(state / "state.safetensors")["of"]) == {iteration}


def test_a_place_with_something_in_it_is_left_alone_unless_told(
    settings: Settings, store: Store, tmp_path: Path
) -> None:
    fill(settings, store)
    save_backup(store, settings, tmp_path / "b")
    before, kept = sums(store), contents(settings.home)
    with pytest.raises(Conflict, match="is not empty"):
        restore_backup(settings, tmp_path / "b")
    with in_service(settings.home), pytest.raises(Conflict, match="A service runs on"):
        restore_backup(settings, tmp_path / "b", replaces=True)
    (settings.tracks / "new.npy").write_bytes(b"new")
    with store.work() as work:
        work.add(vehicle("new"))
    store.close()
    restored = restore_backup(settings, tmp_path / "b", replaces=True)
    assert contents(settings.home) == kept
    assert restored.aside is not None
    assert (restored.aside / "tracks" / "new.npy").read_bytes() == b"new"
    with opened(settings.model_copy(update={"home": restored.aside})) as old, old.look() as work:
        assert work.count(Vehicle, name_key="new") == 1
    with opened(settings) as store:
        assert sums(store) == before


def test_a_backup_is_not_written_over_another_nor_into_what_it_saves(
    settings: Settings, store: Store, tmp_path: Path
) -> None:
    (tmp_path / "b").write_text("mine")
    with pytest.raises(Conflict, match="already"):
        save_backup(store, settings, tmp_path / "b")
    assert (tmp_path / "b").read_text() == "mine"
    with pytest.raises(Conflict, match="be lost with it"):
        save_backup(store, settings, settings.home / "b")
    with pytest.raises(StorageFailed):
        save_backup(store, settings, tmp_path / "nowhere" / "b")


@pytest.mark.parametrize("member", ["files/00000000", "records/vehicles.jsonl", MANIFEST])
def test_a_damaged_backup_changes_nothing(
    database: Settings, either_store: Store, tmp_path: Path, member: str
) -> None:
    fill(database, either_store)
    save_backup(either_store, database, tmp_path / "b")
    check_backup(tmp_path / "b")
    bad = tmp_path / "bad"
    with zipfile.ZipFile(tmp_path / "b") as old, zipfile.ZipFile(bad, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            new.writestr(name, bytes([data[0] ^ 1]) + data[1:] if name == member else data)
    before, kept = sums(either_store), contents(database.home)
    with pytest.raises((InvalidInput, StorageFailed)):
        check_backup(bad)
    with pytest.raises((InvalidInput, StorageFailed)):
        restore_backup(database, bad, replaces=True)
    assert sums(either_store) == before
    assert contents(database.home) == kept
    assert not list(database.home.glob(".re*"))


@pytest.mark.parametrize("data", [b"", b"no archive", b"PK\x05\x06" + bytes(18)])
def test_what_is_no_backup_is_a_sentence(settings: Settings, tmp_path: Path, data: bytes) -> None:
    (tmp_path / "b").write_bytes(data)
    with pytest.raises(InvalidInput, match=r"damaged|no whole backup"):
        restore_backup(settings, tmp_path / "b")


def test_a_backup_cannot_name_files_outside_the_home_folder(
    settings: Settings, store: Store, tmp_path: Path
) -> None:
    fill(settings, store)
    save_backup(store, settings, tmp_path / "b")
    for path in ("../evil", "/tmp/evil", "racecraft.db", "models/.lock/x"):
        bad = tmp_path / f"bad-{uuid4().hex}"
        with zipfile.ZipFile(tmp_path / "b") as old, zipfile.ZipFile(bad, "w") as new:
            for name in old.namelist():
                data = old.read(name)
                if name == MANIFEST:
                    plain = json.loads(data)
                    plain["files"][0]["path"] = path
                    data = json.dumps(plain).encode()
                new.writestr(name, data)
        with pytest.raises(InvalidInput, match="damaged"):
            restore_backup(elsewhere(settings, tmp_path), bad)
        assert not list((tmp_path / "elsewhere").glob("[!.]*"))


def test_roles_and_rights_are_the_same_after_a_restore(
    settings: Settings, store: Store, tmp_path: Path
) -> None:
    from racecraft.service.people.invitations import invite
    from racecraft.service.people.registration import register
    from racecraft.service.people.sign_in import sign_in

    code = invite(store, local_actor(store), role=Role.ORGANISER).code
    register(store, name="Ada", password="correct horse", invitation=code, address="a")
    save_backup(store, settings, tmp_path / "b")
    again = elsewhere(settings, tmp_path)
    restore_backup(again, tmp_path / "b")
    with opened(again) as back:
        person, _ = sign_in(back, "Ada", "correct horse", address="b")
    assert person.role is Role.ORGANISER
