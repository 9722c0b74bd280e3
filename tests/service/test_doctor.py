"""The doctor finds each trouble, made real where that is possible, and says what to do."""

from __future__ import annotations

import json
import os
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib import metadata
from pathlib import Path

import psutil
import pytest

from racecraft.sandbox.lockdown import Lock
from racecraft.service.doctor import Finding, Level, examine, machine, packages, storage
from racecraft.service.doctor.browsers import OLDEST, Browser, browser, newest, webgl
from racecraft.service.doctor.locks import isolation_found
from racecraft.service.doctor.port import free, others
from racecraft.service.doctor.records import database
from racecraft.service.settings import Settings
from racecraft.service.store import open_store
from racecraft.service.store.engine import make_engine
from racecraft.service.store.upgrade import NEWEST, migrate


def told(finding: Finding, level: Level, *words: str) -> None:
    """The finding has the level, whole sentences, and words in them; trouble has advice."""
    assert finding.level is level, finding
    assert finding.sentence.endswith(".")
    assert (finding.advice.endswith(".") and len(finding.advice) > 8) or level is Level.OK
    for word in words:
        assert word in f"{finding.sentence} {finding.advice}"


def test_a_sound_machine_has_nothing_to_be_put_right(tmp_path: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]

    findings = examine(Settings(home=tmp_path / "home"), port)

    assert [finding for finding in findings if finding.level is Level.BAD] == []
    assert len({finding.name for finding in findings}) == len(findings) > 15
    assert not (tmp_path / "home").exists()  # looking changes nothing


@pytest.mark.parametrize(
    ("version", "level"), [((3, 10, 4), Level.BAD), ((3, 11, 0), Level.OK), ((3, 14, 1), Level.OK)]
)
def test_an_old_python_is_told(version: tuple[int, ...], level: Level) -> None:
    told(machine.python(version), level, ".".join(str(part) for part in version))


@pytest.mark.parametrize(
    ("flags", "level", "word"),
    [
        ("fpu sse4_2", Level.WARN, "no AVX."),
        ("fpu avx", Level.WARN, "no AVX2"),
        ("fpu avx avx2", Level.OK, "neither AVX-512"),
        ("fpu avx2 avx512f amx_tile", Level.OK, "AVX-512, AMX"),
    ],
)
def test_what_the_processor_lacks_is_told(
    flags: str, level: Level, word: str, tmp_path: Path
) -> None:
    (tmp_path / "cpuinfo").write_text(f"processor : 0\nflags\t\t: {flags}\n")
    told(machine.processor(tmp_path / "cpuinfo"), level, word)


def test_a_processor_that_tells_nothing_is_no_trouble(tmp_path: Path) -> None:
    told(machine.processor(tmp_path / "nothing"), Level.OK, "not known")


def test_little_memory_is_told() -> None:
    told(machine.memory(lambda: 2000.0), Level.WARN, "1.9 GiB", "--slots 1")
    told(machine.memory(lambda: None), Level.WARN)


def test_a_clock_that_is_behind_the_files_is_told(tmp_path: Path) -> None:
    told(machine.clock(tmp_path), Level.OK)
    (tmp_path / "racecraft.db").touch()
    tomorrow = time.time() + 2 * 86400
    os.utime(tmp_path / "racecraft.db", (tomorrow, tomorrow))
    told(machine.clock(tmp_path), Level.WARN, "2 days later")
    told(machine.clock(tmp_path / "none", lambda: 86_400.0), Level.WARN, "1970")


@pytest.mark.parametrize(("gib", "level"), [(0.05, Level.BAD), (1.0, Level.WARN), (50.0, Level.OK)])
def test_little_room_on_the_disk_is_told(gib: float, level: Level, tmp_path: Path) -> None:
    told(storage.room(tmp_path / "home", lambda _: int(gib * 2**30)), level, str(tmp_path))


def test_a_home_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    told(storage.home(Path("/proc/racecraft")), Level.BAD, "RACECRAFT_HOME")
    told(storage.home(tmp_path / "file"), Level.BAD, "not a folder")
    told(storage.home(tmp_path / "file" / "home"), Level.BAD, "not a folder")
    told(storage.home(tmp_path / "home"), Level.OK)


@pytest.mark.skipif(not hasattr(os, "getuid") or os.getuid() != 0, reason="only root gives away")
def test_a_home_of_somebody_else_is_told(tmp_path: Path) -> None:
    os.chown(tmp_path, 4321, 4321)
    told(storage.home(tmp_path), Level.WARN, "another user")


