"""Where other machines reach this one."""

from __future__ import annotations

from ipaddress import ip_address

import psutil


def network_addresses(host: str) -> list[str]:
    """Addresses that other machines reach a listener at, those of IPv4 first, ready for a URL.

    Args:
        host: the name or address that it listens at; `0.0.0.0` and `::` stand for every one.

    Returns:
        None at all if it answers this machine alone.
    """
    if host not in ("0.0.0.0", "::"):
        try:
            is_alone = ip_address(host).is_loopback
        except ValueError:  # a name
            is_alone = host == "localhost"
        return [] if is_alone else [_in_url(host)]
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
    return [_in_url(str(each)) for each in sorted(wanted, key=lambda each: each.version)]


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host
