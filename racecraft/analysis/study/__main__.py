"""`python -m racecraft.analysis.study SOURCE... TARGET TRACKS`."""

import sys

from racecraft.analysis.study.commands import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
