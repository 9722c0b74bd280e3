"""Big screens over REST: for whoever has the link, and cheap for many at once."""

from __future__ import annotations

import asyncio
import io
import json
import time
from collections.abc import AsyncIterator

import pytest
from fastapi.testclient import TestClient
from PIL import Image

from racecraft.domain.ranking import Result
from racecraft.interfaces import feeds
from racecraft.interfaces.rest.app import create_api
from racecraft.interfaces.rest.who import Installation
from racecraft.service.access import Role
from racecraft.service.people.person import Person
from racecraft.service.races.race import Entrant, Race, Submission, SubmissionStatus
from racecraft.service.store import Store
from tests.interfaces.conftest import Browser

FILE = {"Content-Type": "application/octet-stream"}


def png() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (20, 10), "navy").save(file, "PNG")
    return file.getvalue()


def race_of(client: TestClient, **more: object) -> str:
    now_s = time.time()
    wish = {"name": "Cup", "starts_at_s": now_s - 5.0, "ends_at_s": now_s + 3600.0, **more}
    return str(client.post("/races", json=wish).json()["id"])


def result(store: Store, race_id: str, name: str, time_ms: int) -> None:
    """Somebody has driven a lap."""
    with store.work() as work:
        person = work.add(Person(name=name, name_key=name.casefold()))
        work.add(Entrant(race_id=race_id, person_id=person.id))
        work.add(
            Submission(
                race_id=race_id,
                person_id=person.id,
                job_id=name,
                model_id="m",
                model_name="car",
                checkpoint=1,
                weights_sha256="0",
                status=SubmissionStatus.RANKED,
                result=Result(time_ms=time_ms, laps_completed=1),
            )
        )


def test_a_screen_is_made_changed_seen_and_switched_off(
    together: Installation, browser: Browser
) -> None:
    olga, stranger = browser("Olga"), TestClient(create_api(together))
    race_id = race_of(olga, visibility="LISTED")
    base = f"/races/{race_id}/screen"
    assert olga.get(base).status_code == 404
    code = olga.post(base).json()["code"]
    wish = {"accent": "#00aa55", "headline": "Hall 3", "address": "http://192.168.0.5:8321"}
    assert olga.patch(base, json=wish).json()["headline"] == "Hall 3"
    assert olga.put(f"{base}/logo", content=png(), headers=FILE).status_code == 200
    shown = stranger.get(f"/screens/{code}").json()
    assert (shown["race"], shown["accent"], shown["headline"]) == ("Cup", "#00aa55", "Hall 3")
    logo = stranger.get(f"/screens/{code}/logo")
    assert logo.headers["content-type"] == "image/png"
    assert logo.headers["x-content-type-options"] == "nosniff"
    assert stranger.get(f"/screens/{code}/track").text.startswith("<svg")
    assert stranger.get(f"/screens/{code}/geometry").json()["title"] == shown["track"]
    assert stranger.get(f"/screens/{code}/qr").headers["content-type"].startswith("image/svg")
    assert olga.delete(f"{base}/logo").json()["logo"] == ""
    assert stranger.get(f"/screens/{code}/logo").status_code == 404
    assert olga.patch(base, json={"invites": False}).status_code == 200
    assert stranger.get(f"/screens/{code}/qr").status_code == 404
    assert olga.delete(base).json() == {"done": True}
    assert stranger.get(f"/screens/{code}").status_code == 404


@pytest.mark.parametrize(
    ("name", "role", "allowed"),
    [
        ("Olga", Role.RACER, True),  # the one who arranged it
        ("Rob", Role.RACER, False),
        ("Otto", Role.ORGANISER, True),
        ("Ada", Role.ADMIN, True),
        ("", None, False),
    ],
)
def test_who_may_do_what_with_a_screen(
    together: Installation, browser: Browser, name: str, role: Role | None, allowed: bool
) -> None:
    olga = browser("Olga")
    race_id = race_of(olga, visibility="LISTED")
    base = f"/races/{race_id}/screen"
    olga.post(base)
    asker = olga if name == "Olga" else TestClient(create_api(together))
    if role is not None and name != "Olga":
        asker = browser(name, role)
    answers = [
        asker.get(base),
        asker.patch(base, json={"headline": "x"}),
        asker.put(f"{base}/logo", content=png(), headers=FILE),
        asker.delete(f"{base}/logo"),
        asker.post(base),
        asker.delete(base),
    ]
    wanted = 200 if allowed else 401 if role is None else 403
    assert [answer.status_code for answer in answers] == [wanted] * len(answers)


