"""Big screens: made, changed, read by anybody who has the link."""

from __future__ import annotations

import io
import zlib
from pathlib import Path

import pytest
from PIL import Image, PngImagePlugin

from racecraft.domain.errors import Forbidden, InvalidInput, NotFound
from racecraft.service.access import Actor, Role
from racecraft.service.people.person import Person
from racecraft.service.races import arranging, deleting
from racecraft.service.races.race import Race, RaceState
from racecraft.service.races.screens import keeping, showing
from racecraft.service.races.screens.pictures import MOST_BYTES, safe_png
from racecraft.service.races.screens.record import Screen
from racecraft.service.settings import Settings
from racecraft.service.store import Store
from tests.service.conftest import Clock
from tests.service.test_community_races import (
    DAY_S,
    arrange,
    drive,
    enter,
    lap,
    person,
    ready_model,
)


@pytest.fixture
def olga(store: Store) -> Actor:
    return person(store, "olga")


@pytest.fixture
def race(store: Store, settings: Settings, olga: Actor, clock: Clock) -> Race:
    return arrange(store, settings, olga, clock)


@pytest.fixture
def screen(store: Store, olga: Actor, race: Race) -> Screen:
    return keeping.open_screen(store, olga, race.id)


def png(size: tuple[int, int] = (40, 20), colour: str = "red") -> bytes:
    file = io.BytesIO()
    Image.new("RGB", size, colour).save(file, "PNG")
    return file.getvalue()


def test_a_screen_shows_the_board_to_whoever_has_its_link(
    store: Store, settings: Settings, race: Race, screen: Screen
) -> None:
    for name, time_ms in (("ann", 12_000), ("bob", 11_000)):
        enter(store, settings, race, person(store, name), *[lap(time_ms)] * 3)
    shown = showing.read_screen(store, screen.code.lower().replace("-", " "))
    assert [(row.rank, row.racer, row.time_ms, row.gap_ms) for row in shown.rows] == [
        (1, "bob", 11_000, 0),
        (2, "ann", 12_000, 1_000),
    ]
    assert (shown.race, shown.state, shown.racers) == ("Friday race", RaceState.OPEN, 2)
    told = shown.model_dump_json()
    for secret in (race.id, race.link, screen.code, '"ann-id"'):
        assert secret not in told


def test_the_link_of_a_screen_is_another_one_than_that_of_the_race_and_can_be_renewed(
    store: Store, race: Race, olga: Actor, screen: Screen
) -> None:
    assert screen.code != race.link
    newer = keeping.open_screen(store, olga, race.id)
    assert newer.code != screen.code
    with pytest.raises(NotFound, match="no big screen"):
        showing.read_screen(store, screen.code)
    assert showing.read_screen(store, newer.code).race == race.name
    for wrong in ("", race.link, race.id, "0000-0000-0000-0000"):
        with pytest.raises(NotFound):
            showing.read_screen(store, wrong)


def test_only_the_organiser_has_the_screen(
    store: Store, settings: Settings, race: Race, screen: Screen
) -> None:
    rob, boss = person(store, "rob"), person(store, "boss", Role.ORGANISER)
    enter(store, settings, race, rob, lap(9_000), lap(9_000), lap(9_000))
    for do in (
        lambda: keeping.view_screen(store, rob, race.id),
        lambda: keeping.open_screen(store, rob, race.id),
        lambda: keeping.change_screen(store, rob, race.id, {"headline": "mine"}),
        lambda: keeping.keep_logo(store, settings, rob, race.id, png()),
        lambda: keeping.close_screen(store, settings, rob, race.id),
    ):
        with pytest.raises(Forbidden):
            do()
    assert keeping.view_screen(store, boss, race.id) == screen


def test_the_stamp_changes_whenever_the_screen_does(
    store: Store, settings: Settings, race: Race, screen: Screen, olga: Actor, clock: Clock
) -> None:
    ann = person(store, "ann")
    seen = [showing.screen_stamp(store, screen.code)]

    def changed() -> bool:
        seen.append(showing.screen_stamp(store, screen.code))
        return seen[-1] != seen[-2]

    assert not changed()
    enter(store, settings, race, ann, lap(9_000), lap(9_000), lap(9_000))
    assert changed()
    assert [row.racer for row in showing.read_screen(store, screen.code).rows] == ["ann"]
    assert changed()  # reading has settled the submission
    assert not changed()
    arranging.shut_out(store, olga, race.id, "ann", is_shut_out=True)
    assert changed()
    keeping.change_screen(store, olga, race.id, {"headline": "Hello"})
    assert changed()
    arranging.change_race(store, settings, olga, race.id, {"name": "Another"})
    assert changed()
    clock.now_s += DAY_S + 1.0
    assert changed()


def test_who_drives_and_who_waits_is_shown(
    store: Store, settings: Settings, race: Race, screen: Screen
) -> None:
    from racecraft.service.jobs import leases
    from racecraft.service.races import entering

    for name in ("ann", "bob"):
        actor = person(store, name)
        entering.come_in(store, actor, race.link)
        model = ready_model(store, settings, actor)
        entering.enter_model(store, settings, actor, race.id, model.id)
    assert leases.claim_next(store, worker="here 1", slots=9) is not None
    shown = showing.read_screen(store, screen.code)
    assert (shown.driving, shown.waiting) == (("ann",), 1)
    drive(store, lap(9_000), lap(9_000), lap(9_000))
    assert showing.read_screen(store, screen.code).waiting == 0


