"""All assaults on a training, and those that are about the locks."""

from __future__ import annotations

from tests.sandbox.attacks.exhaustion import ENDLESS, ENDS, MEMORY
from tests.sandbox.attacks.frames import FRAMES
from tests.sandbox.attacks.outcomes import ERRORS, PRINTS, VALUES
from tests.sandbox.attacks.tampering import TAMPERS

ASSAULTS = [*ENDLESS, *MEMORY, *ENDS, *VALUES, *ERRORS, *PRINTS, *FRAMES, *TAMPERS]

ON_THE_LOCKS = [*ENDLESS[:2], *MEMORY, *ENDS, *TAMPERS]
"""Those that would end otherwise if the locks did not hold; who started the process matters."""
