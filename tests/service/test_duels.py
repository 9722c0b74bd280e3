"""Races of models from the command line: the ranking, the record, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from racecraft.domain.action_space import Action, DiscreteActionSpace
from racecraft.domain.duel import DuelSpec
from racecraft.domain.errors import InvalidInput, ModelNotFound
from racecraft.domain.hyperparameters import Critic
from racecraft.domain.spec import ModelSpec, Network, TrackChoice, TrainingSpec
from racecraft.interfaces.cli import main
from racecraft.service import models
from racecraft.service.duels import race_models
from racecraft.service.settings import Settings
from racecraft.training.checkpoint import save_policy
from racecraft.training.networks import ActorCritic


def make(settings: Settings, name: str, speed_mps: float, *, has_learnt: bool = True) -> Path:
    """A model that drives straight on at one speed."""
    actions = tuple(Action(steering_angle=0.0, speed=v) for v in (speed_mps, 0.5))
    model = ModelSpec(
        name=name,
        network=Network.LIGHT,
        action_space=DiscreteActionSpace(actions=actions),
    )
    training = TrainingSpec(tracks=(TrackChoice(name="pebble-oval"),))
    reward = "def reward_function(params):\n    return 1.0\n"
    folder = models.create_model(settings, model, training, reward_source=reward)
    if has_learnt:
        actor = ActorCritic(model, Critic.TRACK, uses_bf16=False, seed=0)
        with torch.no_grad():
            actor.policy.head.weight.zero_()
            actor.policy.head.bias.copy_(torch.tensor([1.0, 0.0]))
        save_policy(folder, 1, actor.policy, {"uses_bf16": False})
    return folder


def test_a_race_leaves_a_ranking_traces_and_a_film(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    make(settings, "blue", 1.0)
    make(settings, "red", 1.4)
    words = ["race", "blue", "red", "blue", "--laps", "1", "--resets", "1"]
    assert main(words) == 0
    shown = capsys.readouterr().out
    assert "3 cars on pebble-oval, 1 lap:" in shown
    assert "Crashes caused" in shown
    folder = next(settings.races.iterdir())
    record = json.loads((folder / "race.json").read_text())
    assert record["models"] == ["blue", "red", "blue"]
    assert record["race"]["laps"] == 1
    assert [row["rank"] for row in record["ranking"]] == [1, 2, 3]
    assert {row["status"] for row in record["ranking"]} == {"Off track"}
    traces = sorted(path.name for path in folder.glob("*.csv"))
    assert traces == [f"{row['rank']}-{row['model']}.csv" for row in record["ranking"]]
    assert (folder / "replay.mp4").stat().st_size > 10_000


def test_the_same_race_gives_the_same_ranking_as_json(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    make(settings, "blue", 1.0)
    make(settings, "red", 1.4)
    seen = []
    for _ in range(2):
        words = ["race", "red", "blue", "--resets", "0", "--no-replay", "--json"]
        assert main([*words, "--track", "thimble:reversed"]) == 0
        facts = json.loads(capsys.readouterr().out)
        seen.append(facts["ranking"])
        assert (facts["track"], facts["reversed"]) == ("thimble", True)
        assert len(facts["files"]) == 3
    assert seen[0] == seen[1]
    assert len(list(settings.races.iterdir())) == 2


def test_what_cannot_race_is_refused(settings: Settings) -> None:
    make(settings, "blue", 1.0)
    make(settings, "new", 1.0, has_learnt=False)
    with pytest.raises(InvalidInput, match="There are 1 models for a race; name 2 to 8"):
        race_models(settings, ["blue"], DuelSpec())
    with pytest.raises(InvalidInput, match="'new' has no checkpoint yet"):
        race_models(settings, ["blue", "new"], DuelSpec())
    with pytest.raises(ModelNotFound, match="There is no model 'nobody'"):
        race_models(settings, ["blue", "nobody"], DuelSpec())
    assert not settings.races.exists()