def test_who_is_shut_out_or_leaves_is_not_shown(
    store: Store, settings: Settings, race: Race, screen: Screen, olga: Actor
) -> None:
    for name in ("ann", "bob"):
        enter(store, settings, race, person(store, name), lap(9_000), lap(9_000), lap(9_000))
    arranging.shut_out(store, olga, race.id, "ann", is_shut_out=True)
    with store.work() as work:
        work.remove(Person, id="bob")
    assert [row.racer for row in showing.read_screen(store, screen.code).rows] == [
        "somebody who left"
    ]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"accent": "red"}, "accent"),
        ({"accent": "#12345"}, "accent"),
        ({"background": "url(javascript:x)"}, "background"),
        ({"headline": "x" * 81}, "headline"),
        ({"address": "javascript:alert(1)"}, "address"),
        ({"address": "http:///"}, "address"),
        ({"code": "MINE"}, "has no 'code'"),
        ({"logo": "../../secret"}, "has no 'logo'"),
    ],
)
def test_what_does_not_fit_is_told(
    store: Store, race: Race, olga: Actor, screen: Screen, changes: dict[str, str], sentence: str
) -> None:
    with pytest.raises(InvalidInput, match=sentence):
        keeping.change_screen(store, olga, race.id, changes)
    assert keeping.view_screen(store, olga, race.id) == screen


def test_a_logo_is_written_anew_and_nothing_of_the_file_is_kept(
    store: Store, settings: Settings, race: Race, olga: Actor, screen: Screen
) -> None:
    note = PngImagePlugin.PngInfo()
    note.add_text("Comment", "<script>alert(1)</script>")
    file = io.BytesIO()
    Image.new("RGB", (30, 30), "green").save(file, "PNG", pnginfo=note)
    sent = file.getvalue() + b"PK\x03\x04 something behind the picture"
    kept = keeping.keep_logo(store, settings, olga, race.id, sent)
    picture = keeping.logo_of(settings, kept)
    assert b"script" not in picture
    assert b"something behind" not in picture
    assert Image.open(io.BytesIO(picture)).getpixel((5, 5)) == (0, 128, 0, 255)
    other = keeping.keep_logo(store, settings, olga, race.id, png((3000, 100)))
    assert Image.open(io.BytesIO(keeping.logo_of(settings, other))).size == (1200, 40)
    place = settings.home / "screens" / race.id
    assert [each.name for each in place.iterdir()] == [f"{other.logo}.png"]
    gone = keeping.keep_logo(store, settings, olga, race.id, b"")
    assert gone.logo == ""
    assert list(place.iterdir()) == []


def test_a_photo_is_turned_upright_and_tells_nothing_of_where_it_was_taken() -> None:
    photo, exif = Image.new("RGB", (60, 20), "blue"), Image.Exif()
    exif[0x0112] = 6  # lies on its side
    exif[0x010E] = "somewhere secret"
    file = io.BytesIO()
    photo.save(file, "JPEG", exif=exif)
    made = Image.open(io.BytesIO(safe_png(file.getvalue())))
    assert made.size == (20, 60)
    assert not made.getexif()
    assert b"secret" not in safe_png(file.getvalue())


def bomb() -> bytes:
    """A small file that says that it is 60,000 × 60,000 pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        crc = zlib.crc32(kind + data).to_bytes(4, "big")
        return len(data).to_bytes(4, "big") + kind + data + crc

    size = (60_000).to_bytes(4, "big")
    head = chunk(b"IHDR", size + size + b"\x08\x02\x00\x00\x00")
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"\0" * 1000))


def gif() -> bytes:
    file = io.BytesIO()
    Image.new("P", (4, 4)).save(file, "GIF")
    return file.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        b"no picture",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>",
        png()[:60],
        bomb(),
        png((4097, 2)),
        gif(),
        b"\0" * (MOST_BYTES + 1),
    ],
    ids=["text", "svg", "cut", "bomb", "wide", "gif", "large"],
)
def test_what_is_no_safe_picture_is_refused(
    store: Store, settings: Settings, race: Race, olga: Actor, screen: Screen, data: bytes
) -> None:
    with pytest.raises(InvalidInput, match="picture"):
        keeping.keep_logo(store, settings, olga, race.id, data)
    assert keeping.view_screen(store, olga, race.id).logo == ""
    assert not list(Path(settings.home).glob("screens/*/*"))


def test_a_screen_goes_with_its_race_or_when_it_is_switched_off(
    store: Store, settings: Settings, race: Race, olga: Actor, screen: Screen
) -> None:
    keeping.keep_logo(store, settings, olga, race.id, png())
    keeping.close_screen(store, settings, olga, race.id)
    with pytest.raises(NotFound):
        showing.read_screen(store, screen.code)
    again = keeping.open_screen(store, olga, race.id)
    keeping.keep_logo(store, settings, olga, race.id, png())
    deleting.delete_race(store, settings, olga, race.id)
    with pytest.raises(NotFound):
        showing.read_screen(store, again.code)
    assert not (settings.home / "screens" / race.id).exists()


def test_whoever_is_invited_by_the_screen_gets_the_link_of_the_race(
    store: Store, race: Race, olga: Actor, screen: Screen
) -> None:
    assert showing.join_code(store, screen.code)[1] == race.link
    keeping.change_screen(store, olga, race.id, {"invites": False})
    with pytest.raises(NotFound, match="invites nobody"):
        showing.join_code(store, screen.code)
