"""The page of a class shows the class that is chosen, however long looks at it take."""

from __future__ import annotations

import asyncio

from racecraft.interfaces.web.pages.course.teaching import read_chosen


def test_an_older_look_that_ends_last_shows_the_class_that_is_chosen_by_then() -> None:
    chosen, ended = ["first"], []

    async def both() -> None:
        is_first_over = asyncio.Event()

        async def read(name: str) -> str:
            if name == "first":
                await is_first_over.wait()
            return name

        async def look() -> None:
            ended.append(await read_chosen(lambda: chosen[0], read))

        older = asyncio.create_task(look())
        await asyncio.sleep(0)
        chosen[0] = "second"
        await look()
        is_first_over.set()
        await older

    asyncio.run(both())
    assert ended == ["second", "second"]
