"""`racecraft backup`, `racecraft restore`, `racecraft move-records`: for whoever runs a service."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from racecraft.domain.errors import NotFound
from racecraft.interfaces.cli.output import (
    JSON_FLAG,
    say_json,
    say_table,
    settings_now,
    size_text,
    time_text,
)
from racecraft.interfaces.cli.place import stay_here

if TYPE_CHECKING:
    from racecraft.service.backups.contents import BackupManifest
    from racecraft.service.settings import Settings

_REPLACE = typer.Option(False, "--replace", help="Also where there is something already.")


def backup(
    file: Path = typer.Argument(
        help="The backup to be written, such as racecraft.backup, or a folder for one with the "
        "time in its name."
    ),
    is_json: bool = JSON_FLAG,
) -> None:
    """Save everything of this installation in one file: records, models, keys, settings.

    The service may run meanwhile. Keys and password hashes are in the file, so only you can read
    it; keep it elsewhere, and keep it safe.
    """
    stay_here("backup")
    from racecraft.service.backups.saving import save_backup
    from racecraft.service.store import open_store

    settings = settings_now()
    _refuse_no_records(settings)
    if file.is_dir():
        file /= f"racecraft-{datetime.now().astimezone():%Y-%m-%d-%H%M%S}.backup"
    store = open_store(settings)
    try:
        manifest = save_backup(store, settings, file)
    finally:
        store.close()
    for place in manifest.gone:
        typer.echo(f"warning: the folder {place} of a model is not there.", err=True)
    if is_json:
        say_json({"file": file.absolute(), **_facts(manifest)})
        return
    typer.echo(f"Saved {_sentence(manifest)} in {file} ({size_text(file.stat().st_size)}).")


def restore(
    file: Path = typer.Argument(help="A file that `racecraft backup` wrote."),
    replace: bool = _REPLACE,
    check: bool = typer.Option(
        False, "--check", help="Only read the backup and compare everything with its digests."
    ),
    is_json: bool = JSON_FLAG,
) -> None:
    """Make this installation what it was when a backup was made.

    The service must not run. Records go where RACECRAFT_DATABASE_URL says, whatever database the
    backup is of. Without --replace only an empty place is filled; with it, the files that are there
    are put aside, and the records of a PostgreSQL database that are there are lost.
    """
    stay_here("restore")
    from racecraft.service.backups.restoring import check_backup, restore_backup

    if check:
        manifest, aside = check_backup(file), None
    else:
        restored = restore_backup(settings_now(), file, replaces=replace)
        manifest, aside = restored.manifest, restored.aside
    if is_json:
        say_json({"checked_only": check, "aside": aside, **_facts(manifest)})
        return
    made = f"of {time_text(manifest.made_at_s)}"
    verb = f"The backup {made} is whole:" if check else f"Restored the backup {made}:"
    typer.echo(f"{verb} {_sentence(manifest)}.")
    if aside is not None:
        typer.echo(f"What was there before is in {aside}; remove it when you need it no more.")


def move_records(
    to: str = typer.Option(
        ..., "--to", metavar="URL", help="The new database, such as postgresql://user@host/name."
    ),
    replace: bool = _REPLACE,
    is_json: bool = JSON_FLAG,
) -> None:
    """Copy all records into another database, count and compare them.

    The service must not run. The records stay where they are, too; the new ones are used when
    RACECRAFT_DATABASE_URL names them. Files stay where they are.
    """
    stay_here("move-records")
    from racecraft.service.locks import out_of_service
    from racecraft.service.store import open_store
    from racecraft.service.store.dumps import copy_records

    settings = settings_now()
    _refuse_no_records(settings)
    with out_of_service(settings.home):
        store = open_store(settings)
        try:
            sums = copy_records(store, to, replaces=replace)
        finally:
            store.close()
    rows = sum(table.rows for table in sums)
    if is_json:
        say_json({"records": rows, "tables": {table.name: table.rows for table in sums}})
        return
    say_table(
        ("Table", "Records", "The same in both"),
        [(table.name, str(table.rows), table.sha256[:12]) for table in sums if table.rows],
    )
    typer.echo(f"{rows} records are in the new database, and are the same as here.")
    typer.echo("Start the service with RACECRAFT_DATABASE_URL set to its URL from now on.")


def _refuse_no_records(settings: Settings) -> None:
    """Stop here where no service ever was: most likely another place is meant.

    Raises:
        NotFound: there are no records, and opening them would only make empty ones.
    """
    from racecraft.service.store.checkup import Age, look_over

    if look_over(settings).age is Age.NONE:
        place = "PostgreSQL" if settings.database_url else str(settings.home)
        raise NotFound(
            f"There are no records in {place}; name the place that the service works on by "
            "RACECRAFT_HOME (and by RACECRAFT_DATABASE_URL, if it has one)."
        )


def _sentence(manifest: BackupManifest) -> str:
    files, size = len(manifest.files), size_text(manifest.size)
    return f"{manifest.rows} records and {files} files ({size})"


def _facts(manifest: BackupManifest) -> dict[str, object]:
    return {
        "made_at_s": manifest.made_at_s,
        "records": manifest.rows,
        "tables": {table.name: table.rows for table in manifest.tables},
        "files": len(manifest.files),
        "size_bytes": manifest.size,
        "gone": list(manifest.gone),
    }
