"""Links for other people, and a word of warning where they would lead nowhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from racecraft.interfaces.addresses import network_addresses
from racecraft.interfaces.web.widgets.notices import banner
from racecraft.interfaces.who import is_own_host

if TYPE_CHECKING:
    from racecraft.interfaces.web.visit import Visit


def link_to(visit: Visit, path: str) -> str:
    """A path of the console as a link, by the name that the browser knows the service by."""
    return f"{str(visit.request.base_url).rstrip('/')}{path}"


def warn_of_own_name(visit: Visit) -> None:
    """Say so if links of this page are good on this machine alone, and how to get better ones."""
    url = visit.request.base_url
    if not visit.here.is_hosted or not is_own_host(url.netloc):
        return
    found = network_addresses(visit.here.host)
    port = f":{url.port}" if url.port else ""
    better = f"at {url.scheme}://{found[0]}{port}" if found else "by its name in the network"
    with banner(
        "info",
        f"Links with {url.hostname} open on this machine alone.",
        f"Open the console {better} instead; links and QR pictures then work for others.",
    ):
        pass
