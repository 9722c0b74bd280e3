"""A text log: its SIM_TRACE_LOG lines as a frame, and what its head says."""

from __future__ import annotations

import ast
import json
import re
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from racecraft.analysis.logs.traces import read_trace
from racecraft.domain.errors import InvalidInput
from racecraft.domain.simtrace import LOG_MARK

EPISODES_PER_ITERATION = 20
"""Where a log does not tell."""
_PREFIX = re.compile(r"^\s*(?:\[[^\]]*\]\s+)+")
_SENSORS = re.compile(r"Sensor list (\[[^\]]*\]), network ([A-Za-z_]+), simapp_version ([\d.]+)")
_UPDATE = re.compile(
    r"Policy training> Surrogate loss=(\S+?), KL divergence=(\S+?), Entropy=(\S+?), "
    r"training epoch=(\d+), learning_rate=(\S+)"
)
_MARK = LOG_MARK.encode()


@dataclass(frozen=True)
class TextLog:
    """What a text log tells."""

    steps: pd.DataFrame
    hyperparameters: dict[str, Any] = field(default_factory=dict)
    action_space: Any = None
    world: str = ""
    sensors: tuple[str, ...] = ()
    network: str = ""


def read_text_log(data: bytes, name: str) -> TextLog:
    """The steps of a log of a simulator, with iterations, and its head.

    Raises:
        InvalidInput: a line with the mark is no step.
    """
    rows = [
        line.partition(_MARK)[2].split(b"\t")[0].strip()
        for line in data.splitlines()
        if _MARK in line
    ]
    # In continuous action spaces a comma may stand between the two numbers.
    steps = read_trace(b"\n".join(map(_without_inner_comma, rows)) + b"\n", name) if rows else None
    head = data[:200_000].decode("utf-8", "replace").splitlines()
    plain = [_PREFIX.sub("", line) for line in head if LOG_MARK not in line]
    hyperparameters = _hyperparameters(plain)
    frame = read_trace(_HEAD, name) if steps is None else steps
    frame["iteration"] = (frame["episode"] // _per_iteration(hyperparameters)).astype(np.int32)
    return TextLog(frame, hyperparameters, *_about(plain))


def read_updates(data: bytes) -> pd.DataFrame:
    """What a trainer's log says of each update: `iteration`, losses, KL and entropy.

    An update has a line an epoch; the last one counts.
    """
    rows: list[dict[str, float]] = []
    before = -1
    for found in _UPDATE.finditer(data.decode("utf-8", "replace")):
        loss, divergence, entropy, epoch, rate = found.groups()
        row = {
            "policy_loss": _number(loss),
            "approx_kl": _number(divergence),
            "entropy": _number(entropy),
            "learning_rate": _number(rate),
        }
        if rows and int(epoch) > before:
            rows[-1] = row
        else:
            rows.append(row)
        before = int(epoch)
    frame = pd.DataFrame(rows, columns=["policy_loss", "approx_kl", "entropy", "learning_rate"])
    frame.insert(0, "iteration", np.arange(len(frame)))
    return frame


_HEAD = (
    b"episode,steps,X,Y,yaw,steer,throttle,action,reward,done,all_wheels_on_track,progress,"
    b"closest_waypoint,track_len,tstamp\n"
)


def _without_inner_comma(row: bytes) -> bytes:
    opened, mark, rest = row.partition(b"[")
    if not mark:
        return row
    pair, closed, after = rest.partition(b"]")
    return opened + mark + b" ".join(pair.replace(b",", b" ").split()) + closed + after


def _hyperparameters(lines: list[str]) -> dict[str, Any]:
    for index, line in enumerate(lines):
        if "Using the following hyper-parameters" in line:
            text = ""
            for later in lines[index + 1 :]:
                text += later
                if "}" in later:
                    break
            try:
                values = json.loads(text)
            except (ValueError, RecursionError):
                return {}
            return values if isinstance(values, dict) else {}
    return {}


def _per_iteration(hyperparameters: dict[str, Any]) -> int:
    """Episodes between updates; what a log tells may be anything."""
    told = hyperparameters.get("num_episodes_between_training")
    try:
        return min(max(int(told), 1), 1_000_000) if told is not None else EPISODES_PER_ITERATION
    except (ValueError, TypeError, OverflowError):
        return EPISODES_PER_ITERATION


def _about(lines: list[str]) -> tuple[Any, str, tuple[str, ...], str]:
    space, world, network = None, "", ""
    sensors: tuple[str, ...] = ()
    for line in lines:
        if "ction space from file: " in line:
            space = _literal(line.split("file: ", 1)[1])
        elif " * /WORLD_NAME: " in line:
            world = line.split()[-1]
        elif found := _SENSORS.search(line):
            listed = _literal(found[1])
            sensors = tuple(map(str, listed)) if isinstance(listed, list) else ()
            network = found[2]
    return space, world, sensors, network


def _literal(text: str) -> Any:
    try:
        return ast.literal_eval(text.strip())
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return None


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return float("nan")


def refuse_without_steps(log: TextLog, name: str) -> None:
    """See that a log that was named on its own holds something.

    Raises:
        InvalidInput: it does not.
    """
    if log.steps.empty:
        raise InvalidInput(f"{name} has no {LOG_MARK} lines; give the log of the simulator.")