def test_a_disk_of_another_machine_is_told(tmp_path: Path) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(f"/dev/sda1 / ext4 rw 0 0\nserver:/x {tmp_path} nfs4 rw 0 0\n")
    told(storage.kind(tmp_path / "home", mounts=mounts), Level.WARN, "nfs4")
    told(storage.kind(tmp_path / "home", has_records=False, mounts=mounts), Level.OK, "nfs4")
    mounts.write_text("/dev/sda1 / ext4 rw 0 0\n")
    told(storage.kind(tmp_path / "home", mounts=mounts), Level.OK, "of this machine")


def test_a_slow_disk_is_told(tmp_path: Path) -> None:
    ticks = iter(range(1000))
    told(storage.speed(tmp_path, lambda: 0.1 * next(ticks)), Level.WARN, "100.0 ms", "faster disk")
    assert storage.speed(tmp_path).name == "disk speed"


def test_a_folder_of_kernels_is_looked_at(tmp_path: Path) -> None:
    told(storage.kernel_cache(Path("/proc/kernels")), Level.WARN, "NUMBA_CACHE_DIR")
    told(storage.kernels(tmp_path), Level.WARN, "not compiled")
    (tmp_path / "kernels-1" / "sim").mkdir(parents=True)
    (tmp_path / "kernels-1" / "sim" / "step.nbi").touch()
    told(storage.kernels(tmp_path), Level.OK, "(1 kernels)")


def test_missing_and_wrong_packages_are_told() -> None:
    def without_scipy(name: str) -> str:
        if name == "scipy":
            raise metadata.PackageNotFoundError(name)
        return metadata.version(name)

    told(packages.requirements(without_scipy), Level.BAD, "scipy", "pip install scipy")
    old = {"typer": "0.1"}
    told(
        packages.requirements(lambda name: old.get(name) or metadata.version(name)),
        Level.WARN,
        "typer 0.1",
    )
    told(packages.requirements(), Level.OK)


def test_a_program_whose_files_were_left_out_is_told(tmp_path: Path) -> None:
    told(packages.own_files(tmp_path), Level.BAD, "tracks", "migrations", "pip install")
    told(packages.own_files(), Level.OK)


def test_another_torch_is_told() -> None:
    def missing(name: str) -> str:
        raise metadata.PackageNotFoundError(name)

    told(packages.torch(missing), Level.BAD, "pip install torch==")
    told(packages.torch(lambda _: "2.1.0+cpu"), Level.WARN, "2.1.0+cpu", "same seed")
    wanted = metadata.version("torch").partition("+")[0]
    told(packages.torch(lambda _: f"{wanted}+cu129"), Level.OK, "graphics cards")


def test_packages_that_do_not_load_are_told(tmp_path: Path) -> None:
    told(packages.loading(("json", "no_such_package")), Level.BAD, "no_such_package does not load")
    for name, line, word in (
        ("ill", "kill -ILL $$", "instructions that this processor does not have"),
        ("gone", "echo libgomp.so.1 >&2; exit 3", "libgomp.so.1"),
    ):
        program = tmp_path / name
        program.write_text(f"#!/bin/sh\n{line}\n")
        program.chmod(0o755)
        told(packages.loading(("torch",), str(program)), Level.BAD, word)


@pytest.mark.parametrize(
    ("system", "release", "missing", "words"),
    [
        ("linux", "5.10.0-8", ["landlock"], ["landlock missing", "5.10.0-8", "5.13"]),
        ("linux", "6.8.0", ["landlock", "seccomp"], ["new enough", "container"]),
        ("darwin", "24.1.0", ["locks of the Linux kernel"], ["virtual machine"]),
    ],
)
def test_locks_that_are_missing_are_told_with_the_reason(
    system: str, release: str, missing: list[str], words: list[str]
) -> None:
    def look() -> Lock:
        return Lock([], missing)

    told(
        isolation_found(look=look, system=system, release=release),
        Level.WARN,
        "Run only code that you trust",
        *words,
    )
    told(isolation_found(must=True, look=look, system=system, release=release), Level.BAD, *words)


def test_a_missing_or_old_browser_is_told() -> None:
    told(browser(lambda: None), Level.WARN, "No browser")
    for family, oldest in OLDEST.items():
        told(browser(lambda f=family, o=oldest: Browser("b", f, o - 1)), Level.WARN, str(oldest))
        told(browser(lambda f=family, o=oldest: Browser("b", f, o)), Level.OK)


