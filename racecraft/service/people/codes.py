"""Secrets that a person or program shows to get in; kept only as hashes.

They are random and long, so that a plain hash is enough: nothing could be guessed from it.
"""

from __future__ import annotations

import hashlib
import secrets

_LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""No two that look alike on paper."""


def new_secret(prefix: str) -> str:
    """A secret for programs; the prefix tells people what it is."""
    return f"{prefix}_{secrets.token_urlsafe(32)}"


def new_code(groups: int = 4) -> str:
    """A secret for people to write down: groups of four, 19 bits each."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(groups))


def hashed(secret: str) -> str:
    """What to keep of a secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def tidied(code: str) -> str:
    """A code as it was given out, however it was typed."""
    plain = "".join(letter for letter in code.upper() if letter in _LETTERS)
    return "-".join(plain[k : k + 4] for k in range(0, len(plain), 4))
