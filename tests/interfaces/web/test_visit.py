"""Work that waits for its turn keeps nobody from opening pages."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

from fastapi import Request

from racecraft.interfaces.rest.app import create_api
from racecraft.interfaces.web.place import Place
from racecraft.interfaces.web.visit import Asking, Visit
from racecraft.interfaces.who import Installation
from racecraft.service.turns import Turns


def a_visit(here: Installation) -> Visit:
    scope = {
        "type": "http",
        "method": "GET",
        "headers": [(b"host", b"localhost")],
        "app": create_api(here),
    }
    place = Place("/", "Somewhere", lambda visit: asyncio.sleep(0))
    return Visit(here, Request(scope), place, None)


def test_pages_answer_while_a_crowd_waits_for_its_turn(alone: Installation) -> None:
    visit = a_visit(alone)
    turns = Turns(at_once=1, most_waiting=60, most_each=60)
    goes_on = threading.Event()

    def long(asking: Asking) -> str:
        with turns.turn(asking.actor.person_id):
            goes_on.wait(60)
        return asking.actor.person_id

    async def day() -> tuple[str, list[str]]:
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(2))
        crowd = [asyncio.create_task(visit.run_in_turn(long)) for _ in range(50)]
        await asyncio.sleep(0)
        try:
            me = await asyncio.wait_for(visit.run(lambda asking: asking.actor.person_id), 30)
        finally:
            goes_on.set()
        return me, await asyncio.gather(*crowd)

    me, others = asyncio.run(day())
    assert others == [me] * 50
