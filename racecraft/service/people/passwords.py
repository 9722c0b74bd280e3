"""Passwords: hashed with argon2id, a few at a time because each takes memory and time."""

from __future__ import annotations

import threading
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from racecraft.domain.errors import InvalidInput

SHORTEST, LONGEST = 8, 200
_AT_ONCE = threading.Semaphore(2)
"""Thirty people who sign in together must not take thirty times the memory."""


@cache
def _hasher() -> PasswordHasher:
    # The least that OWASP's password storage cheat sheet advises for argon2id: 19 MiB, 2 passes.
    return PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


def hash_password(password: str) -> str:
    """What to keep instead of a password.

    Raises:
        InvalidInput: it is too short or too long.
    """
    if not SHORTEST <= len(password) <= LONGEST:
        raise InvalidInput(
            f"The password has {len(password)} characters; use {SHORTEST} to {LONGEST}."
        )
    with _AT_ONCE:
        return _hasher().hash(password)


def is_password(kept: str, password: str) -> bool:
    """Whether a password is the one that was kept; as slow for somebody without one."""
    with _AT_ONCE:
        try:
            return _hasher().verify(kept or _decoy(), password) and bool(kept)
        except (VerificationError, InvalidHashError):
            return False


@cache
def _decoy() -> str:
    """Hash of a password that nobody has."""
    return _hasher().hash("nobody has this password")
