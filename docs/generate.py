"""Writes the pages and pictures that are made from the code; `--check` says whether they are fresh.

The package `made` beside it has a module for each kind of page.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from made.command_line import command_line_page
from made.course import COURSE
from made.documents import hyperparameters_page
from made.drawings import PICTURES
from made.errors import exit_codes_page
from made.rest import rest_page
from made.rewards import reward_examples_page
from made.settings import settings_page

from racecraft.analysis.notebook import notebook_of

DOCS = Path(__file__).parent


PAGES: dict[str, Callable[[], str]] = {
    "reference/command-line.md": command_line_page,
    "reference/rest.md": rest_page,
    "reference/settings.md": settings_page,
    "reference/hyperparameters.md": hyperparameters_page,
    "reference/exit-codes.md": exit_codes_page,
    "reference/reward-examples.md": reward_examples_page,
    "how-to/log-analysis.ipynb": lambda: notebook_of("my-first-model", "my-first-model"),
    **COURSE,
    **{f"pictures/{name}.svg": draw for name, draw in PICTURES.items()},
}


def main(arguments: list[str]) -> int:
    """Write the pages, or with `--check` answer 1 if one is stale."""
    now = {name: page() for name, page in PAGES.items()}
    stale = [
        name
        for name, text in now.items()
        if not (DOCS / name).exists() or (DOCS / name).read_text(encoding="utf-8") != text
    ]
    if "--check" in arguments:
        for name in stale:
            print(f"docs/{name} is not what the code says now; run `make fix`.", file=sys.stderr)
        return 1 if stale else 0
    for name in stale:
        (DOCS / name).parent.mkdir(exist_ok=True)
        (DOCS / name).write_text(now[name], encoding="utf-8")
        print(f"wrote docs/{name}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
