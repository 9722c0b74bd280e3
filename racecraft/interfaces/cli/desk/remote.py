"""A server answers, over HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING

from racecraft.interfaces.cli.desk.desk import Desk
from racecraft.interfaces.cli.desk.remote_files import RemoteFiles
from racecraft.interfaces.cli.desk.remote_models import RemoteModels, RemoteTracks
from racecraft.interfaces.cli.desk.remote_records import RemoteRecords
from racecraft.interfaces.cli.desk.remote_work import RemoteWork
from racecraft.interfaces.cli.desk.results import RemoteResults

if TYPE_CHECKING:
    from racecraft.interfaces.client.connection import Connection


def remote_desk(connection: Connection) -> Desk:
    """Everything of a server."""
    return Desk(
        models=RemoteModels(connection),
        work=RemoteWork(connection),
        records=RemoteRecords(connection),
        tracks=RemoteTracks(connection),
        files=RemoteFiles(connection),
        results=RemoteResults(connection),
        server=connection.url,
    )
