"""A worker's signs of life: sent beside the work, and answered with what the service wants.

When the service is gone for long, or somebody else has the job by now, the worker is to end.
"""

from __future__ import annotations

import os
import threading
import time
from typing import TYPE_CHECKING, Any

from racecraft.domain.errors import Conflict, InvalidInput, ServiceUnreachable, SignInNeeded
from racecraft.service.jobs.leases import BEAT_S, LEASE_S
from racecraft.service.remote import ServiceConnection, wanted_in

if TYPE_CHECKING:
    from racecraft.service.live.broadcast import Broadcaster

GRACE_S = 4 * LEASE_S
"""How long a worker goes on by itself when the service does not answer."""
HURRY_S = 20.0
"""How long an iteration may still take once the job is somebody else's."""
LOST = 75
"""Exit code of a worker that gave up its job."""


class StopAsked(Exception):
    """The service wants the job to end here."""


class ShiftOver(Exception):
    """Others have waited for longer: the service wants the job back, and it goes on later."""


class Heart:
    """Gives signs of life beside the work, and hears what the service answers."""

    def __init__(self, service: ServiceConnection, broadcaster: Broadcaster) -> None:
        self._service, self._broadcaster = service, broadcaster
        self._began_s = self._heard_s = time.monotonic()
        self.report: dict[str, Any] = {}
        self._is_over = threading.Event()
        self.is_asked_to_stop = False
        self._is_to_make_room = False
        self.is_lost = False
        self._thread = threading.Thread(target=self._beat, name="heart", daemon=True)
        self._thread.start()

    @property
    def compute_s(self) -> float:
        """Time since the job was taken on."""
        return time.monotonic() - self._began_s

    def tell(self, report: dict[str, Any], *, is_last: bool = False) -> None:
        """Send figures with the next beat.

        Args:
            report: the figures.
            is_last: nothing would be left to do later.

        Raises:
            StopAsked: the job is to end here.
            ShiftOver: it is to be given back here.
        """
        self.report = report
        if self.is_asked_to_stop or self.is_lost:
            raise StopAsked
        if self._is_to_make_room and not is_last:
            raise ShiftOver

    def stop(self) -> None:
        """No more signs of life."""
        self._is_over.set()
        self._thread.join()

    def _beat(self) -> None:
        while not self._is_over.wait(BEAT_S):
            try:
                fields = {"compute_s": self.compute_s, "report": self.report}
                answer = self._service.ask("beat", **fields)
                self._heard_s = time.monotonic()
                self.is_asked_to_stop = not answer["goes_on"]
                self._is_to_make_room = bool(answer.get("makes_room"))
                self._broadcaster.hear(wanted_in(answer))
            except (SignInNeeded, Conflict):
                self._lose()
            except (ServiceUnreachable, InvalidInput, KeyError):
                if time.monotonic() - self._heard_s > GRACE_S:
                    self._lose()

    def _lose(self) -> None:
        """Let the work end after this iteration; make an end if that takes too long."""
        self.is_lost = True
        if not self._is_over.wait(HURRY_S):
            os._exit(LOST)
