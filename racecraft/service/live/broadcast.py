"""In the worker: shows what its cars drove, at real speed, while somebody watches.

A training hands over scenes much faster than they can be watched. One is played at a time, in
segments of a second. Iterations that follow on each other make one scene of about twenty seconds;
then nothing is copied until it has nearly been played. Whoever trains is never waited for and never
waits.
"""

from __future__ import annotations

import io
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from racecraft.domain.errors import RacecraftError
from racecraft.domain.live.scene import PERIOD_S, Frame, Scene
from racecraft.domain.live.segments import segment_end
from racecraft.service.live.wanted import Wanted

LEAD_S = 1.0
"""How long before it is due a segment is sent."""
SCENE_STEPS = 300
"""After so many steps (20 s) newer ones are shown, when there are any."""
MOST_STEPS = 600
"""Steps of one iteration, at most."""
MOST_FRAMES = 3000
"""Camera pictures of an evaluation, at most: 200 seconds of driving, 60 MB while it runs."""
POST_BYTES = 1_000_000
"""Recordings are sent in pieces of about this size."""
_JPEG_QUALITY = 80
_AHEAD = 1.5
"""New ones are copied when all is played within so many times what an iteration takes."""

Copy = Callable[[Sequence[int], Sequence[int], int], Scene]


class Broadcaster:
    """Sends scenes of one job to the service.

    A training offers its iterations; an evaluation is recorded as a whole.
    """

    def __init__(self, post: Callable[[bytes], Wanted]) -> None:
        """Start to look after it, in a thread of its own.

        Args:
            post: sends segments, and gives what is wanted from now on.
        """
        self._post = post
        self._changed = threading.Condition()
        self.wanted = Wanted()
        self._began_s = self._offered_s = time.monotonic()
        self._playing: deque[Scene] = deque()
        """Iterations that follow on each other without a gap, the current one first."""
        self._fresh: deque[Scene] = deque()
        """What comes after them."""
        self._at = 0
        """Next step of the current one."""
        self._played = 0
        """Steps of those before it."""
        self._ends_s = 0.0
        """Stream time up to which was sent."""
        self._shown: int | None = None
        """Part of the scene that was shown last, if the next part goes on where it ended."""
        self._sequence = 0
        self._is_over = False
        self._thread = threading.Thread(target=self._play, name="broadcast", daemon=True)
        self._thread.start()

    def hear(self, wanted: Wanted) -> None:
        """Take note of what the service said about those who watch."""
        with self._changed:
            self.wanted = wanted
            if not wanted.viewers:
                self._playing.clear()
                self._fresh.clear()
                self._at = self._played = 0
                self._shown = None
            self._changed.notify()

    def offer(self, part: int, copy: Copy) -> None:
        """What a training has just driven; it is copied if it will be shown.

        Args:
            part: the iteration.
            copy: makes the scene of it, given the cars to look at, those of them whose network is
                to be explained, and the most steps.
        """
        now_s = time.monotonic()
        with self._changed:
            since_s, self._offered_s = now_s - self._offered_s, now_s
            wanted = self.wanted
            if not wanted.viewers or self._place_for(part, since_s) is None:
                return
        scene = copy(wanted.cars, wanted.explained, MOST_STEPS)
        with self._changed:
            place = self._place_for(part, since_s)
            if self.wanted.viewers and place is not None:
                place.append(scene)
            self._changed.notify()

    def record(self, scenes: Sequence[Scene]) -> None:
        """Send the whole of an evaluation at once; it is over so soon that nobody need watch yet.

        Args:
            scenes: its trials, one after the other.
        """
        body = bytearray()
        for segments in recorded(scenes, self._sequence):
            self._sequence += 1
            body += segments
            if len(body) > POST_BYTES:
                self._send(bytes(body))
                body.clear()
        self._send(bytes(body))

    def stop(self) -> None:
        """Nothing more will be shown."""
        with self._changed:
            self._is_over = True
            self._changed.notify()
        self._thread.join()

    def _place_for(self, part: int, since_s: float) -> deque[Scene] | None:
        """Where an iteration that has just ended belongs; None if it will not be shown."""
        playing, fresh = self._playing, self._fresh
        if not playing:
            return playing
        newest = fresh or playing
        steps = sum(scene.steps for scene in newest) + (0 if fresh else self._played)
        if part == newest[-1].part + 1 and newest[-1].is_whole and steps < SCENE_STEPS:
            return newest
        left_s = (min(steps, SCENE_STEPS) - self._played - self._at) * PERIOD_S
        is_nearly_over = left_s <= _AHEAD * since_s + LEAD_S
        return fresh if not fresh and (is_nearly_over or self._lacks_a_view(playing[0])) else None

    def _lacks_a_view(self, scene: Scene) -> bool:
        views, wanted = scene.views, self.wanted
        return any(car < scene.num_cars and car not in views for car in wanted.cars) or any(
            car in views and not views[car].is_explained for car in wanted.explained
        )

    def _play(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._is_over or self._playing)
                pause_s = self._ends_s - LEAD_S - self._clock_s()
                if pause_s > 0.0 and not self._is_over:
                    self._changed.wait(pause_s)
                    continue
                if self._is_over:
                    return
                scene, begin = self._playing[0], self._at
                end = segment_end(begin, scene.steps)
                start_s = max(self._ends_s, self._clock_s())
                self._ends_s = start_s + (end - begin) * PERIOD_S
                is_cut = begin == 0 and self._shown != scene.part - 1
                self._go_on(scene, end)
            self._send(self._segments(scene, (begin, end), start_s, is_cut=is_cut))

    def _go_on(self, scene: Scene, end: int) -> None:
        """Take the next scene once this one was shown, or something newer is due."""
        self._at = end
        is_enough = self._played + end >= SCENE_STEPS or self._lacks_a_view(scene)
        if end == scene.steps:
            self._shown = scene.part if scene.is_whole else None
            self._playing.popleft()
            self._played, self._at = self._played + end, 0
        elif not (is_enough and self._fresh):
            return
        if not self._playing or (is_enough and self._fresh):
            if self._at:
                self._shown = None
            self._playing, self._fresh = self._fresh, deque()
            self._at = self._played = 0

    def _segments(
        self, scene: Scene, span: tuple[int, int], start_s: float, *, is_cut: bool
    ) -> bytes:
        """Some steps of a scene as they are sent."""
        number = self._sequence
        self._sequence += 1
        return _segments(scene, span, number, start_s, is_cut=is_cut)

    def _send(self, message: bytes) -> None:
        try:
            self.hear(self._post(message))
        except RacecraftError:
            # Whoever watches misses a second; the next sign of life tells whether they still do.
            self.hear(Wanted())

    def _clock_s(self) -> float:
        return time.monotonic() - self._began_s


