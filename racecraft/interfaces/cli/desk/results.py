"""Results of races: from the records of this machine, or asked of a server."""

from __future__ import annotations

import dataclasses
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from racecraft.domain.episode import format_lap_time
from racecraft.domain.errors import NotFound, NotGenuine, TrainingFailed
from racecraft.domain.job import JobStatus
from racecraft.interfaces.cli.desk.watching import Watch
from racecraft.interfaces.client.connection import Connection, part_of_path
from racecraft.service.documents import near
from racecraft.service.jobs.job import Job

if TYPE_CHECKING:
    from racecraft.service.access import Actor
    from racecraft.service.races.race import Race
    from racecraft.service.settings import Settings
    from racecraft.service.store import Store


@dataclass(frozen=True)
class DrivenAgain:
    """A submission that drove the same laps again."""

    submission_id: str
    times_ms: tuple[int, ...]


@dataclass(frozen=True)
class LocalResults:
    """Races in the home folder; submissions drive in this process."""

    settings: Settings

    def export(self, race: str, form: str) -> bytes:
        from racecraft.service.results.collecting import race_results
        from racecraft.service.results.signed import signed_bytes
        from racecraft.service.results.tables import TableKind, results_csv

        with self._open() as (store, me):
            found = race_results(store, self.settings, me, self._race(store, me, race).id)
        if form == "json":
            return signed_bytes(self.settings, found)
        return results_csv([found], TableKind(form.removesuffix(".csv")))

    def rerun(self, race: str, racer: str) -> DrivenAgain:
        from racecraft.service.races import boards
        from racecraft.service.races.driving import drive_submission, request_of

        with self._open() as (store, me):
            found = self._race(store, me, race)
            rows = [dataclasses.asdict(row) for row in boards.view_board(store, me, found.id)]
            wanted = boards.view_submission(store, me, found.id, chosen(rows, racer))
        request = {**request_of(wanted, found), "is_again": True}
        driven = drive_submission(self.settings, request).trials
        return compared(wanted.id, [dict(each) for each in wanted.laps], _plain(driven))

    def _race(self, store: Store, me: Actor, race: str) -> Race:
        from racecraft.service.races.boards import list_races

        found = [view.race for view in list_races(store, me)]
        wanted = named([each.model_dump(mode="json") for each in found], race)
        return next(each for each in found if each.id == wanted)

    @contextmanager
    def _open(self) -> Iterator[tuple[Store, Actor]]:
        from racecraft.service.people.person import local_actor
        from racecraft.service.store import open_store

        store = open_store(self.settings)
        try:
            yield store, local_actor(store)
        finally:
            store.close()


@dataclass(frozen=True)
class RemoteResults:
    """Races of a server."""

    connection: Connection

    def export(self, race: str, form: str) -> bytes:
        place = f"races/{self._race(race)}/results"
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "results"
            self.connection.fetch(place, path, form=form)
            return path.read_bytes()

    def rerun(self, race: str, racer: str) -> DrivenAgain:
        race_id = self._race(race)
        rows = self.connection.ask("GET", f"races/{race_id}/board")["items"]
        place = f"races/{race_id}/submissions/{part_of_path(chosen(rows, racer))}"
        asked = self.connection.ask("POST", f"{place}/reruns")
        wanted = asked["reruns"][-1]["job_id"]
        job = Job.model_validate(self.connection.ask("GET", f"jobs/{wanted}")["job"])
        ended = Watch(self.connection, job).to_the_end()
        if ended.status is not JobStatus.COMPLETED:
            raise TrainingFailed(ended.message or "The submission was not driven.")
        return compared(asked["id"], asked["laps"], ended.report["trials"])

    def _race(self, race: str) -> str:
        items = self.connection.ask("GET", "races")["items"]
        return named([item["race"] for item in items], race)


def named(races: Sequence[dict[str, Any]], wanted: str) -> str:
    """Id of the race of an id or a name; of several of a name, the newest.

    Raises:
        NotFound: there is none.
    """
    for race in races:
        if wanted in (race["id"], race["name"]):
            return str(race["id"])
    hint = near(wanted, [race["name"] for race in races])
    raise NotFound(
        f"There is no race {wanted!r} here.{hint} The page Races of the console shows their names."
    )


def chosen(rows: Sequence[dict[str, Any]], racer: str) -> str:
    """The submission of a racer that is on the board, or else the word itself as an id."""
    for row in rows:
        if row["racer"].casefold() == racer.casefold():
            return str(row["submission_id"])
    return racer


def compared(
    submission_id: str, wanted: Sequence[dict[str, Any]], driven: Sequence[dict[str, Any]]
) -> DrivenAgain:
    """What was driven again, if it is what was driven before.

    Raises:
        NotGenuine: it is not.
    """
    if list(wanted) != list(driven):
        raise NotGenuine(
            f"Something else was driven: {_times(driven)} instead of {_times(wanted)}. Weights, "
            "track or program were changed since."
        )
    return DrivenAgain(submission_id, tuple(int(lap["time_ms"]) for lap in driven))


def _times(laps: Sequence[dict[str, Any]]) -> str:
    return ", ".join(format_lap_time(int(lap["time_ms"])) for lap in laps)


def _plain(trials: Sequence[Any]) -> list[dict[str, Any]]:
    return [{**dataclasses.asdict(each), "status": int(each.status)} for each in trials]
