"""A race that everybody enters at once: `make race-load`, or this module with `--help`.

Two figures: how many submissions of three laps a machine drives in a minute, and how long it takes
from the end of a drive until 200 spectators of the big screen have the new entry. Every submission
must come out: none lost, none doubled, and the same weights with the same milliseconds.
"""

from __future__ import annotations

import asyncio
import json
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from benchmarks.clients import percentile
from benchmarks.hosted import Guest, HostedService
from benchmarks.measuring import common_arguments, cores, measure_all, results_file
from benchmarks.table import Row
from racecraft.service.races.screens.showing import short_id

NAMES = ("race-load",)
RACERS, SUBMISSIONS, SPECTATORS = 50, 100, 200
RACERS_OF_A_TRY, SUBMISSIONS_OF_A_TRY = 4, 8
LAPS = 3
PER_MINUTE_TARGET, SEEN_TARGET_S = 30.0, 2.0
CAP_S = 3600.0
_LOOK_S = 0.5
_DRIVEN = ("RANKED", "UNRANKED")


@dataclass
class Field:
    """Who races, where, and what they entered."""

    chief: Guest
    race_id: str
    racers: list[Guest]
    models: list[list[str]]
    """Of each racer."""


@dataclass
class Seen:
    """When spectators had what; by the ids of submissions."""

    times_s: dict[str, list[float]] = field(default_factory=dict)
    """Seconds since 1970, for each spectator who got it."""
    lost: int = 0
    """Spectators whose stream was closed."""


def race_rows(racers: int, submissions: int, spectators: int, slots: int) -> list[Row]:
    """Enter everything at once, and wait until the last one was driven."""
    with HostedService(slots=slots) as service:
        made = _field(service, racers)
        seen, code, screen = Seen(), "", f"races/{made.race_id}/screen"
        if spectators:
            code = service.ask("POST", screen, made.chief)["code"]
        with ThreadPoolExecutor(1) as pool:
            watching = pool.submit(asyncio.run, _spectate(service.port, code, spectators, seen))
            begin = time.perf_counter()
            asked = _enter_all(service, made, submissions)
            entered_s = time.perf_counter() - begin
            print(f"  {len(asked)} submissions entered after {entered_s:.1f} s", flush=True)
            found = _wait(service, made, len(asked))
            whole_s = time.perf_counter() - begin
            if spectators:
                time.sleep(5.0)  # what was driven last reaches them meanwhile
                service.ask("DELETE", screen, made.chief)
            watching.result(60.0)
    _refuse_losses(asked, found)
    waits = _waits(found, seen)
    if spectators and not waits:
        raise SystemExit("No spectator saw an entry; the screen tells other names than expected.")
    return _rows(found, whole_s, waits, seen, (racers, spectators, slots))


def _field(service: HostedService, count: int) -> Field:
    chief = service.admin()
    now_s = time.time()
    race = service.ask(
        "POST",
        "races",
        chief,
        name="Everybody at once",
        visibility="LISTED",
        starts_at_s=now_s - 1.0,
        ends_at_s=now_s + 2 * CAP_S,
        rules={"track": {"name": "pebble-oval"}, "laps": LAPS},
    )
    racers = service.guests(chief, count, "RACER", "racer")
    models = [_models(service, racer) for racer in racers]
    return Field(chief, race["id"], racers, models)


def _models(service: HostedService, racer: Guest) -> list[str]:
    """The sample models, which somebody gets with the first look at their list."""
    request = urllib.request.Request(
        f"http://127.0.0.1:{service.port}/models", headers={"Cookie": racer.cookie}
    )
    with urllib.request.urlopen(request, timeout=60):
        pass
    rows = service.ask("GET", "models", racer)["items"]
    return [row["model"]["id"] for row in sorted(rows, key=lambda row: str(row["model"]["name"]))]


def _enter_all(service: HostedService, made: Field, count: int) -> list[str]:
    """Enter so many models, everybody in turn."""

    def enter(place: int) -> list[str]:
        turns = len(range(place, count, len(made.racers)))
        racer, models = made.racers[place], made.models[place]
        return [
            _enter(service, made.race_id, racer, models[turn % len(models)])
            for turn in range(turns)
        ]

    with ThreadPoolExecutor(len(made.racers)) as pool:
        return [each for ids in pool.map(enter, range(len(made.racers))) for each in ids]


def _enter(service: HostedService, race_id: str, racer: Guest, model_id: str) -> str:
    deadline = time.perf_counter() + CAP_S
    while True:
        try:
            made = service.ask("POST", f"races/{race_id}/submissions", racer, model_id=model_id)
            return str(made["id"])
        except OSError as error:  # this model has a submission under way
            if " 409 " not in str(error) or time.perf_counter() > deadline:
                raise
            time.sleep(_LOOK_S)


