"""A home folder of its own for every test, and records in both kinds of databases."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import pytest

from racecraft.service.settings import Settings
from racecraft.service.store import Store, open_store
from racecraft.tracks.exchange import write_npy
from racecraft.tracks.library import load_track

PROGRAMS = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"))
_SERVER_USER = "postgres"


class Clock:
    """A time that goes on only when told."""

    def __init__(self) -> None:
        self.now_s = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Not made yet."""
    return tmp_path / "home"


@pytest.fixture
def track_file(tmp_path: Path) -> Path:
    path = tmp_path / "given" / "My_track-1.npy"
    write_npy(load_track("fox-hollow"), path)
    return path


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("RACECRAFT_HOME", str(tmp_path / "home"))
    return Settings()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(settings: Settings, clock: Clock) -> Iterator[Store]:
    opened = open_store(settings, clock=clock)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """URL of the server of this test run, ending where a database's name begins."""
    if not PROGRAMS:
        reason = "PostgreSQL is not installed (Debian: apt-get install postgresql)"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    with postgres_server() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, settings: Settings) -> Settings:
    """Settings for an empty database of each kind."""
    if request.param == "sqlite":
        return settings
    import psycopg

    server, name = request.getfixturevalue("postgres"), f"test_{uuid4().hex}"
    with psycopg.connect(f"{server}postgres", autocommit=True) as connection:
        connection.execute(f"create database {name}")
    return settings.model_copy(update={"database_url": f"{server}{name}"})


@pytest.fixture
def either_store(database: Settings, clock: Clock) -> Iterator[Store]:
    opened = open_store(database, clock=clock)
    yield opened
    opened.close()


@contextmanager
def postgres_server() -> Iterator[str]:
    """A PostgreSQL server that listens at a socket in a folder of its own."""
    programs = PROGRAMS[-1].parent
    folder = Path(tempfile.mkdtemp(prefix="racecraft-pg-"))
    as_user = {"user": _SERVER_USER, "group": _SERVER_USER} if os.geteuid() == 0 else {}
    if as_user:
        shutil.chown(folder, **as_user)  # the server refuses to run as root

    def run(*words: str) -> None:
        subprocess.run(words, check=True, capture_output=True, cwd=folder, **as_user)

    options = f"-c listen_addresses='' -c unix_socket_directories={folder} -c fsync=off"
    try:
        run(str(programs / "initdb"), "-A", "trust", "-U", "racecraft", "-D", str(folder / "data"))
        run(
            *(str(programs / "pg_ctl"), "-w", "-D", str(folder / "data")),
            *("-l", str(folder / "log"), "-o", options, "start"),
        )
        yield f"postgresql://racecraft@/?host={folder}&dbname="
    finally:
        subprocess.run(
            [str(programs / "pg_ctl"), "-m", "immediate", "-D", str(folder / "data"), "stop"],
            check=False,
            capture_output=True,
            cwd=folder,
            **as_user,
        )
        shutil.rmtree(folder, ignore_errors=True)


def kept(home: Path) -> list[str]:
    """Every file under the home folder, hidden ones too."""
    return sorted(path.relative_to(home).as_posix() for path in home.rglob("*") if path.is_file())
