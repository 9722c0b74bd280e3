"""Hyperparameters: the console's table with its ranges, defaults and spellings."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from racecraft.domain.hyperparameters import (
    HYPERPARAMETERS,
    Critic,
    LossType,
    PPOHyperparameters,
    SACHyperparameters,
)
from racecraft.domain.spec import TrainingSpec


def read(**given: Any) -> PPOHyperparameters:
    """From a document, as people write it: every spelling, nothing known to a type checker."""
    return PPOHyperparameters.model_validate(given)


def test_defaults_are_those_of_the_console() -> None:
    hyperparameters = PPOHyperparameters()
    assert hyperparameters.batch_size == 64
    assert hyperparameters.num_epochs == 10
    assert hyperparameters.learning_rate == 3e-4
    assert hyperparameters.ent_coef == 0.01
    assert hyperparameters.gamma == 0.999
    assert hyperparameters.loss_type is LossType.HUBER
    assert hyperparameters.num_episodes_between_training == 20


@pytest.mark.parametrize(
    ("spelling", "field", "value"),
    [
        ("lr", "learning_rate", 1e-4),
        ("learning_rate", "learning_rate", 1e-4),
        ("discount_factor", "gamma", 0.99),
        ("gamma", "gamma", 0.99),
        ("beta_entropy", "ent_coef", 0.05),
        ("entropy", "ent_coef", 0.05),
        ("ent_coef", "ent_coef", 0.05),
    ],
)
def test_the_consoles_spellings_mean_the_same_field(
    spelling: str, field: str, value: float
) -> None:
    assert getattr(read(**{spelling: value}), field) == value


@pytest.mark.parametrize(
    ("field", "lowest", "highest", "outside"),
    [
        ("batch_size", 32, 512, [0, 48, 1024]),
        ("num_epochs", 3, 10, [2, 11, 4.5]),
        ("learning_rate", 1e-8, 1e-3, [0, 1e-9, 2e-3, float("nan")]),
        ("ent_coef", 0, 1, [-0.1, 1.1]),
        ("gamma", 0, 1, [-0.1, 1.01]),
        ("num_episodes_between_training", 1, 100, [0, 101]),
        ("gae_lambda", 0, 1, [-0.1, 1.1]),
        ("e_greedy_value", 0, 1, [-0.1, 1.1]),
    ],
)
def test_a_field_takes_its_whole_range_and_nothing_outside(
    field: str, lowest: float, highest: float, outside: list[float]
) -> None:
    for value in (lowest, highest):
        assert getattr(read(**{field: value}), field) == value
    for value in outside:
        with pytest.raises(ValidationError):
            read(**{field: value})


@pytest.mark.parametrize("loss", ["huber", "mean squared error"])
def test_both_losses_are_spelt_as_in_the_console(loss: str) -> None:
    assert read(loss_type=loss).loss_type.value == loss


def test_a_misspelt_field_is_refused_by_name() -> None:
    with pytest.raises(ValidationError, match="learning_rat"):
        read(learning_rat=1e-4)


def test_two_spellings_of_one_field_are_refused() -> None:
    with pytest.raises(ValidationError):
        read(lr=1e-4, learning_rate=1e-4)


def test_every_field_has_a_help_text() -> None:
    missing = [
        name for name, field in PPOHyperparameters.model_fields.items() if not field.description
    ]
    assert missing == []


def test_hyperparameters_survive_being_written_and_read() -> None:
    hyperparameters = read(lr=1e-4, batch_size=128, loss_type="mean squared error")
    written = hyperparameters.model_dump_json()
    assert PPOHyperparameters.model_validate_json(written) == hyperparameters


def test_defaults_of_sac_are_those_of_the_console() -> None:
    hyperparameters = SACHyperparameters()
    assert hyperparameters.batch_size == 64
    assert hyperparameters.learning_rate == 3e-4
    assert hyperparameters.sac_alpha == 0.2
    assert hyperparameters.gamma == 0.99
    assert hyperparameters.loss_type is LossType.MEAN_SQUARED_ERROR
    assert hyperparameters.num_episodes_between_training == 1
    assert not hyperparameters.learns_alpha


@pytest.mark.parametrize(
    ("field", "outside"),
    [
        ("sac_alpha", [-0.1, 1.1]),
        ("gradient_steps_per_step", [0, 17]),
        ("target_smoothing", [0, 1.1]),
        ("replay_steps", [999]),
        ("critic", [Critic.SHARED]),
        ("num_epochs", [4]),  # PPO's
    ],
)
def test_sac_refuses_what_is_outside(field: str, outside: list[Any]) -> None:
    for value in outside:
        with pytest.raises(ValidationError, match=field):
            SACHyperparameters.model_validate({field: value})


@pytest.mark.parametrize("document", HYPERPARAMETERS.values())
def test_every_hyperparameter_has_a_help(document: type[PPOHyperparameters]) -> None:
    assert all(field.description for field in document.model_fields.values())


def test_hyperparameters_in_a_training_are_told_apart_by_their_algorithm() -> None:
    def kind(values: dict[str, Any]) -> type:
        return type(TrainingSpec.model_validate({"hyperparameters": values}).hyperparameters)

    assert kind({}) is PPOHyperparameters
    assert kind({"lr": 1e-4}) is PPOHyperparameters
    assert kind({"algorithm": "SAC", "lr": 1e-4}) is SACHyperparameters
    with pytest.raises(ValidationError, match="TD3"):
        kind({"algorithm": "TD3"})
    for chosen in (PPOHyperparameters(), SACHyperparameters(gamma=0.9)):
        training = TrainingSpec(hyperparameters=chosen)
        assert TrainingSpec.model_validate_json(training.model_dump_json()) == training


def test_random_driving_ends_with_the_warm_up() -> None:
    sac = SACHyperparameters(warm_up_steps=100)
    assert (sac.random_share(99), sac.random_share(100)) == (1.0, None)


def test_the_learning_rate_falls_to_a_twentieth_where_a_decay_is_asked_for() -> None:
    plain = PPOHyperparameters(learning_rate=1e-3)
    assert [plain.learning_rate_at(steps) for steps in (0, 10**6)] == [1e-3, 1e-3]
    falling = plain.model_copy(update={"decay_steps": 1000})
    assert falling.learning_rate_at(0) == 1e-3
    assert falling.learning_rate_at(500) == pytest.approx(5e-4)
    assert falling.learning_rate_at(950) == pytest.approx(5e-5)
    assert falling.learning_rate_at(10**6) == pytest.approx(5e-5)


def test_the_spread_of_actions_falls_by_even_factors_where_that_is_asked_for() -> None:
    assert PPOHyperparameters().most_deviation_at(10**6) is None
    falling = PPOHyperparameters(initial_deviation=0.4, final_deviation=0.1, decay_steps=1000)
    widths = [falling.most_deviation_at(steps) for steps in (0, 500, 1000, 10**6)]
    assert widths == pytest.approx([0.4, 0.2, 0.1, 0.1])


@pytest.mark.parametrize(
    ("chosen", "sentence"),
    [
        ({"final_deviation": 0.1}, "0.1, but decay_steps is 0; say with decay_steps"),
        (
            {"final_deviation": 0.6, "initial_deviation": 0.5, "decay_steps": 10},
            "0.6, and the initial_deviation 0.5;",
        ),
    ],
)
def test_a_final_spread_that_cannot_be_reached_is_refused(
    chosen: dict[str, float], sentence: str
) -> None:
    with pytest.raises(ValidationError, match=sentence):
        PPOHyperparameters.model_validate(chosen)


def test_random_slips_become_rarer_until_their_final_share() -> None:
    chosen = {"exploration_type": "e-greedy", "e_greedy_value": 0.1, "epsilon_steps": 100}
    ppo = PPOHyperparameters.model_validate(chosen)
    assert [ppo.random_share(n) for n in (0, 50, 100, 1000)] == pytest.approx([1, 0.55, 0.1, 0.1])
    assert PPOHyperparameters().random_share(0) is None
