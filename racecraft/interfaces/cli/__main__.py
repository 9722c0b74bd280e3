"""`python -m racecraft.interfaces.cli` is `racecraft`."""

import sys

from racecraft.interfaces.cli import main

sys.exit(main())
