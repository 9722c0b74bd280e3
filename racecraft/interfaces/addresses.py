"""Where other machines reach this one."""

from __future__ import annotations

import socket
from contextlib import suppress
from ipaddress import ip_address
from pathlib import Path

import psutil

CONTAINER_MARKS = ("/.dockerenv", "/run/.containerenv", "/var/run/secrets/kubernetes.io")
"""Files that there are in containers of Docker, Podman and Kubernetes."""
_ELSEWHERE = "192.0.2.1"
"""An address that is nobody's (RFC 5737)."""


def network_addresses(host: str) -> list[str]:
    """Addresses that other machines reach a listener at, those of IPv4 first, ready for a URL.

    Args:
        host: the name or address that it listens at; `0.0.0.0` and `::` stand for every one.

    Returns:
        None at all if it answers this machine alone, or if that cannot be known: in a container
        the addresses are its own. The one towards other networks is the first of its kind.
    """
    if host not in ("0.0.0.0", "::"):
        try:
            is_alone = ip_address(host).is_loopback
        except ValueError:  # a name
            is_alone = host == "localhost"
        return [] if is_alone else [_in_url(host)]
    if any(Path(mark).exists() for mark in CONTAINER_MARKS):
        return []
    running = {name for name, facts in psutil.net_if_stats().items() if facts.isup}
    found = []
    for name, entries in psutil.net_if_addrs().items():
        for entry in entries if name in running else ():
            try:
                address = ip_address(entry.address)
            except ValueError:  # one of the hardware
                continue
            if not (address.is_loopback or address.is_link_local):
                found.append(address)
    wanted = [each for each in found if each.version == 4 or host == "::"]
    outwards = _address_outwards()
    wanted.sort(key=lambda each: (each.version, str(each) != outwards))
    return [_in_url(str(each)) for each in wanted]


def _address_outwards() -> str:
    """This machine's address on the way to any other network; nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe, suppress(OSError):
        probe.connect((_ELSEWHERE, 9))
        return str(probe.getsockname()[0])
    return ""


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host
