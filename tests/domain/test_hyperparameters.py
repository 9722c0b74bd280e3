"""Hyperparameters: the console's table with its ranges, defaults and spellings."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from racecraft.domain.hyperparameters import LossType, PPOHyperparameters


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
