"""Large bodies: stopped where the room ends, and a few at a time."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest
from fastapi import Request
from starlette.types import Message

from racecraft.domain.errors import QuotaExceeded, TooManyRequests
from racecraft.interfaces.rest.shared import UPLOADS, keep_body
from racecraft.interfaces.rest.who import Installation
from racecraft.service.people.administration import set_limits
from racecraft.service.people.person import local_actor
from racecraft.service.turns import Turns
from tests.interfaces.conftest import Browser
from tests.interfaces.test_rest_comparisons import leftovers
from tests.interfaces.test_rest_logs import FILE


@pytest.mark.parametrize("route", ["/logs?file=a.zip", "/models/import?file=a.zip"])
def test_a_body_without_a_length_is_stopped_where_the_room_ends(
    browser: Browser, together: Installation, route: str
) -> None:
    ann = browser("Ann")
    person = ann.get("/me").json()["id"]
    set_limits(together.store, local_actor(together.store), person, {"disk_mb": 5})
    body = (b"x" * 1_000_000 for _ in range(12))
    answer = ann.post(route, content=body, headers=FILE)
    assert "content-length" not in answer.request.headers
    message = answer.json()["error"]["message"]
    assert "this file 12 MB more, but 5 MB are allowed" in message
    assert leftovers(together) == []
    small = ann.post(route, content=(b"x" for _ in range(9)), headers=FILE)
    assert small.status_code == 422  # no archive, but there was room


def test_of_a_body_for_which_there_is_no_room_no_more_is_read(
    alone: Installation, tmp_path: Path
) -> None:
    sent: list[int] = []

    async def receive() -> Message:
        sent.append(1_000_000)
        return {"type": "http.request", "body": b"x" * 1_000_000, "more_body": True}

    def refuse(size: int) -> None:
        if size > 6_000_000:
            raise QuotaExceeded(f"{size} bytes are too many.")

    request = Request({"type": "http", "method": "POST", "headers": []}, receive)
    with pytest.raises(QuotaExceeded, match="8000000 bytes"):
        asyncio.run(keep_body(request, local_actor(alone.store), tmp_path / "body", refuse))
    assert sum(sent) == 8_000_000
    assert (tmp_path / "body").stat().st_size < 8_000_000


def test_who_sends_many_bodies_at_once_is_told_to_wait_and_others_are_not(
    browser: Browser, together: Installation
) -> None:
    ann, bob = browser("Ann"), browser("Bob")
    person = ann.get("/me").json()["id"]
    name = "/logs?file=a.zip"
    with ExitStack() as sends:
        for _ in range(UPLOADS.most_each):
            sends.enter_context(UPLOADS.turn(person))
        refused = ann.post(name, content=b"x", headers=FILE)
        assert bob.post(name, content=b"x", headers=FILE).status_code == 422
    assert (refused.status_code, "try again" in refused.text) == (429, True)
    assert ann.post(name, content=b"x", headers=FILE).status_code == 422
    assert leftovers(together) == []


def test_a_body_waits_without_a_thread_until_a_place_is_free() -> None:
    turns, done = Turns(at_once=1, most_waiting=20, most_each=1, patience_s=30.0), []

    async def one(number: int) -> None:
        async with turns.turn_in_loop(str(number)):
            done.append(len(done))
            await asyncio.sleep(0)

    async def all_of_them() -> None:
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(1))
        await asyncio.gather(*(one(number) for number in range(20)))

    asyncio.run(all_of_them())
    assert done == list(range(20))
    hasty = Turns(at_once=1, most_waiting=1, most_each=1, patience_s=0.05)

    async def late() -> None:
        async with hasty.turn_in_loop("b"):
            pass

    with hasty.turn("a"), pytest.raises(TooManyRequests, match="served first"):
        asyncio.run(late())
    asyncio.run(late())
