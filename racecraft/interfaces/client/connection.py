"""Requests to a service, its answers, and a sentence for everything that can go wrong."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from racecraft import __version__
from racecraft.domain import errors
from racecraft.domain.errors import (
    Conflict,
    InvalidInput,
    RacecraftError,
    ServiceUnreachable,
    SignInNeeded,
    TooManyRequests,
)
from racecraft.service.files import storage

if TYPE_CHECKING:
    import httpx

TIMEOUT_S = 30.0
"""A stream says every 15 seconds that it is there; nothing else is silent for so long."""
_PAGE = 500
_CLASSES = {
    name: kind
    for name, kind in vars(errors).items()
    if isinstance(kind, type) and issubclass(kind, RacecraftError) and kind is not TooManyRequests
}


def checked_url(url: str) -> str:
    """The address of a service in the one form in which it is kept.

    Raises:
        InvalidInput: it cannot be one.
    """
    try:
        parts = urlsplit(url.strip())
        is_usable = parts.scheme in ("http", "https") and bool(parts.hostname)
        is_usable = is_usable and parts.username is None and (parts.port is None or parts.port > 0)
    except ValueError:
        is_usable = False
    if not is_usable:
        raise InvalidInput(
            f"The server is {url!r}; write its address as in http://localhost:8321 or "
            "https://racecraft.example.org."
        )
    path = parts.path.rstrip("/").removesuffix("/api")
    return f"{parts.scheme}://{parts.netloc.lower()}{path}"


class Connection:
    """One service, asked as one person."""

    def __init__(self, url: str, token: str | None = None) -> None:
        import httpx

        self.url = checked_url(url)
        headers = {"User-Agent": f"racecraft/{__version__}"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        self.has_token = bool(token)
        self._http = httpx.Client(base_url=f"{self.url}/api", headers=headers, timeout=TIMEOUT_S)

    def close(self) -> None:
        """Let go of it."""
        self._http.close()

    def greet(self) -> dict[str, Any]:
        """What the service tells everybody about itself.

        Raises:
            ServiceUnreachable: nobody is there, or it is no racecraft.
            Conflict: it is of another version.
        """
        hello = self.ask("GET", "hello")
        if not isinstance(hello, dict) or "is_hosted" not in hello:
            raise self._stranger()
        theirs = str(hello.get("version", "of an older version"))
        if theirs.split(".")[:2] != __version__.split(".")[:2]:
            raise Conflict(
                f"The racecraft at {self.url} is {theirs}, and this one is {__version__}; install "
                "the same version here as there."
            )
        return hello

    def ask(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        **params: str | int | bool,
    ) -> Any:
        """Send a request and give the values of the answer.

        Raises:
            RacecraftError: of the class that the service named, with its sentence.
            ServiceUnreachable: nobody answers, or not as racecraft does.
        """
        with self._telling():
            content = None if body is None else json.dumps(body, allow_nan=False).encode()
            headers = {"Content-Type": "application/json"}
            answer = self._http.request(
                method, path, content=content, params=params, headers=headers
            )
        return self._values(answer)

    def pages(self, path: str, **params: str | int | bool) -> list[dict[str, Any]]:
        """Everything of a list."""
        items: list[dict[str, Any]] = []
        while True:
            page = self.ask("GET", path, None, limit=_PAGE, offset=len(items), **params)
            items += page["items"]
            if len(page["items"]) < _PAGE:
                return items

    def send(self, method: str, path: str, data: bytes, **params: str | int | bool) -> Any:
        """Send a file and give the values of the answer; raises as `ask` does."""
        headers = {"Content-Type": "application/octet-stream"}
        with self._telling():
            answer = self._http.request(method, path, content=data, params=params, headers=headers)
        return self._values(answer)

    def fetch(self, path: str, target: Path, **params: str | int | bool) -> None:
        """Write a file of the service to the disk, whole or not at all; raises as `ask` does."""
        part = target.with_name(f".{target.name}.part")
        try:
            with (
                self._telling(),
                self._http.stream("GET", path, params=params) as answer,
                storage(target),
            ):
                if answer.is_error:
                    answer.read()
                    self._values(answer)
                with part.open("wb") as file:
                    for chunk in answer.iter_bytes():
                        file.write(chunk)
                part.replace(target)
        finally:
            part.unlink(missing_ok=True)

    def text(self, path: str, **params: str | int | bool) -> Iterator[str]:
        """A text of the service, piece by piece as it comes; raises as `ask` does."""
        with self._telling(), self._http.stream("GET", path, params=params) as answer:
            if answer.is_error:
                answer.read()
                self._values(answer)
            for part in answer.iter_text():
                yield _plain(part)

    def events(self, path: str) -> Iterator[tuple[str, Any]]:
        """Names and values of server-sent events, until the service ends them.

        Raises:
            ServiceUnreachable: the service is gone.
        """
        name = ""
        with self._telling(), self._http.stream("GET", path) as answer:
            if answer.is_error:
                answer.read()
                self._values(answer)
            for line in answer.iter_lines():
                if line.startswith("event: "):
                    name = line.removeprefix("event: ")
                elif line.startswith("data: "):
                    yield name, _clean(json.loads(line.removeprefix("data: ")))

    @contextmanager
    def _telling(self) -> Iterator[None]:
        import httpx

        try:
            yield
        except httpx.TimeoutException as error:
            raise ServiceUnreachable(
                f"The racecraft server at {self.url} did not answer in time; try again later."
            ) from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise ServiceUnreachable(
                f"No racecraft server answers at {self.url} ({_plain(str(error))}); check the "
                "address, and that `racecraft up` runs there."
            ) from error

    def _values(self, answer: httpx.Response) -> Any:
        try:
            values = _clean(answer.json())
        except ValueError as error:
            raise self._stranger() from error
        if answer.is_success:
            return values
        try:
            kind, message = str(values["error"]["kind"]), str(values["error"]["message"])
        except (KeyError, TypeError) as error:
            raise self._stranger() from error
        raise self._failure(answer, kind, message)

    def _failure(self, answer: httpx.Response, kind: str, message: str) -> RacecraftError:
        if answer.status_code == 401 and answer.request.url.path.endswith("/sign-in"):
            return SignInNeeded(message)
        if answer.status_code == 401:
            return SignInNeeded(
                f"{message} `racecraft login {self.url}` makes a new token and keeps it."
                if self.has_token
                else f"The server at {self.url} wants to know who you are; sign in with "
                f"`racecraft login {self.url}`, or give a token with --token."
            )
        if kind == TooManyRequests.__name__:
            waits = answer.headers.get("retry-after", "")
            return TooManyRequests(message, wait_s=float(waits) if waits.isdigit() else 60.0)
        if kind == "HTTPError" and answer.status_code in (404, 405):
            return Conflict(
                f"The racecraft at {self.url} does not know this request; install the same "
                "version here as there."
            )
        return _CLASSES.get(kind, RacecraftError)(message)

    def _stranger(self) -> ServiceUnreachable:
        return ServiceUnreachable(
            f"Something answers at {self.url}, but it is no racecraft server; check the address."
        )


def part_of_path(name: str) -> str:
    """A name as one part of a path."""
    return quote(name, safe="")


def _clean(values: Any) -> Any:
    """Values without characters that would steer the terminal on which they are shown."""
    if isinstance(values, str):
        return _plain(values)
    if isinstance(values, list):
        return [_clean(each) for each in values]
    if isinstance(values, dict):
        return {str(name): _clean(each) for name, each in values.items()}
    return values


def _plain(text: str) -> str:
    return "".join(
        c if c.isprintable() or c in "\n\t" else "\N{REPLACEMENT CHARACTER}" for c in text
    )
