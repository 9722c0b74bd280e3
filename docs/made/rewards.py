"""The page of reward functions to start from."""

from __future__ import annotations

from made.markdown import NOTE, table
from racecraft.sandbox.builtin import builtin_descriptions, builtin_reward


def reward_examples_page() -> str:
    """The reward functions to start from, with their texts."""
    told = builtin_descriptions()
    rows = [(f"[`{name}`](#{name})", sentence) for name, sentence in told.items()]
    texts = [f"\n## {name}\n\n```python\n{builtin_reward(name)}```\n" for name in told]
    return f"""{NOTE}
# Reward examples

The simplest first. `racecraft reward examples NAME` prints one, and every command that takes a
reward function takes these names too. [Reward functions](../how-to/reward-functions.md) says which
to choose.

{table(("name", "what it pays for"), rows)}{"".join(texts)}"""
