"""Parts of what runs jobs on a cluster that need no cluster."""

from __future__ import annotations

import fcntl
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import psutil
import pytest

from racecraft.domain.errors import InvalidInput
from racecraft.interfaces.server import Plan
from racecraft.service.cluster.plan import ClusterPlan, read_address
from racecraft.service.cluster.seat import PREFIX, Seat
from racecraft.service.heart import LOST
from tests.service.executors import until
from tests.service.server import free_port


def order(port: int) -> dict[str, Any]:
    url = f"http://127.0.0.1:{port}/api"
    return {"url": url, "job": "j", "token": "t", "requires_isolation": False, "has_store": False}


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where seats work."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("ray://head:6380", "head:6380"),
        ("ray://head", "head:6379"),
        ("ray://[fd00::1]:6379", "[fd00::1]:6379"),
        ("ray://auto", "auto"),
        ("ray://local", "local"),
    ],
)
def test_an_address_of_a_cluster_is_read(url: str, address: str) -> None:
    assert read_address(url) == address


@pytest.mark.parametrize(
    "url", ["", "head:6379", "http://head", "ray://", "ray://head/x", "ray://h:x"]
)
def test_what_is_no_address_of_a_cluster_is_told_with_what_would_be(url: str) -> None:
    with pytest.raises(InvalidInput, match="write ray://HOST:PORT"):
        read_address(url)


def test_whoever_gives_the_port_of_rays_client_is_told_the_other_one() -> None:
    with pytest.raises(InvalidInput, match=r"ray start --address head:6379 --num-cpus 0"):
        read_address("ray://head:10001")


def test_without_ray_its_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(InvalidInput, match="with its extra `cluster`"):
        read_address("ray://head:6379")


def test_the_jobs_of_a_cluster_are_not_done_beside_the_service_unless_asked() -> None:
    cluster = ClusterPlan("auto", 1)
    assert Plan(cluster=cluster).slots_here == 0
    assert Plan(cluster=cluster, slots=3).slots_here == 3
    assert Plan().slots_here is None


def test_a_cluster_reaches_the_service_where_somebody_says_or_at_its_own_address() -> None:
    named = Plan(host="0.0.0.0", service_url="https://race.example.org/")
    assert named.cluster_url == "https://race.example.org/api"
    assert Plan(host="192.0.2.7", port=80).cluster_url == "http://192.0.2.7:80/api"
    assert Plan(port=80).cluster_url == "http://127.0.0.1:80/api"


def test_a_seat_tells_how_its_worker_ended_and_leaves_nothing(place: Path) -> None:
    code, words = Seat().run(order(free_port()))
    assert code == LOST
    assert "does not answer" in words
    assert list(place.iterdir()) == []


def test_a_seat_ends_its_worker_when_asked(place: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        seat, ended = Seat(), list[tuple[int, str]]()
        told = order(silent.getsockname()[1])
        waiting = threading.Thread(target=lambda: ended.append(seat.run(told)))
        waiting.start()
        until(lambda: list(place.glob(f"{PREFIX}*")))
        while waiting.is_alive():  # the process may not be there yet
            seat.end()
            time.sleep(0.1)
    assert ended[0][0] == -15
    assert list(place.iterdir()) == []


def test_a_seat_removes_what_killed_ones_left_and_nothing_else(place: Path) -> None:
    left, held, new = (place / f"{PREFIX}{name}" for name in ("left", "held", "new"))
    for folder in (left, held, new):
        folder.mkdir()
        (folder / "lock").touch()
    for folder in (left, held):
        os.utime(folder, (0.0, 0.0))
    with (held / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        Seat().run(order(free_port()))
    assert set(place.iterdir()) == {held, new}


def test_a_worker_ends_when_the_process_of_its_seat_is_killed() -> None:
    source = (
        "import json, sys, time\n"
        "from racecraft.service.processes import LocalProcess\n"
        "made = LocalProcess(json.loads(sys.argv[1]), ends_with_starter=True)\n"
        "print(made.process.pid, flush=True)\n"
        "time.sleep(60)"
    )
    with socket.create_server(("127.0.0.1", 0)) as silent:
        told = json.dumps(order(silent.getsockname()[1]) | {"home": "nowhere"})
        with subprocess.Popen(
            [sys.executable, "-c", source, told], stdout=subprocess.PIPE, text=True
        ) as starter:
            assert starter.stdout is not None
            worker = psutil.Process(int(starter.stdout.readline()))
            asking, _ = silent.accept()
            assert worker.is_running()
            starter.kill()
        until(lambda: not worker.is_running() or worker.status() == psutil.STATUS_ZOMBIE, 5.0)
        asking.close()
