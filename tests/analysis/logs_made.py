"""Made-up logs of every make and age."""

from __future__ import annotations

import io
import json
import math
import tarfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from racecraft.domain.simtrace import TRACE_COLUMNS

COLUMNS = TRACE_COLUMNS
WAYPOINTS, LENGTH_M = 120, 18.0


def episode(
    number: int,
    rows: int,
    *,
    is_lap: bool,
    start_s: float = 0.0,
    reward: float = 0.5,
    radians: bool = False,
) -> list[list[object]]:
    """A drive round a circle: a prepare row, then rows at 15 Hz; the last is off track or a lap."""
    found: list[list[object]] = []
    share = 1.0 if is_lap else 0.6
    unit = 1.0 if radians else 180.0 / math.pi
    for row in range(rows):
        way = share * row / (rows - 1)
        angle = 2 * math.pi * way
        is_last = row == rows - 1
        status = "prepare" if row == 0 else "in_progress"
        if is_last:
            status = "lap_complete" if is_lap else "off_track"
        heading = (angle + math.pi / 2 + math.pi) % (2 * math.pi) - math.pi
        found.append(
            [
                number,
                float(row + 1),
                3 * math.cos(angle),
                3 * math.sin(angle),
                heading * unit,
                math.radians(15 if row % 2 else -15) * unit,
                1.0 if row else 0.0,
                row % 5,
                reward if row else 0.0,
                is_last,
                not (is_last and not is_lap),
                100.0 if is_lap and is_last else 100 * way + 0.001,
                int(way * WAYPOINTS) % WAYPOINTS,
                LENGTH_M,
                start_s + row / 15,
                status,
                0.0,
                0,
                1.76e9 + start_s + row / 15,
            ]
        )
    return found


def text_of(rows: list[list[object]], columns: int = 19, *, has_head: bool = True) -> str:
    """A simtrace file with the first so many columns."""
    head = [",".join(COLUMNS[:columns])] if has_head else []
    return "\n".join([*head, *(",".join(map(str, row[:columns])) for row in rows), ""])


def iteration(number: int, episodes: int, *, radians: bool = False) -> list[list[object]]:
    """Episodes of growing length; from the third iteration on some are laps."""
    rows: list[list[object]] = []
    for k in range(episodes):
        rows += episode(
            number * episodes + k,
            60 + 7 * k + number,
            is_lap=number > 2 and k % 2 == 0,
            start_s=number * 100.0 + k * 10,
            reward=0.2 + 0.1 * k,
            radians=radians,
        )
    return rows


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


METADATA = json.dumps(
    {
        "action_space": [
            {"steering_angle": a, "speed": 1.0, "index": k}
            for k, a in enumerate((-30, -15, 0, 15, 30))
        ],
        "sensor": ["FRONT_FACING_CAMERA"],
        "neural_network": "DEEP_CONVOLUTIONAL_NETWORK_SHALLOW",
        "training_algorithm": "clipped_ppo",
        "action_space_type": "discrete",
        "version": "5",
    }
)
SETTINGS = json.dumps(
    {"num_episodes_between_training": 4, "batch_size": 64, "lr": 0.0003, "beta_entropy": 0.01}
)


