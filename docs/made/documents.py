"""The pages of what people write: hyperparameters and other fields of a spec."""

from __future__ import annotations

from made.markdown import NOTE, fields_of
from racecraft.domain.bots import BotSpec
from racecraft.domain.hyperparameters import PPOHyperparameters, SACHyperparameters
from racecraft.domain.obstacles import ObstacleSpec
from racecraft.domain.race import RaceSpec
from racecraft.domain.spec import EvaluationSpec, StopCondition, TrackChoice, TrainingSpec


def hyperparameters_page() -> str:
    """Everything a person can turn about a training and an evaluation."""
    return f"""{NOTE}
# Hyperparameters

Everything that can be turned about a training and an evaluation. A file or a flag with a value
outside these ranges, or with a name that is not here, is refused with a sentence that says so.

## PPO

The first rows are the table of the original console with its ranges and defaults, and they answer
to its spellings too; the rows after `epsilon_steps` are what it kept to itself.

{fields_of(PPOHyperparameters)}
## SAC

For continuous action spaces only; [PPO or SAC](../explanation/algorithms.md) says when to choose
it. The first rows are the console's again; the rows after `num_episodes_between_training` are
what it kept to itself.

{fields_of(SACHyperparameters)}
## A training

`hyperparameters` are those above; `stop`, `tracks` (1 to 64; car i drives on track i modulo their
number) and `race` are told below. The others:

{fields_of(TrainingSpec)}
### Its stop conditions

The first one that is met ends the training; at least one of `minutes`, `env_steps` and
`clean_laps` is needed.

{fields_of(StopCondition)}
### Its tracks

{fields_of(TrackChoice)}
### Its race

What is on the track: see [races](../how-to/races.md). `obstacles` belong to OBJECT_AVOIDANCE,
`bots` to HEAD_TO_HEAD.

{fields_of(RaceSpec)}
{fields_of(ObstacleSpec)}
{fields_of(BotSpec)}
## An evaluation

`track` and `race` as above, and:

{fields_of(EvaluationSpec)}"""
