"""How workers talk to the service: over HTTP, with the token of a job or of a machine."""

from __future__ import annotations

import http.client
import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any
from urllib.parse import quote

from racecraft.domain.errors import (
    Conflict,
    InvalidInput,
    RacecraftError,
    ServiceUnreachable,
    SignInNeeded,
)
from racecraft.service.files import storage
from racecraft.service.live.wanted import Wanted

if TYPE_CHECKING:
    from racecraft.service.archives.manifest import FileEntry

TIMEOUT_S = 10.0
_CHUNK_BYTES = 1 << 20
_LATER = (408, 429)
"""Refusals for now: it came too slowly, or too often."""


class Line:
    """Requests to a service that all show the same token."""

    def __init__(self, url: str, token: str) -> None:
        """Know where it is; nothing is asked yet.

        Args:
            url: of the API.
            token: what is shown.
        """
        self.url, self._token = url.rstrip("/"), token
        # No proxy of the environment stands between the two.
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def ask(self, path: str, fields: dict[str, Any]) -> dict[str, Any]:
        """Send values and wait for those of the answer.

        Raises:
            SignInNeeded, Conflict: the token is worth nothing (any more), or it may not be done.
            InvalidInput: the service will never take this, however often it is asked.
            ServiceUnreachable: nobody answered, or what answered is not the service.
        """
        return self.send(path, json.dumps(fields).encode(), "application/json")

    def send(self, path: str, body: bytes | IO[bytes], kind: str, size: int = 0) -> dict[str, Any]:
        """`ask` with any body; `size` is that of a file."""
        headers = {"Content-Type": kind} | ({"Content-Length": str(size)} if size else {})
        with self._answer("POST", path, body, headers) as answer:
            values: dict[str, Any] = json.loads(answer.read())
            return values

    def fetch(self, path: str, to: Path) -> None:
        """Get a file.

        Raises:
            As `ask`.
            StorageFailed: it cannot be written here.
        """
        with storage(to), to.open("wb") as file, self._answer("GET", path, None, {}) as answer:
            while chunk := answer.read(_CHUNK_BYTES):
                with storage(to):  # not the service's fault
                    file.write(chunk)
            if answer.length:  # it broke off, and reading in pieces does not tell
                raise http.client.IncompleteRead(b"", answer.length)

    @contextmanager
    def _answer(
        self, method: str, path: str, body: bytes | IO[bytes] | None, headers: dict[str, str]
    ) -> Iterator[Any]:
        headers["Authorization"] = f"Bearer {self._token}"
        request = urllib.request.Request(
            f"{self.url}/{path}", data=body, headers=headers, method=method
        )
        try:
            with self._opener.open(request, timeout=TIMEOUT_S) as answer:
                yield answer
        except urllib.error.HTTPError as error:
            raise _refused(error) from error
        except (OSError, ValueError, http.client.HTTPException) as error:
            raise ServiceUnreachable(
                f"The service at {self.url} does not answer: {error}."
            ) from error


class ServiceConnection:
    """The service as the worker of one job sees it."""

    def __init__(self, url: str, job_id: str, token: str) -> None:
        self._line, self._job = Line(url, token), job_id

    def ask(self, word: str, **fields: Any) -> dict[str, Any]:
        """Send something and wait for the answer.

        Raises:
            SignInNeeded, Conflict: the job is not this worker's any more.
            InvalidInput: the service will never take this, however often it is asked.
            ServiceUnreachable: nobody answered, or what answered is not the service.
        """
        return self._line.ask(f"worker/jobs/{self._job}/{word}", fields)

    def show(self, segments: bytes) -> Wanted:
        """Send what the cars drove; gives what those who watch want to see.

        Raises:
            SignInNeeded, Conflict, ServiceUnreachable: as in `ask`.
        """
        path, kind = f"worker/jobs/{self._job}/segments", "application/octet-stream"
        return wanted_in({"wanted": self._line.send(path, segments, kind)})

    def list_files(self) -> list[dict[str, Any]]:
        """Path, size and checksum of every file of the job."""
        found: list[dict[str, Any]] = self._line.ask(self._files("list"), {})["files"]
        return found

    def fetch_file(self, path: str, to: Path) -> None:
        """Get one of them."""
        self._line.fetch(self._files(f"file?path={quote(path)}"), to)

    def fetch_track(self, name: str, to: Path) -> None:
        """Get an imported track."""
        self._line.fetch(self._files(f"track?name={quote(name)}"), to)

    def send_file(self, sha256: str, path: Path) -> None:
        """Send the bytes of a file ahead of saying which one it is."""
        with path.open("rb") as file:
            size = path.stat().st_size
            place, kind = self._files(f"blob/{sha256}"), "application/octet-stream"
            self._line.send(place, file if size else b"", kind, size)

    def keep_files(
        self, files: list[FileEntry], gone: list[str], *, is_in_store: bool
    ) -> list[str]:
        """Say which files the job has; gives the checksums of those that must be sent first.

        Args:
            files: all that there are.
            gone: paths of those that there were before, and are no more.
            is_in_store: whether the artifact store has what the service has not.
        """
        rows = [file.model_dump() for file in files]
        fields = {"files": rows, "gone": gone, "is_in_store": is_in_store}
        answer = self._line.ask(self._files("keep"), fields)
        missing: list[str] = answer["missing"]
        return missing

    def _files(self, path: str) -> str:
        return f"worker/files/{self._job}/{path}"


def wanted_in(answer: dict[str, Any]) -> Wanted:
    """What an answer says about those who watch."""
    wanted = answer["wanted"]
    return Wanted(int(wanted["viewers"]), tuple(wanted["cars"]), tuple(wanted["explained"]))


def _refused(error: urllib.error.HTTPError) -> RacecraftError:
    message = f"The service answered {error.code}."
    with suppress(OSError, ValueError, KeyError, TypeError):
        message = json.loads(error.read())["error"]["message"]
    if error.code in (401, 403, 404):
        return SignInNeeded(message)
    if error.code == 409:
        return Conflict(message)
    is_final = 400 <= error.code < 500 and error.code not in _LATER
    return InvalidInput(message) if is_final else ServiceUnreachable(message)