def a_folder(folder: Path, layout: str, *, columns: int = 19, radians: bool = False) -> Path:
    """A training of five iterations with four episodes each, and an evaluation, in a layout."""
    traces = {
        "drfc": "training-simtrace",
        "console": "sim-trace/training/training-simtrace",
        "droa": "sim-trace/training/20260101-abc/training-simtrace",
    }
    stamp = "20260131120000"
    evaluations = {
        "drfc": f"evaluation-{stamp}",
        "console": f"sim-trace/evaluation/{stamp}-abc",
        "droa": "sim-trace/evaluation/my-evaluation",
    }
    if layout == "workers":
        for worker in (0, 1):
            for n in range(5):
                text = text_of(iteration(n, 4, radians=radians), columns)
                write(folder / f"{worker}/training-simtrace/{n}-iteration.csv", text)
    elif layout == "text":
        lines = [
            "SIM_TRACE_LOG:" + ",".join(map(str, [row[0], int(str(row[1])[:-2]), *row[2:columns]]))
            for n in range(5)
            for row in iteration(n, 4, radians=radians)
        ]
        head = [
            " * /WORLD_NAME: reInvent2019_track",
            "Using the following hyper-parameters",
            *json.dumps(json.loads(SETTINGS), indent=2).splitlines(),
            "Loaded action space from file: [{'steering_angle': -30, 'speed': 1.0, 'index': 0}]",
            "Sensor list ['FRONT_FACING_CAMERA'], network DEEP_CONVOLUTIONAL_NETWORK_SHALLOW, "
            "simapp_version 4.0",
        ]
        write(folder / "logs/training/training-20260131-robomaker.log", "\n".join([*head, *lines]))
        return folder
    else:
        for n in range(5):
            text = text_of(iteration(n, 4, radians=radians), columns)
            write(folder / traces[layout] / f"{n}-iteration.csv", text)
        rows = [*episode(0, 90, is_lap=True), *episode(1, 80, is_lap=True, start_s=20)]
        place = folder / evaluations[layout] / "evaluation-simtrace/0-iteration.csv"
        write(place, text_of(rows, columns))
    write(folder / "model/model_metadata.json", METADATA)
    write(folder / "ip/hyperparameters.json", SETTINGS)
    return folder


def packed(folder: Path, target: Path) -> Path:
    """A folder as tar.gz, under one top folder."""
    with tarfile.open(target, "w:gz") as archive:
        archive.add(folder, arcname="some-model")
    return target


def a_tar(names: dict[str, bytes]) -> bytes:
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w:gz") as archive:
        for name, content in names.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return data.getvalue()


def many_steps(folder: Path, steps: int, *, files: int, seed: int = 1) -> None:
    """A long training as traces with full-precision numbers, quickly made."""
    random = np.random.default_rng(seed)
    per_file = steps // files
    for n in range(files):
        length = 100
        count = per_file // length
        way: NDArray[np.float64] = np.tile(np.linspace(0, 1, length), count)
        is_lap = np.repeat(random.random(count) < 0.5, length)
        progress = np.where(is_lap, 100 * way, 70 * way) + np.where(way < 1, 0.01, 0.0)
        angle = 2 * np.pi * progress / 100
        step = np.tile(np.arange(1, length + 1), count)
        status = np.full(per_file // length * length, "in_progress", dtype=object)
        status[step == 1] = "prepare"
        status[step == length] = np.where(is_lap[step == length], "lap_complete", "off_track")
        noise = random.normal(0, 0.05, (len(step), 3))
        columns = [
            np.repeat(np.arange(count) + n * count, length),
            step.astype(float),
            3 * np.cos(angle) + noise[:, 0],
            3 * np.sin(angle) + noise[:, 1],
            np.degrees(np.angle(np.exp(1j * (angle + np.pi / 2)))),
            random.choice([-30.0, 0.0, 30.0], len(step)),
            random.choice([0.5, 1.0], len(step)),
            random.integers(0, 6, len(step)),
            np.abs(noise[:, 2]) + 0.3,
            step == length,
            np.ones(len(step), bool),
            progress,
            (progress / 100 * WAYPOINTS).astype(int) % WAYPOINTS,
            np.full(len(step), LENGTH_M),
            np.arange(len(step)) / 15 + n * 1e4,
            status,
            np.zeros(len(step)),
            np.zeros(len(step), int),
            1.76e9 + np.arange(len(step)) / 15,
        ]
        rows = zip(*(column.tolist() for column in columns), strict=True)
        text = "\n".join(",".join(map(str, row)) for row in rows)
        write(
            folder / f"training-simtrace/{n}-iteration.csv", ",".join(COLUMNS) + "\n" + text + "\n"
        )
    write(folder / "model/model_metadata.json", METADATA)
    write(folder / "ip/hyperparameters.json", SETTINGS)
