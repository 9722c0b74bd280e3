"""The files inside an archive, each checked by the rules of whoever reads it later."""

from __future__ import annotations

import codecs
import json
import struct
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from racecraft.domain.errors import InvalidInput, RacecraftError
from racecraft.domain.spec import ModelSpec, TrainingSpec, check_training_fits
from racecraft.sandbox.limits import MAX_CHARACTERS
from racecraft.service.archives.layout import Kind
from racecraft.service.documents import sentences
from racecraft.service.track_choices import refuse_odd_track

D = TypeVar("D", bound=BaseModel)
MOST_HEADER_BYTES = 5_000_000
MOST_PARSED_BYTES = 8_000_000
"""Larger documents are read by workers only, which say so when one is damaged."""
_HEAD = struct.Struct("<Q")
_TYPES = {"F64": 8, "F32": 4, "F16": 2, "BF16": 2, "I64": 8, "I32": 4, "I16": 2, "I8": 1}
_TYPES |= {"U64": 8, "U32": 4, "U16": 2, "U8": 1, "BOOL": 1}
_MOST_ARRAYS = 20_000


def check_model(name: str, data: bytes) -> ModelSpec:
    """The document that says what the model is.

    Raises:
        InvalidInput: it does not fit.
    """
    return _document(ModelSpec, name, data)


def check_training(name: str, data: bytes, model: ModelSpec) -> TrainingSpec:
    """The document that says how the model is trained.

    Raises:
        InvalidInput: it does not fit, or not to the model.
    """
    training = _document(TrainingSpec, name, data)
    try:
        check_training_fits(model, training)
        for track in training.tracks:
            refuse_odd_track(track.name)
    except RacecraftError as error:
        raise _unfit(name, str(error).rstrip(".")) from error
    return training


def check_file(name: str, kind: Kind, chunks: Iterable[bytes], size: int) -> None:
    """Any other file; small ones are looked at as a whole, large ones piece by piece.

    Raises:
        InvalidInput: it is not what it should be.
    """
    if kind is Kind.WEIGHTS:
        check_weights(name, chunks, size)
    elif kind in (Kind.PICTURE, Kind.FILM):
        _check_picture(name, kind, chunks)
    elif kind is Kind.TEXT or (kind is Kind.JSON and size > MOST_PARSED_BYTES):
        _check_text(name, chunks)
    else:
        _CHECKS[kind](name, b"".join(chunks))


def check_weights(name: str, chunks: Iterable[bytes], size: int) -> None:
    """A file of arrays: its header tells exactly the bytes that follow, and nothing else.

    Raises:
        InvalidInput: it does not.
    """
    head = bytearray()
    wanted = _HEAD.size
    for chunk in chunks:
        if len(head) < wanted:
            head += chunk[: MOST_HEADER_BYTES + _HEAD.size - len(head)]
        if len(head) >= _HEAD.size and wanted == _HEAD.size:
            length = int(_HEAD.unpack_from(head)[0])
            if length > min(size - _HEAD.size, MOST_HEADER_BYTES):
                raise _unfit(name, "its header is longer than the file, or than any of ours")
            wanted += length
    if len(head) < wanted or size < _HEAD.size:
        raise _unfit(name, "it ends within its header")
    _check_arrays(name, _json(name, bytes(head[_HEAD.size : wanted])), size - wanted)


def _check_arrays(name: str, header: Any, size: int) -> None:
    if not isinstance(header, dict) or len(header) > _MOST_ARRAYS:
        raise _unfit(name, "its header is no table of arrays")
    header.pop("__metadata__", None)
    spans = sorted(_span(name, array) for array in header.values())
    end = 0
    for start, stop in spans:
        if start != end:
            raise _unfit(name, "its arrays overlap or leave gaps")
        end = stop
    if end != size:
        raise _unfit(name, f"its arrays have {end} bytes, but {size} follow")


def _span(name: str, array: Any) -> tuple[int, int]:
    """Where an array lies, if its shape and type say the same."""
    try:
        start, stop = array["data_offsets"]
        count = _TYPES[array["dtype"]]
        for length in array["shape"]:
            if type(length) is not int or length < 0:
                raise ValueError
            count *= length
        is_right = type(start) is type(stop) is int and 0 <= start <= stop
        if not is_right or stop - start != count:
            raise ValueError
    except (KeyError, TypeError, ValueError) as error:
        raise _unfit(name, "an array in it is described wrongly") from error
    return start, stop


def _check_reward(name: str, data: bytes) -> None:
    text = _text(name, data)
    if len(text) > MAX_CHARACTERS:
        raise _unfit(name, f"it has {len(text)} characters, and at most {MAX_CHARACTERS} are used")


def _check_progress(name: str, data: bytes) -> None:
    """Reports in the order of their iterations, as everything that shows them expects."""
    before = -1
    for line in _text(name, data).splitlines():
        report = _json(name, line.encode())
        numbers = [report.get(k) for k in ("iteration", "best_iteration")] if _is(report) else []
        if not numbers or not all(type(n) is int and 0 <= n < 10**8 for n in numbers):
            raise _unfit(name, "a line in it is no report of an iteration")
        if numbers[0] <= before:
            raise _unfit(name, "its iterations are not in order")
        before = numbers[0]


def _check_json(name: str, data: bytes) -> None:
    if not _is(_json(name, data)):
        raise _unfit(name, "it holds no table")


def _check_text(name: str, chunks: Iterable[bytes]) -> None:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        is_text = all("\0" not in decoder.decode(chunk) for chunk in chunks)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        raise _unfit(name, "it is not UTF-8 text") from error
    if not is_text:
        raise _unfit(name, "it holds what is no text")


def _check_picture(name: str, kind: Kind, chunks: Iterable[bytes]) -> None:
    start = b""
    for chunk in chunks:
        start = start or chunk[:16]
    is_png = start.startswith(b"\x89PNG\r\n\x1a\n")
    is_film = start[4:8] == b"ftyp" or start.startswith((b"GIF87a", b"GIF89a"))
    if not (is_png if kind is Kind.PICTURE else is_film):
        raise _unfit(name, f"it is no {kind.value}")


_CHECKS: dict[Kind, Callable[[str, bytes], None]] = {
    Kind.REWARD: _check_reward,
    Kind.PROGRESS: _check_progress,
    Kind.JSON: _check_json,
}


def _document(kind: type[D], name: str, data: bytes) -> D:
    values = _json(name, data)
    try:
        return kind.model_validate(values)
    except (ValidationError, RecursionError) as error:
        told = sentences(kind, error) if isinstance(error, ValidationError) else "it is too deep"
        raise _unfit(name, told.rstrip(".")) from error
    except RacecraftError as error:
        raise _unfit(name, str(error).rstrip(".")) from error


def _json(name: str, data: bytes) -> Any:
    try:
        return json.loads(data.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise _unfit(name, "it is not JSON") from error


def _text(name: str, data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _unfit(name, "it is not UTF-8 text") from error


def _is(values: Any) -> bool:
    return isinstance(values, dict)


def _unfit(name: str, why: str) -> InvalidInput:
    return InvalidInput(
        f"The file {name} of the archive cannot be taken over: {why}. Export the model again, and "
        "send that file."
    )
