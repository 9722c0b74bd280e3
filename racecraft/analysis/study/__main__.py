"""`python -m racecraft.analysis.study`, for a server: an order on standard input."""

import sys

from racecraft.analysis.apart import answer_order
from racecraft.analysis.study.commands import make_report

if __name__ == "__main__":
    sys.exit(answer_order(make_report))
