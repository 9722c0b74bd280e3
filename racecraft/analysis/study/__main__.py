"""`python -m racecraft.analysis.study SOURCE... TARGET TRACKS`, for a server.

It goes behind whatever else the machine does, and takes no more memory than a very long training
needs, because the logs may be anybody's.
"""

import os
import resource
import sys

from racecraft.analysis.study.commands import main

_NICENESS = 10
_MOST_BYTES = 4_000_000_000

if __name__ == "__main__":
    os.nice(_NICENESS)
    resource.setrlimit(resource.RLIMIT_DATA, (_MOST_BYTES, _MOST_BYTES))
    sys.exit(main(sys.argv[1:]))
