"""Records: kept, found, changed by one at a time, in both kinds of databases."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine, text

from racecraft.domain.errors import Conflict, InvalidInput, NotFound, StorageFailed
from racecraft.domain.job import JobKind, JobStatus
from racecraft.service.course.learner import Learner
from racecraft.service.drafts import Draft
from racecraft.service.events.event import Attendant, Event
from racecraft.service.garage import Vehicle
from racecraft.service.instance import Instance
from racecraft.service.jobs.job import Job, Lease
from racecraft.service.jobs.nodes import Node, WorkerToken
from racecraft.service.jobs.quotas import Charge
from racecraft.service.log_records import LogUpload
from racecraft.service.model_records import Model
from racecraft.service.people.api_tokens import ApiToken
from racecraft.service.people.attempts import SignInFailure
from racecraft.service.people.credentials import Credentials
from racecraft.service.people.invitations import Invitation
from racecraft.service.people.person import Person
from racecraft.service.people.sessions import Session
from racecraft.service.races.live.records import Heat, Show
from racecraft.service.races.race import Entrant, Race, Submission
from racecraft.service.races.screens.record import Screen
from racecraft.service.seasons.season import Season
from racecraft.service.settings import Settings
from racecraft.service.store import Above, Below, Contains, Record, Store, Work, open_store
from racecraft.service.store.tables import METADATA, TABLES
from racecraft.service.store.upgrade import FOLDER, NEWEST, known_versions, stamp
from tests.service import dump

RECORDS: list[type[Record]] = [
    Person,
    Session,
    Credentials,
    ApiToken,
    Invitation,
    SignInFailure,
    Vehicle,
    Model,
    Job,
    Lease,
    Charge,
    Instance,
    Race,
    Entrant,
    Submission,
    Screen,
    Show,
    Heat,
    Event,
    Attendant,
    Season,
    Draft,
    Node,
    WorkerToken,
    Learner,
    LogUpload,
]


def vehicle(name: str, owner: str = "ann", **fields: object) -> Vehicle:
    return Vehicle.model_validate(
        {"owner_id": owner, "name": name, "name_key": name.casefold(), **fields}
    )


def test_a_record_comes_back_as_it_was(either_store: Store) -> None:
    made = vehicle("Fast-One", colour="red", shell="wedge")
    with either_store.work() as work:
        work.add(made)
    with either_store.look() as work:
        assert work.get(Vehicle, made.id) == made


def test_nothing_is_kept_when_the_work_fails_in_between(either_store: Store) -> None:
    def break_down(work: Work) -> None:
        work.add(vehicle("a"))
        raise RuntimeError

    with pytest.raises(RuntimeError), either_store.work() as work:
        break_down(work)
    with either_store.look() as work:
        assert work.count(Vehicle) == 0


def test_what_must_be_unique_is_refused_and_the_work_can_go_on(either_store: Store) -> None:
    with either_store.work() as work:
        work.add(vehicle("Twin"))
        with pytest.raises(Conflict, match="another name"):
            work.add(vehicle("tWIN"))
        work.add(vehicle("Twin", owner="bob"))
    with either_store.look() as work:
        assert work.count(Vehicle) == 2


def test_two_who_change_a_record_at_once_are_told_apart(either_store: Store) -> None:
    with either_store.work() as work:
        first = work.add(vehicle("a"))
    with either_store.work() as work:
        newer = work.put(first.model_copy(update={"name": "b", "name_key": "b"}))
    assert newer.version == first.version + 1
    with pytest.raises(Conflict, match="somebody else"), either_store.work() as work:
        work.put(first.model_copy(update={"name": "c"}))


def test_an_unknown_id_is_a_sentence(either_store: Store) -> None:
    with either_store.look() as work, pytest.raises(NotFound, match="no vehicle with the id 'x'"):
        work.get(Vehicle, "x")


def test_records_are_found_in_order_and_page_by_page(either_store: Store) -> None:
    with either_store.work() as work:
        for k in range(5):
            work.add(vehicle(f"v{k}", created_at_s=float(k)))
    with either_store.look() as work:
        names = [v.name for v in work.find(Vehicle, order="-created_at_s", limit=2, offset=1)]
        middle = work.find(Vehicle, created_at_s=Above(2.0))
        early = work.find(Vehicle, created_at_s=Below(1.0))
    assert names == ["v3", "v2"]
    assert [v.name for v in middle] == ["v3", "v4"]
    assert [v.name for v in early] == ["v0"]


def test_a_search_takes_percent_signs_and_underscores_as_they_are(either_store: Store) -> None:
    with either_store.work() as work:
        work.add(vehicle("a_b"))
        work.add(vehicle("axb"))
    with either_store.look() as work:
        assert [v.name for v in work.find(Vehicle, name_key=Contains("A_B"))] == ["a_b"]
        assert work.find(Vehicle, name_key=Contains("%")) == []


def test_a_model_never_has_two_jobs_under_way(either_store: Store) -> None:
    def job(status: JobStatus) -> Job:
        return Job(
            owner_id="ann",
            model_id="m",
            kind=JobKind.TRAINING,
            status=status,
            model_name="m",
            planned_s=60.0,
        )

    with either_store.work() as work:
        work.add(job(JobStatus.COMPLETED))
        work.add(job(JobStatus.QUEUED))
        with pytest.raises(Conflict):
            work.add(job(JobStatus.IN_PROGRESS))
        work.add(job(JobStatus.FAILED))


def test_writers_at_the_same_time_lose_nothing(either_store: Store) -> None:
    with either_store.work() as work:
        counter = work.add(Charge(owner_id="a", month="2026-11", job_id="j", compute_s=0.0))

    def add_many() -> None:
        for _ in range(20):
            with either_store.work() as work:
                work.alone("counter")
                now = work.get(Charge, counter.id)
                work.put(now.model_copy(update={"compute_s": now.compute_s + 1.0}))

    threads = [threading.Thread(target=add_many) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with either_store.look() as work:
        assert work.get(Charge, counter.id).compute_s == 80.0
        assert work.total(Charge, "compute_s", owner_id="a") == 80.0
        assert work.total(Charge, "compute_s", owner_id="b") == 0.0


def test_readers_do_not_wait_for_a_writer(either_store: Store) -> None:
    with either_store.work() as writing:
        writing.add(vehicle("new"))
        with either_store.look() as reading:
            assert reading.count(Vehicle) == 0


@pytest.mark.parametrize("kind", RECORDS, ids=lambda kind: kind.__name__)
def test_every_column_is_a_field_of_its_record(kind: type[Record]) -> None:
    columns = {column.name for column in TABLES[kind.TABLE].columns} - {"document"}
    assert columns <= set(kind.model_fields)


def test_every_table_but_the_kept_answers_has_a_record_here() -> None:
    assert {kind.TABLE for kind in RECORDS} == set(TABLES) - {"answers"}


def test_the_migrations_lead_to_the_tables_of_the_program(database: Settings) -> None:
    opened = open_store(database)
    with opened.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []
        assert stamp(connection) == NEWEST
    opened.close()


def test_records_of_every_version_survive_the_way_to_the_newest(database: Settings) -> None:
    from racecraft.service.store.engine import make_engine
    from racecraft.service.store.upgrade import migrate

    url = database.database_url or f"sqlite:///{database.home / 'racecraft.db'}"
    database.home.mkdir(parents=True, exist_ok=True)
    engine = make_engine(url)
    row = "insert into vehicles (id, version, created_at_s, owner_id, name_key, document) values "
    with engine.begin() as connection:
        migrate(connection, min(known_versions()))
        connection.execute(text(row + "('v', 0, 1.0, 'ann', 'old', '{\"name\": \"Old\"}')"))
    engine.dispose()
    opened = open_store(database)
    with opened.look() as work:
        assert work.get(Vehicle, "v").name == "Old"
    opened.close()


@pytest.mark.parametrize("version", sorted(known_versions()))
def test_a_database_of_every_version_comes_to_the_newest_with_all_its_records(
    database: Settings, version: str
) -> None:
    if database.database_url:
        dump.load_postgres(version, database.database_url)
    else:
        database.home.mkdir(parents=True)
        dump.load_sqlite(version, database.home / "racecraft.db")
    kept = json.loads((dump.FOLDER / f"{version}.json").read_text())
    opened = open_store(database)
    with opened.engine.connect() as connection:
        assert stamp(connection) == NEWEST
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []
    with opened.work() as work:
        for kind in (each for each in RECORDS if each.TABLE in kept):
            old, record = kept[kind.TABLE], work.get(kind, kept[kind.TABLE]["id"])
            assert within(old, record.model_dump(mode="json")) == old
            assert work.put(record).version == record.version + 1
    opened.close()


def within(old: Any, now: Any) -> Any:
    """What is there now of something that may have got more fields since."""
    if isinstance(old, dict) and isinstance(now, dict):
        return {name: within(old[name], now[name]) for name in old if name in now}
    return now


def test_races_of_before_drive_with_the_grip_of_before(database: Settings) -> None:
    if database.database_url:
        dump.load_postgres("0004", database.database_url)
    else:
        database.home.mkdir(parents=True)
        dump.load_sqlite("0004", database.home / "racecraft.db")
    opened = open_store(database)
    with opened.look() as work:
        assert [race.rules.grip_jitter for race in work.find(Race)] == [0.0]
    opened.close()


def test_the_newest_version_is_the_last_migration() -> None:
    assert max(known_versions()) == NEWEST
    assert all(file.suffix == ".py" for file in (FOLDER / "versions").glob("*_*"))


def test_tables_of_a_newer_program_are_left_alone(settings: Settings) -> None:
    open_store(settings).close()
    engine = create_engine(f"sqlite:///{settings.home / 'racecraft.db'}")
    with engine.begin() as connection:
        connection.execute(text("update alembic_version set version_num = '9999'"))
    engine.dispose()
    with pytest.raises(StorageFailed, match="tables of version 9999"):
        open_store(settings)


def test_a_database_that_is_no_database_is_a_sentence(settings: Settings) -> None:
    settings.home.mkdir(parents=True)
    (settings.home / "racecraft.db").write_text("this is not a database at all" * 100)
    with pytest.raises(StorageFailed, match="could not be used: file is not a database"):
        open_store(settings)


@pytest.mark.parametrize("url", ["mysql://host/name", "nonsense", "oracle:///x"])
def test_a_url_of_another_database_is_refused(settings: Settings, url: str) -> None:
    with pytest.raises(InvalidInput, match="write postgresql://"):
        open_store(settings.model_copy(update={"database_url": url}))


def test_a_server_that_is_not_there_is_a_sentence_without_the_password(settings: Settings) -> None:
    url = "postgresql://me:topsecret@127.0.0.1:1/name"
    with pytest.raises(StorageFailed, match="could not be used") as error:
        open_store(settings.model_copy(update={"database_url": url}))
    assert "topsecret" not in str(error.value)


def test_a_home_that_cannot_be_written_is_a_sentence(settings: Settings) -> None:
    Path(settings.home).parent.mkdir(parents=True, exist_ok=True)
    Path(settings.home).write_text("a file is in the way")
    with pytest.raises(StorageFailed):
        open_store(settings)
