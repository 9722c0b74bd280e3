"""How a worker talks to the service: over HTTP, with the token of its job."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from contextlib import suppress
from typing import Any
from urllib.parse import urljoin

from racecraft.domain.errors import Conflict, RacecraftError, ServiceUnreachable, SignInNeeded

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
        request = urllib.request.Request(
            urljoin(self._url, word),
            data=json.dumps(fields).encode(),
            headers={
                "Authorization": f"Bearer {self._token}",
                "Content-Type": "application/json",
            },
            method="POST",
        )
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


def _refused(error: urllib.error.HTTPError) -> RacecraftError:
    message = f"The service answered {error.code}."
    with suppress(OSError, ValueError, KeyError, TypeError):
        message = json.loads(error.read())["error"]["message"]
    if error.code in (401, 403, 404):
        return SignInNeeded(message)
    return Conflict(message) if error.code == 409 else ServiceUnreachable(message)
