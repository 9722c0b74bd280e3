"""Signed results: what is told as true, what is told as false, and the key itself."""

from __future__ import annotations

import base64
import csv
import errno
import io
import json
import multiprocessing
import os
import stat
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from racecraft.domain.errors import NotFound, NotGenuine, StorageFailed
from racecraft.domain.ranking import RankingMethod
from racecraft.domain.results import RaceResults
from racecraft.service import signing
from racecraft.service.jobs.nodes import home_mark
from racecraft.service.people.person import Person
from racecraft.service.races import arranging, boards
from racecraft.service.races.race import Race
from racecraft.service.results.collecting import race_results
from racecraft.service.results.signed import signed_bytes, verify
from racecraft.service.results.tables import TableKind, results_csv
from racecraft.service.settings import Settings
from racecraft.service.signing import KEY_FILE
from racecraft.service.store import Store
from tests.service.conftest import Clock
from tests.service.test_community_races import Actor, arrange, enter, lap, olga, person, race

__all__ = ["olga", "race"]  # fixtures


@pytest.fixture
def results(store: Store, settings: Settings, race: Race, olga: Actor) -> RaceResults:
    """Ann is ahead of Bob; Cid is not ranked."""
    ann, bob, cid = (person(store, name) for name in ("ann", "bob", "cid"))
    enter(store, settings, race, bob, lap(10_500), lap(13_000), lap(13_000))
    enter(store, settings, race, ann, lap(12_000), lap(10_100, off_tracks=2), lap(9, done=False))
    enter(store, settings, race, cid, lap(1, done=False), lap(1, done=False), lap(1, done=False))
    return race_results(store, settings, olga, race.id)


def test_a_file_of_results_proves_itself_without_any_network(
    settings: Settings, results: RaceResults, tmp_path: Path
) -> None:
    file = signed_bytes(settings, results)
    told = verify(file)
    assert told.results == results
    assert told.is_expected_key is None
    assert [line.racer for line in results.board] == ["ann", "bob"]
    assert {each.racer for each in results.submissions} == {"ann", "bob", "cid"}
    key = signing.public_key(settings)
    for word in (key.public_key, key.fingerprint, key.fingerprint.upper().replace(" ", "-")):
        assert verify(file, key=word).is_expected_key is True
    # How it is laid out does not matter, only what it says.
    assert verify(json.dumps(json.loads(file)).encode()).results == results
    other = Settings(home=tmp_path / "elsewhere")
    with pytest.raises(NotGenuine, match="not with the one that you named"):
        verify(file, key=signing.public_key(other).fingerprint)


def _change(do: Callable[[Any], Any]) -> Callable[[bytes], bytes]:
    def changed(file: bytes) -> bytes:
        plain = json.loads(file)
        do(plain)
        return json.dumps(plain).encode()

    return changed


OTHER_KEY = base64.b64encode(bytes(31) + b"\1").decode()
FORGERIES: dict[str, Callable[[bytes], bytes]] = {
    "a millisecond": _change(lambda p: p["results"]["board"][0].update(time_ms=10_099)),
    "a lap": _change(lambda p: p["results"]["submissions"][0]["laps"][0].update(time_ms=1)),
    "a name": _change(lambda p: p["results"]["board"][0].update(racer="eve")),
    "a rule": _change(lambda p: p["results"]["race"]["rules"].update(seed=7)),
    "somebody left out": _change(lambda p: p["results"]["submissions"].pop()),
    "a field more": _change(lambda p: p["results"].update(note="official")),
    "another order": _change(lambda p: p["results"]["board"].reverse()),
    "the key": _change(lambda p: p["signature"].update(public_key=OTHER_KEY)),
    "no signature": _change(lambda p: p.pop("signature")),
    "an empty signature": _change(lambda p: p["signature"].update(value="")),
    "a name twice": lambda f: f.replace(b'"results":', b'"results": {}, "results":', 1),
    "no number": lambda f: f.replace(b'"gap_ms": 0', b'"gap_ms": NaN', 1),
    "cut off": lambda f: f[:-40],
    "another file": lambda _: b"[]",
    "no text": lambda _: b"\xff\xfe\x00",
    "very deep": lambda _: b"[" * 100_000,
}


@pytest.mark.parametrize("name", FORGERIES)
def test_whatever_is_changed_is_noticed(
    settings: Settings, results: RaceResults, name: str
) -> None:
    with pytest.raises(NotGenuine):
        verify(FORGERIES[name](signed_bytes(settings, results)))


