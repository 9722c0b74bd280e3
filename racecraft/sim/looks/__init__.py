"""How a frame looks with what was drawn for its car: other colours, patches, blur, light, noise.

Nothing here draws random numbers: the same state gives the same frame.
"""

from racecraft.sim.looks.design import Bank, Looks, turned

__all__ = ["Bank", "Looks", "turned"]
