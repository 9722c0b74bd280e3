"""What a tuning may change, and what it says before it starts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from racecraft.domain.spec import ModelSpec, TrainingSpec
from racecraft.domain.sweep import Span
from racecraft.sandbox.builtin import builtin_reward
from racecraft.service.models import INITIAL_FOLDER, create_model
from racecraft.service.settings import Settings
from racecraft.service.sweeps.schedules import Searching
from racecraft.service.sweeps.tuning import about_trainings, tuning_of

WHOLE = """
AHEAD = 2
BACK = -3
ONE = 1
NONE = 0


def reward_function(params):
    return 1.0
"""


def model(settings: Settings, name: str, reward: str, *, steps: int = 0) -> Path:
    folder = create_model(settings, ModelSpec(name=name), TrainingSpec(), reward_source=reward)
    if steps:
        row = {"iteration": 0, "env_steps": steps, "best_iteration": 0, "training_s": 1.0}
        (folder / "progress.jsonl").write_text(json.dumps(row) + "\n")
    return folder


def tuned(settings: Settings, name: str, **wanted: Any) -> Any:
    return tuning_of(settings, name, f"{name}-tuned", ("reward",), wanted)


def test_whole_numbers_are_tried_with_whole_numbers_of_the_same_sign(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    model(settings, "mine", WHOLE)
    assert tuned(settings, "mine").spec.space == {
        "reward.AHEAD": Span(low=1, high=6, integer=True),
        "reward.BACK": Span(low=-9, high=-1, integer=True),
        "reward.ONE": Span(low=1, high=3, integer=True),
    }


def test_the_shipped_fastest_lap_keeps_its_places_whole(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    model(settings, "mine", builtin_reward("fastest-lap"))
    spec = tuned(settings, "mine").spec
    (trial,) = Searching(spec)([])
    assert type(trial.values["reward.AHEAD"]) is int


def test_how_long_its_trainings_are_is_told_against_the_models_own(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    model(settings, "long", WHOLE, steps=1_500_000)
    sweep = tuned(settings, "long")
    assert sweep.spec.steps == 200_000
    said = about_trainings(settings, "long", sweep)
    assert "begins from nothing and takes 200,000 steps, its own took 1,500,000" in said
    sweep = tuned(settings, "long", steps=1_500_000)
    assert about_trainings(settings, "long", sweep).endswith("1,500,000 steps, as its own did.")


def test_a_clone_is_tuned_from_the_weights_that_it_was_cloned_with(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    folder = model(settings, "clone", WHOLE)
    (folder / INITIAL_FOLDER).mkdir()
    sweep = tuned(settings, "clone")
    assert sweep.initial == folder / INITIAL_FOLDER
    assert "with the weights that it was cloned with" in about_trainings(settings, "clone", sweep)
