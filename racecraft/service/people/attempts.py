"""Attempts to get in: counted by what is tried and by where it comes from.

An attempt is written down before it is looked at, and taken back when it was right; so many at
once gain nothing over one after the other.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, ClassVar

from racecraft.domain.errors import TooManyRequests
from racecraft.service.store import Below, Record

if TYPE_CHECKING:
    from racecraft.service.store import Store

WINDOW_S = 900.0
_IPV6_PREFIX = 64
"""What one subscriber has: whoever owns one address of it owns them all."""


class SignInFailure(Record):
    """An attempt that was wrong, or is being looked at."""

    TABLE: ClassVar[str] = "sign_in_failures"

    subject: str
    """What was tried, or where it came from."""


@contextmanager
def attempt(store: Store, most: Mapping[str, int], *, advice: str) -> Iterator[None]:
    """Look at an attempt inside the block; unless the block ends well, it counts as wrong.

    Args:
        store: the records.
        most: how many wrong ones each subject may have within the window.
        advice: what to do instead, for who has to wait.

    Raises:
        TooManyRequests: a subject has had too many.
    """
    made = _count(store, most, lambda count: f"That was wrong {count} times", advice)
    yield
    with store.work() as work:
        for each in made:
            work.remove(SignInFailure, id=each.id)


def count_visit(store: Store, subject: str, most: int) -> None:
    """Count something that is allowed, but not as often as one likes.

    Raises:
        TooManyRequests: it was done too often within the window.
    """
    _count(store, {subject: most}, lambda count: f"That was done {count} times from here", "")


def _count(
    store: Store, most: Mapping[str, int], words: Callable[[int], str], advice: str
) -> list[SignInFailure]:
    """Write one more down for each subject, if none of them has had too many."""
    made = [SignInFailure(subject=subject, created_at_s=store.now_s()) for subject in most]
    begin_s = store.now_s() - WINDOW_S
    with store.work() as work:
        work.alone("sign-in")
        work.remove(SignInFailure, created_at_s=Below(begin_s))
        for subject, limit in most.items():
            found = work.find(SignInFailure, subject=subject)
            recent = [each for each in found if each.created_at_s > begin_s]
            if len(recent) >= limit:
                wait_s = recent[-limit].created_at_s + WINDOW_S - store.now_s()
                raise TooManyRequests(
                    f"{words(len(recent))}; wait {max(wait_s / 60, 1):.0f} minutes and try "
                    f"again{advice}.",
                    wait_s=wait_s,
                )
        for each in made:
            work.add(each)
    return made


def forget(store: Store, subject: str) -> None:
    """Somebody got in: what they mistyped before does not count any more."""
    with store.work() as work:
        work.remove(SignInFailure, subject=subject)


def place_of(address: str) -> str:
    """Where an address is: itself, or of IPv6 the network that one subscriber has."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address[:100]
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, _IPV6_PREFIX), strict=False))
    return str(parsed)
