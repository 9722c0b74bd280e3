"""The text logs of a training, made anew from traces and reports whenever somebody asks.

The first is what a simulator of the original would have said: a head with hyperparameters, actions,
sensors and track, then a `SIM_TRACE_LOG:` line a step. The second is what its trainer would have
said of each episode and each update.

Log tools work out the iteration of an episode as its number divided by the hyperparameter
`num_episodes_between_training` in the log. Traces give each iteration the same run of numbers,
which is longer than that (see `training/artifacts/traces.py`), so the head of the log says the
length of that run in its place.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from racecraft.domain.errors import StorageFailed
from racecraft.domain.simtrace import LOG_MARK
from racecraft.domain.spec import ModelSpec
from racecraft.service.drives import traced_iterations, training_trace
from racecraft.service.files import read_text
from racecraft.service.summaries import read_progress

_EPISODES = "num_episodes_between_training"
_FORMATS = {2: ".4f", 3: ".4f", 4: ".4f", 5: ".2f", 6: ".2f", 8: ".4f", 11: ".4f", 13: ".2f"}
_FORMATS |= {16: ".2f", 18: ".4f"}
_STEPS, _LAST = 1, 19
_METADATA = Path("model") / "model_metadata.json"
_HYPERPARAMETERS = Path("ip") / "hyperparameters.json"


def head(folder: Path, model: ModelSpec, track: str) -> str:
    """What stands before the steps.

    Args:
        folder: of the model.
        model: what it is.
        track: on which it drives; tools read a single word.

    Raises:
        StorageFailed: a file is missing or damaged.
    """
    metadata = _document(folder / _METADATA)
    settings = _document(folder / _HYPERPARAMETERS)
    settings[_EPISODES] = episodes_per_iteration(folder) or settings.get(_EPISODES, 20)
    sensors = ", ".join(f"'{sensor.value}'" for sensor in model.sensors)
    lines = (
        f" * /WORLD_NAME: {track.replace(' ', '_')}",
        "Using the following hyper-parameters",
        json.dumps(settings, indent=2, sort_keys=True),
        f"Action space from file: {json.dumps(metadata.get('action_space', []))}",
        f"Sensor list [{sensors}], network {model.network.value}, "
        f"simapp_version {metadata.get('version', '6')}.0",
    )
    return "\n".join((*lines, ""))


def episodes_per_iteration(folder: Path) -> int | None:
    """Numbers that each iteration has for its episodes; None before the first trace."""
    path = folder / "training-simtrace" / "0-iteration.csv"
    if not path.is_file():
        return None
    last = read_text(path).rstrip().rpartition("\n")[2].partition(",")[0]
    return int(last) + 1 if last.isdecimal() else None


def step_lines(trace: Path) -> Iterator[str]:
    """The SIM_TRACE_LOG lines of a trace file, one text for many of them.

    Raises:
        StorageFailed: the file is missing or damaged.
    """
    rows = read_text(trace).splitlines()[1:]
    try:
        for first in range(0, len(rows), 2000):
            yield "".join(f"{_line(row)}\n" for row in rows[first : first + 2000])
    except (ValueError, IndexError) as error:
        raise StorageFailed(f"{trace} is damaged ({error}); remove it.") from error


def simulation_log(
    folder: Path, model: ModelSpec, track: str, *, first_iteration: int = 0
) -> Iterator[str]:
    """The simulator's log of a training so far.

    Args:
        folder: of the model.
        model: what it is.
        track: on which it is trained.
        first_iteration: earlier ones are left out, and the head too if there are any.

    Raises:
        StorageFailed: a file is missing or damaged.
    """
    if first_iteration == 0:
        yield head(folder, model, track)
    for iteration in traced_iterations(folder):
        if iteration >= first_iteration:
            yield from step_lines(training_trace(folder, iteration))


def learning_log(folder: Path) -> Iterator[str]:
    """The trainer's log of a training so far: episodes and updates.

    Raises:
        StorageFailed: a file is missing or damaged.
    """
    epochs = int(_document(folder / _HYPERPARAMETERS).get("num_epochs", 1))
    rate = _document(folder / _HYPERPARAMETERS).get("lr", 0.0)
    traced = set(traced_iterations(folder))
    for report in read_progress(folder):
        number = report["iteration"]
        lines = _episodes(training_trace(folder, number), number) if number in traced else []
        if report.get("policy_loss") is not None:
            lines.append(
                f"Policy training> Surrogate loss={report['policy_loss']}, "
                f"KL divergence={report.get('approx_kl') or 0.0}, "
                f"Entropy={report.get('entropy') or 0.0}, training epoch={epochs - 1}, "
                f"learning_rate={rate}"
            )
        yield "".join(f"{line}\n" for line in lines)


def _episodes(trace: Path, iteration: int) -> list[str]:
    """A line an episode: its number, reward and length."""
    lines, total, count = [], 0.0, 0
    for row in read_text(trace).splitlines()[1:]:
        values = row.split(",")
        total, count = total + float(values[8]), count + 1
        if values[9] == "True":
            lines.append(
                f"Training> Name=main_level/agent, Worker=0, Episode={int(values[0]) + 1}, "
                f"Total reward={round(total, 2)}, Steps={count}, Training iteration={iteration}"
            )
            total, count = 0.0, 0
    return lines


def _line(row: str) -> str:
    values: list[Any] = row.split(",")
    if len(values) != _LAST:
        raise ValueError(f"a row has {len(values)} values instead of {_LAST}")
    for place, form in _FORMATS.items():
        values[place] = format(float(values[place]), form)
    values[_STEPS] = str(int(float(values[_STEPS])))
    return LOG_MARK + ",".join(values)


def _document(path: Path) -> dict[str, Any]:
    try:
        values = json.loads(read_text(path)) if path.is_file() else {}
    except ValueError as error:
        raise StorageFailed(f"{path} is damaged ({error}); train the model again.") from error
    return values if isinstance(values, dict) else {}
