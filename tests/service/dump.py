"""Dumps of databases as released versions left them, with one record of every kind.

Before a release whose tables are of a new version, `python -m tests.service.dump` writes its
three files; they are never changed afterwards.
"""

from __future__ import annotations

import json
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from racecraft.domain.job import JobKind, JobStatus
from racecraft.service.access import Role, Scope
from racecraft.service.settings import Settings
from racecraft.service.store import Record, open_store
from racecraft.service.store.upgrade import NEWEST

FOLDER = Path(__file__).parent / "dumps"
_GIVEN: dict[str, dict[str, Any]] = {
    "people": {"name": "Ann-Ünïcode", "name_key": "ann", "role": Role.ORGANISER},
    "sessions": {"person_id": "p", "expires_at_s": 2e9},
    "api_tokens": {"person_id": "p", "name": "nb", "scopes": (Scope.READ, Scope.WRITE)},
    "invitations": {"code": "ABC", "made_by": "p", "expires_at_s": 2e9},
    "sign_in_failures": {"subject": "name ann"},
    "vehicles": {"owner_id": "p", "name": "Mine", "name_key": "mine"},
    "models": {"owner_id": "p", "name": "car", "tags": ("a", "quote \"'"), "deleted_at_s": 1e9},
    "jobs": {
        "owner_id": "p",
        "model_id": "m",
        "kind": JobKind.EVALUATION,
        "status": JobStatus.IN_PROGRESS,
        "model_name": "car",
        "planned_s": 60.0,
        "request": {"trials": 3},
        "report": {"mean_reward": 1.5, "clean_laps": None},
    },
    "log_uploads": {"owner_id": "p", "name": "Old", "file": "old.zip", "size_bytes": 9},
    "leases": {"token_hash": "00"},
    "races": {
        "owner_id": "p",
        "link": "LINK",
        "name": "Cup",
        "starts_at_s": 1.75e9,
        "ends_at_s": 1.76e9,
    },
    "entrants": {"race_id": "r", "person_id": "p"},
    "submissions": {
        "race_id": "r",
        "person_id": "p",
        "job_id": "j",
        "model_id": "m",
        "model_name": "car",
        "checkpoint": 3,
        "weights_sha256": "00",
    },
    "screens": {"race_id": "r", "code": "CODE", "accent": "#c25200", "logo": "00"},
    "shows": {"is_on": True, "starts_at_s": 1.75e9, "autolaunch": True},
    "heats": {
        "race_id": "r",
        "title": "Final",
        "contestants": (
            {
                "submission_id": "s",
                "person_id": "p",
                "name": "Ann",
                "model_name": "car",
                "checkpoint": 3,
            },
        ),
    },
    "events": {
        "owner_id": "p",
        "link": "EVNT",
        "name": "Open day",
        "starts_at_s": 1.75e9,
        "ends_at_s": 1.76e9,
        "timetable": ({"at_s": 1.75e9, "what": "Start"},),
    },
    "attendants": {"event_id": "e", "person_id": "p", "is_new": True},
    "seasons": {"owner_id": "p", "name": "Winter", "points": (3, 2, 1)},
    "drafts": {"owner_id": "p", "purpose": "create", "sheet": {"name": "car"}},
    "nodes": {
        "seen_at_s": 1.75e9,
        "facts": {"id": "nodes-1", "slots": 2, "racecraft": "0", "cores": 4, "load": 0.5},
        "token_name": "lab",
    },
    "worker_tokens": {"name": "lab", "made_by": "p"},
    "learners": {
        "language": "de",
        "seen": {"garage.vehicle": 1.75e9},
        "chapters": {"loop": 1.75e9},
        "answers": {"agent": {"first": "track", "newest": "car"}},
    },
    "charges": {"owner_id": "p", "month": "2026-11", "job_id": "j", "compute_s": 12.5},
}


def samples(kinds: list[type[Record]]) -> Iterator[Record]:
    """One record of each kind."""
    for kind in kinds:
        fields = _GIVEN.get(kind.TABLE, {})
        yield kind(id=f"{kind.TABLE}-1", version=3, created_at_s=1.75e9, **fields)


def load_sqlite(version: str, path: Path) -> None:
    """Fill a new SQLite file with a dump."""
    with sqlite3.connect(path) as connection:
        connection.executescript((FOLDER / f"{version}-sqlite.sql").read_text())
    connection.close()


def load_postgres(version: str, url: str) -> None:
    """Fill an empty PostgreSQL database with a dump."""
    import psycopg

    with psycopg.connect(url) as connection:
        connection.execute((FOLDER / f"{version}-postgresql.sql").read_bytes())


def write() -> None:
    """Write the dumps of the newest version."""
    from tests.service.conftest import PROGRAMS, postgres_server
    from tests.service.test_store import RECORDS

    FOLDER.mkdir(exist_ok=True)
    kept = list(samples(RECORDS))
    values = {record.TABLE: record.model_dump(mode="json") for record in kept}
    (FOLDER / f"{NEWEST}.json").write_text(json.dumps(values, indent=1) + "\n")
    with tempfile.TemporaryDirectory() as place:
        _keep(Settings(home=Path(place)), kept)
        connection = sqlite3.connect(Path(place) / "racecraft.db")
        text = "\n".join(connection.iterdump())
        connection.close()
        (FOLDER / f"{NEWEST}-sqlite.sql").write_text(text + "\n")
        with postgres_server() as server:
            _keep(Settings(home=Path(place), database_url=f"{server}postgres"), kept)
            words = [str(PROGRAMS[-1].parent / "pg_dump"), "--inserts", "--no-owner"]
            dumped = subprocess.run(
                [*words, f"{server}postgres"], check=True, capture_output=True, text=True
            ).stdout
    lines = [line for line in dumped.splitlines() if not line.startswith(("\\", "--", "SET "))]
    plain = "\n".join(line for line in lines if line)
    (FOLDER / f"{NEWEST}-postgresql.sql").write_text(plain + "\n")


def _keep(settings: Settings, records: list[Record]) -> None:
    store = open_store(settings)
    with store.work() as work:
        for record in records:
            work.add(record)
    store.close()


if __name__ == "__main__":
    write()
