"""How many steps a second the simulator makes, with and without Gymnasium and the camera."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import gymnasium
import numpy as np
from numpy.typing import NDArray

import racecraft.sim  # noqa: F401  makes the environment known to Gymnasium
from benchmarks.measuring import Effort, Sample, cores
from benchmarks.table import Row, number
from racecraft.domain.bots import BotSpec
from racecraft.domain.car import CameraSpec
from racecraft.sim.simulator import Simulator
from racecraft.sim.time_trial import make_time_trial
from racecraft.tracks.library import load_track

TRACK = "harbour-loop"
SIZES = ((160, 120), (80, 60))
CARS = (64, 128, 256)
DRAWN_STEPS = 64
"""Random actions are drawn beforehand for so many steps, then used again."""
TARGET = 55_000.0
BOTS = BotSpec(count=4, speed_mps=0.5, changes_lanes=True)
PEER = "deepracer-genesis (256 cars, RTX 4060 Ti)"
PEER_STEPS_PER_S = 27_548.0


def environment_rows(effort: Effort) -> list[Row]:
    """Steps a second through `gymnasium.make_vec`, pictures drawn, random actions."""
    rows = []
    for size in SIZES:
        for threads in dict.fromkeys((cores(), 1)):
            samples = {
                count: gymnasium_rate(effort, "TimeTrial-v0", count, threads, camera=_camera(size))
                for count in _counts(effort)
            }
            is_main = size == SIZES[0] and threads == cores()
            rows.append(_best_row("environment", size, threads, samples, is_main=is_main))
    samples = {
        count: gymnasium_rate(
            effort, "HeadToHead-v0", count, cores(), camera=_camera(SIZES[0]), bots=BOTS
        )
        for count in _counts(effort)
    }
    rows.append(_best_row("head-to-head, 4 bots", SIZES[0], cores(), samples, is_main=False))
    return rows


def simulator_rows(effort: Effort) -> list[Row]:
    """The same without Gymnasium, reward and info, then the parts alone on one core."""
    rows = []
    for size in SIZES:
        for threads in dict.fromkeys((cores(), 1)):
            samples = {
                count: _simulator_rate(
                    effort, CameraSpec(width=size[0], height=size[1]), count, threads
                )
                for count in _counts(effort)
            }
            rows.append(_best_row("simulator alone", size, threads, samples, is_main=False))
    physics = _simulator_rate(effort, None, CARS[0], 1)
    rows.append(
        Row(
            name="physics and rules without camera, 1 core",
            value=physics.median,
            unit="steps/s",
            note=f"{physics}; {CARS[0]} cars, random actions",
        )
    )
    return rows + [_camera_row(effort, size) for size in SIZES]


def _counts(effort: Effort) -> tuple[int, ...]:
    return CARS[:1] if effort.is_quick else CARS


def _best_row(
    what: str, size: tuple[int, int], threads: int, samples: dict[int, Sample], *, is_main: bool
) -> Row:
    """The number of cars with the best median; all medians are told."""
    best = max(samples, key=lambda count: samples[count].median)
    medians = ", ".join(f"{count}: {number(s.median)}" for count, s in samples.items())
    note = f"{best} cars, {samples[best]}; medians by number of cars: {medians}"
    if is_main:
        note += "; the original simulator makes 14.5 steps/s"
    return Row(
        name=f"{what}, {size[0]}x{size[1]} grey, {_cores_text(threads)}",
        value=samples[best].median,
        unit="steps/s",
        target=TARGET if is_main else None,
        peer=PEER if is_main else "",
        peer_value=PEER_STEPS_PER_S if is_main else None,
        note=note,
    )


def _camera(size: tuple[int, int]) -> CameraSpec:
    return CameraSpec(width=size[0], height=size[1])


def _cores_text(threads: int) -> str:
    return "1 core" if threads == 1 else "all cores"


def gymnasium_rate(effort: Effort, name: str, count: int, threads: int, **design: Any) -> Sample:
    """Steps a second of all cars of an environment, made with some arguments of its own."""
    environment = gymnasium.make_vec(
        f"racecraft/{name}", num_envs=count, track=TRACK, threads=threads, **design
    )
    environment.reset(seed=0)
    space = environment.single_action_space
    assert isinstance(space, gymnasium.spaces.Discrete)
    actions = np.random.default_rng(0).integers(int(space.n), size=(DRAWN_STEPS, count))

    def work() -> int:
        for step in range(DRAWN_STEPS):
            environment.step(actions[step])
        return DRAWN_STEPS * count

    try:
        return effort.rate(work)
    finally:
        environment.close()


def _simulator_rate(effort: Effort, camera: CameraSpec | None, count: int, threads: int) -> Sample:
    """Each thread drives its own rows and waits for the others every `DRAWN_STEPS` steps only."""
    simulator = Simulator([load_track(TRACK)], count, camera=camera, seed=0)
    design = make_time_trial(track=TRACK)
    drawn = np.random.default_rng(0).integers(design.actions.num_outputs, size=(DRAWN_STEPS, count))
    commands = np.ascontiguousarray(design.actions.command_function()(drawn))
    shape = (count, camera.height, camera.width) if camera else (0,)
    frames = np.zeros(shape, np.uint8)

    def drive(lo: int, hi: int) -> None:
        for step in range(DRAWN_STEPS):
            simulator.restart(lo, hi, jitter=design.start_jitter)
            simulator.step(commands[step], lo, hi)
            if camera:
                simulator.render(frames, lo, hi)

    return rate_in_threads(effort, drive, count, threads)


def rate_in_threads(
    effort: Effort, drive: Callable[[int, int], None], count: int, threads: int
) -> Sample:
    spans = [(count * k // threads, count * (k + 1) // threads) for k in range(threads)]
    with ThreadPoolExecutor(threads) as pool:

        def work() -> int:
            for future in [pool.submit(drive, *span) for span in spans]:
                future.result()
            return DRAWN_STEPS * count

        return effort.rate(work)


def _camera_row(effort: Effort, size: tuple[int, int]) -> Row:
    """Pictures a second of cars that stand all round the lap."""
    count = CARS[0]
    camera = CameraSpec(width=size[0], height=size[1])
    simulator = Simulator([load_track(TRACK)], count, camera=camera, seed=0)
    for car in range(count):
        simulator.place_at(car, simulator.tracks[0].length_m * car / count)
    frames: NDArray[np.uint8] = np.zeros((count, camera.height, camera.width), np.uint8)

    def work() -> int:
        simulator.render(frames, 0, count)
        return count

    pictures = effort.rate(work)
    return Row(
        name=f"camera alone, {size[0]}x{size[1]} grey, 1 core",
        value=pictures.median,
        unit="pictures/s",
        note=f"{pictures}; {count} cars all round the lap",
    )
