"""What makes pages and pictures of the documentation from the code.

markdown       tables, and the fields of documents
command_line   every command and flag
rest           every route and document of the REST interface
settings       environment variables
documents      hyperparameters and the other fields of a spec
errors         exit codes
rewards        reward functions to start from
canvas         drawing on a road
drawings       pictures of the reward parameters
layers         the picture of the architecture
"""

import sys
from pathlib import Path

# About the sources beside these pages, not about another racecraft that may be installed.
sys.path.insert(0, str(Path(__file__).parents[2]))
