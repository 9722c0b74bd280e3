"""The world moving: batched arrays in, batched arrays out.

Importing this package makes `racecraft/TimeTrial-v0`, `racecraft/ObjectAvoidance-v0` and
`racecraft/HeadToHead-v0` known to Gymnasium.
"""

from racecraft.sim.registration import register_environments

register_environments()
