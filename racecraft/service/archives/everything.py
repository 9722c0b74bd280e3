"""All that somebody has, as one file: to take home after an event."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from racecraft.domain.errors import RacecraftError
from racecraft.service.access import Actor, Operation
from racecraft.service.archives.export import export_model
from racecraft.service.model_folders import folder_of
from racecraft.service.model_records import Model
from racecraft.service.people.person import Person, person_now
from racecraft.service.races.boards import settle, view_board
from racecraft.service.races.race import Race, Submission
from racecraft.service.streams import Pipe

if TYPE_CHECKING:
    from racecraft.service.settings import Settings
    from racecraft.service.store import Store

_README = """This is everything of {name} at {place}.

models/    each model as one file: `racecraft models import FILE` or the console takes it over.
           The ZIP inside holds the reward function, the weights, all figures and traces.
results.json   your submissions to races: every lap, and where you stood
profile.json   your racer profile
{notes}"""


def export_everything(
    store: Store, settings: Settings, actor: Actor, person_id: str
) -> tuple[str, Iterator[bytes]]:
    """The racer's name, and the bytes of a ZIP with their models, results and profile.

    Raises:
        Forbidden: it is somebody else, and the actor no admin.
        NotFound: there is nobody with this id.
    """
    actor.demand(Operation.DOWNLOAD_MODEL, person_id)
    with store.look() as work:
        person = person_now(work, person_id)
        models = work.find(Model, owner_id=person_id, deleted_at_s=None)
    return person.name, _stream(store, settings, person, models)


def _stream(
    store: Store, settings: Settings, person: Person, models: list[Model]
) -> Iterator[bytes]:
    pipe = Pipe()
    notes = []
    with zipfile.ZipFile(pipe, "w") as archive:
        for model in models:
            try:
                parts = export_model(folder_of(settings, model))
                first = next(parts)
            except (RacecraftError, StopIteration) as error:
                notes.append(f"{model.name} is not here: {error}")
                continue
            with archive.open(f"models/{model.name}.zip", "w", force_zip64=True) as target:
                target.write(first)
                for part in parts:
                    target.write(part)
                    yield pipe.take()
            yield pipe.take()
        for name, facts in _facts(store, person).items():
            archive.writestr(name, json.dumps(facts, indent=1) + "\n")
        words = {"name": person.name, "place": "racecraft", "notes": "\n".join(notes)}
        archive.writestr("README.txt", _README.format(**words))
        yield pipe.take()
    yield pipe.take()


def _facts(store: Store, person: Person) -> dict[str, Any]:
    with store.look() as work:
        race_ids = dict.fromkeys(s.race_id for s in work.find(Submission, person_id=person.id))
    for race_id in race_ids:
        settle(store, race_id)
    with store.look() as work:
        own = work.find(Submission, person_id=person.id)
        races = {race_id: work.first(Race, id=race_id) for race_id in race_ids}
    ranks = {race_id: _rank(store, person, race_id) for race_id in race_ids}
    results = [
        {
            "race": race.name if (race := races[each.race_id]) else each.race_id,
            "rank_in_race": ranks[each.race_id],
            **each.model_dump(mode="json", exclude={"version", "reruns", "job_id"}),
        }
        for each in own
    ]
    profile = person.model_dump(mode="json", exclude={"version", "name_key"})
    return {"results.json": results, "profile.json": profile}


def _rank(store: Store, person: Person, race_id: str) -> int | None:
    try:
        rows = view_board(store, person.actor, race_id)
    except RacecraftError:  # they were shut out of it
        return None
    return next((row.rank for row in rows if row.racer_id == person.id), None)
