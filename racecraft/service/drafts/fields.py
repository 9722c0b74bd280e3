"""Why a value does not fit into a field of a document, in a sentence for beside the field."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

from racecraft.domain.hyperparameter_help import EFFECTS
from racecraft.service.documents import allowed

_TITLES = {
    "count": "How many",
    "min_distance_m": "Least distance",
    "speed_mps": "Speed",
    "places": "Places",
    "lane_change_min_s": "Shortest wait",
    "lane_change_max_s": "Longest wait",
    "penalty_s": "Pause",
    "max_steering_deg": "Largest angle",
    "max_speed_mps": "Largest speed",
    "steering_angle": "Angle",
    "speed": "Speed",
    "low": "Low end",
    "high": "High end",
    "minutes": "Time",
    "clean_laps": "Clean laps",
    "robust_laps": "Displaced laps",
    "min_mean_speed_mps": "Mean speed",
    "env_steps": "Steps",
}


def broken(document: type[BaseModel], values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Each field that does not fit, and why; no name when it is about several."""
    try:
        document.model_validate(dict(values))
    except ValidationError as error:
        told: set[str] = set()
        for fault in error.errors():
            name = str(fault["loc"][0]) if fault["loc"] else ""
            if name in told:
                continue
            told.add(name)
            if fault["type"] == "value_error":
                yield name, str(fault["ctx"]["error"])
            elif fault["input"] is None:
                yield name, empty(document, name)
            else:
                met = fault["input"]
                told_value = f"{met:g}" if isinstance(met, float) else f"{met}"
                yield name, f"{_title(name)} is {told_value}; choose {_range(document, name)}."


def empty(document: type[BaseModel], name: str) -> str:
    return f"{_title(name)} is empty, or no number; write {_range(document, name)}."


def _range(document: type[BaseModel], name: str) -> str:
    field = document.model_fields[name]
    is_whole = field.annotation in (int, int | None)
    return f"{'a whole number ' if is_whole else ''}{allowed(field) or 'a number'}"


def _title(name: str) -> str:
    return EFFECTS[name].title if name in EFFECTS else _TITLES.get(name, name.replace("_", " "))
