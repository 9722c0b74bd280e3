"""What domain randomisation costs: steps a second with each switch, and with all of them."""

from __future__ import annotations

import gymnasium
import numpy as np

import racecraft.sim  # noqa: F401  makes the environments known to Gymnasium
from benchmarks.environments import CARS, DRAWN_STEPS, TRACK
from benchmarks.measuring import Effort, Sample, cores
from benchmarks.table import Row
from racecraft.domain.randomisation import ALL, SWITCHES, RandomisationSpec


def randomisation_rows(effort: Effort) -> list[Row]:
    """Time trials through `gymnasium.make_vec`, 160x120 grey, random actions, all cores."""
    rows = []
    for names in ([], *([name] for name in SWITCHES), [ALL]):
        sample = _rate(effort, RandomisationSpec.model_validate(names))
        rows.append(
            Row(
                name=f"environment, 160x120 grey, randomised: {names[0] if names else 'nothing'}",
                value=sample.median,
                unit="steps/s",
                note=f"{sample}; {CARS[0]} cars, all cores",
            )
        )
    return rows


def _rate(effort: Effort, spec: RandomisationSpec) -> Sample:
    environment = gymnasium.make_vec(
        "racecraft/TimeTrial-v0",
        num_envs=CARS[0],
        track=TRACK,
        threads=cores(),
        randomisation=spec,
    )
    environment.reset(seed=0)
    space = environment.single_action_space
    assert isinstance(space, gymnasium.spaces.Discrete)
    actions = np.random.default_rng(0).integers(int(space.n), size=(DRAWN_STEPS, CARS[0]))

    def work() -> int:
        for step in range(DRAWN_STEPS):
            environment.step(actions[step])
        return DRAWN_STEPS * CARS[0]

    try:
        return effort.rate(work)
    finally:
        environment.close()
