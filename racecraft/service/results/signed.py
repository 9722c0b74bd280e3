"""Results as a file that its installation has signed, and checking such a file anywhere."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, ValidationError

from racecraft.domain.errors import NotGenuine
from racecraft.domain.results import EventResults, RaceResults
from racecraft.service.signing import Signature, is_key, refuse_forgery, sign

if TYPE_CHECKING:
    from racecraft.service.settings import Settings

MOST_BYTES = 200_000_000
_KINDS: dict[str, type[RaceResults | EventResults]] = {
    "racecraft-race-results/1": RaceResults,
    "racecraft-race-results/2": RaceResults,
    "racecraft-event-results/1": EventResults,
    "racecraft-event-results/2": EventResults,
}


class SignedResults(BaseModel):
    """Results and the signature over them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    results: RaceResults | EventResults
    signature: Signature


@dataclass(frozen=True)
class Verified:
    """A file that is what its installation signed."""

    results: RaceResults | EventResults
    signature: Signature
    is_expected_key: bool | None
    """Whether it is the key that was named; None if none was."""


def signed(settings: Settings, results: RaceResults | EventResults) -> SignedResults:
    """Sign results with the key of this installation.

    Raises:
        StorageFailed: the key cannot be written or read.
    """
    plain = json.loads(results.model_dump_json())
    return SignedResults(results=results, signature=sign(settings, plain))


def signed_bytes(settings: Settings, results: RaceResults | EventResults) -> bytes:
    """The file of results with their signature."""
    return (signed(settings, results).model_dump_json(indent=1) + "\n").encode()


def verify(data: bytes, *, key: str | None = None) -> Verified:
    """Check a file of results; nothing but the file is needed.

    The signature must fit, and results and board must follow from the laps and rules in it.

    Args:
        data: the file.
        key: public key or fingerprint that the organiser has told.

    Raises:
        NotGenuine: it is not what was signed, or was signed with another key.
    """
    if len(data) > MOST_BYTES:
        raise NotGenuine(f"The file is larger than {MOST_BYTES // 10**6} MB; it is not of ours.")
    plain = _parsed(data)
    signature = _signature(plain)
    refuse_forgery(plain["results"], signature)
    if key is not None and not is_key(signature, key):
        raise NotGenuine(
            f"The file was signed with the key {signature.fingerprint}, not with the one that you "
            "named; somebody else has signed it."
        )
    results = _results(plain["results"])
    results.refuse_wrong_sums()
    return Verified(results, signature, None if key is None else True)


def _parsed(data: bytes) -> dict[str, Any]:
    try:
        plain = json.loads(data.decode(), object_pairs_hook=_once, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise NotGenuine(f"This is no file of results: {str(error)[:200]}.") from error
    if not isinstance(plain, dict) or set(plain) != {"results", "signature"}:
        raise NotGenuine("This is no file of signed results; export one with format `json`.")
    return plain


def _signature(plain: dict[str, Any]) -> Signature:
    try:
        return Signature.model_validate(plain["signature"])
    except ValidationError as error:
        raise NotGenuine("The signature of the file is damaged; ask for the file anew.") from error


def _results(plain: Any) -> RaceResults | EventResults:
    kind = _KINDS.get(str(plain.get("format"))) if isinstance(plain, dict) else None
    if kind is None:
        raise NotGenuine(
            "The results are of a form that this version does not know; install a newer racecraft."
        )
    try:
        return kind.model_validate(plain)
    except ValidationError as error:
        raise NotGenuine(f"The results are not complete: {error.errors()[0]['msg']}.") from error


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object whose names are all different: two readers must not see two things."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice in it")
    return found


def _refuse_constant(word: str) -> Any:
    raise ValueError(f"{word} is no number")
