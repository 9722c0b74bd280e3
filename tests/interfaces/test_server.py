"""The process of the service: where it listens, and where its workers find it."""

from __future__ import annotations

import socket
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from racecraft.domain.errors import Conflict
from racecraft.interfaces import addresses as addresses_module
from racecraft.interfaces.addresses import network_addresses
from racecraft.interfaces.cli.app import run
from racecraft.interfaces.server import Plan, open_installation, serve
from racecraft.service.locks import SERVICE_LOCK, out_of_service
from racecraft.service.settings import Settings


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:8321/api"),
        ("0.0.0.0", "http://127.0.0.1:8321/api"),
        ("192.168.1.5", "http://192.168.1.5:8321/api"),
        ("::", "http://[::1]:8321/api"),
        ("::1", "http://[::1]:8321/api"),
    ],
)
def test_workers_go_where_the_service_listens(host: str, url: str) -> None:
    assert Plan(host=host).worker_url == url


@pytest.mark.parametrize(
    ("host", "addresses"),
    [
        ("0.0.0.0", ["10.0.0.2", "192.168.1.5"]),
        ("::", ["10.0.0.2", "192.168.1.5", "[2001:db8::5]"]),
        ("192.168.1.5", ["192.168.1.5"]),
        ("2001:db8::5", ["[2001:db8::5]"]),
        ("127.0.0.1", []),
        ("::1", []),
        ("localhost", []),
    ],
)
def test_other_machines_are_told_addresses_that_lead_here(
    host: str, addresses: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    there_are = {
        "lo": ["127.0.0.1", "::1"],
        "eth0": ["2001:db8::5", "fe80::1%eth0", "192.168.1.5", "00:11:22:33:44:55"],
        "wlan0": ["10.0.0.2"],
        "off0": ["10.9.9.9"],
    }
    entries = {name: [SimpleNamespace(address=a) for a in all_] for name, all_ in there_are.items()}
    running = {name: SimpleNamespace(isup=name != "off0") for name in there_are}
    monkeypatch.setattr(psutil, "net_if_addrs", lambda: entries)
    monkeypatch.setattr(psutil, "net_if_stats", lambda: running)
    monkeypatch.setattr(addresses_module, "CONTAINER_MARKS", ())
    monkeypatch.setattr(addresses_module, "_address_outwards", lambda: "10.0.0.2")
    assert network_addresses(host) == addresses


def test_the_addresses_of_a_container_are_no_use_to_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(addresses_module, "CONTAINER_MARKS", (tmp_path,))
    assert network_addresses("0.0.0.0") == []
    assert network_addresses("192.168.1.5") == ["192.168.1.5"]


def test_a_port_that_is_taken_is_a_sentence(tmp_path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RACECRAFT_HOME", str(tmp_path))
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        plan = Plan(port=taken.getsockname()[1])
        here = open_installation(Settings(), plan)
        with pytest.raises(Conflict, match="choose another one with --port"):
            serve(here, plan)
        here.store.close()


def test_without_accounts_it_answers_this_machine_alone(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(["up", "--host", "0.0.0.0"]) == 4
    assert "add --hosted" in capsys.readouterr().err


def test_a_cluster_that_cannot_be_used_is_told_before_anything_begins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RACECRAFT_HOME", str(tmp_path))
    assert run(["up", "--executor", "head:6379"]) == 2
    assert "write ray://HOST:PORT" in capsys.readouterr().err
    # As in a container, where the machine does not know its own address.
    monkeypatch.setattr("racecraft.interfaces.addresses.CONTAINER_MARKS", (str(tmp_path),))
    assert run(["up", "--hosted", "--executor", "ray://head:6379"]) == 2
    assert "--service-url http://NAME-OR-ADDRESS:8321" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_no_database_is_made_or_migrated_while_another_one_takes_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RACECRAFT_HOME", str(tmp_path))
    with out_of_service(tmp_path):
        assert run(["up"]) == 4
    assert "being restored or moved" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == [SERVICE_LOCK]
