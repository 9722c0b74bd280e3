"""What the routes share: pages of lists, versions of things, and answers to repeated requests."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, ClassVar, Generic, TypeVar

from fastapi import Header, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel

from racecraft.domain.errors import Conflict, InvalidInput
from racecraft.service.access import Actor
from racecraft.service.files import storage
from racecraft.service.store import Below, Record, Store
from racecraft.service.turns import Turns

T = TypeVar("T")
A = TypeVar("A", bound=BaseModel)
KEPT_S = 86_400.0
"""How long the answer to a request with an idempotency key is kept."""
DOING_S = 120.0
"""How long such a request may take, at most."""

UPLOADS = Turns(at_once=16, most_waiting=60, most_each=3, patience_s=240.0)
"""For large bodies: of somebody who sends many at once each would fit, but not all of them."""
_ASK_BYTES = 4_000_000
"""After so many bytes of a body it is asked again whether there is room."""

Limit = Annotated[int, Query(ge=1, le=500, description="at most so many")]
Offset = Annotated[int, Query(ge=0, le=1_000_000, description="leave out so many at the start")]
Key = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=200,
        description="a word of your own for this wish; sent again, it gets the same answer",
    ),
]
IfMatch = Annotated[
    str | None,
    Header(alias="If-Match", max_length=40, description="only if the thing has this ETag still"),
]


class Page(BaseModel, Generic[T]):
    """A part of a list."""

    items: list[T]
    total: int
    """Of the whole list."""


class Done(BaseModel):
    """It was done, and there is nothing to tell."""

    done: bool = True


class KeptAnswer(Record):
    """The answer to a wish that may be sent again."""

    TABLE: ClassVar[str] = "answers"

    person_id: str
    request_hash: str
    answer: dict[str, Any] | None = None
    """None while it is being done."""


def download(data: bytes, name: str, kind: str) -> Response:
    """Bytes that a browser saves under a name of plain letters."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(data, media_type=kind, headers=headers)


async def keep_body(
    request: Request, actor: Actor, path: Path, refuse: Callable[[int], None]
) -> None:
    """Write the body of a request to a file, piece by piece; a few of them at a time.

    Args:
        request: with the body.
        actor: who sends it.
        path: of the file.
        refuse: gets how many bytes there are so far, and raises if there is no room for them.

    Raises:
        RacecraftError: what `refuse` raises.
        TooManyRequests: this person, or everybody together, sends too many at once.
        StorageFailed: the file cannot be written.
    """
    size, asked = 0, 0
    async with UPLOADS.turn_in_loop(actor.person_id):
        with storage(path), path.open("wb") as file:
            async for chunk in request.stream():
                size += len(chunk)
                if size - asked >= _ASK_BYTES:
                    asked = size
                    await run_in_threadpool(refuse, size)
                await run_in_threadpool(file.write, chunk)


def told_size(request: Request) -> int:
    """How many bytes a request says that its body has; 0 if it does not say."""
    told = request.headers.get("content-length", "0")
    return int(told) if told.isascii() and told.isdigit() else 0


def tag(response: Response, record: Record) -> None:
    """Tell which version of a thing this is."""
    response.headers["ETag"] = f'"{record.version}"'


def seen_version(if_match: str | None) -> int | None:
    """Which version whoever asks has seen: None when any will do, -1 for no ETag of ours."""
    wanted = (if_match or "*").strip()
    if wanted == "*":
        return None
    version = wanted.strip('"')
    is_ours = wanted == f'"{version}"' and version.isascii() and version.isdigit()
    return int(version) if is_ours else -1


def once(
    store: Store, actor: Actor, key: str | None, wish: BaseModel, do: Callable[[], A]
) -> A | dict[str, Any]:
    """Do something once for each idempotency key; the same key again gets the same answer.

    Raises:
        InvalidInput: the key was used for another wish.
        Conflict: the same request is being done at this moment.
    """
    if key is None:
        return do()
    name = hashlib.sha256(f"{actor.person_id}\n{key}".encode()).hexdigest()
    plain = type(wish).__name__ + json.dumps(wish.model_dump(mode="json"), sort_keys=True)
    asked = hashlib.sha256(plain.encode()).hexdigest()
    with store.work() as work:
        work.alone(f"answer {name}")
        kept = work.first(KeptAnswer, id=name)
        if kept is not None and kept.created_at_s > store.now_s() - _kept_s(kept):
            return _answer_again(kept, asked)
        work.remove(KeptAnswer, created_at_s=Below(store.now_s() - KEPT_S))
        work.remove(KeptAnswer, id=name)
        place = KeptAnswer(
            id=name, created_at_s=store.now_s(), person_id=actor.person_id, request_hash=asked
        )
        work.add(place)
    try:
        answer = do()
    except BaseException:
        with store.work() as work:
            work.remove(KeptAnswer, id=name)
        raise
    with store.work() as work:
        work.put(place.model_copy(update={"answer": answer.model_dump(mode="json")}))
    return answer


def _kept_s(kept: KeptAnswer) -> float:
    """How long a record counts; one without an answer may be of a server that was killed."""
    return DOING_S if kept.answer is None else KEPT_S


def _answer_again(kept: KeptAnswer, asked: str) -> dict[str, Any]:
    if kept.request_hash != asked:
        raise InvalidInput(
            "This Idempotency-Key was used for another request; use a new one for a new wish."
        )
    if kept.answer is None:
        raise Conflict("The same request is being done at this moment; ask again in a second.")
    return kept.answer