def recorded(scenes: Sequence[Scene], sequence: int = 0) -> Iterator[bytes]:
    """Scenes as they are sent when they are kept whole, a second at a time.

    Args:
        scenes: one after the other, each from its own `start_s` on.
        sequence: number of the first segment.
    """
    for scene in scenes:
        begin = 0
        while begin < scene.steps:
            end = segment_end(begin, scene.steps)
            at_s = scene.start_s + float(scene.cars.time_s[begin])
            span, is_cut = (begin, end), begin == 0
            yield _segments(scene, span, sequence, at_s, is_cut=is_cut, is_recorded=True)
            sequence += 1
            begin = end


def _segments(
    scene: Scene,
    span: tuple[int, int],
    number: int,
    start_s: float,
    *,
    is_cut: bool,
    is_recorded: bool = False,
) -> bytes:
    """The cars in some steps of a scene, and the views of some of them."""
    part = scene.part
    cars = scene.cars.part_of(*span).bytes(
        number, part, start_s, is_cut=is_cut, is_recorded=is_recorded
    )
    views = [
        scene.view(car, *span, _jpeg).bytes(number, part, start_s, is_recorded=is_recorded)
        for car in scene.views
    ]
    return b"".join([cars, *views])


def _jpeg(frame: Frame) -> bytes:
    """A picture as a file; two eyes side by side."""
    from PIL import Image

    if frame.ndim == 3 and frame.shape[2] == 2:
        frame = np.concatenate([frame[..., 0], frame[..., 1]], axis=1)
    file = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(frame)).save(file, "JPEG", quality=_JPEG_QUALITY)
    return file.getvalue()
