"""Live telemetry between worker and viewers: pace, memory, and who is slow."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import pytest

from racecraft.domain.errors import InvalidInput, ServiceUnreachable, TooManyRequests
from racecraft.domain.live.scene import CarView, Scene
from racecraft.domain.live.segments import (
    CarsSegment,
    SegmentHead,
    SegmentKind,
    read_head,
    split_segments,
)
from racecraft.service.live import broadcast
from racecraft.service.live import hub as hubs
from racecraft.service.live.broadcast import SCENE_STEPS, Broadcaster
from racecraft.service.live.hub import Hub
from racecraft.service.live.wanted import Wanted


def scene(part: int, steps: int, cars: Sequence[int] = (), *, is_whole: bool = True) -> Scene:
    """Two cars that stand still."""
    zeros = np.zeros((steps, 2))
    segment = CarsSegment(
        time_s=np.arange(steps) / 15.0,
        **dict.fromkeys(("x_m", "y_m", "reward", "heading_rad", "speed_mps"), zeros),
        steering_rad=zeros,
        progress_percent=zeros,
        action=zeros.astype(np.int64),
        status=zeros.astype(np.int64) + 1,
        jump=zeros.astype(np.bool_),
    )
    frame = np.zeros((12, 16), np.uint8)
    view = CarView(
        np.zeros((steps, 0, 3)), np.zeros(0, np.int64), np.zeros((steps, 3)), [frame] * steps
    )
    return Scene(part, segment, dict.fromkeys(cars, view), is_whole=is_whole)


class Service:
    """What a broadcaster sends to, and what it is told."""

    def __init__(self, wanted: Wanted) -> None:
        self.wanted, self.heads, self.fails = wanted, list[SegmentHead](), False
        self.came_s = list[float]()
        self._news = threading.Condition()

    def post(self, body: bytes) -> Wanted:
        if self.fails:
            raise ServiceUnreachable("Nobody is there.")
        with self._news:
            self.came_s.append(time.monotonic())
            self.heads += [head for head, _ in split_segments(body)]
            self._news.notify()
        return self.wanted

    def wait(self, count: int, kind: SegmentKind = SegmentKind.CARS) -> list[SegmentHead]:
        """Wait until so many segments have come."""
        with self._news:
            assert self._news.wait_for(lambda: len(self.of(kind)) >= count, 10.0), self.heads
        return self.of(kind)

    def of(self, kind: SegmentKind) -> list[SegmentHead]:
        return [head for head in self.heads if head.kind is kind]


@pytest.fixture
def service() -> Service:
    return Service(Wanted(viewers=1))


@pytest.fixture
def broadcaster(service: Service) -> Iterator[Broadcaster]:
    made = Broadcaster(service.post)
    yield made
    made.stop()


def test_without_viewers_nothing_is_copied_or_sent(
    broadcaster: Broadcaster, service: Service
) -> None:
    copies = []
    broadcaster.offer(0, lambda cars, *_: copies.append(cars) or scene(0, 15))
    time.sleep(0.05)
    assert copies == []
    assert service.heads == []


def test_a_scene_is_sent_at_the_pace_at_which_it_is_watched(
    broadcaster: Broadcaster, service: Service
) -> None:
    broadcaster.hear(Wanted(viewers=1))
    broadcaster.offer(4, lambda *_: scene(4, 53))

    heads = service.wait(4)

    assert [head.steps for head in heads] == [15, 15, 15, 8]
    assert [head.sequence for head in heads] == [0, 1, 2, 3]
    assert [head.is_cut for head in heads] == [True, False, False, False]
    np.testing.assert_allclose(np.diff([head.start_s for head in heads]), 1.0, atol=1e-6)
    # One second ahead, so two come at once and each of the others a second later.
    assert service.came_s[3] - service.came_s[0] == pytest.approx(2.0, abs=0.5)


def test_an_iteration_that_follows_on_goes_on_without_a_cut(
    broadcaster: Broadcaster, service: Service
) -> None:
    broadcaster.hear(Wanted(viewers=1))
    broadcaster.offer(0, lambda *_: scene(0, 15))
    broadcaster.offer(1, lambda *_: scene(1, 15))
    heads = service.wait(2)

    assert [(head.part, head.is_cut) for head in heads] == [(0, True), (1, False)]


def test_a_training_that_is_far_ahead_is_shown_in_scenes_not_in_flickers(
    broadcaster: Broadcaster, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(broadcast, "SCENE_STEPS", 45)
    broadcaster.hear(Wanted(viewers=1))
    copied = list[int]()
    for part in range(200):  # 15 steps in 20 ms: fifty times as fast as it is shown
        broadcaster.offer(part, lambda *_, part=part: copied.append(part) or scene(part, 15))
        time.sleep(0.02)
    heads = service.wait(8)

    cuts = [k for k, head in enumerate(heads) if head.is_cut]
    parts = [head.part for head in heads]
    assert cuts[0] == 0
    assert 3 <= cuts[1] <= 6, "scenes go on for a while"
    for first, last in ((0, cuts[1]), (cuts[1], len(parts))):
        assert np.diff(parts[first : min(last, first + 3)]).tolist() == [1, 1]
    assert parts[cuts[1]] > 20, "and then show what is newest"
    assert len(copied) < 20, "iterations that will not be shown are not copied"


def test_whoever_trains_is_not_kept_waiting_by_a_service_that_hangs() -> None:
    hangs = threading.Event()

    def post(_: bytes) -> Wanted:
        hangs.wait(5.0)
        return Wanted(viewers=1)

    broadcaster = Broadcaster(post)
    broadcaster.hear(Wanted(viewers=1))
    begin = time.monotonic()
    for part in range(50):
        broadcaster.offer(part, lambda *_, part=part: scene(part, 15, [0]))
    assert time.monotonic() - begin < 1.0
    hangs.set()
    broadcaster.stop()


def test_a_service_that_is_gone_ends_the_show_until_it_asks_again(service: Service) -> None:
    service.fails = True
    broadcaster = Broadcaster(service.post)
    broadcaster.hear(Wanted(viewers=1))
    broadcaster.offer(0, lambda *_: scene(0, 15))
    deadline = time.monotonic() + 5.0
    while broadcaster.wanted.viewers and time.monotonic() < deadline:
        time.sleep(0.01)
    assert broadcaster.wanted == Wanted()
    service.fails = False
    broadcaster.hear(Wanted(viewers=1))
    broadcaster.offer(9, lambda *_: scene(9, 15))
    assert service.wait(1)[0].is_cut
    broadcaster.stop()


def test_a_car_that_is_chosen_gets_pictures_with_the_next_iteration(
    broadcaster: Broadcaster, service: Service
) -> None:
    broadcaster.hear(Wanted(viewers=1))
    broadcaster.offer(0, lambda cars, *_: scene(0, SCENE_STEPS, cars))
    service.wait(1)
    service.wanted = Wanted(viewers=1, cars=(1,))
    broadcaster.hear(service.wanted)
    broadcaster.offer(1, lambda cars, *_: scene(1, 30, cars))

    views = service.wait(1, SegmentKind.VIEW)

    assert (views[0].cars, views[0].part) == (1, 1)


def test_what_a_network_looks_at_is_computed_only_when_somebody_asks_and_then_soon(
    broadcaster: Broadcaster, service: Service
) -> None:
    asked = list[tuple[int, ...]]()

    def copy(part: int, cars: Sequence[int], explained: Sequence[int]) -> Scene:
        asked.append(tuple(explained))
        made = scene(part, SCENE_STEPS, cars)
        maps = {0: np.ones((3, 4), np.uint8)} if explained else {}
        views = {
            car: replace(view, maps=maps, is_explained=car in explained)
            for car, view in made.views.items()
        }
        return replace(made, views=views)

    service.wanted = Wanted(viewers=1, cars=(1,))
    broadcaster.hear(service.wanted)
    broadcaster.offer(0, lambda cars, explained, _: copy(0, cars, explained))
    service.wait(1, SegmentKind.VIEW)
    service.wanted = Wanted(viewers=1, cars=(1,), explained=(1,))
    broadcaster.hear(service.wanted)
    broadcaster.offer(7, lambda cars, explained, _: copy(7, cars, explained))
    views = service.wait(4, SegmentKind.VIEW)

    assert asked == [(), (1,)]
    assert [(head.part, head.maps) for head in views[:1]] == [(0, 0)]
    first = next(head for head in views if head.part == 7)
    assert (first.maps, first.map_size) == (1, (3, 4))


def test_a_recording_holds_every_step_and_its_times() -> None:
    service = Service(Wanted())
    broadcaster = Broadcaster(service.post)
    broadcaster.record([scene(0, 40, [0]), replace(scene(1, 20, [0]), start_s=2.75)])
    broadcaster.stop()

    heads = service.of(SegmentKind.CARS)
    assert [(head.part, head.steps) for head in heads] == [
        *[(0, 15), (0, 15), (0, 10)],
        (1, 20),
    ]
    assert all(head.is_recorded for head in service.heads)
    assert [head.is_cut for head in heads] == [True, False, False, True]
    np.testing.assert_allclose([head.start_s for head in heads], [0, 1, 2, 2.75], atol=1e-6)
    assert len(service.of(SegmentKind.VIEW)) == len(heads)


def segment(number: int, *, is_recorded: bool = False, car: int | None = None) -> bytes:
    shown = scene(number, 15, [] if car is None else [car])
    if car is not None:
        view = shown.view(car, 0, 15, lambda _: b"jpeg")
        return view.bytes(number, number, float(number), is_recorded=is_recorded)
    return shown.cars.bytes(number, number, float(number), is_cut=False, is_recorded=is_recorded)


def numbers(messages: Sequence[bytes]) -> list[int]:
    return [read_head(message).sequence for message in messages]


def nothing() -> None:
    return


def test_everybody_who_watches_gets_the_same_bytes_once() -> None:
    hub, woken = Hub(), list[str]()
    viewers = [hub.join("a", lambda k=k: woken.append(str(k))) for k in range(3)]
    other = hub.join("b", nothing)

    hub.publish("a", segment(0) + segment(1))

    assert sorted(woken) == ["0", "1", "2"]
    taken = [viewer.take() for viewer in viewers]
    assert [numbers(messages) for messages in taken] == [[0, 1]] * 3
    assert all(a is b for a, b in zip(taken[0], taken[1], strict=True))
    assert viewers[0].take() == []
    assert other.take() == []


def test_a_slow_viewer_misses_the_oldest_and_keeps_nobody_waiting() -> None:
    hub = Hub()
    slow, quick = hub.join("a", nothing), hub.join("a", nothing)
    got = []
    for number in range(100):
        hub.publish("a", segment(number))
        got += numbers(quick.take())

    assert got == list(range(100))
    left = []
    while messages := slow.take():
        left += numbers(messages)
    assert left == list(range(91, 100)), "eight seconds are kept"


def test_a_new_viewer_begins_with_the_newest_second_or_with_the_whole_recording() -> None:
    hub = Hub()
    for number in range(5):
        hub.publish("training", segment(number))
        hub.publish("evaluation", segment(number, is_recorded=True))

    assert numbers(hub.join("training", nothing).take()) == [4]
    assert numbers(hub.join("evaluation", nothing).take()) == [0, 1, 2, 3, 4]


def test_only_those_who_chose_a_car_get_its_view() -> None:
    hub = Hub()
    chose, did_not = hub.join("a", nothing), hub.join("a", nothing)
    chose.choose(1)
    assert hub.publish("a", segment(0)) == Wanted(viewers=2, cars=(1,))

    hub.publish("a", segment(1) + segment(1, car=1) + segment(1, car=0))

    kinds = [read_head(message).kind.name for message in chose.take()]
    assert kinds == ["CARS", "CARS", "VIEW"]
    assert len(did_not.take()) == 2


def test_the_cars_of_most_viewers_win() -> None:
    hub = Hub()
    for car, count in enumerate([1, 3, 2, 4, 5, 1]):
        for _ in range(count):
            hub.join("a", nothing).choose(car)

    assert hub.wanted("a") == Wanted(viewers=16, cars=(1, 2, 3, 4))


def test_a_worker_is_told_whose_network_somebody_wants_to_understand() -> None:
    hub = Hub()
    glances, looks = (hub.join("a", nothing) for _ in range(2))
    glances.choose(1)
    looks.choose(2, explained=True)
    assert hub.wanted("a") == Wanted(2, (1, 2), (2,))
    looks.choose(None, explained=True)
    assert hub.wanted("a") == Wanted(2, (1,), ())


def test_a_worker_is_told_when_the_last_viewer_has_left() -> None:
    now_s = [0.0]
    hub = Hub(clock=lambda: now_s[0])
    viewer = hub.join("a", nothing)
    assert hub.wanted("a").viewers == 1
    viewer.close()
    viewer.close()
    assert hub.wanted("a").viewers == 0
    hub.glance("a")
    assert hub.wanted("a").viewers == 1
    now_s[0] = 6.0
    assert hub.wanted("a").viewers == 0


def test_a_worker_that_begins_anew_replaces_what_the_one_before_showed() -> None:
    hub = Hub()
    for number in range(3):
        hub.publish("a", segment(number, is_recorded=True))
    viewer = hub.join("a", nothing)
    viewer.take()

    hub.publish("a", segment(0, is_recorded=True))

    assert numbers(viewer.take()) == [0]
    assert numbers(hub.join("a", nothing).take()) == [0]


def test_memory_is_bounded_and_what_is_watched_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    size = len(segment(0, is_recorded=True))
    monkeypatch.setattr(hubs, "MOST_BYTES", 3 * size)
    monkeypatch.setattr(hubs, "MOST_BYTES_IN_ALL", 10 * size)
    hub = Hub()
    watched = hub.join("watched", nothing)
    for job in ("watched", *(f"job {k}" for k in range(20))):
        for number in range(5):
            hub.publish(job, segment(number, is_recorded=True))

    assert numbers(watched.take()) == [2, 3, 4]
    kept = [hub.join(f"job {k}", nothing).take() for k in range(20)]
    assert [bool(messages) for messages in kept] == [False] * 18 + [True] * 2


def test_there_is_an_end_to_how_many_may_watch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hubs, "MOST_VIEWERS", 2)
    hub = Hub()
    hub.join("a", nothing)
    first = hub.join("b", nothing)
    with pytest.raises(TooManyRequests):
        hub.join("c", nothing)
    first.close()
    hub.join("c", nothing)


def test_what_is_no_segment_is_not_published() -> None:
    hub = Hub()
    viewer = hub.join("a", nothing)
    with pytest.raises(InvalidInput):
        hub.publish("a", segment(0) + b"rubbish")
    assert viewer.take() == []
