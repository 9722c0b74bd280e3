"""In the service: what workers publish, handed to everybody who watches.

Each job has one buffer of its newest segments. Those who watch read from it at their own speed and
hold nothing but a place in it; who is too slow for the buffer goes on with the oldest segment that
is left. A recording is kept whole, and for a while after its job has ended.
"""

from __future__ import annotations

import threading
import time
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field

from racecraft.domain.errors import TooManyRequests
from racecraft.domain.live.segments import SegmentHead, SegmentKind, split_segments
from racecraft.service.live.wanted import Wanted

LIVE_S = 8.0
"""Seconds of a training that are kept for those who are slow."""
MOST_BYTES = 8_000_000
"""Of the segments of one job."""
MOST_BYTES_IN_ALL = 64_000_000
KEPT_S = 600.0
"""How long a job's segments are kept that nobody publishes or watches any more."""
MOST_VIEWERS = 500
MOST_CARS = 4
"""Cars whose pictures are sent at a time."""
GLANCE_S = 5.0
"""For how long somebody who asked for a snapshot counts as a viewer."""
_AT_ONCE = 8
"""Segments that a viewer takes at a time."""


@dataclass(frozen=True)
class _Kept:
    number: int
    head: SegmentHead
    message: bytes


@dataclass(eq=False)
class _Channel:
    """The segments of one job, and who watches it."""

    kept: deque[_Kept] = field(default_factory=deque)
    size: int = 0
    published: int = 0
    """Segments so far."""
    viewers: set[Viewer] = field(default_factory=set)
    used_s: float = 0.0
    glanced_s: float = float("-inf")

    def add(self, head: SegmentHead, message: bytes) -> None:
        newest = self.kept[-1].head if self.kept else head
        if head.sequence < newest.sequence:  # another worker has begun anew
            self.kept.clear()
            self.size = 0
        self.kept.append(_Kept(self.published, head, message))
        self.published += 1
        self.size += len(message)
        while len(self.kept) > 1 and (self.size > MOST_BYTES or self._is_past(head)):
            self.size -= len(self.kept.popleft().message)

    def _is_past(self, newest: SegmentHead) -> bool:
        oldest = self.kept[0].head
        return not newest.is_recorded and oldest.start_s < newest.start_s - LIVE_S

    def wanted(self, now_s: float) -> Wanted:
        chosen = Counter(viewer.car for viewer in self.viewers if viewer.car is not None)
        cars = tuple(sorted(car for car, _ in chosen.most_common(MOST_CARS)))
        asked = {viewer.car for viewer in self.viewers if viewer.wants_explanation}
        explained = tuple(car for car in cars if car in asked)
        return Wanted(len(self.viewers) + (now_s - self.glanced_s < GLANCE_S), cars, explained)

    def entry(self) -> int:
        """Where a new viewer begins: at the newest second, or with the whole recording."""
        if not self.kept or self.kept[-1].head.is_recorded:
            return 0
        cars = [kept for kept in self.kept if kept.head.kind is SegmentKind.CARS]
        return cars[-1].number


class Viewer:
    """Somebody's place in what a job shows. Close it when they are gone."""

    def __init__(self, hub: Hub, job_id: str, place: int, wake: Callable[[], None]) -> None:
        self._hub, self.job_id, self.wake = hub, job_id, wake
        self.place = place
        self.car: int | None = None
        """Whose pictures they want."""
        self.wants_explanation = False
        """Whether they also want to know what the network looks at."""

    def choose(self, car: int | None, *, explained: bool = False) -> None:
        """Want the pictures of another car, or none, and perhaps what the network looks at."""
        self.car, self.wants_explanation = car, explained

    def take(self) -> list[bytes]:
        """The next segments, the oldest first; nothing when all were taken."""
        return self._hub.take(self)

    def close(self) -> None:
        """They do not watch any more."""
        self._hub.leave(self)


class Hub:
    """All jobs that are published or watched. Every method may be called from any thread."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._channels: dict[str, _Channel] = {}

    def publish(self, job_id: str, body: bytes) -> Wanted:
        """Take segments from a worker, and tell it what is wanted.

        Raises:
            InvalidInput: something is no segment; nothing of it was taken.
        """
        segments = list(split_segments(body))
        with self._lock:
            channel = self._channel(job_id)
            for head, message in segments:
                channel.add(head, message)
            self._make_room(channel)
            wanted, viewers = channel.wanted(self._clock()), list(channel.viewers)
        for viewer in viewers:
            viewer.wake()
        return wanted

    def wanted(self, job_id: str) -> Wanted:
        """What those who watch a job want."""
        with self._lock:
            channel = self._channels.get(job_id)
            return channel.wanted(self._clock()) if channel else Wanted()

    def join(self, job_id: str, wake: Callable[[], None]) -> Viewer:
        """Watch a job; who asks must have been asked whether they may.

        Args:
            job_id: which.
            wake: called, from any thread, when there is something to take.

        Raises:
            TooManyRequests: as many watch already as this service can serve.
        """
        with self._lock:
            if sum(len(each.viewers) for each in self._channels.values()) >= MOST_VIEWERS:
                raise TooManyRequests(
                    f"{MOST_VIEWERS} people watch already; try again in a minute.", wait_s=60.0
                )
            channel = self._channel(job_id)
            viewer = Viewer(self, job_id, channel.entry(), wake)
            channel.viewers.add(viewer)
            return viewer

    def leave(self, viewer: Viewer) -> None:
        """Somebody does not watch any more."""
        with self._lock:
            channel = self._channels.get(viewer.job_id)
            if channel is None:
                return
            channel.viewers.discard(viewer)
            channel.used_s = self._clock()
            if not channel.viewers and not channel.kept:
                del self._channels[viewer.job_id]

    def take(self, viewer: Viewer) -> list[bytes]:
        """The next segments for a viewer."""
        with self._lock:
            channel = self._channels.get(viewer.job_id)
            kept = channel.kept if channel else ()
            found: list[bytes] = []
            for each in kept:
                if each.number < viewer.place:
                    continue
                if len(found) == _AT_ONCE:
                    break
                viewer.place = each.number + 1
                if each.head.kind is SegmentKind.CARS or each.head.cars == viewer.car:
                    found.append(each.message)
            return found

    def glance(self, job_id: str) -> tuple[bytes | None, int]:
        """The newest segment of a job's cars, and how many watch; its worker will send more."""
        with self._lock:
            channel = self._channel(job_id)
            channel.glanced_s = self._clock()
            cars = [kept for kept in channel.kept if kept.head.kind is SegmentKind.CARS]
            return cars[-1].message if cars else None, len(channel.viewers)

    def _channel(self, job_id: str) -> _Channel:
        channel = self._channels.setdefault(job_id, _Channel())
        channel.used_s = self._clock()
        return channel

    def _make_room(self, newest: _Channel) -> None:
        """Forget what nobody watches, when it is old or takes too much memory."""
        now_s = self._clock()
        idle = [
            (channel.used_s, job_id)
            for job_id, channel in self._channels.items()
            if not channel.viewers and channel is not newest
        ]
        size = sum(channel.size for channel in self._channels.values())
        for used_s, job_id in sorted(idle):
            if used_s > now_s - KEPT_S and size <= MOST_BYTES_IN_ALL:
                break
            size -= self._channels.pop(job_id).size