def _wait(service: HostedService, made: Field, count: int) -> list[dict[str, Any]]:
    """All submissions, once the last one was driven."""
    deadline = time.perf_counter() + CAP_S
    while True:
        path = f"races/{made.race_id}/entered"
        found = [row["submission"] for row in service.ask("GET", path, made.chief)["items"]]
        over = [each for each in found if each["status"] in (*_DRIVEN, "FAILED")]
        if len(over) >= count or time.perf_counter() > deadline:
            return found
        time.sleep(_LOOK_S)


async def _spectate(port: int, code: str, count: int, seen: Seen) -> None:
    await asyncio.gather(*(_watch(port, code, seen) for _ in range(count)))


async def _watch(port: int, code: str, seen: Seen) -> None:
    """One spectator of the big screen, until it is switched off."""
    known: set[str] = set()
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**22)
    writer.write(
        f"GET /api/screens/{code}/events HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode()
    )
    event = ""
    while line := await reader.readline():
        text = line.decode().strip()
        if text.startswith("event: "):
            event = text.removeprefix("event: ")
        elif text.startswith("data: ") and event == "screen":
            now_s = time.time()
            new = _entries(json.loads(text.removeprefix("data: "))) - known
            known |= new
            for each in new:
                seen.times_s.setdefault(each, []).append(now_s)
        if event == "gone":
            break
    seen.lost += event != "gone"
    writer.close()


def _entries(told: Any) -> set[str]:
    """The submissions on a screen, by the names that they have there."""
    return {str(row["entry"]) for row in told["rows"]}


def _refuse_losses(asked: list[str], found: list[dict[str, Any]]) -> None:
    """Stop here unless every submission was driven, and the same weights drove the same."""
    driven = [each["id"] for each in found if each["status"] in _DRIVEN]
    times: dict[str, set[str]] = {}
    for each in found:
        times.setdefault(each["weights_sha256"], set()).add(json.dumps(each["laps"]))
    if sorted(driven) != sorted(asked) or any(len(laps) != 1 for laps in times.values()):
        raise SystemExit(f"{len(asked)} were entered, {len(driven)} driven; or laps differ.")


def _waits(found: list[dict[str, Any]], seen: Seen) -> list[float]:
    """Seconds from the end of each drive until each spectator had it."""
    ended_s = {
        short_id(each["race_id"], each["id"]): each["ended_at_s"]
        for each in found
        if each["ended_at_s"]
    }
    return [
        time_s - ended_s[each]
        for each, times_s in seen.times_s.items()
        if each in ended_s
        for time_s in times_s
    ]


def _rows(
    found: list[dict[str, Any]],
    whole_s: float,
    waits: list[float],
    seen: Seen,
    scene: tuple[int, int, int],
) -> list[Row]:
    racers, spectators, slots = scene
    what = f"race of {racers}: {len(found)} submissions of {LAPS} laps"
    how = f"{slots} jobs at once, {cores()} cores, {spectators} spectators of the big screen"
    is_whole = racers == RACERS
    rows = [
        Row(
            name=f"{what}, driven a minute",
            value=len(found) / whole_s * 60.0,
            unit="/min",
            target=PER_MINUTE_TARGET if is_whole else None,
            note=f"{how}; none lost, none doubled, same weights same laps",
        )
    ]
    if not spectators:
        return rows
    return [
        *rows,
        Row(
            name=f"{what}: until spectators have a new entry, 99 of 100",
            value=percentile(waits, 99.0) if waits else None,
            unit="s",
            target=SEEN_TARGET_S if is_whole else None,
            sense="<=",
            note=f"{how}; {len(waits)} looks",
            failures=seen.lost,
        ),
    ]


def main() -> None:
    """Measure what was asked for."""
    parser = common_arguments("A race that everybody enters at once.", NAMES)
    parser.add_argument("--racers", type=int, help=f"how many ({RACERS})")
    parser.add_argument("--submissions", type=int, help=f"of all of them ({SUBMISSIONS})")
    parser.add_argument("--spectators", type=int, default=SPECTATORS, help="0 for none")
    parser.add_argument("--slots", type=int, default=cores(), help="drives at a time")
    given = parser.parse_args()
    racers = given.racers or (RACERS_OF_A_TRY if given.quick else RACERS)
    count = given.submissions or (SUBMISSIONS_OF_A_TRY if given.quick else SUBMISSIONS)
    measure = partial(race_rows, racers, count, given.spectators, given.slots)
    measure_all([("race-load", measure)], results_file(given))


if __name__ == "__main__":
    main()
