"""What each hyperparameter is called on forms, and what turning it does to a training."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Effect:
    """A hyperparameter for people."""

    title: str
    text: str
    """What more or less of it does."""
    is_guide: bool = False
    """Whether it is in the table of the original console."""


EFFECTS: Mapping[str, Effect] = {
    "batch_size": Effect(
        "Batch size",
        "How many steps one correction of the network looks at. Large batches learn more smoothly; "
        "small ones correct more often and get on with a larger learning rate.",
        True,
    ),
    "num_epochs": Effect(
        "Epochs",
        "How often each update goes through the gathered steps. More gets more out of them, takes "
        "longer, and can make the car too sure of what it has just seen.",
        True,
    ),
    "learning_rate": Effect(
        "Learning rate",
        "How far one correction moves the network. Large learns fast, and may throw away again "
        "what it knew; small is steady and slow.",
        True,
    ),
    "ent_coef": Effect(
        "Entropy",
        "A bonus for not being sure. More keeps the car trying things for longer; too much and it "
        "never settles down.",
        True,
    ),
    "gamma": Effect(
        "Discount factor",
        "How far ahead the car plans: about 10 steps at 0.9, 100 at 0.99, 1000 at 0.999; 15 steps "
        "are a second. Planning further takes longer to learn.",
        True,
    ),
    "loss_type": Effect(
        "Loss type",
        "How wrong guesses of the reward to come count. Huber is calm about large errors; mean "
        "squared error learns faster while all goes well.",
        True,
    ),
    "num_episodes_between_training": Effect(
        "Episodes between updates",
        "How many attempts are gathered before the network is corrected. More shows it more of "
        "the track at once; fewer lets it correct sooner.",
        True,
    ),
    "exploration_type": Effect(
        "Exploration",
        "How training picks actions: by the policy's own odds, or the best one with random slips "
        "in between.",
        True,
    ),
    "e_greedy_value": Effect(
        "Share of random slips",
        "With e-greedy exploration: how many of the actions are still random in the end.",
    ),
    "epsilon_steps": Effect(
        "Steps to the last share",
        "With e-greedy exploration: over how many steps the random slips fade out.",
    ),
    "sac_alpha": Effect(
        "SAC alpha",
        "What random driving is worth, in units of the usual reward. More tries more; less drives "
        "what it knows.",
        True,
    ),
    "gae_lambda": Effect(
        "Advantage smoothing",
        "Near 1, actions are judged by what really came of them, with much noise; near 0, by what "
        "the value function guesses.",
    ),
    "clip_range": Effect(
        "Clip range",
        "How far one update may change the odds of an action. Less is safer, more is faster.",
    ),
    "initial_deviation": Effect(
        "First spread of actions",
        "With continuous actions: how wildly the untrained car steers. Less learns a calm line "
        "sooner; too little finds nothing new.",
    ),
    "final_deviation": Effect(
        "Last spread of actions",
        "With continuous actions: how finely the trained car steers in the end. A car that varies "
        "its steering a lot has to leave room for that; less drives nearer to the edge. It is "
        "reached after the steps of decay; 0 leaves the spread to what is learnt.",
    ),
    "max_steps_per_iteration": Effect(
        "Most steps per iteration",
        "An update comes after this many steps even when few attempts have ended. Less updates "
        "more often, from less.",
    ),
    "update_share": Effect(
        "Share learnt from",
        "Learn from this part of the steps, those that tell most. Less is quicker an update.",
    ),
    "policy_average": Effect(
        "Averaging",
        "How much of the model stays when it follows an update. Near 1 the best model is the mean "
        "of many, which drives more evenly; 0 takes each update as it is.",
    ),
    "decay_steps": Effect(
        "Steps of decay",
        "Over so many steps the learning rate falls to a twentieth, and the spread of actions to "
        "the last one: large corrections at first, fine ones in the end. As many as the training "
        "will have are usual; 0 keeps the rate.",
    ),
    "num_cars": Effect(
        "Cars at once",
        "Cars that gather experience side by side. More see more of the track in every update; "
        "each track needs at least one.",
    ),
    "critic": Effect(
        "What judges",
        "What the value function sees: where the car is on the track (quickest), the camera with "
        "a network of its own, or with that of the policy.",
    ),
    "practice_share": Effect(
        "Share of practising cars",
        "These cars are put on ever new starts instead of driving whole laps, so that far corners "
        "are seen early. 0 is how the original did it.",
    ),
    "practice_steps": Effect(
        "Steps of a practice",
        "After so many steps a practising car is put on a new start.",
    ),
    "start_jitter": Effect(
        "Displaced starts",
        "How far from the centre line training starts may lie. More teaches the car to get back "
        "onto its line.",
    ),
    "learns_alpha": Effect(
        "Learn alpha",
        "Let the training find out what random driving is worth; SAC alpha is where it begins.",
    ),
    "scales_rewards": Effect(
        "Scale rewards",
        "Divide rewards by their usual size, so that it does not matter whether a step pays 1 or "
        "100.",
    ),
    "gradient_steps_per_step": Effect(
        "Corrections per step",
        "How much is learnt from each step driven. More learns from fewer steps, and computes "
        "longer for each.",
    ),
    "warm_up_steps": Effect(
        "Random steps at first",
        "How long the car drives by chance before it begins to learn.",
    ),
    "replay_steps": Effect(
        "Memory",
        "How many of the newest steps are kept to learn from. More forgets less, and takes memory.",
    ),
    "target_smoothing": Effect(
        "Target smoothing",
        "How quickly the guess that is learnt from follows what was learnt. Less is steadier.",
    ),
}
"""Every hyperparameter of every algorithm, those of the guide's table marked."""
