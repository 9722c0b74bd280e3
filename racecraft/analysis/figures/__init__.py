"""Pictures as PNG files: how a training went, and the lines that cars drove.

Matplotlib is loaded when a picture is drawn, because loading it takes longer than many
commands take to run. Nothing of it that threads share is used.
"""

from racecraft.analysis.figures.lines import Lap, driven_lines
from racecraft.analysis.figures.look import ASPHALT, PAPER, Look
from racecraft.analysis.figures.rewards import reward_graph

__all__ = ["ASPHALT", "PAPER", "Lap", "Look", "driven_lines", "reward_graph"]
