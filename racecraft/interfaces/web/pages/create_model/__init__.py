"""Creating a model in five steps, and cloning one in the same.

page        the two pages: the draft, the steps, and what Create does
steps       the steps in order
form        what stands in the steps, and fields that belong to it
start       what to begin with: a preset, or the model that is cloned
tracks      step 1: name and tracks
race        step 2: what is on the road
algorithm   step 2: PPO or SAC and their hyperparameters
actions     step 3: what the car can do
action_list the list of actions, also for editing by hand
graph       actions as a half disc
vehicle     step 4: what it sees with
reward      step 5: the reward function, its findings, its dry run
editor      the code editor
heat_map    what a reward pays, on the road
ending      step 5: when the training ends, and when it begins
"""

from racecraft.interfaces.web.pages.create_model.page import clone_model, create_model

__all__ = ["clone_model", "create_model"]
