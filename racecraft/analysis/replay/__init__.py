"""A lap as a film: the car seen from behind, a map, and the numbers that matter.

`best_lap` picks what is worth watching, `write_replay` writes it.
"""

from racecraft.analysis.replay.film import write_replay
from racecraft.analysis.replay.lap import best_lap

__all__ = ["best_lap", "write_replay"]