def test_uploads_are_limited(together: Installation, browser: Browser) -> None:
    olga = browser("Olga")
    base = f"/races/{race_of(olga)}/screen"
    olga.post(base)
    for data, status in ((b"", 422), (b"text", 422), (b"\0" * 2_000_001, 413)):
        answer = olga.put(f"{base}/logo", content=data, headers=FILE)
        assert answer.status_code == status, answer.text
    as_page = {"Content-Type": "text/plain"}
    assert olga.put(f"{base}/logo", content=png(), headers=as_page).status_code == 403


async def texts(feed: AsyncIterator[str | None], count: int) -> list[dict[str, object]]:
    """The next so many texts of a feed."""
    found: list[dict[str, object]] = []
    async for text in feed:
        if text is not None:
            found.append(json.loads(text))
        if len(found) == count:
            break
    return found


def test_two_hundred_viewers_see_a_new_entry_soon_and_it_is_read_once(
    together: Installation, browser: Browser
) -> None:
    olga = browser("Olga")
    race_id = race_of(olga)
    code = olga.post(f"/races/{race_id}/screen").json()["code"]
    for k in range(30):
        result(together.store, race_id, f"Racer{k}", 20_000 + k)
    made = feeds.ScreenFeeds(together.store)

    async def watch() -> tuple[list[float], int]:
        followers = [made.follow(code) for _ in range(200)]
        first = await asyncio.gather(*(anext(each) for each in followers))
        assert len(set(first)) == 1
        assert made.viewers == 200
        before = made.reads
        began_s = time.monotonic()
        await asyncio.to_thread(result, together.store, race_id, "Newcomer", 10_000)

        async def waits(feed: AsyncIterator[str | None]) -> float:
            (seen,) = await texts(feed, 1)
            rows = seen["rows"]
            assert isinstance(rows, list)
            assert rows[0]["racer"] == "Newcomer"
            return time.monotonic() - began_s

        waited_s = await asyncio.gather(*(waits(each) for each in followers))
        reads = made.reads - before
        for each in followers:
            await each.aclose()
        return waited_s, reads

    waited_s, reads = asyncio.run(watch())
    assert max(waited_s) < 2.0
    assert reads == 1
    assert made.viewers == 0


def test_a_feed_ends_when_the_link_leads_nowhere_any_more(
    together: Installation, browser: Browser
) -> None:
    olga = browser("Olga")
    base = f"/races/{race_of(olga)}/screen"
    code = olga.post(base).json()["code"]

    async def watch() -> list[str | None]:
        feed = feeds.ScreenFeeds(together.store).follow(code)
        found = [await anext(feed)]
        await asyncio.to_thread(olga.post, base)
        found += [text async for text in feed]
        return found

    assert len(asyncio.run(watch())) == 1


def test_events_begin_with_the_clock_and_the_screen_and_say_when_it_is_gone(
    together: Installation, browser: Browser
) -> None:
    olga = browser("Olga")
    base = f"/races/{race_of(olga)}/screen"
    code = olga.post(base).json()["code"]

    async def read() -> list[str]:
        from racecraft.interfaces.rest.screens import _events

        class Here:
            async def is_disconnected(self) -> bool:
                return False

        found = []
        async for part in _events(together, code, Here()):  # type: ignore[arg-type]
            found.append(part.split("\n")[0])
            if part.startswith("event: screen"):
                await asyncio.to_thread(olga.delete, base)
        return found

    assert asyncio.run(read()) == ["event: clock", "event: screen", "event: gone"]


def test_a_crowd_beyond_what_can_be_served_is_told_to_come_back(
    together: Installation, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    olga = browser("Olga")
    code = olga.post(f"/races/{race_of(olga)}/screen").json()["code"]
    monkeypatch.setattr(feeds, "MOST_VIEWERS", 0)
    answer = olga.get(f"/screens/{code}/events")
    assert answer.status_code == 429
    assert "screens are open already" in answer.json()["error"]["message"]
    with together.store.look() as work:
        assert work.count(Race) == 1