def test_the_newest_browser_is_asked_for_its_version() -> None:
    there = {"/a/firefox": "Firefox", "/a/chrome": "Chromium", "/a/edge": "Chromium"}
    versions = {"/a/firefox": "Mozilla Firefox 140.0", "/a/chrome": "Chrome 90.0.1", "/a/edge": ""}
    found = newest(lambda: there, lambda words, _: versions[words[0]])
    assert found == Browser("/a/chrome", "Chromium", 90)


def test_a_browser_without_webgl_is_told() -> None:
    here = Browser("/a/chrome", "Chromium", 150)
    told(webgl(lambda: here, lambda *_: "<p>webgl2=false</p>"), Level.WARN, "switched off")
    told(webgl(lambda: here, lambda *_: ""), Level.WARN, "could not be tried")
    told(webgl(lambda: here, lambda *_: "<p>webgl2=true</p>"), Level.OK)
    told(webgl(lambda: None), Level.OK, "not tried")


class _Answer(BaseHTTPRequestHandler):
    told: bytes = b"{}"

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(self.told)

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@contextmanager
def answering(told_there: object) -> Iterator[int]:
    """Something that answers at a port."""
    kind = type("Here", (_Answer,), {"told": json.dumps(told_there).encode()})
    server = HTTPServer(("127.0.0.1", 0), kind)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()


def test_a_port_that_is_taken_is_told() -> None:
    with answering({"hello": "you"}) as port:
        told(free(port), Level.WARN, str(port), f"--port {port + 1}")
    with answering({"version": "9.9.9", "registration": "OPEN"}) as port:
        told(free(port), Level.OK, "racecraft 9.9.9 answers")
    told(free(port), Level.OK, "free")


def test_two_services_on_one_home_are_told(tmp_path: Path) -> None:
    lines = "import sys; print('racecraft', flush=True); sys.stdin.read()"
    running = [
        subprocess.Popen(
            [sys.executable, "-c", lines, "up"],
            env={**os.environ, "RACECRAFT_HOME": str(tmp_path)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        for _ in range(2)
    ]
    try:
        for process in running:
            assert process.stdout is not None
            process.stdout.readline()
        pids = [psutil.Process(process.pid) for process in running]
        told(others(tmp_path, pids), Level.OK, "2 services", str(pids[0].pid), "end all but one")
        told(others(tmp_path, pids[:1]), Level.OK, "One service")
        told(others(tmp_path / "other", pids), Level.OK, "No service")
    finally:
        for process in running:
            process.communicate()


def test_records_are_looked_at_without_changing_them(tmp_path: Path) -> None:
    home = tmp_path / "a home? 100%"
    home.mkdir()
    settings = Settings(home=home)
    told(database(settings), Level.OK, "no records yet")
    assert list(home.iterdir()) == []
    open_store(settings).close()
    file = home / "racecraft.db"
    before = (file.read_bytes(), sorted(home.iterdir()))
    told(database(settings), Level.OK, "in order", NEWEST)
    assert (file.read_bytes(), sorted(home.iterdir())) == before


def test_old_new_and_damaged_records_are_told(tmp_path: Path) -> None:
    settings, file = Settings(home=tmp_path), tmp_path / "racecraft.db"
    engine = make_engine(f"sqlite:///{file}")
    with engine.begin() as connection:
        migrate(connection, "0003")
    engine.dispose()
    told(database(settings), Level.OK, "0003", "older version")
    with sqlite3.connect(file) as raw:
        raw.execute("update alembic_version set version_num = '9999'")
    raw.close()
    told(database(settings), Level.BAD, "9999", "newer")
    file.write_bytes(b"these are no records " * 500)
    told(database(settings), Level.BAD)


def test_records_with_holes_are_told(tmp_path: Path) -> None:
    settings, file = Settings(home=tmp_path), tmp_path / "racecraft.db"
    open_store(settings).close()
    with sqlite3.connect(file) as raw:
        raw.execute("create table ballast (text)")
        raw.executemany("insert into ballast values (?)", [("x" * 500,)] * 400)
        raw.commit()
        raw.execute("pragma wal_checkpoint(truncate)")
    raw.close()
    whole = bytearray(file.read_bytes())
    whole[-3 * 4096 :] = b"\xff" * (3 * 4096)
    file.write_bytes(whole)
    told(database(settings), Level.BAD, "damaged")


def test_a_database_that_does_not_answer_is_told(tmp_path: Path) -> None:
    pytest.importorskip("psycopg")
    url = "postgresql://ann:secret@127.0.0.1:9/none"
    finding = database(Settings(home=tmp_path, database_url=url))
    told(finding, Level.BAD, "could not be used")
    assert "secret" not in finding.sentence
