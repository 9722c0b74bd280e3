"""How a worker talks to the service: over HTTP, with the token of its job."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from contextlib import suppress
from typing import Any
from urllib.parse import urljoin

from racecraft.domain.errors import Conflict, RacecraftError, ServiceUnreachable, SignInNeeded
from racecraft.service.live.wanted import Wanted

TIMEOUT_S = 10.0


class ServiceConnection:
    """The service as the worker of one job sees it."""

    def __init__(self, url: str, job_id: str, token: str) -> None:
        self._url = f"{url.rstrip('/')}/worker/jobs/{job_id}/"
        self._token = token
        # No proxy of the environment stands between the two.
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def ask(self, word: str, **fields: Any) -> dict[str, Any]:
        """Send something and wait for the answer.

        Raises:
            SignInNeeded, Conflict: the job is not this worker's any more.
            ServiceUnreachable: nobody answered, or what answered is not the service.
        """
        return self._send(word, json.dumps(fields).encode(), "application/json")

    def show(self, segments: bytes) -> Wanted:
        """Send what the cars drove; gives what those who watch want to see.

        Raises:
            SignInNeeded, Conflict, ServiceUnreachable: as in `ask`.
        """
        return wanted_in({"wanted": self._send("segments", segments, "application/octet-stream")})

    def _send(self, word: str, body: bytes, kind: str) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self._token}", "Content-Type": kind}
        url = urljoin(self._url, word)
        request = urllib.request.Request(url, data=body, headers=headers, method="POST")
        try:
            with self._opener.open(request, timeout=TIMEOUT_S) as answer:
                values: dict[str, Any] = json.loads(answer.read())
                return values
        except urllib.error.HTTPError as error:
            raise _refused(error) from error
        except (OSError, ValueError) as error:
            raise ServiceUnreachable(
                f"The service at {self._url} does not answer: {error}."
            ) from error


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
    return Conflict(message) if error.code == 409 else ServiceUnreachable(message)
