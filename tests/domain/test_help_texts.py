"""Every field that people turn, and every input of a reward, says what it is."""

from racecraft.domain.hyperparameter_help import EFFECTS
from racecraft.domain.hyperparameters import HYPERPARAMETERS
from racecraft.domain.reward import PARAMETERS
from racecraft.domain.reward_help import MEANINGS


def test_every_hyperparameter_of_every_algorithm_says_what_turning_it_does() -> None:
    fields = {name for document in HYPERPARAMETERS.values() for name in document.model_fields}
    assert set(EFFECTS) == fields - {"algorithm"}
    assert all(effect.text.endswith(".") and effect.title for effect in EFFECTS.values())


def test_the_table_of_the_guide_is_marked_in_every_algorithm() -> None:
    guide = {"batch_size", "learning_rate", "gamma", "loss_type", "num_episodes_between_training"}
    assert guide <= {name for name, effect in EFFECTS.items() if effect.is_guide}


def test_every_input_of_a_reward_function_has_a_meaning() -> None:
    assert set(MEANINGS) == set(PARAMETERS)
    assert all(meaning.text.endswith(".") for meaning in MEANINGS.values())
