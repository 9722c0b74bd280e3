"""Files that describe a whole training: what they hold, and how flags change it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import AliasChoices, BaseModel, ConfigDict

from racecraft.domain.errors import InvalidSpec
from racecraft.domain.hyperparameters import HYPERPARAMETERS
from racecraft.domain.race import merged_race


class TrainingFile(BaseModel):
    """What `racecraft train --spec FILE` reads; every part may be left out."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: dict[str, Any] = {}
    """Fields of ModelSpec."""
    training: dict[str, Any] = {}
    """Fields of TrainingSpec."""
    reward: str | None = None
    """Name of a shipped reward, or a Python file beside this one."""

    def with_changes(
        self,
        model: Mapping[str, Any],
        training: Mapping[str, Any],
        stop: Mapping[str, Any],
        hyperparameters: Mapping[str, Any],
        race: Mapping[str, Any] | None = None,
    ) -> TrainingFile:
        """The same document with some fields set; the last three tables are parts of `training`."""
        changed = {**self.training, **training}
        if stop:
            changed["stop"] = {**_part(self.training, "stop"), **stop}
        if hyperparameters:
            old = _part(self.training, "hyperparameters")
            changed["hyperparameters"] = merged_hyperparameters(old, hyperparameters)
        if race:
            changed["race"] = merged_race(_part(self.training, "race"), race)
        kept = {**self.model, **model}
        if "car" in model:
            kept["car"] = {**_part(self.model, "car"), **model["car"]}
        if "sensors" not in model and "lidar_config" in model:
            old = _part(self.model, "lidar_config")
            kept["lidar_config"] = merged_lidar(old, model["lidar_config"])
        return self.model_copy(update={"model": kept, "training": changed})


def merged_hyperparameters(old: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Hyperparameters with some changed, under whichever of their spellings they come.

    Those of one algorithm mean nothing to another: a change of the algorithm starts afresh.
    """
    spelling = {
        str(alias): name
        for document in HYPERPARAMETERS.values()
        for name, field in document.model_fields.items()
        if isinstance(field.validation_alias, AliasChoices)
        for alias in field.validation_alias.choices
    }
    named = old.get("algorithm")
    wanted = changes.get("algorithm", named)
    is_other = named is not None and wanted != named
    merged = {
        spelling.get(name, name): value
        for table in ({} if is_other else old, changes)
        for name, value in table.items()
    }
    if named is None and wanted in HYPERPARAMETERS:
        # Written without naming an algorithm, for one that is not wanted now.
        own = HYPERPARAMETERS[wanted].model_fields
        others = {name for each in HYPERPARAMETERS.values() for name in each.model_fields}
        merged = {k: v for k, v in merged.items() if k in own or k not in others or k in changes}
    return merged


def merged_lidar(old: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Fields of LidarConfig with some changed, under either spelling."""
    spelling = {"clipping_dist": "clipping_dist_m"}
    return {spelling.get(k, k): v for table in (old, changes) for k, v in table.items()}


def _part(table: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """A table inside a table; empty when it is left out."""
    part = table.get(name)
    if part is None:
        return {}
    if not isinstance(part, Mapping):
        raise InvalidSpec(f"The field {name} is {part!r}; write a table of fields.")
    return part
