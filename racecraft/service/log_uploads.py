"""Logs of other programs, uploaded to be analysed here.

The file stays as it came, `<logs>/<id>/<its name>`, and nothing of it is unpacked; a process of its
own reads it, and what cannot be read is refused. It is kept until its owner deletes it.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from racecraft.domain.errors import InvalidInput, NotFound, QuotaExceeded
from racecraft.service.access import Actor, Operation
from racecraft.service.analyses import (
    FOLDER,
    TURNS,
    Analysis,
    Sources,
    Subject,
    make_report,
    read_report,
)
from racecraft.service.comparison_folders import forget_naming
from racecraft.service.files import size_of, storage
from racecraft.service.jobs.quotas import refuse_more_disk
from racecraft.service.log_records import LogUpload
from racecraft.service.model_folders import settings_of
from racecraft.service.store import new_id

if TYPE_CHECKING:
    from racecraft.service.settings import Settings
    from racecraft.service.store import Store, Work

MOST_BYTES = 500_000_000
"""Of an upload."""
MOST_UPLOADS = 50
"""Of one person."""
ENDINGS = (".zip", ".tar", ".tar.gz", ".tgz", ".csv", ".log")
LONGEST_NAME = 64


def refuse_upload(store: Store, actor: Actor, size: int) -> None:
    """Stop here before logs are received for which there is no room.

    Raises:
        Forbidden, QuotaExceeded: they would be refused later.
    """
    actor.demand(Operation.EDIT_LOGS, actor.person_id)
    with store.look() as work:
        _refuse(store, work, actor, size)


def receive_logs(
    store: Store, settings: Settings, actor: Actor, path: Path, *, called: str, name: str = ""
) -> LogUpload:
    """Keep logs of another program, and analyse them; whole or not at all.

    Args:
        store: the records.
        settings: where they go.
        actor: whose they are.
        path: of the file, a private copy that is moved from there.
        called: how the file was called where it came from.
        name: what to call the logs; as the file if empty.

    Raises:
        InvalidInput: they hold no drives, are damaged, or somebody made them to do harm.
        QuotaExceeded: there is no room for them.
        TooManyRequests: too many are being analysed.
    """
    actor.demand(Operation.EDIT_LOGS, actor.person_id)
    own = settings_of(settings, actor.person_id)
    file = _file_name(called)
    title = _title(name or file.removesuffix(_ending(file)))
    with storage(own.logs):
        own.logs.mkdir(parents=True, exist_ok=True)
        building = Path(tempfile.mkdtemp(dir=own.logs, prefix=".new-"))
    try:
        with storage(own.logs), TURNS.turn(actor.person_id):
            building.chmod(0o755)
            os.replace(path, building / file)
            sources = Sources((Subject(building / file, title),), own.tracks)
            make_report(sources, building / FOLDER)
            made = read_report(building / FOLDER, sources)
        report = {} if made is None else made.report
        record = _record(building, actor, title, file, report, store.now_s())
        with store.work() as work:
            work.alone("quota")
            _refuse(store, work, actor, record.size_bytes)
            work.add(record)
            with storage(own.logs):
                building.rename(own.logs / record.id)
    except BaseException:
        shutil.rmtree(building, ignore_errors=True)
        raise
    return record


def list_logs(store: Store, actor: Actor) -> list[LogUpload]:
    """The actor's own uploads, newest first."""
    actor.demand(Operation.VIEW_LOGS, actor.person_id)
    with store.look() as work:
        return work.find(LogUpload, owner_id=actor.person_id, order="-created_at_s")


def view_logs(store: Store, actor: Actor, logs_id: str) -> LogUpload:
    """One upload.

    Raises:
        NotFound: there is none with this id, or it is somebody else's.
    """
    with store.look() as work:
        found = work.first(LogUpload, id=logs_id)
    if found is None:
        raise NotFound(f"There is no upload of logs {logs_id!r}.")
    actor.demand_sight(Operation.VIEW_LOGS, found.owner_id, "upload of logs", logs_id)
    return found


def logs_file(settings: Settings, found: LogUpload) -> Path:
    """Where the file of an upload lies."""
    return settings_of(settings, found.owner_id).logs / found.id / found.file


def delete_logs(store: Store, settings: Settings, actor: Actor, logs_id: str) -> LogUpload:
    """Delete an upload and what was made of it, comparisons included, for good.

    Raises:
        NotFound: there is none with this id, or it is somebody else's.
        Forbidden: the actor may see it but not delete it.
    """
    found = view_logs(store, actor, logs_id)
    actor.demand(Operation.EDIT_LOGS, found.owner_id)
    with store.work() as work:
        work.remove(LogUpload, id=logs_id)
    shutil.rmtree(logs_file(settings, found).parent, ignore_errors=True)
    forget_naming(settings, f"logs-{logs_id}")
    return found


def logs_analysis(
    store: Store, settings: Settings, actor: Actor, logs_id: str, *, makes_anew: bool = False
) -> Analysis | None:
    """The analysis of uploaded logs.

    Args:
        store: the records.
        settings: where they are.
        actor: who asks.
        logs_id: of the upload.
        makes_anew: make it again, for instance because the track is known by now.

    Raises:
        NotFound: there is no such upload, or it is somebody else's.
        TooManyRequests: too many are being analysed.
    """
    found = view_logs(store, actor, logs_id)
    file = logs_file(settings, found)
    place = file.parent / FOLDER
    sources = Sources((Subject(file, found.name),), settings.tracks)
    if makes_anew:
        with TURNS.turn(actor.person_id):
            make_report(sources, place)
    return read_report(place, sources)


def _record(
    folder: Path, actor: Actor, title: str, file: str, report: dict[str, Any], now_s: float
) -> LogUpload:
    parts = report.get("parts", {})
    return LogUpload(
        id=new_id(),
        created_at_s=now_s,
        owner_id=actor.person_id,
        name=title,
        file=file,
        kind=str(report.get("kind", "")),
        track=str(report.get("track", ""))[:100],
        steps=int(report.get("training_steps", 0)),
        iterations=tuple(parts.get("iterations", ())),
        evaluations=tuple(parts.get("evaluations", ())),
        size_bytes=size_of(folder),
    )


def _refuse(store: Store, work: Work, actor: Actor, size: int) -> None:
    count = work.count(LogUpload, owner_id=actor.person_id)
    if count >= MOST_UPLOADS:
        raise QuotaExceeded(
            f"You keep {count} uploads of logs, and {MOST_UPLOADS} are allowed; delete one."
        )
    refuse_more_disk(store, work, actor.person_id, size)


def _file_name(called: str) -> str:
    """A plain name with the ending of the file, which tells what is in it."""
    ending = _ending(called)
    stem = called.rpartition("/")[2].rpartition("\\")[2][: -len(ending)]
    plain = re.sub(r"[^A-Za-z0-9_-]+", "-", stem).strip("-")[:60] or "logs"
    return plain + ending


def _ending(called: str) -> str:
    found = next((each for each in ENDINGS if called.lower().endswith(each)), None)
    if found is None:
        raise InvalidInput(
            f"The file is called {called[:100]!r}; send an archive (.zip, .tar, .tar.gz), a trace "
            "(.csv) or a text log (.log)."
        )
    return found


def _title(name: str) -> str:
    title = " ".join(name.split())
    if not 1 <= len(title) <= LONGEST_NAME or not title.isprintable():
        raise InvalidInput(
            f"The name of the logs is {name[:100]!r}; use 1 to {LONGEST_NAME} characters."
        )
    return title