def test_whoever_signs_made_up_sums_is_noticed_too(
    settings: Settings, results: RaceResults
) -> None:
    board = tuple(line.model_copy(update={"racer": "eve"}) for line in results.board)
    with pytest.raises(NotGenuine, match="board does not follow"):
        verify(signed_bytes(settings, results.model_copy(update={"board": board})))
    first = results.submissions[0]
    better = first.result.model_copy(update={"time_ms": 1})
    changed = (first.model_copy(update={"result": better}), *results.submissions[1:])
    with pytest.raises(NotGenuine, match="does not follow from its laps"):
        verify(signed_bytes(settings, results.model_copy(update={"submissions": changed})))


@pytest.mark.parametrize("ranking", list(RankingMethod))
def test_boards_of_every_ranking_method_can_be_verified(
    store: Store, settings: Settings, olga: Actor, clock: Clock, ranking: RankingMethod
) -> None:
    rules = {"track": {"name": "thimble"}, "laps": 3, "min_laps": 2, "ranking": ranking.value}
    made = arrange(store, settings, olga, clock, rules=rules)
    for k, name in enumerate(("ann", "bob", "cid")):
        racer = person(store, name)
        enter(store, settings, made, racer, lap(9_000 - k), lap(8_000 + 7 * k), lap(9_500))
    found = race_results(store, settings, olga, made.id)
    assert len(found.board) == 3
    assert [line.time_ms for line in found.board] == [
        row.time_ms for row in boards.view_board(store, olga, made.id)
    ]
    assert verify(signed_bytes(settings, found)).results == found


def test_results_are_final_when_the_race_is_over_and_all_is_driven(
    store: Store, settings: Settings, race: Race, results: RaceResults, olga: Actor
) -> None:
    assert not results.race.is_over
    arranging.close_race(store, olga, race.id)
    assert race_results(store, settings, olga, race.id).race.is_over


def test_who_does_not_see_the_board_gets_no_results(
    store: Store, settings: Settings, race: Race, results: RaceResults
) -> None:
    with pytest.raises(NotFound, match="no such race"):
        race_results(store, settings, person(store, "eve"), race.id)


def test_tables_have_every_racer_and_every_lap_and_run_no_formula(
    store: Store, settings: Settings, olga: Actor, clock: Clock
) -> None:
    made = arrange(store, settings, olga, clock, name='=HYPERLINK("http://evil")')
    enter(store, settings, made, person(store, "ann"), lap(9_000), lap(8_000), lap(9_500))
    found = race_results(store, settings, olga, made.id)

    def rows(kind: TableKind) -> list[dict[str, str]]:
        text = results_csv([found], kind).decode("utf-8-sig")
        return list(csv.DictReader(io.StringIO(text)))

    line = rows(TableKind.BOARD)[0]
    assert (line["rank"], line["racer"], line["time_ms"], line["time"]) == (
        *("1", "ann", "8000"),
        "00:08.000",
    )
    assert [row["time_ms"] for row in rows(TableKind.LAPS)] == ["9000", "8000", "9500"]
    assert line["race"].startswith("'=")
    assert line["submitted_at"].endswith("+00:00")


def test_the_key_is_for_its_owner_alone_and_stays(settings: Settings) -> None:
    first = signing.public_key(settings)
    path = settings.home / KEY_FILE
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert signing.public_key(settings) == first
    assert b"PRIVATE" in path.read_bytes()
    path.write_bytes(b"nonsense")
    with pytest.raises(StorageFailed, match="damaged"):
        signing.public_key(settings)


def _fingerprint(home: str) -> str:
    return signing.public_key(Settings(home=Path(home))).fingerprint


def test_processes_that_start_at_once_have_one_key(tmp_path: Path) -> None:
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        found = pool.map(_fingerprint, [str(tmp_path / "new")] * 8)
    assert len(set(found)) == 1


def test_a_home_folder_may_lie_where_a_file_cannot_have_two_names(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any) -> None:
        raise OSError(errno.ENOTSUP, "Operation not supported")

    monkeypatch.setattr(os, "link", refuse)
    with ThreadPoolExecutor(8) as pool:
        keys = list(pool.map(lambda _: signing.public_key(settings).fingerprint, range(8)))
        marks = list(pool.map(lambda _: home_mark(settings.home), range(8)))
    assert len(set(keys)) == len(set(marks)) == 1
    assert marks[0]
    assert signing.public_key(settings).fingerprint == keys[0]
    assert {path.name for path in settings.home.iterdir()} == {KEY_FILE, ".home-mark"}


def test_a_racer_who_left_has_no_name_in_results(
    store: Store, settings: Settings, race: Race, results: RaceResults, olga: Actor
) -> None:
    with store.work() as work:
        work.remove(Person, id="cid")
    again = race_results(store, settings, olga, race.id)
    assert {each.racer for each in again.submissions} == {"ann", "bob", "somebody who left"}
